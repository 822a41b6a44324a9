"""How long ago: time since the previous row of each entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.features.base import FeatureColumn, History, column_where
from fraudsim.features.windows import Past

if TYPE_CHECKING:
    from collections.abc import Iterator


def recency(history: History) -> Iterator[FeatureColumn]:
    """Give the seconds since the entity's previous row; null if there was none."""
    for name, grouping in history.entities.items():
        before = Past.of(grouping, history.time_us).previous_rows()
        gap_s = (history.time_us - history.time_us[before]) / 1e6
        yield FeatureColumn(
            f"{name}_gap_s",
            f"seconds since the previous row of this {name}",
            "previous",
            column_where(gap_s, (before >= 0) & grouping.present, pl.Float64),
        )
