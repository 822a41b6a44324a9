"""A small invented bank for the learning half: tables as in fraudsim.schema, no simulator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from fraudsim import schema

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2025, 1, 1, tzinfo=UTC)
START_US = int(START.timestamp() * 1e6)
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class CraftedDataset:
    """Stands in for fraudsim.dataset.Dataset: the same table(), frames in memory."""

    frames: dict[str, pl.DataFrame]

    def table(self, name: str) -> pl.LazyFrame:
        return self.frames[name].lazy()

    def with_table(self, name: str, frame: pl.DataFrame) -> CraftedDataset:
        return replace(self, frames={**self.frames, name: frame})

    def labelled(self) -> pl.LazyFrame:
        truth = self.table("labels").with_columns(is_fraud=pl.lit(value=True))
        return (
            self.table("transactions")
            .join(truth, on="tx_id", how="left", maintain_order="left")
            .with_columns(pl.col("is_fraud").fill_null(value=False))
        )


def craft(
    *,
    seed: int = 0,
    rows: int = 600,
    customers: int = 20,
    days: float = 30.0,
    fraud_share: float = 0.05,
    tick_us: int = 1,
) -> CraftedDataset:
    """Return an invented dataset; a coarse ``tick_us`` makes rows and events collide in time."""
    rng = np.random.default_rng(seed)
    frames = _static_tables(rng, customers)
    time_us = START_US + rng.integers(0, int(days * DAY_US) // tick_us, rows) * tick_us
    fraud = rng.random(rows) < fraud_share
    frames["transactions"] = _transactions(rng, rows, customers, time_us, fraud)
    frames["events"] = _events(rng, rows, customers, days, tick_us)
    frames["labels"] = _labels(rng, frames["transactions"], fraud)
    for name in ("terminals", "disputes", "campaigns", "balances"):
        frames[name] = _empty(name)
    return CraftedDataset(frames)


def _empty(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema=schema.polars_schema(schema.TABLES[name]))


def _frame(table: str, /, **columns: Any) -> pl.DataFrame:
    return pl.DataFrame(columns).select(
        pl.col(column).cast(dtype)
        for column, dtype in schema.polars_schema(schema.TABLES[table]).items()
    )


def _static_tables(rng: np.random.Generator, customers: int) -> dict[str, pl.DataFrame]:
    n, shops, phones = customers, 30, 2 * customers
    ids = np.arange(n)
    return {
        "customers": _frame(
            "customers",
            customer_id=1000 + ids,
            persona=rng.choice(schema.PERSONAS, n),
            birth_year=rng.integers(1940, 2005, n),
            home_city=["London"] * n,
            home_country=["GB"] * n,
            home_lat=rng.uniform(50, 55, n),
            home_lon=rng.uniform(-4, 1, n),
            income_minor=rng.integers(100_000, 400_000, n),
        ),
        "accounts": _frame(
            "accounts",
            account_id=2000 + ids,
            customer_id=1000 + ids,
            account_type=["current"] * n,
            currency=["GBP"] * n,
            opened_on=[date(2020, 1, 1)] * n,
            limit_minor=[100_000] * n,
            iban=[None] * n,
        ),
        "cards": _frame(
            "cards",
            card_id=3000 + ids,
            account_id=2000 + ids,
            customer_id=1000 + ids,
            funding=["debit"] * n,
            bin=["400000"] * n,
            pan=["400000******0000"] * n,
            issued_at=[datetime(2023, 5, 1, tzinfo=UTC)] * n,
            expires_on=[date(2028, 5, 1)] * n,
        ),
        "devices": _frame(
            "devices",
            device_id=4000 + np.arange(phones),
            device_type=rng.choice(schema.DEVICE_TYPES, phones),
            os=rng.choice(schema.OPERATING_SYSTEMS, phones),
        ),
        "merchants": _frame(
            "merchants",
            merchant_id=5000 + np.arange(shops),
            name=["shop"] * shops,
            mcc=rng.choice(["5411", "5812", "5732", "6011"], shops),
            category=["any"] * shops,
            online=[False] * shops,
            city=["London"] * shops,
            country=["GB"] * shops,
            lat=rng.uniform(50, 55, shops),
            lon=rng.uniform(-4, 1, shops),
        ),
        "payees": _frame(
            "payees",
            payee_id=6000 + np.arange(10),
            payee_type=rng.choice(schema.PAYEE_TYPES, 10),
            country=["GB"] * 10,
            account_id=[None] * 9 + [2000],
            name=["Any Body"] * 10,
            iban=[None] * 10,
        ),
    }


def _transactions(
    rng: np.random.Generator,
    rows: int,
    customers: int,
    time_us: np.ndarray,
    fraud: np.ndarray,
) -> pl.DataFrame:
    """Honest rows are small and by card; fraud is larger, online, abroad and often declined."""
    who = rng.integers(0, customers, rows)
    transfer = rng.random(rows) < 0.15
    online = ~transfer & ((rng.random(rows) < 0.3) | fraud)
    shop = rng.integers(0, 30, rows)
    approved = rng.random(rows) > np.where(fraud, 0.4, 0.05)
    nothing = pl.lit(None, pl.Int64)
    frame = pl.DataFrame(
        {
            "tx_id": rng.permutation(rows) + 10_000,
            "event_time": pl.Series(time_us).cast(pl.Datetime("us", "UTC")),
            "amount_minor": (rng.lognormal(7.5, 1, rows) * np.where(fraud, 4, 1)).astype(np.int64),
            "customer_id": 1000 + who,
            "account_id": 2000 + who,
            "card_id": 3000 + who,
            "merchant_id": 5000 + shop,
            "mcc": rng.choice(["5411", "5812", "5732", "6011"], rows),
            "device_id": 4000 + 2 * who + (rng.random(rows) < 0.2),
            "payee_id": 6000 + rng.integers(0, 10, rows),
            "ip_country": np.where(fraud & (rng.random(rows) < 0.7), "RO", "GB"),
            "transfer": transfer,
            "online": online,
            "approved": approved,
        }
    )
    return frame.select(
        "tx_id",
        "event_time",
        rail=pl.when("transfer").then(pl.lit("transfer")).otherwise(pl.lit("card")),
        tx_type=pl.when("transfer").then(pl.lit("transfer")).otherwise(pl.lit("purchase")),
        direction=pl.lit("debit"),
        amount_minor="amount_minor",
        currency=pl.lit("GBP"),
        customer_id="customer_id",
        account_id="account_id",
        card_id=pl.when("transfer").then(nothing).otherwise("card_id"),
        merchant_id=pl.when("transfer").then(nothing).otherwise("merchant_id"),
        terminal_id=nothing,
        mcc=pl.when("transfer").then(None).otherwise("mcc"),
        merchant_country=pl.when("transfer").then(None).otherwise(pl.lit("GB")),
        channel=pl.when("transfer")
        .then(pl.lit("online_banking"))
        .when("online")
        .then(pl.lit("ecom"))
        .otherwise(pl.lit("pos")),
        entry_mode=pl.when("online").then(pl.lit("ecom")).otherwise(pl.lit("chip")),
        three_ds=pl.lit("none"),
        cvv_result=pl.lit("not_provided"),
        device_id=pl.when(pl.col("transfer") | pl.col("online"))
        .then("device_id")
        .otherwise(nothing),
        ip_country=pl.when(pl.col("transfer") | pl.col("online")).then("ip_country"),
        payee_id=pl.when("transfer").then("payee_id").otherwise(nothing),
        response_code=pl.when("approved").then(pl.lit("00")).otherwise(pl.lit("05")),
        approved="approved",
    ).cast(schema.polars_schema(schema.TRANSACTIONS))


def _events(
    rng: np.random.Generator, rows: int, customers: int, days: float, tick_us: int
) -> pl.DataFrame:
    count = rows // 2
    who = rng.integers(0, customers, count)
    kind = rng.choice(schema.EVENT_TYPES[:6], count)
    time_us = START_US + rng.integers(0, int(days * DAY_US) // tick_us, count) * tick_us
    return _frame(
        "events",
        event_id=90_000 + np.arange(count),
        event_time=pl.Series(time_us).cast(pl.Datetime("us", "UTC")),
        event_type=kind,
        customer_id=1000 + who,
        device_id=4000 + 2 * who + (rng.random(count) < 0.5),
        ip_country=["GB"] * count,
        card_id=pl.Series([None] * count, dtype=pl.Int64),
        payee_id=6000 + rng.integers(0, 10, count),
    )


def _labels(
    rng: np.random.Generator, transactions: pl.DataFrame, fraud: np.ndarray
) -> pl.DataFrame:
    bad = transactions.filter(pl.Series(fraud)).sort("tx_id")
    count = bad.height
    delay_us = pl.Series((rng.exponential(2.0, count) * DAY_US).astype(np.int64))
    never = pl.Series(rng.random(count) < 0.1)
    reported = (bad["event_time"].dt.timestamp("us") + delay_us).cast(pl.Datetime("us", "UTC"))
    return _frame(
        "labels",
        tx_id=bad["tx_id"],
        attack=rng.choice(["card_testing", "account_takeover"], count),
        campaign_id=rng.integers(1, 10, count),
        stage=["spend"] * count,
        reported_at=pl.select(pl.when(~never).then(reported)).to_series(),
        report_source=["customer_report"] * count,
    )


@pytest.fixture(scope="session")
def craft_dataset() -> Callable[..., CraftedDataset]:
    """A maker of invented datasets."""
    return craft


@pytest.fixture(scope="session")
def bank() -> CraftedDataset:
    """One invented dataset, large enough to train on."""
    return craft(seed=1, rows=6000, customers=150, days=40.0, fraud_share=0.03)
