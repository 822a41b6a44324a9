"""What a basket costs: a log-normal around the merchant's level, then the endings of its trade."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True)
def price_minor(
    log_price: float, u: float, whole: float, x99: float, x95: float, x50: float
) -> int:
    """Return a price in minor units.

    Args:
        log_price: natural log of the price in major units, noise included.
        u: a uniform draw that picks the ending.
        whole: share of prices at full units.
        x99: share that ends in .99.
        x95: share that ends in .95.
        x50: share that ends in .50.
    """
    units = math.exp(min(log_price, 14.0))
    minor = int(units * 100 + 0.5)
    full = max(int(units + 0.5), 1) * 100
    below = max(int(units), 0) * 100
    if u < whole:
        return full
    if u < whole + x99:
        return below + 99
    if u < whole + x99 + x95:
        return below + 95
    if u < whole + x99 + x95 + x50:
        return below + 50
    return max(minor, 1)
