"""What the calendar holds for a customer in the weeks to come: looked up once, not every day.

Whether somebody travels, moves house or pays a bill today is hashed from the customer and a month
or a window of sixty days, so it stays the same until that is over. Nothing here is a draw of its
own, and nothing has to be kept: an almanac that is lost is looked up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from fraudsim.agents.customers.celebrations import celebration
from fraudsim.agents.customers.changes import drift, growth, next_spell, weekday_factor
from fraudsim.agents.customers.cheques import LATEST_DAYS, cheque_days
from fraudsim.agents.customers.habits import WINDOW_DAYS
from fraudsim.agents.customers.house_moves import YEAR_DAYS, move_day
from fraudsim.agents.customers.income import collects
from fraudsim.agents.customers.recurring import days_due, tries
from fraudsim.agents.customers.trips import ABROAD, AT_HOME, trip_days
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

ALMANAC = np.dtype(
    [
        ("until", np.int64),  # day of the run from which it says nothing; 0 when it is blank
        ("month", np.int64),  # for which ``days_due`` holds
        ("days_due", np.int64),  # bit d: something that recurs falls on day d of the month
        ("drift", np.float64),  # factor on the rate of payments
        ("by_weekday", np.float64, (7,)),  # factors on it
        ("growth", np.float64, (2,)),  # day on which it begins, and how many days it takes
        ("celebration_draw", np.float64),  # is there one? the season decides
        ("celebration", np.int64, (2,)),  # first day, and the one after the last
        ("abroad", np.int64, (2,)),
        ("trip", np.int64, (2,)),
        ("moves_on", np.int64),  # -1 is not this year
        ("cheques_from", np.int64),  # day of the run, and on which days from it on
        ("cheque_days", np.int64),  # a cheque is paid in: bit k stands for the k-th
        ("has_trials", np.bool_),
        ("collects", np.bool_),
    ],
    align=True,
)
"""The weeks to come of a customer; position in a block is the local index."""

Almanac: TypeAlias = Any
"""One record of ``ALMANAC`` inside a kernel."""


@kernel
def look_up(almanac: Almanac, person: Person, town: Town, habits: Habits, today: Today) -> None:
    """Bring the almanac of a customer up to date, if it says nothing of today."""
    if today.day < almanac.until and today.month == almanac.month:
        return
    customer, household, day = person.customer, person.household, today.day
    window, year = day // WINDOW_DAYS, day // YEAR_DAYS
    spell_ends = next_spell(customer, day, habits)
    almanac.until = min((window + 1) * WINDOW_DAYS, (year + 1) * YEAR_DAYS, spell_ends)
    almanac.month = today.month
    almanac.days_due = days_due(person, town, habits, today.month)
    almanac.drift = drift(customer, day, habits)
    for weekday in range(7):
        almanac.by_weekday[weekday] = weekday_factor(customer, weekday, habits)
    almanac.growth[0], almanac.growth[1] = growth(customer, habits)
    draw, first, end = celebration(customer, window, habits)
    almanac.celebration_draw = draw
    almanac.celebration[0], almanac.celebration[1] = first, end
    first, end = trip_days(household, window, ABROAD, habits.holidays_per_window, habits)
    almanac.abroad[0], almanac.abroad[1] = first, end
    first, end = trip_days(household, window, AT_HOME, habits.trips_per_window, habits)
    almanac.trip[0], almanac.trip[1] = first, end
    almanac.moves_on = move_day(household, day, habits)
    almanac.cheques_from = day - LATEST_DAYS
    almanac.cheque_days = cheque_days(customer, day - LATEST_DAYS, habits)
    almanac.has_trials = tries(customer, window, habits)
    almanac.collects = collects(customer, habits)
