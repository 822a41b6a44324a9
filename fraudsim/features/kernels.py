"""The loops under the look-back features: one pass over rows sorted by entity, then time.

Every kernel takes a grouping (``order``, ``codes``) as made by ``fraudsim.features.base``:
``order`` lists the rows by entity and, within an entity, in the total order of the table;
``codes`` names the entity of each row. All sums are of integers, so they are exact and do not
depend on the order of addition. None of the kernels reads a row that stands after the one it
writes.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def window_sums(
    order: np.ndarray,
    codes: np.ndarray,
    time_us: np.ndarray,
    value: np.ndarray,
    window_us: int,
) -> np.ndarray:
    """Sum ``value`` over the earlier rows of the same entity within ``window_us``.

    A row at time t sees the rows from t - window_us on that stand before it; never itself.

    Args:
        order: row numbers, sorted by entity, then by time.
        codes: entity of each row.
        time_us: time of each row, microseconds.
        value: what to sum, int64, of each row.
        window_us: length of the window, microseconds.

    Returns:
        int64 sums, one per row, in the order of the table.
    """
    out = np.zeros(order.size, np.int64)
    total = np.int64(0)
    left = 0
    for position in range(order.size):
        row = order[position]
        if position > 0 and codes[order[position - 1]] != codes[row]:
            total = np.int64(0)
            left = position
        oldest = time_us[row] - window_us
        while time_us[order[left]] < oldest:  # ends at the row itself at the latest
            total -= value[order[left]]
            left += 1
        out[row] = total
        total += value[row]
    return out


@njit(cache=True)
def previous_rows(order: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return, for each row, the number of the row before it of the same entity; -1 is none."""
    out = np.full(order.size, -1, np.int64)
    for position in range(1, order.size):
        row, before = order[position], order[position - 1]
        if codes[row] == codes[before]:
            out[row] = before
    return out


@njit(cache=True)
def first_rows(order: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return, for each row, the number of the first row of its entity; its own for the first."""
    out = np.empty(order.size, np.int64)
    first = np.int64(-1)
    for position in range(order.size):
        row = order[position]
        if position == 0 or codes[order[position - 1]] != codes[row]:
            first = row
        out[row] = first
    return out


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
) -> np.ndarray:
    """Return the time of the last event strictly before each row, of the same entity; -1 is none.

    Args:
        order: row numbers, sorted by entity, then by time.
        codes: entity of each row.
        time_us: time of each row, microseconds.
        event_codes: entity of each event; events are sorted by entity, then by time.
        event_time_us: time of each event, microseconds.
    """
    out = np.full(order.size, -1, np.int64)
    after = 0  # first event that is not before the row
    for row in order:
        while after < event_codes.size and _comes_before(
            event_codes[after], event_time_us[after], codes[row], time_us[row]
        ):
            after += 1
        if after > 0 and event_codes[after - 1] == codes[row]:
            out[row] = event_time_us[after - 1]
    return out


@njit(cache=True)
def event_counts(
    order: np.ndarray,
    codes: np.ndarray,
    time_us: np.ndarray,
    event_codes: np.ndarray,
    event_time_us: np.ndarray,
    window_us: int,
) -> np.ndarray:
    """Count the events of the same entity in [t - window_us, t); arguments as above."""
    out = np.zeros(order.size, np.int64)
    first = 0
    after = 0
    for row in order:
        while first < event_codes.size and _comes_before(
            event_codes[first], event_time_us[first], codes[row], time_us[row] - window_us
        ):
            first += 1
        while after < event_codes.size and _comes_before(
            event_codes[after], event_time_us[after], codes[row], time_us[row]
        ):
            after += 1
        out[row] = after - first
    return out
