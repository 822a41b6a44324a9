"""A history as it happened, to start a scorer with, to measure one, or to try it."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.features.base import Tables


def replay(tables: Tables) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the payments and events of a dataset one by one, in the order of time.

    Args:
        tables: an opened dataset, or anything with its ``table``; both tables are held in memory.

    Yields:
        ``transactions`` or ``events``, and the row by column.
    """
    yield from heapq.merge(
        _rows(tables, "transactions", "tx_id"),
        _rows(tables, "events", "event_id"),
        key=lambda one: one[1]["event_time"],
    )


def _rows(tables: Tables, table: str, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    frame = tables.table(table).sort("event_time", key).collect()
    return ((table, row) for row in frame.iter_rows(named=True))
