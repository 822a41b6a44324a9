"""How often and how much: counts and sums per entity over the look-back windows.

Declined rows count too, and have counts of their own: the answer to an earlier row is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.features.base import WINDOWS_US, FeatureColumn, Grouping, History, column_where
from fraudsim.features.kernels import window_sums

if TYPE_CHECKING:
    from collections.abc import Iterator

DECLINED_WINDOWS = ("1h", "1d", "7d")
"""Declines come in bursts: a longer window adds little and costs memory."""


def velocity(history: History) -> Iterator[FeatureColumn]:
    """Give counts of rows, amounts paid out and declined rows, per entity and window."""
    for name, grouping in history.entities.items():
        for window in WINDOWS_US:
            yield _count(history, name, grouping, window)
            if history.amount_minor is not None:
                yield _amount(history, name, grouping, window, history.amount_minor)
            if history.declined is not None and window in DECLINED_WINDOWS:
                yield _declined(history, name, grouping, window, history.declined)


def _count(history: History, entity: str, grouping: Grouping, window: str) -> FeatureColumn:
    return FeatureColumn(
        f"{entity}_count_{window}",
        f"rows of this {entity} before this one",
        window,
        _sums(history, grouping, window, np.ones(history.time_us.size, np.int64), pl.Int32),
    )


def _amount(
    history: History,
    entity: str,
    grouping: Grouping,
    window: str,
    amount_minor: np.ndarray,
) -> FeatureColumn:
    return FeatureColumn(
        f"{entity}_amount_{window}",
        f"amount asked out of accounts on this {entity} before this row, approved or not, "
        "minor units",
        window,
        _sums(history, grouping, window, amount_minor * history.outgoing, pl.Int64),
    )


def _declined(
    history: History, entity: str, grouping: Grouping, window: str, declined: np.ndarray
) -> FeatureColumn:
    return FeatureColumn(
        f"{entity}_declined_{window}",
        f"declined rows of this {entity} before this one",
        window,
        _sums(history, grouping, window, declined.astype(np.int64), pl.Int32),
    )


def _sums(
    history: History,
    grouping: Grouping,
    window: str,
    value: np.ndarray,
    dtype: type[pl.DataType],
) -> pl.Series:
    sums = window_sums(grouping.order, grouping.codes, history.time_us, value, WINDOWS_US[window])
    return column_where(sums, grouping.present, dtype)
