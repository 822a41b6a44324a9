"""Genuine rows that say nothing new go: one-sided selection (Kubat, Matwin 1997)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import Rebalanced, Rebalancer, take
from fraudsim.rebalancers.kit.cleaning import tomek_links
from fraudsim.rebalancers.kit.neighbours import have_nearer, nearest_rows
from fraudsim.rebalancers.kit.numbers import Numbers

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class OneSidedSelection(Rebalancer):
    """Keep all frauds, one genuine row drawn by chance, and the genuine rows nearer to a fraud.

    Nearer to a fraud than to the one that was drawn: the others would be told apart by it. Of what
    is left, genuine rows in a Tomek link go, too.

    Args:
        random_state: the seed.
    """

    name: ClassVar[str] = "one_sided_selection"
    summary: ClassVar[str] = "all frauds and the genuine rows nearer to one than to a genuine row"
    reference: ClassVar[str] = "Kubat, Matwin 1997; the rows of imbalanced-learn, OneSidedSelection"

    def __init__(self, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.random_state = random_state

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        points = Numbers(frame).points(frame)
        frauds, genuine = np.flatnonzero(fraud), np.flatnonzero(~fraud)
        stream = np.random.RandomState(self.random_state)  # imbalanced-learn's, and in its order
        drawn = genuine[stream.randint(0, genuine.size, size=1)]
        others = genuine[genuine != drawn]
        _, bar = nearest_rows(points, others, drawn)
        kept = others[have_nearer(points, others, frauds, bar, 1)]
        rows = np.sort(np.concatenate([frauds, drawn, kept]))
        _, linked = tomek_links(points[rows], fraud[rows])
        return take(frame, fraud, np.delete(rows, linked))
