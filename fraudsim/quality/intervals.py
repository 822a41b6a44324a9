"""How far a figure would differ in another draw of the same customers: 95 % intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import CannotCheckError
from fraudsim.quality.panel import codes, who_pays

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

TWO_SIDED_95 = 1.959964
"""Standard deviations of a normal on either side of the middle that hold 95 % of it."""
_DRAWS = range(400)
"""Draws of the customers; the ends of an interval are then some 3 % of its width uncertain."""


def holder_column(subject: Subject) -> str | None:
    """Return the column of who pays, or none where the table does not say."""
    try:
        return who_pays(subject)
    except CannotCheckError:
        return None


def with_holder(subject: Subject, *columns: str) -> tuple[str, ...]:
    """Return the columns, and after them that of who pays, where the table has one."""
    holder = holder_column(subject)
    return columns if holder is None else tuple(dict.fromkeys((*columns, holder)))


def sums_by_holder(
    rows: pl.DataFrame, holder: str | None, *values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sums of each holder's values, shape (holders, values).

    Args:
        rows: N rows.
        holder: column of the holder; without one, every row is its own.
        values: each of shape (N,).
    """
    if holder is None:
        return np.column_stack(values)
    who = codes(rows[holder])
    return np.column_stack([np.bincount(who, weights=each) for each in values])


def interval(
    sums: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic of sums over holders.

    Each holder is drawn a Poisson number of times, mean one: the bootstrap of a sample whose size
    is itself by chance, as the number of victims in a run is (Chamandy and others, Google, 2012).

    Args:
        sums: sums of each holder, shape (holders, values).
        statistic: of the sums of all, shape (draws, values), one number for each draw.
        rng: of the check.
    """
    drawn = np.stack([rng.poisson(1.0, len(sums)).astype(np.float64) @ sums for _ in _DRAWS])
    return percentiles(statistic(drawn))


def ratio_interval(
    sums: NDArray[np.float64], rng: np.random.Generator, *, times: float = 1.0
) -> tuple[float, float]:
    """Return the 95 % interval of the first sum over the second, multiplied; see ``interval``."""
    return interval(sums, lambda drawn: times * drawn[:, 0] / np.maximum(drawn[:, 1], 1.0), rng)


def interval_of_share(share: float, trials: float) -> tuple[float, float]:
    """Return the 95 % interval of a share of so many trials (Wilson 1927), also of all or none.

    >>> low, high = interval_of_share(1.0, 30)
    >>> round(low, 2), high
    (0.89, 1.0)
    """
    square = TWO_SIDED_95**2
    middle = share + square / (2 * trials)
    half = TWO_SIDED_95 * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    low, high = ((middle + side * half) / (1 + square / trials) for side in (-1, 1))
    return max(low, 0.0), min(high, 1.0)


def redrawn_quantiles(
    values: NDArray[np.float64],
    shares: Sequence[float],
    rng: np.random.Generator,
    who: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return quantiles of other draws of the holders, shape (draws, shares); see ``interval``.

    Args:
        values: of N rows, shape (N,).
        shares: the share of rows below each quantile.
        rng: of the check.
        who: codes of the holder of each row, dense from 0, shape (N,); without, each is its own.
    """
    holder = np.arange(len(values)) if who is None else who
    order = np.argsort(values, kind="stable")
    holder, values = holder[order], values[order]
    holders = int(holder.max()) + 1
    found = np.full((len(_DRAWS), len(shares)), np.nan)
    for draw in _DRAWS:
        below = np.cumsum(rng.poisson(1.0, holders)[holder])
        if below[-1]:
            found[draw] = values[np.searchsorted(below, np.multiply(shares, below[-1]))]
    return found


def percentiles(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the values that are numbers; else not numbers."""
    given = np.asarray(values, np.float64)
    usable = given[~np.isnan(given)]
    if not usable.size:
        return float("nan"), float("nan")
    low, high = np.quantile(usable, (0.025, 0.975))
    return float(low), float(high)
