"""Copies of frauds: imbalanced-learn's RandomOverSampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsFrauds
from fraudsim.rebalancers.kit.drawing import copies

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class RandomOver(AddsFrauds):
    """Keep all rows and add copies of frauds, drawn with replacement.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        random_state: the seed.
    """

    name: ClassVar[str] = "random_over"
    summary: ClassVar[str] = "all rows and random copies of the frauds"
    reference: ClassVar[str] = "imbalanced-learn, RandomOverSampler"

    def __init__(self, ratio: float = MILD_RATIO, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.random_state = random_state

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        rows = copies(np.flatnonzero(fraud), wanted, self.random_state)
        return Added(frame[rows], "copied", source=rows)
