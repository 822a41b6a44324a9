"""Travel episodes: some days in another city at home, or a holiday abroad.

A household travels together. Source of the rates: the scenario; lengths of two to ten days are an
assumption (the mean of British residents' trips abroad is about ten nights, ONS Travel Trends).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.drafting import pick
from fraudsim.agents.customers.habits import WINDOW_DAYS
from fraudsim.draws import base_of, integer, uniform
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.town import Town

LONGEST_DAYS = 10
_AT_HOME, _ABROAD = 10_000, 20_000  # where the windows of each kind of trip begin


@kernel
def trip_city(household: int, day: int, habits: Habits, town: Town) -> int:
    """Return the city of today's trip, or -1. At most one trip of a kind begins per window."""
    cities = len(town.city_weight)
    if town.home_count < cities and _travels(
        household, day, _ABROAD, habits.holidays_per_window, habits
    ):
        base = base_of(habits.lasting_key, household, _ABROAD + day // WINDOW_DAYS)
        return pick(town.city_weight, town.home_count, cities, uniform(base, 4))
    if _travels(household, day, _AT_HOME, habits.trips_per_window, habits):
        base = base_of(habits.lasting_key, household, _AT_HOME + day // WINDOW_DAYS)
        return pick(town.city_weight, 0, town.home_count, uniform(base, 4))
    return -1


@kernel
def _travels(household: int, day: int, kind: int, per_window: float, habits: Habits) -> bool:
    window = day // WINDOW_DAYS
    base = base_of(habits.lasting_key, household, kind + window)
    if uniform(base, 0) >= per_window:
        return False
    first = window * WINDOW_DAYS + integer(base, 1, WINDOW_DAYS - LONGEST_DAYS)
    return bool(first <= day < first + 2 + integer(base, 2, LONGEST_DAYS - 1))
