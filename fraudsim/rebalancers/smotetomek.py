"""SMOTE, then without Tomek links (Batista, Bazzan, Monard 2003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO, Rebalanced, Rebalancer, keep
from fraudsim.rebalancers.kit.cleaning import tomek_links
from fraudsim.rebalancers.kit.numbers import Numbers
from fraudsim.rebalancers.smote import Smote

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class SmoteTomek(Rebalancer):
    """Add frauds as ``smote`` does, then take out both rows of every Tomek link.

    Both are taken: a real fraud that is the nearest of a genuine row goes, too.

    Args:
        ratio: frauds per genuine row before links are taken out.
        k_neighbors: neighbours that a fraud may be paired with.
        random_state: the seed.
    """

    name: ClassVar[str] = "smotetomek"
    summary: ClassVar[str] = "smote, then without pairs of a fraud and a genuine row too close"
    reference: ClassVar[str] = "Batista, Bazzan, Monard 2003; imbalanced-learn, SMOTETomek"

    def __init__(
        self, ratio: float = MILD_RATIO, k_neighbors: int = 5, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.random_state = random_state

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        return _without_links(frame, self._smote().rebalance(frame, fraud))

    def _rebalance_by(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], kind: NDArray[np.object_]
    ) -> Rebalanced:
        return _without_links(frame, self._smote().rebalance(frame, fraud, by=kind))

    def _smote(self) -> Smote:
        return Smote(self.ratio, self.k_neighbors, self.random_state)


def _without_links(frame: pl.DataFrame, made: Rebalanced) -> Rebalanced:
    links = tomek_links(Numbers(frame).points(made.features), made.fraud)
    kept = np.ones(made.fraud.size, np.bool_)
    kept[np.concatenate(links)] = False
    return keep(made, kept)
