"""SMOTE, then without rows near the other class (Batista, Prati, Monard 2004)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, keep
from fraudsim.rebalancers.kit.cleaning import has_other_class_near
from fraudsim.rebalancers.kit.numbers import Numbers
from fraudsim.rebalancers.smote import Smote

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class SmoteEnn(Rebalancer):
    """Add frauds as ``smote`` does, then take out every row that has the other class near.

    Both classes are cleaned: a real fraud among genuine rows goes, too.

    Args:
        ratio: frauds per genuine row before rows are taken out.
        k_neighbors: neighbours that a fraud may be paired with.
        n_neighbors: nearest rows of which none may be of the other class.
        random_state: the seed.
    """

    name: ClassVar[str] = "smoteenn"
    summary: ClassVar[str] = "smote, then without rows that have the other class near them"
    reference: ClassVar[str] = "Batista, Prati, Monard 2004; imbalanced-learn, SMOTEENN"

    def __init__(
        self,
        ratio: float = MILD_RATIO,
        k_neighbors: int = 5,
        n_neighbors: int = 3,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.n_neighbors = n_neighbors
        self.random_state = random_state

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        return self._edited(frame, self._smote().rebalance(frame, fraud))

    def _rebalance_by(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], kind: NDArray[np.object_]
    ) -> Rebalanced:
        return self._edited(frame, self._smote().rebalance(frame, fraud, by=kind))

    def _smote(self) -> Smote:
        return Smote(self.ratio, self.k_neighbors, self.random_state)

    def _edited(self, frame: pl.DataFrame, made: Rebalanced) -> Rebalanced:
        points = Numbers(frame).points(made.features)
        kept = np.ones(made.fraud.size, np.bool_)
        for rows in (np.flatnonzero(made.fraud), np.flatnonzero(~made.fraud)):
            kept[rows] = ~has_other_class_near(points, made.fraud, rows, self.n_neighbors)
        if not made.fraud[kept].any():
            raise UsageError(
                "smoteenn: every fraud has a genuine row near it, so cleaning would leave none; "
                "use smotetomek or smote"
            )
        return keep(made, kept)
