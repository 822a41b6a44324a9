"""How unusual the amount is for the owner of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.features.base import WINDOWS_US, FeatureColumn, History, column_where
from fraudsim.features.windows import Past

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW = "30d"


def amount(history: History) -> Iterator[FeatureColumn]:
    """Compare the amount with the owner's payments of the last 30 days."""
    if history.amount_minor is None or history.owner is None:
        return
    grouping = history.entities[history.owner]
    past = Past.of(grouping, history.time_us)
    window = past.window(WINDOWS_US[WINDOW])
    count = past.sums(window, history.outgoing)
    paid = history.amount_minor * history.outgoing
    total = past.sums(window, paid)
    # exact while the squares in one window sum to less than 2**63: amounts up to 10 million, say
    total_of_squares = past.sums(window, paid * paid)

    here = history.amount_minor.astype(np.float64)
    some = (count > 0) & grouping.present
    mean, sd = mean_and_sd(count, total, total_of_squares)
    spread = some & (count > 1) & (sd > 0)

    owner = history.owner
    yield FeatureColumn(
        "amount_mean_30d",
        f"mean amount this {owner} paid out before this row, minor units",
        WINDOW,
        column_where(mean, some, pl.Float32),
    )
    yield FeatureColumn(
        "amount_log_ratio_30d",
        f"log of (1 + amount) over (1 + that mean) of this {owner}",
        WINDOW,
        column_where(log_ratio(here, mean), some, pl.Float32),
    )
    yield FeatureColumn(
        "amount_z_30d",
        f"amount minus that mean, in standard deviations of this {owner}",
        WINDOW,
        column_where((here - mean) / np.where(spread, sd, 1.0), spread, pl.Float32),
    )


# These take arrays or numbers, and give the same bits for both: one event online, all of them here.


def mean_and_sd(
    count: np.ndarray | int, total: np.ndarray | int, total_of_squares: np.ndarray | int
) -> tuple[Any, Any]:
    """Return mean and population standard deviation; 0 of nothing."""
    divisor = np.maximum(count, 1)
    mean = total / divisor
    # not mean ** 2: that squares arrays, but takes the power of numbers, maybe with another bit
    return mean, np.sqrt(np.maximum(total_of_squares / divisor - mean * mean, 0.0))


def log_ratio(here: np.ndarray | float, mean: np.ndarray | float) -> Any:
    """Return the log of (1 + amount) over (1 + mean), of amounts without their sign."""
    return np.log1p(np.abs(here)) - np.log1p(np.abs(mean))
