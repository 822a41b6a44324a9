"""Copies of frauds: imbalanced-learn's RandomOverSampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from imblearn.over_sampling import RandomOverSampler

from fraudsim.rebalancers._index import drawn_rows
from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, check_ratio, take

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


class RandomOver(Rebalancer):
    """Keep all rows and add copies of frauds, drawn with replacement.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        random_state: the seed.
    """

    name: ClassVar[str] = "random_over"
    summary: ClassVar[str] = "all rows and random copies of the frauds"

    def __init__(self, ratio: float = MILD_RATIO, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks; `_rebalance` checks them."""
        self.ratio = ratio
        self.random_state = random_state

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        check_ratio(self.ratio, fraud)
        frauds = int(fraud.sum())
        wanted = max(frauds, int(self.ratio * (fraud.size - frauds)))
        sampler = RandomOverSampler(
            sampling_strategy={True: wanted}, random_state=self.random_state
        )
        return take(frame, fraud, drawn_rows(sampler, fraud))
