"""Billers who charge all who are due in one go: within an hour of the night, on days of their own.

A telephone company has a few billing days in a month, not one for every customer, and a run over
all subscribers of the day; direct debits reach the banks as files. Of thousands of charges dozens
are refused within the hour, which is what a script that guesses at cards looks like from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.draws import base_of, integer, uniform
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits

RUN_MINUTES = 60.0
"""How long a run takes (assumption)."""
BILLING_DAYS = 26
"""Days of the month on which charges begin to come, from the first on."""
_RUNS = 1 << 40  # where the draws of billers begin


@kernel
def _biller(merchant: int, habits: Habits) -> np.uint64:
    return base_of(habits.lasting_key, merchant, _RUNS)


@kernel
def bills_in_runs(merchant: int, habits: Habits) -> bool:
    """Whether a merchant charges all who are due in one go."""
    return bool(uniform(_biller(merchant, habits), 0) < habits.billing_run)


@kernel
def billing_day(own_day: int, merchant: int, habits: Habits) -> int:
    """Return the day of the month of a charge: ``own_day`` (from 1), or the biller's day for it.

    A biller has one, two or four days a month (assumption), each for a part of the customers.
    """
    if not bills_in_runs(merchant, habits):
        return own_day
    biller = _biller(merchant, habits)
    days = 1 << integer(biller, 1, 3)
    apart = BILLING_DAYS // days
    part = min((own_day - 1) // apart, days - 1)
    return 1 + part * apart + integer(biller, 2, apart)


@kernel
def billing_minute(u: float, first: float, span: float, merchant: int, habits: Habits) -> float:
    """Return the minute of a charge whose place in the night is ``u``, of ``span`` from ``first``.

    In a run all of them come within its hour, in the same order every time.
    """
    if not bills_in_runs(merchant, habits):
        return first + span * u
    begins = first + (span - RUN_MINUTES) * uniform(_biller(merchant, habits), 3)
    return begins + RUN_MINUTES * u
