"""The genuine rows that are nearest to frauds: imbalanced-learn's NearMiss, first version."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, take
from fraudsim.rebalancers.kit.numbers import Numbers
from fraudsim.rebalancers.random_under import genuine_wanted

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class NearMiss(Rebalancer):
    """Keep all frauds and the genuine rows whose nearest frauds are nearest on average.

    What is left of the genuine rows looks like fraud, and is no sample of them: probabilities
    learnt from it mean little, and in trials ranking was worse than with a random part.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        n_neighbors: frauds that the mean distance is over.
    """

    name: ClassVar[str] = "near_miss"
    summary: ClassVar[str] = "all frauds and the genuine rows most like them"
    reference: ClassVar[str] = "Mani, Zhang 2003; imbalanced-learn, NearMiss version 1"

    def __init__(self, ratio: float = MILD_RATIO, n_neighbors: int = 3) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.n_neighbors = n_neighbors

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        from imblearn.under_sampling import NearMiss as Sampler

        wanted = genuine_wanted(self.ratio, fraud)
        frauds = int(fraud.sum())
        if frauds < self.n_neighbors:
            raise UsageError(
                f"near_miss needs at least {self.n_neighbors} known frauds (n_neighbors), the "
                f"training rows have {frauds}; lower n_neighbors or use random_under"
            )
        sampler = Sampler(sampling_strategy={False: wanted}, n_neighbors=self.n_neighbors)
        sampler.fit_resample(Numbers(frame).points(frame), fraud)
        return take(frame, fraud, np.sort(sampler.sample_indices_).astype(np.int64))
