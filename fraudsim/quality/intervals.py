"""How far a figure would differ in another draw of the same customers: 95 % intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import CannotCheckError
from fraudsim.quality.panel import codes, who_pays

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

_DRAWS = range(400)
"""Draws of the customers; the ends of an interval are then some 3 % of its width uncertain."""


def holder_column(subject: Subject) -> str | None:
    """Return the column of who pays, or none where the table does not say."""
    try:
        return who_pays(subject)
    except CannotCheckError:
        return None


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


def percentiles(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the values that are numbers; else not numbers."""
    given = np.asarray(values, np.float64)
    usable = given[~np.isnan(given)]
    if not usable.size:
        return float("nan"), float("nan")
    low, high = np.quantile(usable, (0.025, 0.975))
    return float(low), float(high)
