"""How a planned row is begun: blank, at a time of the day; and the choice by popularity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.draws import uniform
from fraudsim.kernel import kernel
from fraudsim.moments import SECOND_US
from fraudsim.rows import (
    BATCH,
    CVV_NOT_PROVIDED,
    NO_ENTRY,
    WAITING,
    Row,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fraudsim.agents.customers.today import Today


@kernel
def begin_row(rows: np.ndarray, at: int, customer: int, time_us: int, kind: int, slot: int) -> Row:
    """Make row ``at`` stand for an honest request that waits for its answer, and return it."""
    row = rows[at]
    row.time_us = time_us
    row.amount_minor = 0
    row.device = 0
    row.payee = 0
    row.payee_abroad = 0
    row.customer = customer
    row.merchant = -1
    row.terminal = -1
    row.serial = 0
    row.campaign = -1
    row.receiver = -1
    row.card_serial = 0
    row.ip_country = -1
    row.kind = kind
    row.slot = slot
    row.channel = BATCH
    row.entry = NO_ENTRY
    row.three_ds = 0
    row.cvv = CVV_NOT_PROVIDED
    row.pin_ok = 1
    row.case = 0
    row.stage = 0
    row.response = WAITING
    row.challenge_pass = 1.0
    return row


@kernel
def moment(today: Today, minute: float, base: np.uint64, counter: int) -> int:
    """Return a time of today, the seconds and microseconds drawn, kept inside the day."""
    second = uniform(base, counter) * 60
    within = int((minute * 60 + second) * SECOND_US)
    if not 0 <= within < today.length_us:
        # past midnight: some time in the first or last hour, so that no moment is crowded
        within = int(second * 60 * SECOND_US)
        if minute > 0:
            within = today.length_us - 1 - within
    return today.start_us + within


@kernel
def pick(cumulative: npt.NDArray[np.float64], first: int, last: int, u: float) -> int:
    """Return the position in [first, last) whose cumulative weight first exceeds ``u``.

    The last one where none does. As many steps whatever ``u`` is, without a branch that the
    processor would guess wrong every other time.
    """
    low, left = first, last - first
    while left > 1:
        half = left // 2
        low += half if cumulative[low + half - 1] <= u else 0
        left -= half
    return low
