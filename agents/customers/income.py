"""Money that comes in: salaries, pensions, and what those collect who collect for others.

Who lets rooms, runs a club's till or pays a small staff has many sums come in and go out within
days: the honest look-alike of a mule. How many there are is the scenario's; the rest is an
assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.devices import handset
from fraudsim.agents.customers.drafting import begin_row, moment
from fraudsim.agents.customers.payees import is_abroad, receiver_of
from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.rows import ACCOUNT, DEPOSIT, ONLINE_BANKING, TRANSFER

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today

FIRST_DUE, LAST_DUE = 1, 5
"""Days of the month on which tenants and members pay (assumption)."""
PASSED_ON = (6, 7)
"""Days of the month on which what was collected goes on (assumption)."""
_COLLECTORS = 90_000  # where the draws of collectors begin


@kernel
def income(rows: np.ndarray, at: int, base: np.uint64, person: Person, today: Today) -> int:
    """Pay the salary or pension on its payday; 12 payments a year are 13 for four-weekly ones."""
    if not today.paydays[person.payday]:
        return at
    draw = base_of(base, 20, 0)
    time_us = moment(today, 20 + 330 * uniform(draw, 0), draw, 1)
    row = begin_row(rows, at, person.customer, time_us, DEPOSIT, ACCOUNT)
    change = 1.0 + 0.03 * normal(draw, 2)
    row.amount_minor = int(person.income_minor * min(max(change, 0.8), 1.3))
    return at + 1


@kernel
def collects(customer: int, habits: Habits) -> bool:
    """Whether the customer collects from others."""
    lasting = base_of(habits.lasting_key, customer, _COLLECTORS)
    return bool(uniform(lasting, 0) < habits.collectors)


@kernel
def collections(
    rows: np.ndarray,
    at: int,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Collect from tenants or members, and pass most of it on, in one sum or to a staff.

    For who does at all: ``collects``.
    """
    customer = person.customer
    lasting = base_of(habits.lasting_key, customer, _COLLECTORS)
    payers = 3 + integer(lasting, 1, 9)
    due = person.income_minor // 20_000 * 2_500 + 5_000
    for k in range(payers):
        draw = base_of(lasting, 1 + k, today.month)
        if FIRST_DUE + integer(draw, 0, LAST_DUE - FIRST_DUE + 1) == today.day_of_month:
            time_us = moment(today, 30 + 1_200 * uniform(draw, 1), draw, 2)
            row = begin_row(rows, at, customer, time_us, DEPOSIT, ACCOUNT)
            row.amount_minor = due * (1 + integer(base_of(lasting, 1 + k, 0), 1, 3))
            at += 1
    if PASSED_ON[0] <= today.day_of_month <= PASSED_ON[1]:
        at = _pass_on(rows, at, payers * due, lasting, person, state, habits, today)
    return at


@kernel
def _pass_on(
    rows: np.ndarray,
    at: int,
    sum_minor: int,
    lasting: np.uint64,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Send what was collected to one owner, or in parts to a staff."""
    customer = person.customer
    parts = 1 if uniform(lasting, 40) < 0.6 else 2 + integer(lasting, 41, 5)
    day = base_of(lasting, 60, today.day)
    begins = 540 + 500 * uniform(day, 0)
    for k in range(parts):
        draw = base_of(lasting, 50 + k, today.day)
        known = person.old_payees + state.new_payees
        time_us = moment(today, begins + 3 * k, draw, 1)
        row = begin_row(rows, at, customer, time_us, TRANSFER, ACCOUNT)
        row.channel = ONLINE_BANKING
        row.device = handset(customer, state.phone)
        row.ip_country = habits.home_country
        payee = 2 + k % max(known - 1, 1)
        row.payee = customer * 64 + payee
        row.receiver = receiver_of(
            habits.lasting_key, customer, payee, habits.customers, habits.joining
        )
        row.payee_abroad = is_abroad(habits.lasting_key, customer, payee)
        part = 0.45 * sum_minor / parts * (0.8 + 0.4 * uniform(draw, 2))
        row.amount_minor = max(int(part) // 500 * 500, 500)
        at += 1
    return at
