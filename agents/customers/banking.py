"""Online banking: visits, transfers to payees, and new payees.

Payments to persons have log-mean 3.24 and log-sd 1.57 in units of the currency, 95 % of them whole
(US Diary of Consumer Payment Choice); four of five transfers go to a payee of before, a third to
the first one (Berka). What else is said here is an assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.devices import browser, handset
from fraudsim.agents.customers.drafting import begin_row, moment
from fraudsim.agents.customers.house_moves import is_around
from fraudsim.agents.customers.money import money, thrift
from fraudsim.agents.customers.payees import (
    is_abroad,
    is_business,
    lasting_of,
    receiver_of,
    saves_at,
)
from fraudsim.draws import base_of, integer, normal, poisson, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import SECOND_US
from fraudsim.rows import (
    ACCOUNT,
    DEBIT,
    DEPOSIT,
    LOGIN,
    LOGIN_FAILED,
    ONLINE_BANKING,
    PASSWORD_RESET,
    PAYEE_ADDED,
    TRANSFER,
    Row,
)
from fraudsim.world.prices import price_minor

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.almanac import Almanac
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today

MOST_NEW_PAYEES = 50
MOVING_NEW_PAYEES = 0.12
"""New payees per day around a house move: deposit, movers, tradesmen (assumption)."""
SAVED_LOG_MEAN = 5.9
"""What goes to savings at another bank: some 370 at a time (assumption)."""
LARGE_FIRST, MIDDLING_FIRST = 0.13, 0.30
"""First payments to a new payee that are large (a car, a deposit, a builder) and middling (a
bill, a used sofa), as log-mean 7.0 and 5.6; the others are as usual (assumption)."""
YOUNG, AGAIN_SHARE = 3, 0.15
"""Transfers to one of the payees added last, who are paid as they were at first: the
builder's second bill, the rest of the price, a friend from the journey (assumption)."""
IN_PARTS_SHARE = 0.3
"""First payments to a new payee that are followed by another on the same day: a small sum to see
whether it arrives and then the rest, or a limit per payment (assumption)."""
TRIED_FIRST = 0.5
"""Of these, the share of first payments that are a few units, to try (assumption)."""
FROM_SAVINGS_ABOVE_MINOR, FROM_SAVINGS_SHARE = 100_000, 0.75
"""Large payments to a young payee, and the share of them for which money is fetched from savings at
another bank on the same day (assumption). In and out within hours: a mule's look-alike."""
BROWSER_VISITS = 0.3
"""Visits from a browser rather than the app (assumption)."""
MISTYPED, FORGOTTEN = 0.04, 0.25
"""Logins whose password is mistyped, and the share of them that set it anew (assumption)."""


@kernel
def banking(
    rows: np.ndarray,
    at: int,
    base: np.uint64,
    mood: Mood,
    almanac: Almanac,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Write the day's online banking from row ``at`` on; return the next row."""
    known = person.old_payees + state.new_payees
    count = min(poisson(base, 3, habits.transfers_per_day * thrift(person, state)), 5)
    for k in range(count):
        draw = base_of(base, 40, k)
        payee = min(2 + int((known - 1) * uniform(draw, 0) ** 2.1), known)  # the first ones most
        again = state.new_payees > 0 and uniform(draw, 15) < AGAIN_SHARE
        if again:
            payee = known - integer(draw, 16, min(state.new_payees, YOUNG))
        at = transfer(rows, at, draw, payee, again, mood, person, state, habits, today)
        at = _mistype(rows, at, base_of(draw, 44, 0), rows[at - 2], today)
    moving = is_around(almanac.moves_on, today.day)
    new_payee = MOVING_NEW_PAYEES if moving else habits.new_payee_per_day
    if state.new_payees < MOST_NEW_PAYEES and uniform(base, 4) < new_payee:
        at = _new_payee(rows, at, base, known + 1, mood, person, state, habits, today)
    visits = min(poisson(base, 5, habits.logins_per_day), 6)
    for k in range(visits):
        at = _look(rows, at, base_of(base, 42, k), mood, person, state, habits, today)
    return at


@kernel
def banking_device(u: float, person: Person, state: State, habits: Habits, today: Today) -> int:
    """Return the app's handset, or now and then a browser."""
    if u < BROWSER_VISITS:
        return browser(person.customer, today.day, habits)
    return int(handset(person.customer, state.phone))


@kernel
def evening(today: Today, draw: np.uint64) -> int:
    """Return a time of day for online banking: a broad hump around 4 pm (assumption)."""
    return moment(today, (960 + 230 * normal(draw, 5)) % 1440, draw, 7)


@kernel
def visit(
    rows: np.ndarray,
    at: int,
    customer: int,
    time_us: int,
    kind: int,
    device: int,
    country: int,
) -> int:
    """Write an event of online banking to row ``at``; return the next row."""
    row = begin_row(rows, at, customer, time_us, kind, ACCOUNT)
    row.device = device
    row.ip_country = country
    row.channel = ONLINE_BANKING
    return at + 1


@kernel
def _look(
    rows: np.ndarray,
    at: int,
    draw: np.uint64,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Log in to look."""
    device = banking_device(uniform(draw, 2), person, state, habits, today)
    at = visit(rows, at, person.customer, evening(today, draw), LOGIN, device, mood.country)
    return _mistype(rows, at, draw, rows[at - 1], today)


@kernel
def _mistype(rows: np.ndarray, at: int, draw: np.uint64, login: Row, today: Today) -> int:
    """Mistype the password of a login now and then, and set it anew where it is forgotten."""
    if uniform(draw, 12) >= MISTYPED:
        return at
    customer, device, country = login.customer, login.device, login.ip_country
    failed_us = max(login.time_us - 60 * SECOND_US, today.start_us)
    at = visit(rows, at, customer, failed_us, LOGIN_FAILED, device, country)
    if uniform(draw, 13) < FORGOTTEN:
        reset_us = max(login.time_us - 20 * SECOND_US, today.start_us)
        at = visit(rows, at, customer, reset_us, PASSWORD_RESET, device, country)
    return at


@kernel
def _new_payee(
    rows: np.ndarray,
    at: int,
    base: np.uint64,
    payee: int,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Log in, add a payee and pay it at once."""
    state.new_payees += 1
    draw = base_of(base, 41, 0)
    at = transfer(rows, at, draw, payee, True, mood, person, state, habits, today)
    login, paid = rows[at - 2], rows[at - 1]
    login.time_us = max(login.time_us - integer(draw, 20, 600 * SECOND_US), today.start_us)
    at = _mistype(rows, at, base_of(draw, 44, 0), login, today)
    added_us = login.time_us + int((paid.time_us - login.time_us) * uniform(draw, 21))
    at = visit(rows, at, paid.customer, added_us, PAYEE_ADDED, paid.device, mood.country)
    rows[at - 1].payee = paid.payee
    if uniform(draw, 22) >= IN_PARTS_SHARE:
        return at
    if uniform(draw, 23) < TRIED_FIRST:
        paid.amount_minor = 100 * (1 + integer(draw, 24, 10))
    draw, paid_us, device = base_of(base, 43, 0), paid.time_us, paid.device
    return _rest(rows, at, draw, payee, paid_us, device, mood, person, state, habits, today)


@kernel
def _rest(
    rows: np.ndarray,
    at: int,
    draw: np.uint64,
    payee: int,
    before_us: int,
    device: int,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Pay the payee once more, with the device of before, minutes to hours after ``before_us``."""
    at = transfer(rows, at, draw, payee, True, mood, person, state, habits, today)
    left_us = today.start_us + today.length_us - before_us
    paid_us = before_us + int(left_us * (0.001 + 0.999 * uniform(draw, 20) ** 4))
    login, paid = rows[at - 2], rows[at - 1]
    login.time_us = before_us + int((paid_us - before_us) * (0.5 + 0.5 * uniform(draw, 21)))
    paid.time_us = paid_us
    login.device = paid.device = device
    return at


@kernel
def transfer(
    rows: np.ndarray,
    at: int,
    draw: np.uint64,
    payee: int,
    is_young: bool,
    mood: Mood,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Log in, then send money; the login comes first in the buffer."""
    customer = person.customer
    device = banking_device(uniform(draw, 8), person, state, habits, today)
    time_us = evening(today, draw)
    amount = _amount(customer, payee, is_young, draw, habits)
    saved = (
        is_young and amount > FROM_SAVINGS_ABOVE_MINOR and uniform(draw, 25) < FROM_SAVINGS_SHARE
    )
    if saved:
        at = _fetch(rows, at, customer, amount, time_us, draw, today)
    login_us = max(time_us - 10 * SECOND_US - integer(draw, 9, 240 * SECOND_US), today.start_us)
    at = visit(rows, at, customer, login_us, LOGIN, device, mood.country)
    row = begin_row(rows, at, customer, time_us, TRANSFER, ACCOUNT)
    row.channel = ONLINE_BANKING
    row.device = device
    row.ip_country = mood.country
    row.payee = customer * 64 + payee
    row.receiver = receiver_of(
        habits.lasting_key, customer, payee, habits.customers, habits.joining
    )
    row.payee_abroad = is_abroad(habits.lasting_key, customer, payee)
    # nobody sends more than he has; who is short sends a round part of it
    at_hand = money(DEBIT, person, state)
    has_it = saved or amount <= at_hand
    row.amount_minor = amount if has_it else max(at_hand // 4_000 * 1_000, 500)
    return at + 1


@kernel
def _fetch(
    rows: np.ndarray,
    at: int,
    customer: int,
    amount_minor: int,
    until_us: int,
    draw: np.uint64,
    today: Today,
) -> int:
    """Let what a large payment takes arrive from savings elsewhere, some time before it."""
    before_us = (until_us - today.start_us) * (0.001 + 0.999 * uniform(draw, 26) ** 3)
    row = begin_row(rows, at, customer, until_us - int(before_us), DEPOSIT, ACCOUNT)
    row.amount_minor = (amount_minor // 10_000 + 1) * 10_000
    return at + 1


@kernel
def _amount(customer: int, payee: int, is_young: bool, draw: np.uint64, habits: Habits) -> int:
    """Return the amount that this payee is sent today, minor units."""
    lasting = lasting_of(habits.lasting_key, customer, payee)
    business = is_business(habits.lasting_key, customer, payee)
    level = 5.0 + 0.6 * normal(lasting, 3) if business else 3.24 + 0.9 * normal(lasting, 3)
    spread = 0.5 if business else 1.2
    if saves_at(habits.lasting_key, customer, payee):
        level, spread = SAVED_LOG_MEAN, 0.9
    u = uniform(draw, 13)
    if is_young and u < LARGE_FIRST:
        level, spread = 7.0, 1.0
    elif is_young and u < LARGE_FIRST + MIDDLING_FIRST:
        level, spread = 5.6, 0.8
    whole = 0.4 if business else 0.95
    minor = price_minor(level + spread * normal(draw, 10), uniform(draw, 12), whole, 0.0, 0.0, 0.0)
    return minor if business else typed(minor, uniform(draw, 14))


@kernel
def typed(minor: int, u: float) -> int:
    """Round as people do who type a sum: .52 of payments to persons are multiples of ten."""
    step = 1_000 if u < 0.62 else (500 if u < 0.76 else 1)
    return minor if minor < 2 * step else (minor + step // 2) // step * step
