"""Genuine rows with a fraud near them go: edited nearest neighbours (Wilson 1972)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import Rebalanced, Rebalancer, take
from fraudsim.rebalancers.kit.cleaning import has_other_class_near
from fraudsim.rebalancers.kit.numbers import Numbers

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class EditedNearestNeighbours(Rebalancer):
    """Take out each genuine row that has a fraud among its nearest rows.

    Few rows have: this tidies the border and balances little.

    Args:
        n_neighbors: nearest rows that are looked at.
    """

    name: ClassVar[str] = "edited_nearest_neighbours"
    summary: ClassVar[str] = "without the genuine rows that have a fraud near them"
    reference: ClassVar[str] = "Wilson 1972; the rows of imbalanced-learn, EditedNearestNeighbours"

    def __init__(self, n_neighbors: int = 3) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.n_neighbors = n_neighbors

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        genuine = np.flatnonzero(~fraud)
        points = Numbers(frame).points(frame)
        gone = genuine[has_other_class_near(points, fraud, genuine, self.n_neighbors)]
        return take(frame, fraud, np.setdiff1d(np.arange(fraud.size), gone))
