"""Fewer genuine rows: imbalanced-learn's RandomUnderSampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, check_ratio, take
from fraudsim.rebalancers.kit.drawing import drawn_rows

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class RandomUnder(Rebalancer):
    """Keep all frauds and draw genuine rows without replacement.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        random_state: the seed.
    """

    name: ClassVar[str] = "random_under"
    summary: ClassVar[str] = "all frauds and a random part of the genuine rows"
    reference: ClassVar[str] = "imbalanced-learn, RandomUnderSampler"

    def __init__(self, ratio: float = MILD_RATIO, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.random_state = random_state

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        from imblearn.under_sampling import RandomUnderSampler

        sampler = RandomUnderSampler(
            sampling_strategy={False: genuine_wanted(self.ratio, fraud)},
            random_state=self.random_state,
        )
        return take(frame, fraud, np.sort(drawn_rows(sampler, fraud)))


def genuine_wanted(ratio: float, fraud: NDArray[np.bool_]) -> int:
    """Return how many genuine rows there are at a ratio when all frauds stay.

    Raises:
        UsageError: the ratio is none, or below the present one.
    """
    check_ratio(ratio, fraud)
    frauds = int(fraud.sum())
    return min(fraud.size - frauds, round(frauds / ratio))
