"""Weddings, birthdays, Christmas: a few days of presents, bought in shops never visited before.

How often is the scenario's; a burst of two to eight days is an assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.habits import WINDOW_DAYS
from fraudsim.draws import base_of, integer, uniform
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    from fraudsim.agents.customers.almanac import Almanac
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.today import Today

LONGEST_DAYS = 8
_WINDOWS = 40_000  # where the windows of celebrations begin


@kernel
def celebration(customer: int, window: int, habits: Habits) -> tuple[float, int, int]:
    """Return the days in a window, first and past the last, and the draw whether there are any."""
    base = base_of(habits.lasting_key, customer, _WINDOWS + window)
    first = window * WINDOW_DAYS + integer(base, 1, WINDOW_DAYS - LONGEST_DAYS)
    return uniform(base, 0), first, first + 2 + integer(base, 2, LONGEST_DAYS - 1)


@kernel
def celebrates(almanac: Almanac, habits: Habits, today: Today) -> bool:
    """Whether today the customer buys presents; more often in the season of presents."""
    if not almanac.celebration[0] <= today.day < almanac.celebration[1]:
        return False
    return bool(almanac.celebration_draw < habits.celebrations_per_window * today.gift_factor)
