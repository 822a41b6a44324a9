"""Frauds between frauds: imbalanced-learn's SMOTE (Chawla et al. 2002).

The sampler is handed the frauds and one genuine row instead of all rows: it looks at no other
class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsBetweenNeighbours
from fraudsim.rebalancers.kit.interpolation import drawn_pairs, interpolated, refuse_no_numbers
from fraudsim.rebalancers.kit.numbers import Numbers

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class Smote(AddsBetweenNeighbours):
    """Keep all rows and add frauds between each fraud and one of its nearest.

    Categories are those of the nearer of the two; for the most common among the neighbours there is
    ``smotenc``.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        k_neighbors: neighbours that a fraud may be paired with.
        random_state: the seed.
    """

    name: ClassVar[str] = "smote"
    summary: ClassVar[str] = "all rows and frauds between a fraud and a near one"
    reference: ClassVar[str] = "Chawla et al. 2002; imbalanced-learn, SMOTE"

    def __init__(
        self, ratio: float = MILD_RATIO, k_neighbors: int = 5, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.random_state = random_state

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        from imblearn.over_sampling import SMOTE

        frauds = np.flatnonzero(fraud)
        rows = frame[frauds]
        numbers = Numbers(rows)
        refuse_no_numbers(numbers, self.name)
        points = numbers.points(rows, np.float64)
        pairs = drawn_pairs(
            SMOTE,
            self.name,
            np.vstack([points, points[:1]]),  # the last stands for the class not looked at
            np.append(np.ones(frauds.size, np.bool_), [False]),
            wanted,
            k_neighbors=self.k_neighbors,
            random_state=self.random_state,
        )
        return interpolated(frame, frauds, pairs)
