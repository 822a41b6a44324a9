"""Weights by money: a large fraud counts for more than a small one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from fraudsim.errors import UsageError, nearest
from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, take
from fraudsim.rebalancers.kit.weighing import fraud_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

USUAL_NAMES = ("amount_minor", "amount", "Amount")
"""What the column of amounts is called if nobody says: ours, and those of well-known tables."""

LEAST_SHARE = 0.1
"""A fraud costs at least this share of the mean fraud (an assumption): one of a euro that tests a
card has its cost, too, and a weight of 0 would forget it."""


class AmountWeight(Rebalancer):
    """Keep the rows and weigh each fraud by what it takes, as its loss is what missing it costs.

    All frauds together sum to ``ratio`` times the genuine rows, which weigh 1. A fraud that takes
    less than a tenth of the mean, or of which the amount is missing, counts as that tenth.

    Args:
        ratio: weight of all frauds over that of all genuine rows, at most 1.
        amount: the column of amounts; ``None`` is the first of ``amount_minor``, ``amount`` and
            ``Amount`` that there is.
    """

    name: ClassVar[str] = "amount_weight"
    summary: ClassVar[str] = "all rows, with frauds that count by their amount"
    reference: ClassVar[str] = "Elkan 2001; Bahnsen, Aouada, Ottersten 2014 (cost by example)"
    weighs: ClassVar[bool] = True

    def __init__(self, ratio: float = MILD_RATIO, amount: str | None = None) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.amount = amount

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        weight = fraud_weights(self.ratio, fraud, self._cost(frame, fraud))
        return replace(take(frame, fraud, np.arange(fraud.size)), weight=weight)

    def _rebalance_by(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], kind: NDArray[np.object_]
    ) -> Rebalanced:
        weight = fraud_weights(self.ratio, fraud, self._cost(frame, fraud), kind)
        return replace(take(frame, fraud, np.arange(fraud.size)), weight=weight)

    def _cost(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> NDArray[np.float64]:
        amount = frame[self._column(frame)].cast(pl.Float64).to_numpy()
        known = np.where(np.isfinite(amount), np.abs(amount), 0.0)
        mean = float(known[fraud].mean())
        return np.maximum(known, LEAST_SHARE * mean) if mean > 0 else np.ones(fraud.size)

    def _column(self, frame: pl.DataFrame) -> str:
        names = USUAL_NAMES if self.amount is None else (self.amount,)
        found = next((name for name in names if name in frame.columns), None)
        if found is None:
            raise UsageError(
                "amount_weight needs the column of amounts, and there is no "
                f"'{names[0]}'{nearest(names[0], frame.columns)}; name it with amount, "
                "or use class_weight"
            )
        if not frame.schema[found].is_numeric():
            raise UsageError(
                f"amount_weight: the column '{found}' is of type {frame.schema[found]}; "
                "numbers were expected"
            )
        return found
