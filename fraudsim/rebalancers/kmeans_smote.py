"""SMOTE within clusters that hold many frauds: imbalanced-learn's KMeansSMOTE."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsBetweenNeighbours
from fraudsim.rebalancers.kit.interpolation import drawn_pairs, interpolated, points_of_all

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class KMeansSmote(AddsBetweenNeighbours):
    """Keep all rows and add frauds within clusters where fraud is more frequent than overall.

    imbalanced-learn asks for a cluster of which half is fraud. Where one payment in a thousand is,
    there is none; so here a cluster counts that has more than the overall share. Sparse clusters
    get more.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        k_neighbors: frauds that a fraud may be paired with, in its cluster.
        clusters: number of clusters at most, fewer where frauds are few (a choice; the paper
            searches from 2 to 500).
        random_state: the seed.
    """

    name: ClassVar[str] = "kmeans_smote"
    summary: ClassVar[str] = "SMOTE within clusters where fraud is frequent"
    reference: ClassVar[str] = "Last, Douzas, Bacao 2017; imbalanced-learn, KMeansSMOTE"

    def __init__(
        self,
        ratio: float = MILD_RATIO,
        k_neighbors: int = 2,
        clusters: int = 50,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.clusters = clusters
        self.random_state = random_state

    def _least(self) -> int:
        return self.k_neighbors + 2

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        from imblearn.over_sampling import KMeansSMOTE
        from sklearn.cluster import MiniBatchKMeans

        # of so many clusters, half the frauds would fill all to what one needs
        most = max(1, int(fraud.sum()) // (2 * self._least()))
        pairs = drawn_pairs(
            KMeansSMOTE,
            self.name,
            points_of_all(frame, self.name),
            fraud,
            wanted,
            k_neighbors=self.k_neighbors,
            kmeans_estimator=MiniBatchKMeans(
                n_clusters=min(self.clusters, most), n_init=3, random_state=self.random_state
            ),
            cluster_balance_threshold=float(fraud.mean()),
            random_state=self.random_state,
        )
        return interpolated(frame, np.flatnonzero(fraud), pairs)
