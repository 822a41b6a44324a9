"""What is audited: labelled payments under names that every check knows, whoever made them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.quality.check import CannotCheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.dataset import Dataset

REQUEST_TYPES = ("purchase", "withdrawal", "transfer")
"""What a holder asks the bank to pay: what fraud is looked for in. The other rows (bills, deposits,
repayments, refunds) are history; ``fraudsim.examples`` scores the same."""

COLUMNS: Mapping[str, str] = {
    "event_time": "when, Datetime(us, UTC); a table without dates counts from 1970",
    "amount": "amount in units of the currency, Float64",
    "is_fraud": "the truth, Boolean, never null",
    "tx_id": "id of the row as it stands in the table, any type",
    "customer": "who pays: a person, where the table tells persons from cards",
    "account": "the account that pays",
    "card": "the card",
    "merchant": "who is paid by card",
    "terminal": "where",
    "device": "from which device",
    "payee": "who receives a transfer",
    "category": "what kind of merchant, String",
    "channel": "pos, atm, ecom, recurring, online_banking or batch, String",
    "entry_mode": "how the card was read, String",
    "tx_type": "purchase, withdrawal, refund, transfer, bill, deposit or repayment, String",
    "direction": "debit or credit, String",
    "approved": "whether the bank said yes, Boolean",
    "response_code": "answer of the bank, String",
    "merchant_country": "country of the merchant",
    "merchant_lat": "place of the merchant, degrees",
    "merchant_lon": "place of the merchant, degrees",
    "home_lat": "home of the customer, degrees",
    "home_lon": "home of the customer, degrees",
    "home_country": "country of the customer's home",
    "persona": "way of living of the customer, String",
    "attack": "truth: name of the attack of a fraud, String, null on genuine rows",
    "campaign": "truth: which campaign, null on genuine rows",
    "stage": "truth: step of the attack, String, null on genuine rows",
    "reported_at": "truth: when the bank learnt of a fraud, Datetime(us, UTC), null is never",
    "local_time": "event_time in the time zone of the data, Datetime(us) without zone",
}
"""The columns that ``Subject.payments`` may have, and what each means.

Always there: ``event_time``, ``is_fraud``, ``local_time``. Ids may be integers or texts.
"""


@dataclass(frozen=True, eq=False)
class Subject:
    """Labelled payments, ready for the checks; equal to itself only.

    Attributes:
        name: what to call it in the report.
        profile: which bands apply: ``cards``, ``payments``, ``mixed`` or ``any``.
        payments: columns of ``COLUMNS``, sorted by ``event_time``, then ``tx_id``, then position.
        raw: the columns of the source as they stand, without the label and the truth, in the order
            of ``payments``; what the leak battery looks at.
        position: where each row stood in the source (file, row), in the order of ``payments``.
        has_dates: whether the times are dates: else no hour, weekday or month can be checked.
        dataset: the dataset that it is from; ``None`` for somebody's own table.
        request_columns: columns of ``raw`` that stand in the request, before the bank answers, and
            say what rather than who: what a detector may see as it stands.
        derived: columns of ``raw`` that are no field of a payment but computed from several
            (principal components): no single raw feature.
        source: what it is from, as JSON values: name, digest.
        timezone: IANA zone of ``local_time``.
        seed: of everything random in the checks.
        notes: what was left out or assumed while opening it.
    """

    name: str
    profile: str
    payments: pl.DataFrame
    raw: pl.DataFrame
    position: pl.DataFrame
    has_dates: bool
    dataset: Dataset | None = None
    request_columns: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    timezone: str = "UTC"
    seed: int = 1
    notes: tuple[str, ...] = ()

    def rng(self, purpose: str) -> np.random.Generator:
        """Return a generator that depends on the seed and on what it is for, on nothing else."""
        return np.random.default_rng([self.seed, zlib.crc32(purpose.encode())])

    @cached_property
    def is_request(self) -> NDArray[np.bool_]:
        """Whether each payment asks the bank to pay out: ``REQUEST_TYPES``, out of the account.

        All rows, where the table does not say.
        """
        asked = np.ones(self.payments.height, np.bool_)
        if "tx_type" in self.payments.columns:
            asked &= self.payments["tx_type"].is_in(REQUEST_TYPES).fill_null(value=True).to_numpy()
        if "direction" in self.payments.columns:
            asked &= (self.payments["direction"] != "credit").fill_null(value=True).to_numpy()
        return asked

    @cached_property
    def features(self) -> pl.DataFrame:
        """The look-back features of every payment, in the order of ``payments``; made once.

        Those of ``fraudsim.features`` for a dataset; for a table its own columns (numbers,
        categories) with the families that its columns allow.
        """
        from fraudsim.quality.feature_pack import feature_pack

        return feature_pack(self)

    def need(self, *columns: str) -> pl.DataFrame:
        """Return the payments if they have these columns.

        Raises:
            CannotCheckError: naming the columns that are missing.
        """
        missing = [name for name in columns if name not in self.payments.columns]
        if missing:
            raise CannotCheckError(f"no column for {', '.join(missing)}")
        return self.payments

    def need_dates(self) -> None:
        """Raise ``CannotCheckError`` if the times are no dates."""
        if not self.has_dates:
            raise CannotCheckError("the times are no dates: no hour, weekday or month is known")

    def need_frauds(self, least: int, among: pl.DataFrame | None = None) -> None:
        """Raise ``CannotCheckError`` if there are fewer frauds than ``least``."""
        frauds = int((self.payments if among is None else among)["is_fraud"].sum())
        if frauds < least:
            raise CannotCheckError(f"too few frauds: {frauds}, at least {least} are needed")

    def need_dataset(self) -> Dataset:
        """Return the dataset, or raise ``CannotCheckError`` for somebody's own table."""
        if self.dataset is None:
            raise CannotCheckError("only a fraudsim dataset has the tables that this needs")
        return self.dataset
