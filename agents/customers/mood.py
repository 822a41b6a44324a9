"""Where a customer is today and in which mood: what all purchases of the day share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fraudsim.agents.customers.celebrations import celebrates
from fraudsim.agents.customers.changes import GROWTH_LOG, grown
from fraudsim.agents.customers.house_moves import is_around
from fraudsim.agents.customers.trips import trip_city
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    from fraudsim.agents.customers.almanac import Almanac
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

PAYDAY_FACTORS = (1.06, 1.03)
"""Factor on card payments on the payday and the day after. That people spend more then is
measured (Gelman and others, Science 345, 2014); the sizes are an assumption."""


class Mood(NamedTuple):
    """The customer's day.

    Attributes:
        place: city of today's shops.
        away: on a trip: no favourite shop is near.
        country: index of the country he is in.
        rate: factor on the number of purchases.
        explore: share of purchases made away from favourite shops.
        basket: added to the log of amounts.
    """

    place: int
    away: bool
    country: int
    rate: float
    explore: float
    basket: float


@kernel
def mood_of(
    person: Person, state: State, almanac: Almanac, town: Town, habits: Habits, today: Today
) -> Mood:
    """Return where the customer is today, and how he shops."""
    growth = grown(almanac.growth[0], almanac.growth[1], today.day)
    rate = almanac.drift * math.exp(GROWTH_LOG * growth)
    rate *= almanac.by_weekday[today.weekday]
    basket, explore = 0.4 * growth, habits.explore
    since = today.since_payday[person.payday]
    if since < len(PAYDAY_FACTORS):
        rate *= PAYDAY_FACTORS[since]
    if celebrates(almanac, habits, today):  # factors: assumptions
        rate, explore, basket = rate * 1.8, max(explore, 0.7), basket + 0.3
    if is_around(almanac.moves_on, today.day):
        rate, explore, basket = rate * 1.5, max(explore, 0.65), basket + 0.35
    trip = trip_city(person.household, almanac, today.day, habits, town)
    if trip >= 0:
        country = _whole(town.cities[trip].country)
        return Mood(_whole(trip), True, country, rate * 1.2, 0.8, basket + 0.1)
    place = _whole(state.city)
    if person.study_city >= 0 and today.is_term:
        place = _whole(person.study_city)
    return Mood(place, False, _whole(habits.home_country), rate, explore, basket)


@kernel
def _whole(number: int) -> Any:
    """Widen an integer: every ``Mood`` must have the same types."""
    return np.int64(number)
