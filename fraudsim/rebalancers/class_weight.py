"""Weights instead of rows: each fraud counts for more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, take
from fraudsim.rebalancers.kit.weighing import fraud_weights

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class ClassWeight(Rebalancer):
    """Keep the rows and weigh frauds so that they sum to ``ratio`` times the genuine rows.

    Genuine rows weigh 1. With ``ratio=1`` this is scikit-learn's ``class_weight="balanced"`` up
    to a common factor. By kind, the frauds of every kind sum to the same.

    Args:
        ratio: weight of all frauds over that of all genuine rows, at most 1.
    """

    name: ClassVar[str] = "class_weight"
    summary: ClassVar[str] = "all rows, with frauds that count for more"
    reference: ClassVar[str] = "scikit-learn, class_weight"
    weighs: ClassVar[bool] = True

    def __init__(self, ratio: float = MILD_RATIO) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        weight = fraud_weights(self.ratio, fraud, np.ones(fraud.size))
        return replace(take(frame, fraud, np.arange(fraud.size)), weight=weight)

    def _rebalance_by(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], kind: NDArray[np.object_]
    ) -> Rebalanced:
        weight = fraud_weights(self.ratio, fraud, np.ones(fraud.size), kind)
        return replace(take(frame, fraud, np.arange(fraud.size)), weight=weight)
