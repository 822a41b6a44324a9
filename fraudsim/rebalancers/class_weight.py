"""Weights instead of rows: each fraud counts for more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, check_ratio, take

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class ClassWeight(Rebalancer):
    """Keep the rows and weigh frauds so that they sum to ``ratio`` times the genuine rows.

    Genuine rows weigh 1. With ``ratio=1`` this is scikit-learn's ``class_weight="balanced"`` up
    to a common factor.

    Args:
        ratio: weight of all frauds over that of all genuine rows, at most 1.
    """

    name: ClassVar[str] = "class_weight"
    summary: ClassVar[str] = "all rows, with frauds that count for more"

    def __init__(self, ratio: float = MILD_RATIO) -> None:
        """Keep the parameters, as scikit-learn asks; `_rebalance` checks them."""
        self.ratio = ratio

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        as_they_are = take(frame, fraud, np.arange(fraud.size))
        return replace(as_they_are, weight=self._weights(fraud))

    def _weights(self, fraud: NDArray[np.bool_]) -> NDArray[np.float64]:
        check_ratio(self.ratio, fraud)
        frauds = fraud.sum()
        return np.where(fraud, self.ratio * (fraud.size - frauds) / frauds, 1.0)
