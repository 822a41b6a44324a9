"""Cheques paid in, and the few that the bank takes back some days later because they bounced.

The money is there before the cheque has cleared, so one that bounces is what a kite looks like
from outside. How many are paid in and how many bounce is the scenario's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.drafting import begin_row, moment
from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.rows import ACCOUNT, BILL, DEPOSIT
from fraudsim.world.prices import price_minor

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.almanac import Almanac
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person
    from fraudsim.agents.customers.today import Today

SOONEST_DAYS, LATEST_DAYS = 1, 7
"""Days until a cheque bounces: one to five business days (US Regulation CC)."""
LOG_MEAN, LOG_SD = 5.3, 1.2
"""Sums, major units: some 200 in the middle, 410 in the mean (assumption)."""
DAYS_AT_ONCE = LATEST_DAYS + 31
"""Days that are looked up at once: those that still matter, and a month."""
_CHEQUES = 120_000  # where the draws of cheques begin


@kernel
def cheque_days(customer: int, first: int, habits: Habits) -> int:
    """Return on which days from ``first`` on a cheque is paid in: bit k stands for the k-th."""
    days = 0
    if habits.cheques_per_day > 0:
        for k in range(max(-first, 0), DAYS_AT_ONCE):
            draw = base_of(habits.lasting_key, customer, _CHEQUES + first + k)
            days |= int(uniform(draw, 0) < habits.cheques_per_day) << k
    return days


@kernel
def cheques(
    rows: np.ndarray, at: int, almanac: Almanac, person: Person, habits: Habits, today: Today
) -> int:
    """Pay in today's cheque, if there is one, and take back what bounces today."""
    oldest = today.day - LATEST_DAYS
    paid_in = almanac.cheque_days >> (oldest - almanac.cheques_from)  # bit 0 is the oldest
    for age_days in range(LATEST_DAYS + 1):
        if (paid_in >> (LATEST_DAYS - age_days)) & 1 == 0:
            continue
        draw = base_of(habits.lasting_key, person.customer, _CHEQUES + today.day - age_days)
        if age_days == 0:
            row = begin_row(
                rows, at, person.customer, _opening_hours(today, draw), DEPOSIT, ACCOUNT
            )
        elif _bounces_after(draw, habits) == age_days:
            # in the small hours, with the rest of the bank's own bookings
            time_us = moment(today, 120 + 180 * uniform(draw, 5), draw, 6)
            row = begin_row(rows, at, person.customer, time_us, BILL, ACCOUNT)
        else:
            continue
        row.amount_minor = _sum(draw)
        at += 1
    return at


@kernel
def _bounces_after(draw: np.uint64, habits: Habits) -> int:
    """Return the days until a cheque comes back; 0 where it is good."""
    if uniform(draw, 1) >= habits.cheques_bounced:
        return 0
    return int(SOONEST_DAYS + integer(draw, 2, LATEST_DAYS - SOONEST_DAYS + 1))


@kernel
def _opening_hours(today: Today, draw: np.uint64) -> int:
    """Return a time between nine and five (assumption)."""
    return moment(today, 540 + 480 * uniform(draw, 3), draw, 4)


@kernel
def _sum(draw: np.uint64) -> int:
    """Return what is written on a cheque, minor units; whole sums as often as not."""
    return price_minor(LOG_MEAN + LOG_SD * normal(draw, 7), uniform(draw, 9), 0.5, 0.0, 0.0, 0.0)
