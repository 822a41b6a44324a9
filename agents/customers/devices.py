"""Which device pays: keys of handsets, browsers, shared computers.

A key is ``owner * 4096 + number``: handsets from 1, browsers from 64, the household's computer
2047, browsers seen once from 2048. The owner of a computer at work is a number past the population.

A browser's fingerprint does not last: half of the browsers changed theirs within days, and the best
tracker followed one for 54 days on average (Vastel and others, FP-STALKER, IEEE S&P 2018); a bank
sees it at payments only, and knows it again for less than that. So a device that an account has
never used is common in honest life. Shares without a source are assumptions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.schema import PERSONAS

if TYPE_CHECKING:
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today

PER_OWNER = 4096
FIRST_BROWSER, HOUSEHOLD, FIRST_FRESH = 64, 2047, 2048
MOST_PHONES = 60
APP_SHARE = 0.45
"""Online payments made in an app on the handset, which the bank knows as such (assumption)."""
COLLEAGUES = 12
"""Customers per shared place of work (assumption: a bank has a slice of each staff)."""
OFFICE_SHARE = 0.15
"""Online payments that who can pays from work makes there (assumption)."""
WORKING = tuple(PERSONAS.index(name) for name in ("worker", "family", "professional"))
_BROWSERS, _OFFICE = 70_000, 71_000  # where the draws of each begin


@kernel
def handset(customer: int, phones: int) -> int:
    """Return the key of the present phone after ``phones`` new ones."""
    return customer * PER_OWNER + 1 + phones


@kernel
def browser(customer: int, day: int, habits: Habits) -> int:
    """Return the key of the customer's browser: a new one every few weeks."""
    base = base_of(habits.lasting_key, customer, _BROWSERS)
    lasts = max(habits.browser_days * math.exp(0.6 * normal(base, 0) - 0.18), 5.0)
    generation = int((day + lasts * uniform(base, 2)) / lasts)
    return int(customer * PER_OWNER + FIRST_BROWSER + generation % (HOUSEHOLD - FIRST_BROWSER))


@kernel
def paying_device(
    draw: np.uint64, person: Person, state: State, habits: Habits, today: Today
) -> int:
    """Return the device of an online payment: mostly one's own, at times shared or never seen."""
    customer = person.customer
    u = uniform(draw, 22)
    if u < habits.fresh_browser:
        return int(customer * PER_OWNER + FIRST_FRESH + integer(draw, 23, PER_OWNER - FIRST_FRESH))
    if person.household_size > 1 and uniform(draw, 24) < habits.family_device:
        return int(person.household * PER_OWNER + HOUSEHOLD)
    if uniform(draw, 25) < OFFICE_SHARE and _pays_from_work(person, habits):
        office = integer(base_of(habits.lasting_key, customer, _OFFICE), 1, 1 << 30)
        number = office % (habits.customers // COLLEAGUES + 1)
        computer = 1 + integer(draw, 26, 3)
        return int((habits.customers + number) * PER_OWNER + computer)
    if uniform(draw, 17) < APP_SHARE:
        return int(handset(customer, state.phone))
    return browser(customer, today.day, habits)


@kernel
def is_fresh(device: int) -> bool:
    """Whether a device is a browser seen once."""
    return bool(device % PER_OWNER >= FIRST_FRESH)


@kernel
def _pays_from_work(person: Person, habits: Habits) -> bool:
    if person.persona not in WORKING:
        return False
    return bool(uniform(base_of(habits.lasting_key, person.customer, _OFFICE), 0) < habits.office)


def is_portable(
    keys: npt.NDArray[np.int64], customers: int, u: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Return whether devices with these honest keys are phones; ``u`` draws where it is open."""
    owner, number = np.divmod(keys, PER_OWNER)
    is_handset = (number < FIRST_BROWSER) & (owner < customers)
    is_open = (number >= FIRST_BROWSER) & (number != HOUSEHOLD)
    portable: npt.NDArray[np.bool_] = is_handset | (is_open & (u < 0.6))  # share: assumption
    return portable
