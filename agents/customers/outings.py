"""The purchases of a day: outings and sessions, with one shop or several, minutes to hours apart.

How many purchases a person makes is nearly Poisson, and persons differ much (the rate is gamma), so
counts are negative binomial: k .83 for baskets, 2.2 for accounts (Complete Journey, Berka). Within
a day, payments lie 32, 101 and 270 minutes apart (quartiles, US Diary of Consumer Payment Choice).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fraudsim.agents.customers.checkout import buy
from fraudsim.agents.customers.clock import quantile
from fraudsim.agents.customers.drafting import moment
from fraudsim.agents.customers.money import can_pay, thrift
from fraudsim.agents.customers.shops import ANY, IN_PERSON, ONLINE, back_again, choose
from fraudsim.draws import base_of, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import MINUTE_US

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

MOST_OUTINGS, MOST_STOPS = 40, 5
LEAST_OCCASIONS = 2
"""Occasions to go out on a day (assumption: by day and in the evening)."""
NEXT_SHOP_MIN, NEXT_CLICK_MIN = 28.0, 12.0
"""Median minutes to the next shop, and to the next payment of an online session (assumption: they
bring the quartiles above, together with outings that have nothing to do with each other)."""
NEXT_LOG_SD = 0.8


@kernel
def purchases(
    rows: np.ndarray,
    at: int,
    base: np.uint64,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Write the purchases of the day from row ``at`` on; return the next row."""
    rate = person.rate_per_day * today.activity * mood.rate * thrift(person, state)
    outings = _how_many(base, rate * (1.0 - habits.outing_more))
    for k in range(outings):
        outing = base_of(base, 10, k)
        at = _outing(rows, at, outing, mood, person, state, town, habits, today)
    return at


@kernel
def _how_many(base: np.uint64, mean: float) -> int:
    """Return how often a person goes out today: nearly Poisson, a little more even.

    A few occasions a day, each taken or not: who has bought is less likely to go out again.
    """
    occasions = min(max(LEAST_OCCASIONS, int(1.25 * mean) + 1), MOST_OUTINGS)
    count = 0
    for k in range(occasions):
        count += int(uniform(base, 200 + k) < mean / occasions)
    return count


@kernel
def _outing(
    rows: np.ndarray,
    at: int,
    outing: np.uint64,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Go to a shop, and to the next one as long as there is more to do."""
    kind, time_us = ANY, -1
    for stop in range(MOST_STOPS):
        draw = base_of(outing, 11, stop)
        again = habits.same_merchant if stop == 0 else habits.same_outing
        merchant, liked = -1, True
        if uniform(draw, 0) < again:
            merchant = back_again(kind, mood, state, town)
        if merchant < 0:
            merchant, liked = choose(draw, kind, mood, person, state, town, habits, today)
        if merchant < 0:
            break
        if stop == 0:
            kind = ONLINE if town.shops[merchant].is_online else IN_PERSON
            time_us = _arrival(draw, merchant, person, town, today)
        else:
            median = NEXT_CLICK_MIN if kind == ONLINE else NEXT_SHOP_MIN
            time_us += int(median * math.exp(NEXT_LOG_SD * normal(draw, 40)) * MINUTE_US)
            if time_us >= today.start_us + today.length_us:
                break
        row = buy(
            rows, at, draw, merchant, liked, time_us, mood, person, state, town, habits, today
        )
        if can_pay(row, draw, person, state):
            state.last_merchant = merchant
            at += 1
        if uniform(outing, stop) >= (habits.session_more if kind == ONLINE else habits.outing_more):
            break
    return at


@kernel
def _arrival(draw: np.uint64, merchant: int, person: Person, town: Town, today: Today) -> int:
    """Return when an outing begins: the hours of the trade, by the clock of the person."""
    table = town.online_minute if town.shops[merchant].is_online else town.shop_minute
    return moment(today, table[town.shops[merchant].category, quantile(draw, 9, person)], draw, 10)
