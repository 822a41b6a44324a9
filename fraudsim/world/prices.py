"""What a basket costs: a log-normal around the merchant's level, then the endings of its trade."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel

PRICE_POINTS = 12
"""Prices that a merchant repeats, the first ones most (assumption)."""
_POINTS = np.uint64(0x5072696365)  # key of their draws


@kernel
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


@kernel
def basket_minor(
    merchant: int,
    log_price: float,
    log_person: float,
    log_noise: float,
    price_points: float,
    log_ceiling: float,
    draw: np.uint64,
    endings: np.ndarray,
) -> int:
    """Return what a basket at ``merchant`` costs, in minor units.

    A share of the prices are the merchant's own few price points, which come again and again to the
    penny (1.00 is 4.8 % of all amounts in the ULB table, 59.00 is 5.3 % in IEEE-CIS); the others
    are log-normal around the merchant's and the person's level.

    Args:
        merchant: index of the merchant; its price points depend on it alone.
        log_price: level of the category and the merchant, natural log, major units.
        log_person: level of the person and the occasion.
        log_noise: what is left, sd of the log.
        price_points: share of prices at the price points.
        log_ceiling: what lies above, natural log, is reflected at it: a full tank.
        draw: the draws of this basket; counters 13 to 15, 28 and 29 are used.
        endings: shares of prices at whole units, .99, .95 and .50.
    """
    if uniform(draw, 28) < price_points:
        point = base_of(_POINTS, merchant, integer(draw, 29, PRICE_POINTS) * integer(draw, 31, 2))
        level = log_price + log_noise * normal(point, 0)
        ending = uniform(point, 2)
    else:
        level = log_price + log_person + log_noise * normal(draw, 13)
        ending = uniform(draw, 15)
    if level > log_ceiling:
        level = 2.0 * log_ceiling - level
    return price_minor(level, ending, endings[0], endings[1], endings[2], endings[3])


@kernel
def fill_with_baskets(
    prices: npt.NDArray[np.int64],
    merchants: tuple[npt.NDArray[np.int64], npt.NDArray[np.int8], npt.NDArray[np.float64]],
    log_times: float,
    draws: npt.NDArray[np.uint64],
    categories: tuple[npt.NDArray[np.float64], ...],
    endings: np.ndarray,
) -> None:
    """Fill in what a basket at each of some merchants costs, in minor units.

    Args:
        prices: shape (n,).
        merchants: index, category and price level of the merchant of each basket.
        log_times: how much dearer they are than honest ones, log.
        draws: of each basket, see ``basket_minor``.
        categories: mean log price, spread within merchants, share of price points and ceiling.
        endings: shares of endings of each category.
    """
    merchant, category, price_level = merchants
    log_mean, within_log_sd, price_points, log_ceiling = categories
    for n in range(len(prices)):
        k = category[n]
        has_tag = price_points[k] if log_times >= 0.0 else 0.0  # a part of a basket has none
        prices[n] = basket_minor(
            merchant[n], log_mean[k] + price_level[n], log_times, within_log_sd[k],
            has_tag, log_ceiling[k], draws[n], endings[k],
        )  # fmt: skip
