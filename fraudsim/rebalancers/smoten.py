"""Frauds made of the values that are common around a fraud: SMOTEN, for categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsBetweenNeighbours
from fraudsim.rebalancers.kit.numbers import as_numbers, is_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 10
"""Values of a number or time in the eyes of SMOTEN: deciles of the training rows (a choice)."""


class Smoten(AddsBetweenNeighbours):
    """Keep all rows and add frauds whose every column has the value most common around a fraud.

    For tables of categories: how far two values are apart is how differently fraud goes with them
    (the value difference metric). A number or time counts by the decile that it lies in; a made row
    has the number of the nearest fraud in the most common decile, so every value is one that a real
    fraud has.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        k_neighbors: frauds around a fraud, besides itself, that are counted.
        random_state: the seed.
    """

    name: ClassVar[str] = "smoten"
    summary: ClassVar[str] = "all rows and frauds of the values most common around a fraud"
    reference: ClassVar[str] = "Chawla et al. 2002, section 6.2; imbalanced-learn, SMOTEN"

    def __init__(
        self, ratio: float = MILD_RATIO, k_neighbors: int = 5, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.random_state = random_state

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        frauds = np.flatnonzero(fraud)
        codes = np.column_stack([_codes(column) for column in frame])
        sampler = _sampler()(
            sampling_strategy={True: frauds.size + wanted},
            k_neighbors=self.k_neighbors,
            random_state=self.random_state,
        )
        made, _ = sampler.fit_resample(codes, fraud)
        around = frauds[sampler.around]  # of each made row, the frauds that were counted
        columns = [
            column[_bearers(codes[:, i], made[fraud.size :, i], around)]
            for i, column in enumerate(frame)
        ]
        return Added(pl.DataFrame(columns), "interpolated", source=around[:, 0])


def _sampler() -> type[Any]:
    from imblearn.over_sampling import SMOTEN

    class AskedSmoten(SMOTEN):  # type: ignore[misc]  # imbalanced-learn ships no types
        """Keeps which frauds are counted for each made row."""

        def _make_samples(self, points: Any, kind: Any, dtype: Any, near: Any, wanted: int) -> Any:
            stream = np.random.RandomState(self.random_state)  # what the method below draws
            self.around = near[stream.choice(np.arange(points.shape[0]), size=wanted)]
            return super()._make_samples(points, kind, dtype, near, wanted)

    return AskedSmoten


def _codes(column: pl.Series) -> NDArray[np.int64]:
    """Return a code for each value, a decile for each number; null is one of its own."""
    if not is_number(column.dtype):
        return column.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    values = as_numbers(column)
    known = values[~np.isnan(values)]
    if not known.size:
        return np.zeros(values.size, np.int64)
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
    return np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left"))


def _bearers(
    codes: NDArray[np.int64], wanted: NDArray[np.int64], around: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return, for each made row, the nearest fraud around it that has the code wanted."""
    has = codes[around] == wanted[:, None]
    bearers: NDArray[np.int64] = around[np.arange(wanted.size), has.argmax(axis=1)]
    return bearers
