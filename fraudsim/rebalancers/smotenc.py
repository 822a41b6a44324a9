"""Frauds between frauds, with the categories that are common around them: SMOTENC.

The rule is that of Chawla et al. 2002, section 6.1, as imbalanced-learn has it. Theirs spreads all
categories of all rows over columns of zeros and ones, and back; this one looks at the frauds only,
counts the categories around each fraud once, and draws from the counts. A test holds the rows to
the distributions of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsBetweenNeighbours
from fraudsim.rebalancers.kit.interpolation import interpolated, refuse_no_numbers
from fraudsim.rebalancers.kit.neighbours import nearest_others
from fraudsim.rebalancers.kit.numbers import Numbers, Pairs, is_number

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Smotenc(AddsBetweenNeighbours):
    """Keep all rows and add frauds between each fraud and one of its nearest.

    Categories and booleans take the value most common among the neighbours, null included; of
    equally common ones, one by chance. Without categories this is SMOTE. There must be a column of
    numbers.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        k_neighbors: neighbours that a fraud may be paired with.
        random_state: the seed.
    """

    name: ClassVar[str] = "smotenc"
    summary: ClassVar[str] = "SMOTE with the categories most common among the neighbours"
    reference: ClassVar[str] = "Chawla et al. 2002, section 6.1; imbalanced-learn, SMOTENC"

    def __init__(
        self, ratio: float = MILD_RATIO, k_neighbors: int = 5, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.random_state = random_state

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        frauds = np.flatnonzero(fraud)
        rows = frame[frauds]
        numbers = Numbers(rows)
        refuse_no_numbers(numbers, self.name)
        near = nearest_others(numbers.points(rows, np.float64), self.k_neighbors)
        stream = np.random.RandomState(self.random_state)  # imbalanced-learn's, and in its order
        first, which = np.divmod(stream.randint(0, near.size, size=wanted), self.k_neighbors)
        pairs = Pairs(first, near[first, which], stream.uniform(size=wanted))
        made = interpolated(frame, frauds, pairs)
        categories = [
            _most_common(column, near, first, stream)
            for column in rows
            if not is_number(column.dtype)
        ]
        return Added(made.features.with_columns(categories), made.origin, made.source, made.second)


def _most_common(
    column: pl.Series,
    near: NDArray[np.int64],
    first: NDArray[np.int64],
    stream: np.random.RandomState,
) -> pl.Series:
    """Return, for each made row, the most common value among the neighbours of its first fraud."""
    codes = column.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()[near]
    # a value counts as often as the neighbours share it; the position of a neighbour stands for it
    times = (codes[:, :, None] == codes[:, None, :]).sum(axis=2)
    most_first = np.argsort(-times, axis=1, kind="stable")
    candidates = (times == times.max(axis=1, keepdims=True)).sum(axis=1)
    # equally common values have as many neighbours each, so a neighbour by chance is a fair draw
    drawn = (stream.uniform(size=first.size) * candidates[first]).astype(np.int64)
    bearers: NDArray[np.int64] = near[first, most_first[first, drawn]]
    return column[bearers]
