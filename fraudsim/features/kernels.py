"""The loops under the look-back features: passes over rows sorted by entity, then time.

``order`` lists the rows by entity and, within an entity, in the total order of the table. Place
number p in it is called a position; ``codes`` and ``time_us`` are given by position, so the loops
read memory from front to back, which makes them several times as fast as going by row.

Kernels write into ``out``, which the caller makes with numpy: numpy asks the system for large
pages, and scattered writes are half again as fast there as in memory that numba takes. ``out`` is
in the order of the table where nothing else is said.

All sums are of integers, so they are exact and do not depend on the order of addition. None of the
kernels reads a row that stands after the one it writes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudsim import draws


@njit(cache=True)
def number_values(
    values: np.ndarray, slots: np.ndarray, distinct: np.ndarray, out: np.ndarray
) -> int:
    """Number values by their first appearance, from 0 on; an open hash table.

    Args:
        values: int64, at least one.
        slots: int64, all -1; a power of 2, more than there is room for distinct values.
        distinct: int64, room for the distinct values, by their number.
        out: int64 numbers, one per value.

    Returns:
        How many distinct values there are; -1 if there is not room for all: nothing else is known
        then.
    """
    last = slots.size - 1
    count = 0
    for place in range(values.size):
        value = values[place]
        slot = np.int64(draws.mix(np.uint64(value)) & np.uint64(last))
        while slots[slot] >= 0 and distinct[slots[slot]] != value:
            slot = (slot + 1) & last
        if slots[slot] < 0:
            if count == distinct.size:
                return -1
            distinct[count] = value
            slots[slot] = count
            count += 1
        out[place] = slots[slot]
    return count


@njit(cache=True)
def sort_by_number(
    numbers: np.ndarray, order: np.ndarray, ends: np.ndarray, out: np.ndarray
) -> None:
    """Sort rows by the number of each; rows of equal numbers stay in the order given.

    A counting sort: two passes, whatever the order.

    Args:
        numbers: int64 from 0 on, the number of each row.
        order: the rows to sort, each once.
        ends: int64 zeros, one more than there are numbers; overwritten.
        out: int64 rows, sorted.
    """
    for number in numbers:
        ends[number + 1] += 1
    for number in range(1, ends.size):
        ends[number] += ends[number - 1]
    for row in order:
        number = numbers[row]
        out[ends[number]] = row
        ends[number] += 1


@njit(cache=True)
def window_starts(codes: np.ndarray, time_us: np.ndarray, span_us: int, out: np.ndarray) -> None:
    """Find the first position of the same entity that is at most ``span_us`` older.

    Two of these bound a window: the rows from ``window_starts(..., delay_us + length_us)`` to
    before ``window_starts(..., delay_us)`` are older than the delay, by the length at most.

    Args:
        codes: entity of each position, rising.
        time_us: time of each position, microseconds, not falling within an entity.
        span_us: how far back to look, microseconds, not negative.
        out: int64 positions, one per position; its own at the latest.
    """
    first = 0
    for position in range(codes.size):
        if codes[position] != codes[first]:
            first = position
        oldest = time_us[position] - span_us
        while time_us[first] < oldest:
            first += 1
        out[position] = first


@njit(cache=True)
def counts_between(order: np.ndarray, first: np.ndarray, last: np.ndarray, out: np.ndarray) -> None:
    """Count the rows in the window of each row; arguments as of :func:`sums_between`."""
    for position in range(order.size):
        out[order[position]] = last[position] - first[position]


@njit(cache=True)
def sums_before(order: np.ndarray, value: np.ndarray, out: np.ndarray) -> None:
    """Sum ``value`` over all positions before each, and over all of them.

    Args:
        order: the row at each position.
        value: int64 or bool, what to sum, of each row, in the order of the table.
        out: int64 sums, shape (positions + 1,); a sum beyond 64 bits wraps around, and so do the
            differences of two, which are right again.
    """
    total = np.int64(0)
    for position in range(order.size):
        out[position] = total
        total += np.int64(value[order[position]])
    out[order.size] = total


@njit(cache=True)
def sums_between(
    order: np.ndarray, first: np.ndarray, last: np.ndarray, sums: np.ndarray, out: np.ndarray
) -> None:
    """Sum over the window of each row.

    Args:
        order: the row at each position.
        first: where the window of each position begins.
        last: the position past the end of the window of each position.
        sums: what :func:`sums_before` says of the value.
        out: int64 sums, in the order of the table; exact if the sum of each window has 64 bits.
    """
    for position in range(order.size):
        out[order[position]] = sums[last[position]] - sums[first[position]]


@njit(cache=True)
def previous_rows(order: np.ndarray, codes: np.ndarray, out: np.ndarray) -> None:
    """Find, for each row, the number of the row before it of the same entity; -1 is none."""
    for position in range(order.size):
        is_first = position == 0 or codes[position - 1] != codes[position]
        out[order[position]] = -1 if is_first else order[position - 1]


@njit(cache=True)
def first_rows(order: np.ndarray, codes: np.ndarray, out: np.ndarray) -> None:
    """Find, for each row, the number of the first row of its entity; its own for the first."""
    first = np.int64(-1)
    for position in range(order.size):
        if position == 0 or codes[position - 1] != codes[position]:
            first = order[position]
        out[order[position]] = first


@njit(cache=True)
def pair_numbers(order: np.ndarray, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
    """Number the pairs (left, right) from 1 on, in their order.

    Args:
        order: row numbers, sorted by ``left``, then by ``right``.
        left: int64 code of each row, in the order of the table.
        right: the same of the other part of the pair.
        out: int64 numbers, one per row, in the order of the table.
    """
    number = np.int64(0)
    for position in range(order.size):
        row, before = order[position], order[position - 1]
        if position == 0 or left[row] != left[before] or right[row] != right[before]:
            number += 1
        out[row] = number


@njit(cache=True)
def _comes_before(code_a: int, time_a: int, code_b: int, time_b: int) -> bool:
    return code_a < code_b or (code_a == code_b and time_a < time_b)


@njit(cache=True)
def last_event_times(
    order: np.ndarray,
    codes: np.ndarray,
    time_us: np.ndarray,
    event_codes: np.ndarray,
    event_time_us: np.ndarray,
    out: np.ndarray,
) -> None:
    """Find the time of the last event strictly before each row, of the same entity; -1 is none.

    Args:
        order: the row at each position.
        codes: entity of each position, rising.
        time_us: time of each position, microseconds.
        event_codes: entity of each event; events are sorted by entity, then by time.
        event_time_us: time of each event, microseconds.
        out: int64 times, in the order of the table.
    """
    after = 0  # first event that is not before the row
    for position in range(order.size):
        code, now_us = codes[position], time_us[position]
        while after < event_codes.size and _comes_before(
            event_codes[after], event_time_us[after], code, now_us
        ):
            after += 1
        known = after > 0 and event_codes[after - 1] == code
        out[order[position]] = event_time_us[after - 1] if known else -1


@njit(cache=True)
def event_counts(
    order: np.ndarray,
    codes: np.ndarray,
    time_us: np.ndarray,
    event_codes: np.ndarray,
    event_time_us: np.ndarray,
    window_us: int,
    out: np.ndarray,
) -> None:
    """Count the events of the same entity in [t - window_us, t); arguments as above."""
    first = 0
    after = 0
    for position in range(order.size):
        code, now_us = codes[position], time_us[position]
        while first < event_codes.size and _comes_before(
            event_codes[first], event_time_us[first], code, now_us - window_us
        ):
            first += 1
        while after < event_codes.size and _comes_before(
            event_codes[after], event_time_us[after], code, now_us
        ):
            after += 1
        out[order[position]] = after - first
