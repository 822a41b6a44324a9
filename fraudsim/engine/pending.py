"""Settled rows that wait to be written, in one piece of memory that is used month after month."""

from __future__ import annotations

from mmap import mmap

import numpy as np

from fraudsim.rows import ROW, put_at

ROWS_IN_MEMORY, FEWEST_ROWS = 1 << 24, 1 << 14
"""Rows that all blocks together keep before they are written, some 1.4 GB; a file has no fewer than
the second. It depends on the blocks alone: the bytes must not depend on who holds them."""
_FIRST_ROOM = 1 << 12
_GROWTH = 1.5
"""Pages that are never filled are never touched, so ample room costs nothing."""


def most_rows(blocks: int) -> int:
    """Return how many rows a block keeps, where there are so many blocks."""
    return max(ROWS_IN_MEMORY // blocks, FEWEST_ROWS)


class PendingRows:
    """Rows in the order of time, days one after the other.

    Day for day the settled rows of a block are arrays of their own size. Kept as such for a month,
    they leave holes when they go that nothing fits into, and the process grows for as long as the
    run lasts. This memory is asked for from the system, and given back when the rows are let go.

    Attributes:
        follow: whether each day added began after the one before it had ended.
    """

    def __init__(self) -> None:
        self.follow = True
        self._rows = np.empty(0, dtype=ROW)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> np.ndarray:
        """The rows themselves, until more are added or some are dropped."""
        return self._rows[: self._count]

    def add(self, day: np.ndarray) -> None:
        """Add the rows of a day, which are in the order of time and at least one."""
        end = self._count + len(day)
        if end > len(self._rows):
            self._grow(end)
        if self._count and self._rows[self._count - 1]["time_us"] >= day[0]["time_us"]:
            self.follow = False
        put_at(self._rows, self._count, day)
        self._count = end

    def drop(self, count: int) -> None:
        """Forget the first rows."""
        put_at(self._rows, 0, self._rows[count : self._count].copy())
        self._count -= count
        self.follow = self.follow or not self._count

    def put_in_order(self, rows: np.ndarray) -> None:
        """Take the same rows in the order of time."""
        if rows.base is not self._rows:
            put_at(self._rows, 0, rows)
        self.follow = True

    def _grow(self, least: int) -> None:
        room = max(least, int(len(self._rows) * _GROWTH), _FIRST_ROOM)
        grown = np.frombuffer(mmap(-1, room * ROW.itemsize), dtype=ROW)
        put_at(grown, 0, self.rows)
        self._rows = grown
