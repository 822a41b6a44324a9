"""Who customers are, for asking whether some are flagged more often than others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.examples import Examples

NEW_DAYS = 90
"""Accounts younger than this are new (a choice)."""


def groups_of(examples: Examples) -> Mapping[str, pl.Series]:
    """Return, by name of the attribute, the group of each row; empty for a table of one's own.

    Age in bands, region and income in thirds of the customers, and whether the account is new.
    """
    if examples.keys is None or not examples.look_back or examples.data is None:
        return {}
    tables = examples.data
    assert not hasattr(tables, "entities")  # a simulated dataset, since its features are ours
    who = (
        tables.table("accounts")
        .select("account_id", "customer_id")
        .join(_described(tables.table("customers")), on="customer_id", how="left")
        .collect()
    )
    rows = pl.DataFrame({"account_id": examples.keys["key_account"]}).join(
        who, on="account_id", how="left", maintain_order="left"
    )
    age = examples.features["age_years"]
    return {
        "age": _banded(age, [30, 45, 60], ["under 30", "30 to 44", "45 to 59", "60 and over"]),
        "region": rows["region"],
        "income": rows["income"],
        "new_customers": pl.select(
            pl.when(examples.features["account_age_days"] < NEW_DAYS)
            .then(pl.lit("new"))
            .otherwise(pl.lit("known"))
        ).to_series(),
    }


def _described(customers: pl.LazyFrame) -> pl.LazyFrame:
    return customers.select(
        "customer_id",
        region=_third(pl.col("home_lat"), ("south", "middle", "north")),
        income=_third(pl.col("income_minor"), ("low", "middle", "high")),
    )


def _third(column: pl.Expr, names: tuple[str, str, str]) -> pl.Expr:
    rank = (column.rank("ordinal") - 1) * 3 // pl.len()
    return rank.cast(pl.Int64).replace_strict({0: names[0], 1: names[1], 2: names[2]})


def _banded(column: pl.Series, edges: list[float], names: list[str]) -> pl.Series:
    return column.cast(pl.Float64).cut(edges, labels=names, left_closed=True).cast(pl.String)
