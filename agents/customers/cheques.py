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

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person
    from fraudsim.agents.customers.today import Today

SOONEST_DAYS, LATEST_DAYS = 1, 7
"""Days until a cheque bounces: one to five business days (US Regulation CC)."""
LOG_MEAN, LOG_SD = 5.3, 1.2
"""Sums, major units: some 200 in the middle, 410 in the mean (assumption)."""
_CHEQUES = 120_000  # where the draws of cheques begin


@kernel
def cheques(rows: np.ndarray, at: int, person: Person, habits: Habits, today: Today) -> int:
    """Pay in today's cheque, if there is one, and take back what bounces today."""
    if habits.cheques_per_day <= 0:
        return at
    for age_days in range(LATEST_DAYS + 1):
        day = today.day - age_days
        draw = base_of(habits.lasting_key, person.customer, _CHEQUES + day)
        if day < 0 or uniform(draw, 0) >= habits.cheques_per_day:
            continue
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
