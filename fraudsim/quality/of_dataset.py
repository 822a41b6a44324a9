"""A fraudsim dataset as the subject of an audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.quality.subject import Subject
from fraudsim.schema import TABLES, polars_schema

if TYPE_CHECKING:
    from fraudsim.dataset import Dataset

MINOR_PER_UNIT = 100
"""The currencies of the simulator have cents or pence."""

_RENAMED = {
    "event_time": "event_time",
    "is_fraud": "is_fraud",
    "tx_id": "tx_id",
    "customer": "customer_id",
    "account": "account_id",
    "card": "card_id",
    "merchant": "merchant_id",
    "terminal": "terminal_id",
    "device": "device_id",
    "payee": "payee_id",
    "approved": "approved",
    "merchant_country": "merchant_country",
    "merchant_lat": "merchant_lat",
    "merchant_lon": "merchant_lon",
    "home_lat": "home_lat",
    "home_lon": "home_lon",
    "home_country": "home_country",
    "campaign": "campaign_id",
    "reported_at": "reported_at",
}
"""Our columns that are columns of the tables as they stand."""

_TEXTS = (
    *("channel", "entry_mode", "tx_type", "direction", "response_code"),
    *("persona", "category", "attack", "stage"),
)
"""Our columns of the same name there, as texts."""

_REQUEST = (
    *("amount_minor", "rail", "tx_type", "channel", "mcc", "merchant_country"),
    *("entry_mode", "three_ds", "cvv_result", "ip_country"),
)
"""Fields of the authorisation request; of ``three_ds`` the answer is taken out below."""


def subject_of_dataset(dataset: Dataset, *, profile: str | None = None, seed: int = 1) -> Subject:
    """Return the payments of a dataset with what its other tables say of them."""
    timezone = str(dataset.manifest.scenario["calendar"]["timezone"])
    rows = _rows(dataset)
    payments = rows.select(
        *(pl.col(theirs).alias(ours) for ours, theirs in _RENAMED.items()),
        *(pl.col(name).cast(pl.String) for name in _TEXTS),
        amount=pl.col("amount_minor") / MINOR_PER_UNIT,
        local_time=pl.col("event_time").dt.convert_time_zone(timezone).dt.replace_time_zone(None),
    )
    return Subject(
        name=f"{dataset.manifest.scenario_name}, seed {dataset.manifest.seed}",
        profile=profile or _profile(dataset, payments),
        payments=payments,
        raw=rows.select(TABLES["transactions"].column_names),
        position=rows.select("file", "row"),
        has_dates=True,
        dataset=dataset,
        request_columns=_REQUEST,
        timezone=timezone,
        seed=seed,
        source={
            "kind": "dataset",
            "name": dataset.manifest.scenario_name,
            "seed": dataset.manifest.seed,
            "digest": dataset.digest,
        },
    )


def _rows(dataset: Dataset) -> pl.DataFrame:
    """Return the transactions in their total order, with place, truth and what is on file."""
    merchants = dataset.merchants.select(
        "merchant_id", "category", merchant_lat="lat", merchant_lon="lon"
    )
    customers = dataset.customers.select(
        "customer_id", "persona", "home_lat", "home_lon", "home_country"
    )
    truth = dataset.labels.select(
        "tx_id", "attack", "campaign_id", "stage", "reported_at", is_fraud=pl.lit(value=True)
    )
    rows = pl.concat(_files(dataset)).sort("event_time", "tx_id")
    for facts, key in ((merchants, "merchant_id"), (customers, "customer_id"), (truth, "tx_id")):
        rows = rows.join(facts, on=key, how="left", maintain_order="left")
    return rows.with_columns(
        pl.col("is_fraud").fill_null(value=False),
        # whether a challenge was passed is part of the answer: it is not known at the request
        pl.col("three_ds").cast(pl.String).replace(["challenged", "failed"], "asked"),
    ).collect()


def _files(dataset: Dataset) -> list[pl.LazyFrame]:
    """Return the transactions of each file, with the number of the file and of the row in it."""
    schema = polars_schema(TABLES["transactions"])
    empty = pl.LazyFrame(schema={**schema, "file": pl.Int64(), "row": pl.Int64()})
    return [empty] + [
        pl.scan_parquet(dataset.path / file, hive_partitioning=False, glob=False)
        .select(list(schema))
        .with_columns(file=pl.lit(number, pl.Int64), row=pl.int_range(pl.len(), dtype=pl.Int64))
        for number, file in enumerate(dataset.manifest.tables["transactions"].files)
    ]


def _profile(dataset: Dataset, payments: pl.DataFrame) -> str:
    """Return the profile of the scenario's name, else what the rows show."""
    name = dataset.manifest.scenario_name
    if name in ("cards", "payments", "mixed"):
        return name
    by_card, by_transfer = payments.select(
        pl.col("card").is_not_null().any(), pl.col("payee").is_not_null().any()
    ).row(0)
    return {(True, False): "cards", (False, True): "payments"}.get((by_card, by_transfer), "mixed")
