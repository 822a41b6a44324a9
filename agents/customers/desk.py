"""Where settling writes beside the plan of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fraudsim.agents.customers.drafting import begin_row
from fraudsim.agents.issuer.authorise import APPROVED
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fraudsim.agents.customers.people import State
    from fraudsim.rows import Row

ROOM_PER_ROW = 24
"""Rows that settling one row can add beside it: blocks, reissues, notices, repayments."""


class Beside(NamedTuple):
    """A buffer for what happens beside the plan; ``used[0]`` rows are filled."""

    rows: np.ndarray
    used: npt.NDArray[np.int64]  # (1,)


class Desk(NamedTuple):
    """Where settling writes: events and bookings of today, and what must happen later."""

    today: Beside
    later: Beside
    end_us: npt.NDArray[np.int64]  # (1,) when the day ends


@kernel
def is_full(desk: Desk) -> bool:
    """Whether a buffer has no room left for what one row can add."""
    left_today = len(desk.today.rows) - desk.today.used[0]
    left_later = len(desk.later.rows) - desk.later.used[0]
    return bool(min(left_today, left_later) < ROOM_PER_ROW)


@kernel
def next_serial(state: State) -> int:
    """Return the number of the customer's next settled row."""
    state.serial += 1
    return int(state.serial)


@kernel
def new_row(beside: Beside, customer: int, time_us: int, kind: int, slot: int) -> Row:
    """Take the next row of a buffer, blank."""
    row = begin_row(beside.rows, beside.used[0], customer, time_us, kind, slot)
    beside.used[0] += 1
    row.response = APPROVED
    return row
