"""Standing orders besides the rent: a club, an insurance, pocket money for a child.

A new one is what a drain by a standing order looks like from outside: somebody logs in, adds a
payee, and from then on the bank itself pays a small sum, early in the morning, month after month.
How many run at a time is the scenario's; a customer has one at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.agents.customers.banking import (
    MOST_NEW_PAYEES,
    banking_device,
    evening,
    typed,
    visit,
)
from fraudsim.agents.customers.drafting import begin_row, moment
from fraudsim.agents.customers.payees import lasting_of, receiver_of
from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import SECOND_US
from fraudsim.rows import ACCOUNT, LOGIN, PAYEE_ADDED, TRANSFER

if TYPE_CHECKING:
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today

LASTS_DAYS = 730
"""Mean days that an order runs (assumption): so many days make as many new ones as end."""
WEEKLY_SHARE = 0.04
"""Orders that are weekly (assumption: few; of Berka's all leave 28 to 31 days apart)."""
FIRST_WITHIN_DAYS = 7
"""It is set up in the week before it is first due (assumption)."""
LOG_MEAN, LOG_SD = 3.8, 0.8
"""Monthly sums, major units: some 45 in the middle (assumption)."""
WEEKLY_LOG_PART = -0.8
"""A weekly sum is such a part of a monthly one, as a log (assumption)."""
LAST_DAY = 28
"""The last day of a month on which an order can fall: every month has it."""


@kernel
def standing_orders(
    rows: np.ndarray,
    at: int,
    base: np.uint64,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Pay the order if it is due, or set one up if today is a day for it; return the next row."""
    draw = base_of(base, 70, 0)
    if today.day == 0:
        _has_had_one(person, state, habits)
    if state.order_payee > 0:
        return _pay(rows, at, draw, person, state, habits, today)
    begins = habits.standing_orders / (1 - habits.standing_orders) / LASTS_DAYS  # as many as end
    if state.new_payees < MOST_NEW_PAYEES and uniform(draw, 0) < begins:
        return _set_up(rows, at, draw, mood, person, state, habits, today)
    return at


@kernel
def _has_had_one(person: Person, state: State, habits: Habits) -> None:
    """Let some have an order from before the first day, to the last of the payees they had."""
    lasting = lasting_of(habits.lasting_key, person.customer, person.old_payees)
    if uniform(lasting, 40) < habits.standing_orders:
        state.order_payee = person.old_payees
        state.order_day = 1 + integer(lasting, 41, LAST_DAY)


@kernel
def _set_up(
    rows: np.ndarray,
    at: int,
    draw: np.uint64,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Log in, add the payee, and say on which day of the month he is paid from now on."""
    customer = person.customer
    state.new_payees += 1
    state.order_payee = person.old_payees + state.new_payees
    state.order_day = 1 + (today.day_of_month + integer(draw, 1, FIRST_WITHIN_DAYS)) % LAST_DAY
    device = banking_device(uniform(draw, 2), person, state, habits, today)
    added_us = evening(today, draw)
    login_us = max(added_us - 20 * SECOND_US - integer(draw, 9, 400 * SECOND_US), today.start_us)
    at = visit(rows, at, customer, login_us, LOGIN, device, mood.country)
    at = visit(rows, at, customer, added_us, PAYEE_ADDED, device, mood.country)
    rows[at - 1].payee = customer * 64 + state.order_payee
    return at


@kernel
def _pay(
    rows: np.ndarray,
    at: int,
    draw: np.uint64,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Pay what is due, early in the morning as the rent is; now and then for the last time."""
    customer, payee = person.customer, state.order_payee
    lasting = lasting_of(habits.lasting_key, customer, payee)
    is_weekly = uniform(lasting, 42) < WEEKLY_SHARE
    is_due = (
        today.weekday == state.order_day % 7 if is_weekly else today.day_of_month == state.order_day
    )
    if not is_due:
        return at
    time_us = moment(today, 200 + 120 * uniform(lasting, 43), lasting, 1_000 + today.day)
    row = begin_row(rows, at, customer, time_us, TRANSFER, ACCOUNT)
    row.payee = customer * 64 + payee
    row.receiver = receiver_of(
        habits.lasting_key, customer, payee, habits.customers, habits.joining
    )
    level = LOG_MEAN + (WEEKLY_LOG_PART if is_weekly else 0.0)
    minor = int(100 * np.exp(level + LOG_SD * normal(lasting, 44)))
    row.amount_minor = max(typed(minor, uniform(lasting, 46)) // 100 * 100, 100)
    if uniform(draw, 12) < (7 if is_weekly else 30.4) / LASTS_DAYS:
        state.order_payee = 0
    return at + 1
