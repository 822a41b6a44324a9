"""What payees are called and where their money goes: one rule for every payee of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.draws import uniforms
from fraudsim.identities.ibans import ibans
from fraudsim.identities.names import names_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from fraudsim.streams import Streams

BUSINESS_ENDINGS = ("& Co", "Trading", "Services", "Supplies", "Partners", "Studio")
"""What follows the family name in the name of a business (assumption)."""


def with_names_and_ibans(
    payees: pl.DataFrame, accounts: pl.DataFrame, identities: pl.DataFrame, streams: Streams
) -> pl.DataFrame:
    """Return payees with ``name`` and ``iban``, sorted by id.

    A payee who banks here has the name and the IBAN of that account's holder; every other one is
    named after its id alone, honest or not.

    Args:
        payees: all payees, without the two columns.
        accounts: all accounts, with their IBANs.
        identities: all identities.
        streams: the randomness of the run.
    """
    holder = pl.concat_str("given_name", "family_name", separator=" ").alias("name_here")
    here = accounts.select(
        "account_id", "customer_id", iban_here=pl.col("iban"), banks_here=pl.lit(value=True)
    ).join(identities.select("customer_id", holder), on="customer_id")
    rows = payees.sort("payee_id").join(
        here.drop("customer_id"), on="account_id", how="left", maintain_order="left"
    )
    parts = [
        _elsewhere(part, str(country), streams)
        for (country,), part in rows.group_by("country", maintain_order=True)
    ]
    known = pl.col("banks_here").fill_null(value=False)
    return (
        pl.concat([*parts])
        .with_columns(
            name=pl.when(known).then("name_here").otherwise("name"),
            iban=pl.when(known).then("iban_here").otherwise("iban"),
        )
        .drop("name_here", "iban_here", "banks_here")
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
