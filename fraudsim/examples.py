"""Labelled examples in time order: what splits, rebalancers, detectors and metrics work on.

Made from a simulated dataset or from somebody's own table; from here on the two are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.dataset import Dataset, open_dataset
from fraudsim.errors import UsageError
from fraudsim.features import OWN_TABLE_FAMILIES, build_features, features_of_history
from fraudsim.features.base import ENTITY_COLUMNS, Grouping, History, Tables, codes_of
from fraudsim.own_table import OwnTable, open_own_table
from fraudsim.sinks.place import is_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

NEVER_US = np.iinfo(np.int64).max
"""When a fraud becomes known that nobody ever reports."""

SCORED_TYPES = ("purchase", "withdrawal", "transfer")
"""What a holder asks the bank to pay, out of the account: what a detector is asked about. The other
rows (bills, deposits, repayments, refunds) are history that features look back on."""

IS_SCORED = (pl.col("direction") == "debit") & pl.col("tx_type").is_in(SCORED_TYPES)
"""Whether a transaction is a payment that a detector is asked about."""

KEY = "key_"
"""What the names of key columns begin with."""

MINOR_PER_UNIT = 100
"""Minor units per unit of the currency: the simulator's currencies have cents or pence."""


@dataclass(frozen=True)
class Examples:
    """Labelled rows in time order.

    Attributes:
        features: what a detector may see, one row per example.
        row_id: int64, ``tx_id`` of a dataset, row number (from 0) in the file of an own table.
        time_us: int64, microseconds, not falling; since 1970 if ``has_dates``.
        has_dates: whether the times are dates.
        fraud: bool, the truth.
        known_at_us: int64, when the bank learns that a row is fraud; ``NEVER_US`` if it does not.
        account: int64 codes of whom alerts are counted by; every row its own if nobody is named.
        amount: float64, currency units; ``None`` if the table has none.
        at_risk: float64, what is lost if the row is fraud and nothing is done, currency units.
        attack: name of the attack of each fraud, null for genuine; ``None`` if not known.
        amount_column: the feature that is the amount, if one is.
        look_back: whether the features are those of ``fraudsim.features.describe``.
        keys: which row it is, when, and who takes part: int64 columns ``key_row``,
            ``key_time_us`` and one for each entity (``fraudsim.features.base.NOBODY`` for none),
            for detectors that want them beside the features; ``None`` if put together by hand.
        source: what the examples are from, as JSON values.
        notes: what the reader should know about how the examples were made.
        data: what they are from, as it was opened; ``None`` if they were put together by hand.
    """

    features: pl.DataFrame
    row_id: NDArray[np.int64]
    time_us: NDArray[np.int64]
    has_dates: bool
    fraud: NDArray[np.bool_]
    known_at_us: NDArray[np.int64]
    account: NDArray[np.int64]
    amount: NDArray[np.float64] | None
    at_risk: NDArray[np.float64] | None
    attack: pl.Series | None
    amount_column: str | None
    look_back: bool
    source: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    keys: pl.DataFrame | None = None
    data: Dataset | Tables | OwnTable | None = None

    @property
    def size(self) -> int:
        """The number of rows."""
        return int(self.time_us.size)


def open_examples(
    data: str | Path | Dataset | OwnTable,
    *,
    label: str | None = None,
    time: str | None = None,
    amount: str | None = None,
    entity: Sequence[str] = (),
) -> Examples:
    """Return the examples of a dataset (a folder) or of a table (a CSV or Parquet file).

    Args:
        data: path of either, or one that is already open.
        label: column of the table that says what is fraud; only for a table.
        time: column of the table that says when; only for a table.
        amount: column of the table that says how much; optional, only for a table.
        entity: columns of the table that say who (account, card, ...); the first is whom alerts
            are counted by; optional, only for a table.

    Raises:
        UsageError: the data cannot be opened, or the columns do not go with the kind of data.
    """
    if isinstance(data, OwnTable):
        return examples_of_table(data)
    if isinstance(data, Dataset):
        return examples_of_dataset(data)
    if is_url(data):
        open_dataset(data)  # says what to do
    path = Path(data)
    columns = {"label": label, "time": time, "amount": amount, "entity": entity or None}
    if path.is_dir():
        given = [name for name, value in columns.items() if value is not None]
        if given:
            raise UsageError(
                f"{path} is a folder, so a fraudsim dataset, which has its own labels; "
                f"'{given[0]}' is for a CSV or Parquet file"
            )
        return examples_of_dataset(open_dataset(path))
    if label is None or time is None:
        missing = "label" if label is None else "time"
        if not path.exists():
            open_dataset(path)  # says what is not there
        raise UsageError(
            f"{path} is a file: say which column is the {missing} "
            f"(--{missing} COLUMN); a fraudsim dataset is a folder"
        )
    return examples_of_table(
        open_own_table(path, label=label, time=time, amount=amount, entity=entity)
    )


def examples_of_dataset(dataset: Dataset | Tables) -> Examples:
    """Return the payments of ``SCORED_TYPES`` of a dataset with their features and their truth."""
    rows = _with_truth(dataset)
    scored = rows.select(IS_SCORED).to_series()
    left_out = int((rows["attack"].is_not_null() & ~scored).sum())
    features = build_features(dataset).filter(scored)
    rows = rows.filter(scored)
    known_at = rows["reported_at"].dt.timestamp("us").fill_null(NEVER_US).to_numpy()
    amount = rows["amount_minor"].to_numpy() / MINOR_PER_UNIT
    leaves = (rows["approved"] & (rows["direction"] == "debit")).to_numpy()
    return Examples(
        features=features.drop("tx_id"),
        row_id=rows["tx_id"].to_numpy(),
        time_us=rows["event_time"].dt.timestamp("us").to_numpy(),
        has_dates=True,
        fraud=rows["attack"].is_not_null().to_numpy(),
        known_at_us=known_at,
        account=rows["account_id"].to_numpy(),
        amount=amount,
        at_risk=np.where(leaves, amount, 0.0),
        attack=rows["attack"],
        amount_column="amount_minor",
        look_back=True,
        source=_source_of_dataset(dataset),
        data=dataset,
        notes=(_not_scored(scored.len() - rows.height, left_out),),
        keys=_keys(rows["tx_id"], rows["event_time"], rows, ENTITY_COLUMNS),
    )


def examples_of_table(table: OwnTable) -> Examples:
    """Return the rows of somebody's own table with its columns, and ours where they apply.

    Look-back features need the columns of entities, local time needs dates. What the table has
    under the name of one of ours stays as it is.
    """
    ours = features_of_history(_history_of(table), OWN_TABLE_FAMILIES)
    theirs = table.features
    kept_theirs = [name for name in ours.columns if name in theirs.columns]
    features = pl.concat([theirs, ours.drop(kept_theirs)], how="horizontal")
    notes = list(table.notes)
    if kept_theirs:
        notes.append(f"kept the table's own columns instead of ours: {', '.join(kept_theirs)}")
    if not features.width:
        raise UsageError(
            f"{table.path}: no column is left to learn from: {'; '.join(notes) or 'it has none'}"
        )
    fraud = table.fraud
    amount = None if table.amount is None else table.amount.to_numpy()
    first = next(iter(table.entities.values()), None)
    return Examples(
        features=features,
        row_id=table.row_number,
        time_us=table.time_us,
        has_dates=table.has_dates,
        fraud=fraud,
        known_at_us=np.where(fraud, table.time_us, NEVER_US),
        account=np.arange(fraud.size) if first is None else codes_of(first),
        amount=amount,
        at_risk=amount,
        attack=None,
        amount_column=table.amount_name,
        look_back=False,
        source={"kind": "table", "name": Path(table.path).name, "sha256": table.sha256},
        data=table,
        notes=tuple(notes),
        keys=_keys(
            pl.Series(table.row_number), pl.Series(table.time_us), table.entities, _itself(table)
        ),
    )


def _itself(table: OwnTable) -> dict[str, str]:
    return {name: name for name in table.entities}


def _keys(
    row: pl.Series,
    time: pl.Series,
    rows: pl.DataFrame | Mapping[str, pl.Series],
    columns: Mapping[str, str],
) -> pl.DataFrame:
    """Return the key columns; ``columns`` says in which column of ``rows`` each entity is."""
    if time.dtype.is_temporal():
        time = time.dt.timestamp("us")
    return pl.DataFrame(
        {
            f"{KEY}row": row.cast(pl.Int64),
            f"{KEY}time_us": time.cast(pl.Int64),
            **{f"{KEY}{name}": codes_of(rows[column]) for name, column in columns.items()},
        }
    )


def _not_scored(rows: int, frauds: int) -> str:
    return f"not scored, as they ask for no payment: {rows:,} rows, {frauds:,} of them fraud"


def _with_truth(dataset: Dataset | Tables) -> pl.DataFrame:
    """Return the transactions with the truth beside each, in the order of the features."""
    truth = dataset.table("labels").select("tx_id", "attack", "reported_at")
    return (
        dataset.table("transactions")
        .select(
            "tx_id",
            "event_time",
            *ENTITY_COLUMNS.values(),
            "amount_minor",
            "tx_type",
            "direction",
            "approved",
        )
        .join(truth, on="tx_id", how="left")
        .sort("event_time", "tx_id")
        .collect()
    )


def _source_of_dataset(dataset: Dataset | Tables) -> dict[str, Any]:
    if not isinstance(dataset, Dataset):
        return {"kind": "dataset", "name": "tables in memory"}
    manifest = dataset.manifest
    return {
        "kind": "dataset",
        "name": manifest.scenario_name,
        "seed": manifest.seed,
        "digest": manifest.digest,
    }


def _history_of(table: OwnTable) -> History:
    minor = (
        None
        if table.amount is None
        else np.rint(table.amount.to_numpy() * MINOR_PER_UNIT).astype(np.int64)
    )
    size = table.time_us.size
    return History(
        rows=pl.DataFrame({"event_time": pl.Series(table.time_us).cast(pl.Datetime("us", "UTC"))}),
        time_us=table.time_us,
        amount_minor=minor,
        outgoing=np.ones(size, np.bool_),
        declined=None,
        entities={name: Grouping.of(codes_of(column)) for name, column in table.entities.items()},
        owner=next(iter(table.entities), None),
        timezone="UTC" if table.has_dates else None,
        tables=None,
    )
