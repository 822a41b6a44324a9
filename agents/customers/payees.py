"""Whom a customer sends money to: persons and businesses, here or at another bank.

Payees are numbered 1 to 63 per customer, the landlord first; what they are is hashed from customer
and number, so nothing has to be kept. Shares are assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from fraudsim.agents.customers.joining import joins
from fraudsim.draws import base_of, integer, uniform

if TYPE_CHECKING:
    import numpy as np

BUSINESS_SHARE = 0.35
BANKS_HERE_SHARE = 0.25
SAVES_ELSEWHERE = 0.5
ABROAD_SHARE = 0.04
_PAYEES = 500_000  # where the draws of payees begin


@njit(cache=True)
def lasting_of(key: np.uint64, customer: int, payee: int) -> np.uint64:
    """Return the draws that stay with a customer's payee."""
    return base_of(key, customer, _PAYEES + payee)


@njit(cache=True)
def is_business(key: np.uint64, customer: int, payee: int) -> bool:
    """Whether a customer's payee number ``payee`` is a business; the first one is the landlord."""
    if saves_at(key, customer, payee):
        return True
    return bool(payee > 1 and uniform(lasting_of(key, customer, payee), 0) < BUSINESS_SHARE)


@njit(cache=True)
def saves_at(key: np.uint64, customer: int, payee: int) -> bool:
    """Whether payee number ``payee`` keeps the customer's savings; only the second can."""
    return bool(payee == 2 and uniform(lasting_of(key, customer, payee), 5) < SAVES_ELSEWHERE)


@njit(cache=True)
def is_abroad(key: np.uint64, customer: int, payee: int) -> bool:
    """Whether payee number ``payee`` has an account abroad: family, a flat by the sea."""
    return bool(payee > 2 and uniform(lasting_of(key, customer, payee), 6) < ABROAD_SHARE)


@njit(cache=True)
def receiver_of(key: np.uint64, customer: int, payee: int, customers: int, joining: float) -> int:
    """Return the customer who is this payee, or -1 for an account at another bank.

    Who joins during the run, as the share ``joining`` does, is nobody's payee.
    """
    lasting = lasting_of(key, customer, payee)
    elsewhere = is_business(key, customer, payee) or is_abroad(key, customer, payee)
    if payee <= 1 or elsewhere or uniform(lasting, 1) >= BANKS_HERE_SHARE:
        return -1
    friend = integer(lasting, 2, customers)
    return -1 if friend == customer or joins(key, friend, joining) else friend
