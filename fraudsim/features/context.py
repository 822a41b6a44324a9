"""What stands in the request itself, and what the bank has on file about who makes it.

The answer of the issuer (response code, approved) is not among them: it is not known yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from fraudsim.features.base import FeatureColumn, History
from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def context(history: History) -> Iterator[FeatureColumn]:
    """Give the columns of the request, local time, and what is on file.

    Somebody's own table gives local time only, and only if its times are dates: its other columns
    are features as they stand.
    """
    if history.timezone is not None:
        yield from _local_time(history.rows["event_time"], history.timezone)
    if history.tables is None:
        return
    wanted = _REQUEST + _ON_FILE
    found = _facts(history).select(expression.alias(name) for name, _meaning, expression in wanted)
    columns = found.collect()
    for name, meaning, _expression in wanted:
        yield FeatureColumn(name, meaning, "now", columns[name])
    yield _mcc(history)


def _local_time(time: pl.Series, timezone: str) -> Iterator[FeatureColumn]:
    local = time.dt.convert_time_zone(timezone)
    yield FeatureColumn("local_hour", "local time of day, hours", "now", hour_of_day(local))
    yield FeatureColumn("weekday", "local weekday, 1 is Monday", "now", local.dt.weekday())


def hour_of_day(time: pl.Series) -> pl.Series:
    """Return the hours since midnight of times, by the minute; float32."""
    return time.dt.hour().cast(pl.Float32) + time.dt.minute().cast(pl.Float32) / 60


ASKED = pl.Enum(["none", "frictionless", "asked"])

# Whether a challenge was passed is part of the answer: it comes after the features are needed.
KNOWN_AS: Mapping[str, str] = {"challenged": "asked", "failed": "asked"}
_THREE_DS = pl.col("three_ds").cast(pl.String).replace(KNOWN_AS).cast(ASKED)


# These take columns or numbers, and give the same bits for both: one event online, all here.


def in_days(elapsed_us: pl.Expr | int) -> Any:
    """Return microseconds as days."""
    return elapsed_us * (1 / DAY_US)  # what polars makes of a division by a number


def share_of_income(amount_minor: pl.Expr | float, income_minor: pl.Expr | int) -> Any:
    """Return an amount over a monthly income, which may be 0."""
    return amount_minor / (1 + income_minor)


def _days_since(column: str) -> pl.Expr:
    elapsed_us = pl.col("event_time").dt.timestamp("us") - pl.col(column).cast(
        pl.Datetime("us")
    ).dt.timestamp("us")
    days: pl.Expr = in_days(elapsed_us).cast(pl.Float32)
    return days


_REQUEST: tuple[tuple[str, str, pl.Expr], ...] = (
    ("amount_minor", "amount, minor units", pl.col("amount_minor")),
    (
        "log_amount",
        "log of 1 + amount in minor units",
        pl.col("amount_minor").log1p().cast(pl.Float32),
    ),
    ("rail", "the scheme that carries it", pl.col("rail")),
    ("tx_type", "kind of transaction", pl.col("tx_type")),
    ("direction", "out of or into the account", pl.col("direction")),
    ("channel", "how it was made", pl.col("channel")),
    ("entry_mode", "how the card was read", pl.col("entry_mode")),
    ("three_ds", "3-D Secure: none, frictionless, or the customer is asked to prove", _THREE_DS),
    ("cvv_result", "card verification value", pl.col("cvv_result")),
    (
        "merchant_abroad",
        "the merchant is in another country than the customer's home",
        pl.col("merchant_country") != pl.col("home_country"),
    ),
    (
        "ip_abroad",
        "the internet address is in another country than the customer's home",
        pl.col("ip_country") != pl.col("home_country"),
    ),
)
_ON_FILE: tuple[tuple[str, str, pl.Expr], ...] = (
    ("funding", "debit or credit card", pl.col("funding")),
    ("account_type", "current or credit account", pl.col("account_type")),
    ("card_age_days", "days since the card was issued", _days_since("issued_at")),
    ("account_age_days", "days since the account was opened", _days_since("opened_on")),
    (
        "age_years",
        "age of the customer, by year of birth",
        (pl.col("event_time").dt.year() - pl.col("birth_year")).cast(pl.Int16),
    ),
    (
        "amount_to_income",
        "amount over the customer's monthly income",
        share_of_income(pl.col("amount_minor"), pl.col("income_minor")).cast(pl.Float32),
    ),
    ("device_type", "kind of device", pl.col("device_type")),
    ("payee_type", "the payee is a person or a business", pl.col("payee_type")),
    (
        "payee_abroad",
        "the payee's bank is in another country than the customer's home",
        pl.col("payee_country") != pl.col("home_country"),
    ),
    ("payee_banks_here", "the payee has an account at this bank", pl.col("payee_banks_here")),
)


def _facts(history: History) -> pl.LazyFrame:
    """Join what is on file to each row; every join keeps the rows and their order."""
    assert history.tables is not None
    table = history.tables.table
    on_file = {
        "customer_id": table("customers").select(
            "customer_id", "birth_year", "home_country", "income_minor"
        ),
        "account_id": table("accounts").select("account_id", "account_type", "opened_on"),
        "card_id": table("cards").select("card_id", "funding", "issued_at"),
        "device_id": table("devices").select("device_id", "device_type"),
        "payee_id": table("payees").select(
            "payee_id",
            "payee_type",
            payee_country="country",
            payee_banks_here=pl.col("account_id").is_not_null(),
        ),
    }
    rows = history.rows.lazy()
    for key, facts in on_file.items():
        rows = rows.join(facts, on=key, how="left", maintain_order="left")
    return rows


def _mcc(history: History) -> FeatureColumn:
    assert history.tables is not None
    known = history.tables.table("merchants").select("mcc").collect()["mcc"]
    seen = history.rows["mcc"]
    codes = pl.Enum(pl.concat([known.unique(), seen.unique()]).drop_nulls().unique().sort())
    return FeatureColumn("mcc", "merchant category code", "now", seen.cast(codes))
