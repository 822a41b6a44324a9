"""What happened around the account: logins, enrolments, changes, strictly before the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.features.base import (
    NOBODY,
    WINDOWS_US,
    FeatureColumn,
    Grouping,
    History,
    codes_of,
    column_where,
    pairs_of,
    sorted_by,
)
from fraudsim.features.windows import Happened, Past

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMED = ("device_enrolled", "payee_added", "contact_changed", "password_reset")
COUNTED = {"login": ("1d",), "login_failed": ("1h", "1d", "7d")}
OF_THIS = {"device": ("device_id", "device_enrolled"), "payee": ("payee_id", "payee_added")}


def events(history: History) -> Iterator[FeatureColumn]:
    """Give seconds since the customer's last event of a kind, and counts of events."""
    assert history.tables is not None
    table = history.tables.table("events").collect()
    customers = Past.of(Grouping.of(codes_of(history.rows["customer_id"])), history.time_us)
    for kind in TIMED:
        yield FeatureColumn(
            f"since_{kind}_s",
            f"seconds since the customer's last {kind} event",
            "all",
            _seconds_since(history, customers, _of_kind(table, kind)),
        )
    for kind, windows in COUNTED.items():
        happened = _of_kind(table, kind)
        for window in windows:
            yield _count(customers, happened, kind, window)
    for thing, (column, kind) in OF_THIS.items():
        yield _since_this(history, table, thing, column, kind)


def _of_kind(table: pl.DataFrame, kind: str) -> Happened:
    chosen = table.filter(pl.col("event_type") == kind)
    return _sorted(
        codes_of(chosen["customer_id"]), chosen["event_time"].dt.timestamp("us").to_numpy()
    )


def _sorted(codes: np.ndarray, time_us: np.ndarray) -> Happened:
    order = sorted_by(codes, sorted_by(time_us, np.arange(codes.size)))
    return Happened(codes[order], time_us[order])


def _seconds_since(history: History, past: Past, happened: Happened) -> pl.Series:
    last_us = past.last_event_times(happened)
    known = last_us >= 0
    return column_where((history.time_us - last_us) / 1e6, known, pl.Float64)


def _count(customers: Past, happened: Happened, kind: str, window: str) -> FeatureColumn:
    counts = customers.event_counts(happened, WINDOWS_US[window])
    return FeatureColumn(
        f"{kind}_count_{window}",
        f"{kind} events of the customer before this row",
        window,
        pl.Series(counts),
    )


def _since_this(
    history: History, table: pl.DataFrame, thing: str, column: str, kind: str
) -> FeatureColumn:
    """Time since the customer enrolled this very device, or added this very payee."""
    chosen = table.filter(pl.col("event_type") == kind)
    codes = pairs_of(
        *(
            Grouping.of(codes_of(pl.concat([history.rows[name], chosen[name]])))
            for name in ("customer_id", column)
        )
    ).codes
    rows = history.time_us.size
    happened = _sorted(codes[rows:], chosen["event_time"].dt.timestamp("us").to_numpy())
    known = happened.codes != NOBODY
    return FeatureColumn(
        f"since_this_{kind}_s",
        f"seconds since the customer's {kind} event of this {thing}",
        "all",
        _seconds_since(
            history,
            Past.of(Grouping.of(codes[:rows]), history.time_us),
            Happened(happened.codes[known], happened.time_us[known]),
        ),
    )
