"""What a customer can afford this morning, and what he does when money runs short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.draws import uniform
from fraudsim.kernel import kernel
from fraudsim.rows import CREDIT, DEBIT, Row

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.people import Person, State

CARELESS = 0.45
"""Share of payments tried though the money is not there (assumption)."""


@kernel
def money(slot: int, person: Person, state: State) -> int:
    """Return what this morning's balance or limit allows, less what is set aside for bills.

    A fifth of the monthly income stays on the current account (assumption). Minor units.
    """
    if slot == CREDIT:
        return int(person.credit_limit_minor - state.owed)
    aside = person.income_minor // 5
    return int(state.balance + person.overdraft_minor - aside)


@kernel
def thrift(person: Person, state: State) -> float:
    """Return the share of wishes that are followed: fewer when money runs short.

    All of them with a fifth of a monthly income at hand, a tenth with nothing (assumption).
    """
    at_hand = money(DEBIT, person, state)
    if person.has_credit:
        at_hand += money(CREDIT, person, state)
    wish = 0.1 + 4.5 * at_hand / person.income_minor
    return float(min(max(wish, 0.1), 1.0))


@kernel
def can_pay(row: Row, draw: np.uint64, person: Person, state: State) -> bool:
    """Most people know what they cannot pay: they take the other card, or leave it (assumption)."""
    if row.amount_minor <= money(row.slot, person, state) or uniform(draw, 21) < CARELESS:
        return True
    if person.has_credit:
        row.slot = CREDIT if row.slot == DEBIT else DEBIT
    return bool(row.amount_minor <= money(row.slot, person, state))
