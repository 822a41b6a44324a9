"""SMOTE from the frauds at the border only: imbalanced-learn's BorderlineSMOTE."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsBetweenNeighbours
from fraudsim.rebalancers.kit.interpolation import drawn_pairs, interpolated, points_of_all

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class BorderlineSmote(AddsBetweenNeighbours):
    """Keep all rows and add frauds that start from a fraud in danger.

    A fraud is in danger if at least half of the rows around it are genuine, but not all of them:
    such a one is taken for noise. This is the first of the two variants of the paper, which mixes
    frauds with frauds only.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        k_neighbors: frauds that a fraud may be paired with.
        m_neighbors: rows around a fraud that say whether it is in danger.
        random_state: the seed.
    """

    name: ClassVar[str] = "borderline_smote"
    summary: ClassVar[str] = "SMOTE that starts from the frauds among genuine rows"
    reference: ClassVar[str] = "Han, Wang, Mao 2005; imbalanced-learn, BorderlineSMOTE"

    def __init__(
        self,
        ratio: float = MILD_RATIO,
        k_neighbors: int = 5,
        m_neighbors: int = 10,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.random_state = random_state

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        from imblearn.over_sampling import BorderlineSMOTE

        pairs = drawn_pairs(
            BorderlineSMOTE,
            self.name,
            points_of_all(frame, self.name),
            fraud,
            wanted,
            k_neighbors=self.k_neighbors,
            m_neighbors=self.m_neighbors,
            random_state=self.random_state,
        )
        return interpolated(frame, np.flatnonzero(fraud), pairs)
