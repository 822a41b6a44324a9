"""Fewer genuine rows: imbalanced-learn's RandomUnderSampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from imblearn.under_sampling import RandomUnderSampler

from fraudsim.rebalancers._index import drawn_rows
from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, check_ratio, take

if TYPE_CHECKING:
    import numpy as np
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

    def __init__(self, ratio: float = MILD_RATIO, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks; `_rebalance` checks them."""
        self.ratio = ratio
        self.random_state = random_state

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        check_ratio(self.ratio, fraud)
        frauds = int(fraud.sum())
        wanted = min(fraud.size - frauds, round(frauds / self.ratio))
        sampler = RandomUnderSampler(
            sampling_strategy={False: wanted}, random_state=self.random_state
        )
        return take(frame, fraud, drawn_rows(sampler, fraud))
