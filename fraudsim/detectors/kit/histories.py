"""The last payments of each account, kept from day to day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.detectors.kit.key_columns import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTRA_COLUMNS = 2
"""What is added to the columns of a row: that it is there, and how long after the one before."""

FIRST_GAP = 20.0
"""Log of the seconds since a payment that nobody knows of: as if after fifteen years."""

GAP_SCALE = 10.0
"""Log of the seconds of six hours: brings gaps to the size of other columns."""


class Histories:
    """Rows of each account, the latest ones, as many as ``keep``; in the order they were given.

    Args:
        keep: rows of an account that a later row is read after.
    """

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.rows: dict[int, NDArray[np.float32]] = {}
        self.last_us: dict[int, int] = {}

    def read(
        self,
        columns: NDArray[np.float32],
        account: NDArray[np.int64],
        time_us: NDArray[np.int64],
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Add rows, in the order of time, and return what each of them is read after.

        Args:
            columns: of each new row.
            account: whose it is; rows of ``NOBODY`` have no history and leave none.
            time_us: when.

        Returns:
            rows: float32, kept ones and new ones, with ``EXTRA_COLUMNS`` more columns.
            windows: int64, (new rows, keep + 1): positions in ``rows`` of the row and those before
            it, the row itself last; -1 where there are fewer.
        """
        order = np.argsort(account, kind="stable")
        starts = np.flatnonzero(np.diff(account[order], prepend=np.int64(NOBODY - 1)))
        rows: list[NDArray[np.float32]] = []
        windows = np.full((account.size, self.keep + 1), -1, np.int64)
        used = 0
        for inside in np.split(order, starts[1:]) if account.size else []:
            whose = int(account[inside[0]])
            before, new = self._group(whose, columns[inside], time_us[inside])
            windows[inside] = _windows(len(before), len(new), self.keep, used, whose == NOBODY)
            rows += [before, new]
            used += len(before) + len(new)
        width = columns.shape[1] + EXTRA_COLUMNS
        return np.concatenate(rows) if rows else np.empty((0, width), np.float32), windows

    def _group(
        self, whose: int, columns: NDArray[np.float32], time_us: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the kept and the new rows of one account, and keep the latest."""
        nobody = whose == NOBODY
        gaps = _gaps(time_us, None if nobody else self.last_us.get(whose), apart=nobody)
        there = np.ones((len(columns), 1), np.float32)
        new = np.hstack([columns, there, gaps[:, None]]).astype(np.float32)
        before = self.rows.get(whose, new[:0])
        if not nobody and self.keep:
            self.rows[whose] = np.concatenate([before, new])[-self.keep :]
            self.last_us[whose] = int(time_us[-1])
        return before, new


def _gaps(time_us: NDArray[np.int64], last_us: int | None, *, apart: bool) -> NDArray[np.float64]:
    """Return the log of the seconds since the row before, scaled."""
    gaps = np.full(time_us.size, FIRST_GAP)
    if not apart:
        gaps[1:] = np.log1p(np.maximum(np.diff(time_us), 0) / 1e6)
        if last_us is not None:
            gaps[0] = np.log1p(max(int(time_us[0]) - last_us, 0) / 1e6)
    return gaps / GAP_SCALE


def _windows(before: int, new: int, keep: int, first: int, apart: bool) -> NDArray[np.int64]:
    """Return the windows of the new rows of one account, which stand at ``first`` and after."""
    own = before + np.arange(new)
    inside = own[:, None] - np.arange(keep, -1, -1)
    lowest = own[:, None] if apart else 0
    return np.where(inside >= lowest, first + inside, -1)
