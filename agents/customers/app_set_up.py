"""The bank's app on a new phone, or set up anew on the old one: enrolled, and often used at once.

Few people set up their bank's app for its own sake: something is to be paid. So money that leaves
minutes after a device was enrolled, at times after a new password and with a new number, is what a
takeover looks like from outside. How often phones and apps are set up is the scenario's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fraudsim.agents.customers.banking import evening, transfer, visit
from fraudsim.agents.customers.devices import MOST_PHONES, handset
from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import SECOND_US
from fraudsim.rows import CONTACT_CHANGED, DEVICE_ENROLLED, LOGIN, PASSWORD_RESET

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today

PASSWORD_FORGOTTEN = 0.25
"""Apps set up with a new password, since the old phone had filled it in (assumption)."""
NEW_NUMBER = 0.15
"""New phones that come with a new number, which is told to the bank at once (assumption)."""
PAYS_AT_ONCE, PAYS_MORE, MOST_PAYMENTS = 0.6, 0.35, 4
"""Apps set up because something is to be paid, and payments followed by another (assumption)."""
FIRST_PAYMENT_MIN, PAYMENT_LOG_SD = 8.0, 1.1
"""Median minutes to the first payment and between payments, and the spread (assumption)."""


@kernel
def set_up_app(
    rows: np.ndarray,
    at: int,
    begin: int,
    known: int,
    base: np.uint64,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Set up the app if today is a day for it.

    The customer's day so far is in the rows from ``begin`` on; ``known`` payees were there in the
    morning.
    """
    is_new = uniform(base, 6) < habits.new_phone_per_day and state.phone < MOST_PHONES
    if not is_new and uniform(base, 10) >= habits.app_set_up_per_day:
        return at
    draw = base_of(base, 50, 0)
    enrolled_us = evening(today, draw)
    if is_new:
        _lay_aside(rows, begin, at, handset(person.customer, state.phone), enrolled_us)
        state.phone += 1
    at = _enrol(rows, at, draw, is_new, enrolled_us, mood, person, state, today)
    if uniform(draw, 14) < PAYS_AT_ONCE:
        at = _pay(rows, at, known, base, enrolled_us, mood, person, state, habits, today)
    return at


@kernel
def _lay_aside(rows: np.ndarray, begin: int, end: int, phone: int, since_us: int) -> None:
    """Let what the old phone would have done later today be done with the new one."""
    for k in range(begin, end):
        if rows[k].device == phone and rows[k].time_us > since_us:
            rows[k].device = phone + 1


@kernel
def _enrol(
    rows: np.ndarray,
    at: int,
    draw: np.uint64,
    is_new: bool,
    enrolled_us: int,
    mood: Mood,
    person: Person,
    state: State,
    today: Today,
) -> int:
    """Log in, some with a new password; enrol the phone; give the bank a new number, if any."""
    customer, phone = person.customer, handset(person.customer, state.phone)
    login_us = max(
        enrolled_us - 15 * SECOND_US - integer(draw, 10, 180 * SECOND_US), today.start_us
    )
    if uniform(draw, 11) < PASSWORD_FORGOTTEN:
        reset_us = max(
            login_us - 20 * SECOND_US - integer(draw, 12, 240 * SECOND_US), today.start_us
        )
        at = visit(rows, at, customer, reset_us, PASSWORD_RESET, phone, mood.country)
    at = visit(rows, at, customer, login_us, LOGIN, phone, mood.country)
    at = visit(rows, at, customer, enrolled_us, DEVICE_ENROLLED, phone, mood.country)
    if is_new and uniform(draw, 13) < NEW_NUMBER:
        told_us = min(
            enrolled_us + 30 * SECOND_US + integer(draw, 15, 300 * SECOND_US),
            today.start_us + today.length_us - 1,
        )
        at = visit(rows, at, customer, told_us, CONTACT_CHANGED, phone, mood.country)
    return at


@kernel
def _pay(
    rows: np.ndarray,
    at: int,
    known: int,
    base: np.uint64,
    enrolled_us: int,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Send what the app was set up for: to payees of before, minutes after it was enrolled."""
    phone, paid_us = handset(person.customer, state.phone), enrolled_us
    for k in range(MOST_PAYMENTS):
        draw = base_of(base, 54, k)
        payee = 2 + int((known - 1) * uniform(draw, 0))
        wait_s = 60.0 * FIRST_PAYMENT_MIN * math.exp(PAYMENT_LOG_SD * normal(draw, 30))
        login_us = paid_us + int(0.5 * wait_s * SECOND_US)
        paid_us += int(wait_s * SECOND_US)
        if paid_us >= today.start_us + today.length_us:
            break
        at = transfer(rows, at, draw, payee, False, mood, person, state, habits, today)
        login, paid = rows[at - 2], rows[at - 1]
        login.time_us, paid.time_us = login_us, paid_us
        login.device = paid.device = phone
        if uniform(draw, 32) >= PAYS_MORE:
            break
    return at
