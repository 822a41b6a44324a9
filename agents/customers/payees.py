"""Whom a customer sends money to: persons and businesses, here or at another bank.

Payees are numbered 1 to 63 per customer, the landlord first; what they are is hashed from customer
and number, so nothing has to be kept. Shares are assumptions.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudsim.agents.customers.joining import joins
from fraudsim.draws import base_of, integer, uniform
from fraudsim.kernel import kernel

BUSINESS_SHARE = 0.35
BANKS_HERE_SHARE = 0.25
SAVES_ELSEWHERE = 0.5
ABROAD_SHARE = 0.04
_PAYEES = 500_000  # where the draws of payees begin


@kernel
def lasting_of(key: np.uint64, customer: int, payee: int) -> np.uint64:
    """Return the draws that stay with a customer's payee."""
    return base_of(key, customer, _PAYEES + payee)


@kernel
def is_business(key: np.uint64, customer: int, payee: int) -> bool:
    """Whether a customer's payee number ``payee`` is a business; the first one is the landlord."""
    if saves_at(key, customer, payee):
        return True
    return bool(payee > 1 and uniform(lasting_of(key, customer, payee), 0) < BUSINESS_SHARE)


@kernel
def saves_at(key: np.uint64, customer: int, payee: int) -> bool:
    """Whether payee number ``payee`` keeps the customer's savings; only the second can."""
    return bool(payee == 2 and uniform(lasting_of(key, customer, payee), 5) < SAVES_ELSEWHERE)


@kernel
def is_abroad(key: np.uint64, customer: int, payee: int) -> bool:
    """Whether payee number ``payee`` has an account abroad: family, a flat by the sea."""
    return bool(payee > 2 and uniform(lasting_of(key, customer, payee), 6) < ABROAD_SHARE)


@kernel
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


@njit(cache=True)
def payees_of(
    key: np.uint64, known: np.ndarray, first_customer: int, customers: int, joining: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the payees of a run of customers, the landlord first.

    Args:
        key: key of what lasts.
        known: int64, payees of each customer, shape (n,).
        first_customer: the first of them.
        customers: customers of the world.
        joining: share of customers who join during the run.

    Returns:
        Customer, number, whether a business, whether abroad, and receiver, each of shape (sum of
        ``known``,).
    """
    count = known.sum()
    customer, number = np.empty(count, np.int64), np.empty(count, np.int64)
    business, abroad = np.empty(count, np.int64), np.empty(count, np.bool_)
    receiver = np.empty(count, np.int64)
    at = 0
    for i in range(len(known)):
        who = first_customer + i
        for payee in range(1, known[i] + 1):
            customer[at], number[at] = who, payee
            business[at] = is_business(key, who, payee)
            abroad[at] = is_abroad(key, who, payee)
            receiver[at] = receiver_of(key, who, payee, customers, joining)
            at += 1
    return customer, number, business, abroad, receiver
