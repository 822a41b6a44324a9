"""What the customers of a block mean to do today: the honest plan, before the bank answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.almanac import look_up
from fraudsim.agents.customers.app_set_up import set_up_app
from fraudsim.agents.customers.banking import banking
from fraudsim.agents.customers.cash import withdrawals
from fraudsim.agents.customers.cheques import cheques
from fraudsim.agents.customers.income import collections, income
from fraudsim.agents.customers.joining import is_away, joining
from fraudsim.agents.customers.life_events import life_events
from fraudsim.agents.customers.mood import mood_of
from fraudsim.agents.customers.outings import purchases
from fraudsim.agents.customers.recurring import bills, repayment, subscriptions, trials
from fraudsim.agents.customers.standing_orders import standing_orders
from fraudsim.draws import base_of
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fraudsim.agents.customers.almanac import Almanac
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

MOST_ROWS_A_DAY = 320
"""Room kept free in the buffer before a customer is planned; planning never makes more."""


@kernel
def plan_from(
    first: int,
    rows: np.ndarray,
    at: int,
    ends: npt.NDArray[np.int64],
    people: np.ndarray,
    states: np.ndarray,
    almanacs: np.ndarray,
    town: Town,
    habits: np.ndarray,
    today: Today,
) -> tuple[int, int]:
    """Plan the day of the customers from local index ``first`` on.

    Writes rows from ``at`` on, grouped by customer, and the end of each customer's group to
    ``ends``. Returns (next customer, next row); the next customer is not the last when the buffer
    is full: give a larger one and go on from there.
    """
    custom = habits[0]
    for i in range(first, len(people)):
        if at + MOST_ROWS_A_DAY > len(rows):
            return i, at
        at = _plan_one(rows, at, people[i], states[i], almanacs[i], town, custom, today)
        ends[i] = at
    return len(people), at


@kernel
def _plan_one(
    rows: np.ndarray,
    at: int,
    person: Person,
    state: State,
    almanac: Almanac,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Plan one customer's day from row ``at`` on; return the next row."""
    base = base_of(habits.day_key, person.customer, today.day)
    if is_away(person, state, today):
        return joining(rows, at, base, person, state, habits, today)
    begin, known = at, person.old_payees + state.new_payees
    look_up(almanac, person, town, habits, today)
    mood = mood_of(person, state, almanac, town, habits, today)
    recurs = (almanac.days_due >> today.day_of_month) & 1
    at = purchases(rows, at, base, mood, person, state, town, habits, today)
    if recurs:
        at = subscriptions(rows, at, person, town, habits, today)
    if almanac.has_trials:
        at = trials(rows, at, mood, person, state, town, habits, today)
    if recurs:
        at = bills(rows, at, person, town, habits, today)
    at = income(rows, at, base, person, today)
    if almanac.collects:
        at = collections(rows, at, person, state, habits, today)
    at = cheques(rows, at, almanac, person, habits, today)
    at = withdrawals(rows, at, base, mood, person, state, town, habits, today)
    at = banking(rows, at, base, mood, almanac, person, state, habits, today)
    if habits.standing_orders > 0:
        at = standing_orders(rows, at, base, mood, person, state, habits, today)
    if recurs:
        at = repayment(rows, at, person, habits, today)
    at = set_up_app(rows, at, begin, known, base, mood, person, state, habits, today)
    return life_events(rows, at, base, almanac, person, state, town, habits, today)
