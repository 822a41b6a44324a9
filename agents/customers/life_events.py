"""What happens to a person now and then: a new address, a card lost or worn out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.banking import banking_device, evening, visit
from fraudsim.agents.customers.drafting import begin_row
from fraudsim.agents.customers.house_moves import move
from fraudsim.draws import base_of, uniform
from fraudsim.kernel import kernel
from fraudsim.rows import CARD_BLOCKED, CONTACT_CHANGED, CREDIT, DEBIT

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.almanac import Almanac
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

NEW_CONTACT_PER_DAY = 0.3 / 365
"""New telephone numbers and e-mail addresses (assumption)."""
TELLS_THE_BANK = 0.5
"""Movers who tell the bank on the day; the others never do in a run (assumption)."""


@kernel
def life_events(
    rows: np.ndarray,
    at: int,
    base: np.uint64,
    almanac: Almanac,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Write the day's events from row ``at`` on; return the next row."""
    customer, home = person.customer, habits.home_country
    moves = almanac.moves_on == today.day
    if moves:
        move(today.day, person, state, town, habits)
    tells = moves and uniform(base, 9) < TELLS_THE_BANK
    if tells or uniform(base, 8) < NEW_CONTACT_PER_DAY:
        draw = base_of(base, 52, 0)
        device = banking_device(uniform(draw, 0), person, state, habits, today)
        at = visit(rows, at, customer, evening(today, draw), CONTACT_CHANGED, device, home)
    if uniform(base, 7) < habits.replaced_per_day:
        draw = base_of(base, 51, 0)
        slot = CREDIT if person.has_credit and uniform(draw, 0) < 0.5 else DEBIT
        begin_row(rows, at, customer, evening(today, draw), CARD_BLOCKED, slot)
        at += 1
    return at
