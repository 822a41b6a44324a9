"""Customers who join during the run: before that day they are nobody's customer.

So an account that is days old is common in honest life, and who opens one to defraud the bank does
not stand out by its age. Joining is hashed from the customer, so every block knows who is not there
yet. A fraudster can apply in the place of one who has not joined (``Scene.applicants``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.devices import handset
from fraudsim.agents.customers.drafting import begin_row, moment
from fraudsim.draws import base_of, integer, uniform
from fraudsim.kernel import kernel
from fraudsim.rows import ACCOUNT, ACCOUNT_OPENED, DEPOSIT, ONLINE_BANKING

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today

BROUGHT = (0.1, 1.1)
"""What a new customer brings, in monthly incomes, least and most (assumption)."""
_JOINING = 95_000  # where the draws of joining begin


@kernel
def joins(key: np.uint64, customer: int, share: float) -> bool:
    """Whether a customer joins during the run, as ``share`` of all do."""
    return bool(uniform(base_of(key, customer, _JOINING), 0) < share)


@kernel
def joining_day(key: np.uint64, customer: int, share: float, days: int) -> int:
    """Return the day of the run on which a customer joins, from 1 on; -1 is long before."""
    if days < 2 or not joins(key, customer, share):
        return -1
    return 1 + integer(base_of(key, customer, _JOINING), 1, days - 1)


@kernel
def is_away(person: Person, state: State, today: Today) -> bool:
    """Whether the customer pays nothing today: not joined yet, or a name that a fraudster uses."""
    return bool(today.day <= -person.opened_day or state.puppet)


@kernel
def joining(
    rows: np.ndarray,
    at: int,
    base: np.uint64,
    person: Person,
    state: State,
    habits: Habits,
    today: Today,
) -> int:
    """Open the account on the day of joining and bring some money along."""
    if state.puppet or today.day != -person.opened_day:
        return at
    draw = base_of(base, 60, 0)
    opened_us = moment(today, 540 + 600 * uniform(draw, 0), draw, 1)
    row = begin_row(rows, at, person.customer, opened_us, ACCOUNT_OPENED, ACCOUNT)
    row.channel = ONLINE_BANKING
    row.device = handset(person.customer, state.phone)
    row.ip_country = habits.home_country
    brought_us = moment(today, 1145 + 200 * uniform(draw, 2), draw, 3)
    row = begin_row(rows, at + 1, person.customer, brought_us, DEPOSIT, ACCOUNT)
    least, most = BROUGHT
    share = least + (most - least) * uniform(draw, 4)
    row.amount_minor = int(person.income_minor * share) // 1_000 * 1_000 + 1_000
    return at + 2
