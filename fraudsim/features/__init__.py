"""What may be known at the time of a transaction, one family per file.

A feature of a row looks only at rows that stand before it in the total order (time, then id), at
events strictly before it, and at what the bank has on file. Change or remove everything from a
moment on, and the features before that moment stay as they were; ``tests/learn`` holds that.

:func:`build_features` computes them for a whole history, :class:`Online` for one event at a time,
with the same values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.errors import UsageError, nearest
from fraudsim.features.amount import amount
from fraudsim.features.base import (
    ENTITY_COLUMNS,
    Family,
    FeatureColumn,
    Grouping,
    History,
    Tables,
    codes_of,
)
from fraudsim.features.context import context
from fraudsim.features.events import events
from fraudsim.features.novelty import novelty
from fraudsim.features.place import place
from fraudsim.features.recency import recency
from fraudsim.features.velocity import velocity
from fraudsim.schema import TABLES, polars_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fraudsim.dataset import Dataset
    from fraudsim.features.online import Online

__all__ = [
    "FAMILIES",
    "OWN_TABLE_FAMILIES",
    "Online",
    "build_features",
    "columns_by_family",
    "describe",
    "features_of_history",
    "history_of",
    "timezone_of",
]

FAMILIES: Mapping[str, Family] = {
    "context": context,
    "velocity": velocity,
    "recency": recency,
    "novelty": novelty,
    "amount": amount,
    "place": place,
    "events": events,
}
"""The families of a simulated dataset, in the order of their columns."""

NOT_LOOKED_AT = ("currency", "terminal_id", "response_code")
"""Columns of transactions that no family needs, so they are not read."""

OWN_TABLE_FAMILIES = ("context", "velocity", "recency", "amount")
"""Those that somebody's own table can have; all but ``context`` need the columns of entities."""


def build_features(
    dataset: Dataset | Tables,
    families: Sequence[str] | None = None,
    *,
    timezone: str | None = None,
) -> pl.DataFrame:
    """Return the look-back features of every transaction of a dataset.

    Args:
        dataset: an opened dataset, or anything with its ``table``.
        families: names of ``FAMILIES``; all by default.
        timezone: IANA zone of local time; that of the scenario by default, else UTC.

    Returns:
        ``tx_id``, then the features, one row per transaction, sorted by ``event_time`` and
        ``tx_id``. :func:`describe` says what each means.

    Raises:
        UsageError: there is no family of that name.
    """
    chosen = _chosen(families)
    history = history_of(dataset, timezone=timezone)
    return pl.DataFrame(
        [
            history.rows["tx_id"],
            *(column.values.alias(column.name) for column in _all(history, chosen)),
        ]
    )


def describe(families: Sequence[str] | None = None) -> pl.DataFrame:
    """Return ``name``, ``family``, ``meaning``, ``window`` and ``type`` of every feature."""
    rows = [
        (column.name, family, column.meaning, column.window, str(column.values.dtype.base_type()))
        for family, columns in columns_by_family(families).items()
        for column in columns
    ]
    return pl.DataFrame(rows, schema=["name", "family", "meaning", "window", "type"], orient="row")


def columns_by_family(families: Sequence[str] | None = None) -> dict[str, list[FeatureColumn]]:
    """Return the columns of families (all by default) without rows: names, meanings, types.

    Raises:
        UsageError: there is no family of that name.
    """
    history = history_of(_NoTables())
    return {family: list(FAMILIES[family](history)) for family in _chosen(families)}


def features_of_history(history: History, families: Sequence[str]) -> pl.DataFrame:
    """Return the features of a history, in its order; it may have none."""
    return pl.DataFrame(
        [column.values.alias(column.name) for column in _all(history, _chosen(families))]
    )


def history_of(dataset: Dataset | Tables, *, timezone: str | None = None) -> History:
    """Return the transactions of a dataset in their total order, ready for the families."""
    rows = _in_total_order(dataset.table("transactions").drop(NOT_LOOKED_AT).collect())
    return History(
        rows=rows,
        time_us=rows["event_time"].dt.timestamp("us").to_numpy(),
        amount_minor=rows["amount_minor"].to_numpy(),
        outgoing=(rows["direction"] == "debit").to_numpy(),
        declined=(~rows["approved"]).to_numpy(),
        entities={
            name: Grouping.of(codes_of(rows[column])) for name, column in ENTITY_COLUMNS.items()
        },
        owner="account",
        timezone=timezone or timezone_of(dataset),
        tables=dataset,
    )


def _in_total_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort by time, then id; a dataset as it was written stands in that order already."""
    gap_us = np.diff(rows["event_time"].dt.timestamp("us").to_numpy())
    gap_id = np.diff(rows["tx_id"].to_numpy())
    if np.all((gap_us > 0) | ((gap_us == 0) & (gap_id > 0))):
        return rows
    return rows.sort("event_time", "tx_id")


def timezone_of(dataset: Dataset | Tables) -> str:
    """Return the IANA zone of the scenario of a dataset; UTC where it does not say."""
    manifest = getattr(dataset, "manifest", None)
    return str(manifest.scenario["calendar"]["timezone"]) if manifest is not None else "UTC"


def _chosen(families: Sequence[str] | None) -> Sequence[str]:
    if families is None:
        return tuple(FAMILIES)
    for name in families:
        if name not in FAMILIES:
            raise UsageError(f"unknown family of features '{name}'{nearest(name, FAMILIES)}")
    return families


def _all(history: History, families: Sequence[str]) -> Iterator[FeatureColumn]:
    for family in families:
        yield from FAMILIES[family](history)


class _NoTables:
    """Tables without rows: enough to learn the names of the features."""

    def table(self, name: str) -> pl.LazyFrame:
        return pl.LazyFrame(schema=polars_schema(TABLES[name]))


def __getattr__(name: str) -> Any:
    """Load what few need on first use."""
    if name != "Online":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fraudsim.features.online import Online

    return Online
