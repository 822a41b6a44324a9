"""The area under the ROC curve, by ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def mid_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value, from 1; equal values share the middle one."""
    ranks: NDArray[np.float64] = pl.Series(values).rank("average").to_numpy()
    return ranks


def auc_of_ranks(ranks_of_fraud: NDArray[np.float64], rows: int) -> float:
    """Return the AUC of a score from the ranks that the frauds have among all rows."""
    frauds = ranks_of_fraud.size
    return float((ranks_of_fraud.mean() - (frauds + 1) / 2) / (rows - frauds))


def roc_auc(fraud: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Return how often a fraud scores above a genuine row; a tie counts half."""
    return auc_of_ranks(mid_ranks(score)[fraud], fraud.size)
