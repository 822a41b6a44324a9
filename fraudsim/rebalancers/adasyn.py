"""More frauds where frauds are hardest: ADASYN, row by row as imbalanced-learn's.

imbalanced-learn's class does not say which rows it mixes, so its rule stands here; a test holds
ours to the same rows as theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsBetweenNeighbours
from fraudsim.rebalancers.kit.interpolation import interpolated, points_of_all
from fraudsim.rebalancers.kit.numbers import Pairs

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class Adasyn(AddsBetweenNeighbours):
    """Keep all rows and add frauds from each fraud in proportion to the genuine rows around it.

    The number from each fraud is rounded, so the ratio is met nearly.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        n_neighbors: rows around a fraud that are looked at, and frauds it may be paired with.
        random_state: the seed.
    """

    name: ClassVar[str] = "adasyn"
    summary: ClassVar[str] = "SMOTE that makes more where genuine rows surround a fraud"
    reference: ClassVar[str] = "He, Bai, Garcia, Li 2008; imbalanced-learn, ADASYN"
    neighbours: ClassVar[str] = "n_neighbors"

    def __init__(
        self, ratio: float = MILD_RATIO, n_neighbors: int = 5, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.n_neighbors = n_neighbors
        self.random_state = random_state

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        pairs = self._pairs(points_of_all(frame, self.name), fraud, wanted)
        return interpolated(frame, np.flatnonzero(fraud), pairs)

    def _pairs(self, points: NDArray[np.float32], fraud: NDArray[np.bool_], wanted: int) -> Pairs:
        stream = np.random.RandomState(self.random_state)  # imbalanced-learn's, and in its order
        frauds = points[fraud]
        around = _neighbours(points, frauds, self.n_neighbors)
        genuine = (~fraud[around]).sum(axis=1)
        if not genuine.any():
            raise UsageError(
                "adasyn: no genuine row is near a fraud, so none is harder than another; use smote"
            )
        share = genuine / self.n_neighbors
        counts = np.rint(share / share.sum() * wanted).astype(np.int64)
        if not counts.any():
            raise UsageError(
                f"adasyn: {wanted:,} frauds spread over {frauds.shape[0]:,} round to none each; "
                "raise the ratio or use smote"
            )
        first = np.repeat(np.arange(frauds.shape[0]), counts)
        near = _neighbours(frauds, frauds, self.n_neighbors)
        which = stream.choice(self.n_neighbors, size=first.size)
        step = stream.uniform(size=(first.size, 1)).ravel()
        return Pairs(first, near[first, which].astype(np.int64), step)


def _neighbours(points: NDArray[Any], of: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return the positions of the nearest points, without the first: the point itself."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=count + 1).fit(points)
    found: NDArray[np.int64] = search.kneighbors(of, return_distance=False)[:, 1:]
    return found
