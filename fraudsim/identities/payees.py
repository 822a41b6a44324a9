"""What payees are called and where their money goes: one rule for every payee of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import polars as pl

from fraudsim.draws import uniforms
from fraudsim.identities.ibans import ibans
from fraudsim.identities.names import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from fraudsim.streams import Streams

BUSINESS_ENDINGS = ("& Co", "Trading", "Services", "Supplies", "Partners", "Studio")
"""What follows the family name in the name of a business (assumption)."""
PIECE_ROWS = 1 << 17
"""Payees in a piece of their table."""


class Holders(NamedTuple):
    """The accounts of the bank by their ids, rising, and who holds them."""

    account_id: npt.NDArray[np.int64]
    name: pl.Series
    iban: pl.Series

    @classmethod
    def of(cls, accounts: pl.DataFrame, identities: pl.DataFrame) -> Self:
        """Look up the holders of all accounts.

        Args:
            accounts: all accounts, with their IBANs.
            identities: all identities.
        """
        name = pl.concat_str("given_name", "family_name", separator=" ").alias("name")
        held = (
            accounts.select("account_id", "customer_id", "iban")
            .join(identities.select("customer_id", name), on="customer_id")
            .sort("account_id")
        )
        return cls(held["account_id"].to_numpy(), held["name"], held["iban"])


def with_names_and_ibans(
    payees: pl.DataFrame, holders: Holders, streams: Streams
) -> Iterator[pl.DataFrame]:
    """Yield payees with ``name`` and ``iban``, sorted by id, piece by piece.

    A payee who banks here has the name and the IBAN of that account's holder; every other one is
    named after its id alone, honest or not.

    Args:
        payees: all payees, without the two columns.
        holders: of all accounts.
        streams: the randomness of the run.
    """
    rows = payees.sort("payee_id")
    for begin in range(0, rows.height, PIECE_ROWS):
        yield _named(rows[begin : begin + PIECE_ROWS], holders, streams)


def _named(rows: pl.DataFrame, holders: Holders, streams: Streams) -> pl.DataFrame:
    here = rows["account_id"]
    at = np.searchsorted(holders.account_id, here.fill_null(0).to_numpy()).astype(np.uint32)
    place = pl.Series(at).set(here.is_null(), None)
    rows = rows.with_columns(
        name_here=holders.name.gather(place), iban_here=holders.iban.gather(place)
    )
    parts = [
        _elsewhere(part, str(country), streams)
        for (country,), part in rows.group_by("country", maintain_order=True)
    ]
    banks_here = pl.col("account_id").is_not_null()
    return (
        pl.concat(parts)
        .with_columns(
            name=pl.when(banks_here).then("name_here").otherwise("name"),
            iban=pl.when(banks_here).then("iban_here").otherwise("iban"),
        )
        .drop("name_here", "iban_here")
        .sort("payee_id")
    )


def _elsewhere(rows: pl.DataFrame, country: str, streams: Streams) -> pl.DataFrame:
    """Return the rows of one country with the name and IBAN of an account at another bank."""
    ids = rows["payee_id"].to_numpy()
    key = streams.key("identity-payee")
    language, given, family, ending = (_draw(key, ids, counter) for counter in range(4))
    names = names_of(country, language, given, family)
    endings = pl.Series(BUSINESS_ENDINGS).gather((ending * len(BUSINESS_ENDINGS)).astype(np.int64))
    person, business = names.given + " " + names.family, names.family + " " + endings
    is_person = (rows["payee_type"] == "person").alias("is_person")
    named = pl.select(pl.when(is_person).then(person).otherwise(business)).to_series()
    return rows.with_columns(
        named.alias("name"),
        ibans(country, ids, streams.key("identity-iban"), own=False).alias("iban"),
    )


def _draw(key: int, ids: npt.NDArray[np.int64], counter: int) -> npt.NDArray[np.float64]:
    draws: npt.NDArray[np.float64] = uniforms(np.uint64(key), ids, np.zeros_like(ids), counter)
    return draws
