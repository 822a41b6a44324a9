"""Cash: withdrawn in round notes near home or on the trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.agents.customers.clock import quantile
from fraudsim.agents.customers.drafting import begin_row, moment, pick
from fraudsim.agents.customers.money import CARELESS, money
from fraudsim.draws import base_of, normal, poisson, uniform
from fraudsim.kernel import kernel
from fraudsim.rows import ATM, CHIP, CREDIT, DEBIT, FALLBACK, MAGSTRIPE, WITHDRAWAL

if TYPE_CHECKING:
    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

MOST_A_DAY = 4
USUAL_MACHINE = 0.8
"""Withdrawals at the machine round the corner (assumption)."""
LARGE_SUM = 0.03
"""Withdrawals of a large sum at once: a used car, a holiday, a builder (assumption)."""


@kernel
def withdrawals(
    rows: np.ndarray,
    at: int,
    base: np.uint64,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Write the withdrawals of the day from row ``at`` on; return the next row."""
    count = min(poisson(base, 2, habits.cash_per_day * today.activity), MOST_A_DAY)
    for k in range(count):
        draw = base_of(base, 30, k)
        place = mood.place
        first, end = town.shop_start[place, town.cash], town.shop_end[place, town.cash]
        if end <= first:
            continue
        minute = town.shop_minute[town.cash, quantile(draw, 0, person)]
        time_us = moment(today, minute, draw, 1)
        row = begin_row(rows, at, person.customer, time_us, WITHDRAWAL, DEBIT)
        u = uniform(draw, 2)
        if uniform(draw, 3) < USUAL_MACHINE:
            u = uniform(base_of(habits.lasting_key, person.customer, 400_000 + place), 0)
        row.merchant = pick(town.cumulative, first, end, u)
        row.terminal = town.shops[row.merchant].first_terminal
        row.channel = ATM
        row.entry = CHIP
        if mood.away and uniform(draw, 8) < 0.1:  # old machines (assumption)
            row.entry = MAGSTRIPE if mood.country != habits.home_country else FALLBACK
        if uniform(draw, 9) < 0.06 * person.credit_share:  # cash advances (assumption)
            row.slot = CREDIT
        row.pin_ok = 0 if uniform(draw, 4) < habits.wrong_pin else 1
        row.amount_minor = _notes(draw)
        if row.amount_minor <= money(row.slot, person, state) or uniform(draw, 7) < CARELESS:
            at += 1
    return at


@kernel
def _notes(draw: np.uint64) -> int:
    """Return a sum in notes of 10 and 20, minor units.

    More than half of withdrawals are multiples of a large unit (54 % of 100, Berka).
    """
    level = 3.3 if uniform(draw, 10) < LARGE_SUM else 1.6
    minor = min(max(int(np.exp(level + 0.7 * normal(draw, 5)) + 0.5), 1), 50) * 1_000
    if minor > 3_000:
        minor = (minor + 500) // 2_000 * 2_000
    return int(minor)
