"""How unusual the amount is for the owner of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    mean = total / np.maximum(count, 1)
    sd = np.sqrt(np.maximum(total_of_squares / np.maximum(count, 1) - mean**2, 0.0))
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
        column_where(np.log1p(np.abs(here)) - np.log1p(np.abs(mean)), some, pl.Float32),
    )
    yield FeatureColumn(
        "amount_z_30d",
        f"amount minus that mean, in standard deviations of this {owner}",
        WINDOW,
        column_where((here - mean) / np.where(spread, sd, 1.0), spread, pl.Float32),
    )
