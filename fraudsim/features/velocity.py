"""How often and how much: counts and sums per entity over the look-back windows.

Declined rows count too, and have counts of their own: the answer to an earlier row is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.features.base import WINDOWS_US, FeatureColumn, Grouping, History, column_where
from fraudsim.features.windows import Past

if TYPE_CHECKING:
    from collections.abc import Iterator

DECLINED_WINDOWS = ("1h", "1d", "7d")
"""Declines come in bursts: a longer window adds little and costs memory."""


def velocity(history: History) -> Iterator[FeatureColumn]:
    """Give counts of rows, amounts paid out and declined rows, per entity and window."""
    for name, grouping in history.entities.items():
        yield from _of_entity(history, name, grouping)


def _of_entity(history: History, entity: str, grouping: Grouping) -> Iterator[FeatureColumn]:
    past, present = Past.of(grouping, history.time_us), grouping.present
    paid = declined = None
    if history.amount_minor is not None:
        paid = past.sums_before(history.amount_minor * history.outgoing)
    if history.declined is not None:
        declined = past.sums_before(history.declined)
    for name, length_us in WINDOWS_US.items():
        window = past.window(length_us)
        yield FeatureColumn(
            f"{entity}_count_{name}",
            f"rows of this {entity} before this one",
            name,
            column_where(past.counts(window), present, pl.Int32),
        )
        if paid is not None:
            yield FeatureColumn(
                f"{entity}_amount_{name}",
                f"amount asked out of accounts on this {entity} before this row, approved or "
                "not, minor units",
                name,
                column_where(past.summed(window, paid), present, pl.Int64),
            )
        if declined is not None and name in DECLINED_WINDOWS:
            yield FeatureColumn(
                f"{entity}_declined_{name}",
                f"declined rows of this {entity} before this one",
                name,
                column_where(past.summed(window, declined), present, pl.Int32),
            )
