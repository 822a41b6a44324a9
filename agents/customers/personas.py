"""Ways of living. Every number here is an assumption unless a source stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Persona:
    """How one group lives, relative to the population's defaults.

    Attributes:
        age: youngest and oldest age in years.
        income: multiplies the median income.
        payday: position in ``Calendar.payday_kinds``.
        rate: multiplies the rate of card payments.
        online: multiplies the chance that a purchase is made online.
        credit: multiplies the chance to hold a credit card.
        clock_minutes: shift of the personal clock (negative is earlier).
        housing: share of income that goes to rent or mortgage.
        pays_in_full: chance that a month's credit-card bill is paid in full.
    """

    age: tuple[int, int]
    income: float
    payday: str
    rate: float
    online: float
    credit: float
    clock_minutes: float
    housing: float
    pays_in_full: float


PERSONAS: Mapping[str, Persona] = {
    "student": Persona((18, 25), 0.45, "day_1", 1.00, 1.35, 0.4, 60.0, 0.35, 0.7),
    "worker": Persona((22, 64), 0.95, "last_business_day", 1.00, 1.0, 0.95, -20.0, 0.28, 0.55),
    "family": Persona((27, 60), 1.15, "day_25", 1.25, 1.1, 1.1, -5.0, 0.30, 0.55),
    "professional": Persona((26, 64), 1.75, "last_business_day", 1.20, 1.2, 1.35, 15.0, 0.24, 0.8),
    "retired": Persona((62, 88), 0.80, "four_weekly", 0.65, 0.55, 0.95, -40.0, 0.12, 0.85),
}
