"""Whether some groups of customers are flagged more often than others without cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.metrics.ranking import FALSE_POSITIVE_SHARE, flagged_at

if TYPE_CHECKING:
    import polars as pl

    from fraudsim.metrics.ranking import Order
    from fraudsim.metrics.scored import Scored

FEWEST_ROWS = 1_000
"""Genuine rows that a group needs: ten false positives at 1 %, by chance between 4 and 18."""


def false_positive_shares(rows: Scored, order: Order, group: pl.Series) -> dict[str, float]:
    """Return the share of genuine rows that is flagged in each group, at 1 % overall.

    Args:
        rows: the test rows.
        order: theirs.
        group: name of the group of each row, null for none; small groups are left out.
    """
    flagged = flagged_at(rows, order, FALSE_POSITIVE_SHARE)
    names = group.to_numpy()
    found = {}
    for name in sorted(group.drop_nulls().unique()):
        genuine = (names == name) & ~rows.fraud
        if genuine.sum() >= FEWEST_ROWS:
            found[str(name)] = float(flagged[genuine].mean())
    return found


def false_positive_ratio(shares: dict[str, float]) -> float | None:
    """Return the smallest share over the largest (predictive equality, as in Jesus et al. 2022).

    1 is even; ``None`` with fewer than two groups or where nobody is flagged.
    """
    if len(shares) < 2 or max(shares.values()) == 0:
        return None
    return float(np.min(list(shares.values())) / np.max(list(shares.values())))
