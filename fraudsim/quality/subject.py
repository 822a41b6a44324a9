"""What is audited: labelled payments under names that every check knows, whoever made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from fraudsim.quality.check import CannotCheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.dataset import Dataset

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


@dataclass(frozen=True)
class Subject:
    """Labelled payments, ready for the checks.

    Attributes:
        name: what to call it in the report.
        profile: which bands apply: ``cards``, ``payments``, ``mixed`` or ``any``.
        payments: columns of ``COLUMNS``, sorted by ``event_time``, then ``tx_id``, then position.
        raw: the columns of the source as they stand, without the label and the truth, in the order
            of ``payments``; what the leak battery looks at.
        position: where each row stood in the source (file, row), in the order of ``payments``.
        has_dates: whether the times are dates: else no hour, weekday or month can be checked.
        dataset: the dataset that it is from; ``None`` for somebody's own table.
        notes: what was left out or assumed while opening it.
    """

    name: str
    profile: str
    payments: pl.DataFrame
    raw: pl.DataFrame
    position: pl.DataFrame
    has_dates: bool
    dataset: Dataset | None = None
    notes: tuple[str, ...] = ()

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
