"""House moves: a household changes its home for good, and furnishes the new one.

Rate: the English Housing Survey 2021-22 counts 2.0 million moves in 24.2 million households a year.
How far people move and how long they furnish are assumptions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.town import Town

BEFORE_DAYS, AFTER_DAYS = 7, 30
"""Days around a move in which things are bought for the new home (assumption)."""
SAME_CITY = 0.6
"""Moves within the city; others go to a neighbouring one (half of them) or anywhere
(assumption)."""
YEAR_DAYS = 365
_YEARS = 30_000  # where the windows of moves begin
KM_PER_DEGREE = 111.195


@kernel
def move_day(household: int, day: int, habits: Habits) -> int:
    """Return the day on which the household moves in the 365 days that ``day`` lies in, or -1."""
    year = day // YEAR_DAYS
    base = base_of(habits.lasting_key, household, _YEARS + year)
    if uniform(base, 0) >= habits.house_moves_per_year:
        return -1
    return year * YEAR_DAYS + integer(base, 1, YEAR_DAYS)


@kernel
def is_around(moves_on: int, day: int) -> bool:
    """Whether ``day`` is one of those on which a move is prepared and furnished for."""
    return bool(moves_on >= 0 and moves_on - BEFORE_DAYS <= day <= moves_on + AFTER_DAYS)


@kernel
def move(day: int, person: Person, state: State, town: Town, habits: Habits) -> None:
    """Give the customer the household's new home; all its members draw the same."""
    base = base_of(habits.lasting_key, person.household, _YEARS + day // YEAR_DAYS)
    u = uniform(base, 2)
    city = int(state.city)
    if u >= SAME_CITY + (1 - SAME_CITY) / 2:
        city = integer(base, 3, town.home_count)
    elif u >= SAME_CITY:
        city = int(town.neighbours[city, integer(base, 3, town.neighbours.shape[1])])
    state.city = city
    state.lat = (
        town.cities[city].lat + town.cities[city].scatter_km * normal(base, 4) / KM_PER_DEGREE
    )
    around = KM_PER_DEGREE * math.cos(math.radians(town.cities[city].lat))
    state.lon = town.cities[city].lon + town.cities[city].scatter_km * normal(base, 6) / around
