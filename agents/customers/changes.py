"""How habits change over months: spending drifts for everybody, and grows for some.

A model of yesterday's customers ages by this. Sizes are assumptions: every three months or so the
level of a person's spending moves by some 15 %; who gets a better job or a child spends up to twice
as often, and half as much again, within two to five months.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    from fraudsim.agents.customers.habits import Habits

SPELL_DAYS = 90
DRIFT_LOG_SD = 0.15
GROWTH_LOG = 0.7
WEEKDAY_LOG_SD = 0.18
"""How much persons differ in the weekdays they shop on: daily purchases of a household are
correlated by .055, .052 and .046 with those 7, 14 and 21 days on (Complete Journey)."""
_SPELLS, _GROWTH, _WEEKDAYS = 50_000, 60_000, 65_000  # where the draws of each begin


@kernel
def next_spell(customer: int, day: int, habits: Habits) -> int:
    """Return the day on which the customer's next spell begins."""
    shift = integer(base_of(habits.lasting_key, customer, _SPELLS), 0, SPELL_DAYS)
    return ((day + shift) // SPELL_DAYS + 1) * SPELL_DAYS - shift


@kernel
def drift(customer: int, day: int, habits: Habits) -> float:
    """Return the factor on the rate of payments in the customer's present spell."""
    shift = integer(base_of(habits.lasting_key, customer, _SPELLS), 0, SPELL_DAYS)
    spell = (day + shift) // SPELL_DAYS
    return math.exp(
        DRIFT_LOG_SD * normal(base_of(habits.lasting_key, customer, _SPELLS + 1 + spell), 0)
    )


@kernel
def weekday_factor(customer: int, weekday: int, habits: Habits) -> float:
    """Return the factor on the rate of payments on this weekday, mean 1 over persons."""
    z = normal(base_of(habits.lasting_key, customer, _WEEKDAYS + weekday), 0)
    return math.exp(WEEKDAY_LOG_SD * z - WEEKDAY_LOG_SD**2 / 2)


@kernel
def growth(customer: int, habits: Habits) -> tuple[float, float]:
    """Return the day on which genuine growth begins, and the days that it takes; most never do."""
    base = base_of(habits.lasting_key, customer, _GROWTH)
    if uniform(base, 0) >= habits.growth:
        return math.inf, 1.0
    return 240.0 * uniform(base, 1) - 60.0, 60.0 + 90.0 * uniform(base, 2)


@kernel
def grown(begins: float, takes: float, day: int) -> float:
    """Return how far growth has come: 0 before it begins, rising to 1."""
    return min(max((day - begins) / takes, 0.0), 1.0)
