"""Windows that look back over the rows of an entity, and what is counted and summed in them.

Cut a window once, ask it for as many sums as needed: cutting and summing are one pass each. The
windows of the features end before the row itself. Other conventions and delays serve to compute
what others define::

    past = Past.of(grouping, time_us)
    week = past.window(7 * DAY_US)
    count, paid = past.counts(week), past.sums(week, amount_minor)
    older = past.window(7 * DAY_US, delay_us=7 * DAY_US)
    risk = past.means(older, fraud)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from fraudsim.features.kernels import (
    counts_between,
    event_counts,
    first_rows,
    last_event_times,
    previous_rows,
    sums_before,
    sums_between,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fraudsim.features.base import Grouping


class Window(NamedTuple):
    """A window of each position: from ``first`` to before ``last``, int64 positions."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]


class Happened(NamedTuple):
    """Events of one kind, sorted by entity, then time: int64 codes and microseconds."""

    codes: NDArray[np.int64]
    time_us: NDArray[np.int64]


class Past(NamedTuple):
    """The rows of every entity in their order; each field is by position in that order.

    Attributes:
        order: int64 row numbers, sorted by entity, then in the order of the table.
        codes: int64, the entity of each.
        time_us: int64, the time of each, microseconds.
    """

    order: NDArray[np.int64]
    codes: NDArray[np.int64]
    time_us: NDArray[np.int64]

    @classmethod
    def of(cls, grouping: Grouping, time_us: NDArray[np.int64]) -> Past:
        """Bring the rows of a table (codes and times in its order) into that of their entities."""
        return cls(grouping.order, grouping.codes[grouping.order], time_us[grouping.order])

    def window(
        self, length_us: int, *, delay_us: int = 0, closed: Literal["left", "right"] = "left"
    ) -> Window:
        """Cut the window of every row of the same entity; see :meth:`windows`."""
        return self.windows([length_us], delay_us=delay_us, closed=closed)[0]

    def windows(
        self,
        lengths_us: Sequence[int],
        *,
        delay_us: int = 0,
        closed: Literal["left", "right"] = "left",
    ) -> list[Window]:
        """Cut windows of several lengths that end together, so that the end is found once.

        Args:
            lengths_us: how long each window is, microseconds, more than 0.
            delay_us: how long before the row they end, microseconds, not negative.
            closed: which end belongs to them. ``left`` is [t - delay - length, t - delay), and
                without a delay all rows that stand before, also those of the same moment.
                ``right`` is (t - delay - length, t - delay], as pandas has it; without a delay
                it ends with the row itself.

        Raises:
            ValueError: a length or delay does not look back.
        """
        if min(lengths_us) <= 0 or delay_us < 0:
            raise ValueError(
                f"a window looks back: length_us must be above 0 and delay_us not below it, "
                f"not {min(lengths_us)} and {delay_us}"
            )
        to_the_right = int(closed == "right")
        if delay_us == 0:
            last = np.arange(to_the_right, self.order.size + to_the_right)
        else:
            last = self._starts(delay_us - to_the_right)
        return [
            Window(self._starts(delay_us + length_us - to_the_right), last)
            for length_us in lengths_us
        ]

    def _starts(self, span_us: int) -> NDArray[np.int64]:
        starts = np.empty_like(self.order)
        window_starts(self.codes, self.time_us, span_us, starts)
        return starts

    def counts(self, window: Window) -> NDArray[np.int32]:
        """Return how many rows are in the window of each row, in the order of the table."""
        counts = np.empty(self.order.size, np.int32)
        counts_between(self.order, window.first, window.last, counts)
        return counts

    def sums(self, window: Window, value: NDArray[np.generic]) -> NDArray[np.int64]:
        """Return the sum of ``value`` (int64 or bool, by row) over the window of each row."""
        return self.summed(window, self.sums_before(value))

    def sums_before(self, value: NDArray[np.generic]) -> NDArray[np.int64]:
        """Return what :meth:`summed` needs of a value (int64 or bool, by row), for any window."""
        sums = np.empty(self.order.size + 1, np.int64)
        sums_before(self.order, value, sums)
        return sums

    def summed(self, window: Window, sums: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sums of a value over the window of each row, in the order of the table."""
        summed = np.empty_like(self.order)
        sums_between(self.order, window.first, window.last, sums, summed)
        return summed

    def previous_rows(self) -> NDArray[np.int64]:
        """Return the number of the row before each row of the same entity; -1 is none."""
        found = np.empty_like(self.order)
        previous_rows(self.order, self.codes, found)
        return found

    def first_rows(self) -> NDArray[np.int64]:
        """Return the number of the first row of the entity of each row."""
        found = np.empty_like(self.order)
        first_rows(self.order, self.codes, found)
        return found

    def last_event_times(self, happened: Happened) -> NDArray[np.int64]:
        """Return when the last event strictly before each row was, of its entity; -1 is never."""
        found = np.empty_like(self.order)
        last_event_times(*self, *happened, found)
        return found

    def event_counts(self, happened: Happened, length_us: int) -> NDArray[np.int32]:
        """Return how many events of the entity of each row are in [t - length, t)."""
        counts = np.empty(self.order.size, np.int32)
        event_counts(*self, *happened, length_us, counts)
        return counts

    def means(self, window: Window, value: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the mean of ``value`` over the window of each row; NaN where it is empty.

        The sum is exact, so the mean is the nearest float64 to the true one while the sum has at
        most 53 bits.
        """
        count = self.counts(window)
        means = np.full(count.size, np.nan)
        np.divide(self.sums(window, value), count, out=means, where=count > 0)
        return means
