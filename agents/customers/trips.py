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
    from fraudsim.agents.customers.almanac import Almanac
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.town import Town

LONGEST_DAYS = 10
AT_HOME, ABROAD = 10_000, 20_000  # where the windows of each kind of trip begin


@kernel
def trip_city(household: int, almanac: Almanac, day: int, habits: Habits, town: Town) -> int:
    """Return the city of today's trip, or -1. At most one trip of a kind begins per window."""
    cities = len(town.city_weight)
    if town.home_count < cities and almanac.abroad[0] <= day < almanac.abroad[1]:
        base = base_of(habits.lasting_key, household, ABROAD + day // WINDOW_DAYS)
        return pick(town.city_weight, town.home_count, cities, uniform(base, 4))
    if almanac.trip[0] <= day < almanac.trip[1]:
        base = base_of(habits.lasting_key, household, AT_HOME + day // WINDOW_DAYS)
        return pick(town.city_weight, 0, town.home_count, uniform(base, 4))
    return -1


@kernel
def trip_days(
    household: int, window: int, kind: int, per_window: float, habits: Habits
) -> tuple[int, int]:
    """Return the days of the trip of a kind in a window, first and past the last; 0, 0 is none."""
    base = base_of(habits.lasting_key, household, kind + window)
    if uniform(base, 0) >= per_window:
        return 0, 0
    first = window * WINDOW_DAYS + integer(base, 1, WINDOW_DAYS - LONGEST_DAYS)
    return first, first + 2 + integer(base, 2, LONGEST_DAYS - 1)
