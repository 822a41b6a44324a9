"""Frauds between frauds: imbalanced-learn's SMOTENC (Chawla et al. 2002, section 6.1).

Three things are done around it. Numbers are put on one scale first, or the column with the largest
unit would choose the neighbours alone. Nulls are filled with the mean for the search, and whether
a number is null is a category of its own, so that made rows are null as often as their neighbours.
And the sampler is handed the frauds and one genuine row instead of all rows: it looks at no other
class, and this is as many times faster as there are genuine rows per fraud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl
from imblearn.over_sampling import SMOTE, SMOTENC

from fraudsim.encoding import TableEncoder
from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import (
    MILD_RATIO,
    Rebalanced,
    Rebalancer,
    check_ratio,
    origins,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MISSING = -1.0
"""The code of a category that is null."""


class Smotenc(Rebalancer):
    """Keep all rows and add frauds interpolated between each fraud and one of its neighbours.

    Categories and booleans take the value most common among the neighbours; integers are rounded.
    Without categories this is SMOTE. There must be a column of numbers.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        k_neighbors: neighbours that a fraud may be paired with.
        random_state: the seed.
    """

    name: ClassVar[str] = "smotenc"
    summary: ClassVar[str] = "all rows and frauds interpolated between neighbouring frauds"

    def __init__(
        self, ratio: float = MILD_RATIO, k_neighbors: int = 5, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `_rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.random_state = random_state

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        check_ratio(self.ratio, fraud)
        frauds = np.flatnonzero(fraud)
        if frauds.size <= self.k_neighbors:
            raise UsageError(
                f"smotenc needs more than {self.k_neighbors} known frauds (k_neighbors), "
                f"the training rows have {frauds.size}; lower k_neighbors or use random_over"
            )
        wanted = int(self.ratio * (fraud.size - frauds.size)) - frauds.size
        if wanted < 1:
            rows = np.arange(fraud.size)
            return Rebalanced(frame, fraud, np.ones(rows.size), _origins(rows.size, 0), rows)
        space = _Space(frame[frauds])
        if len(space.categorical) == space.points.shape[1]:
            raise UsageError(
                "smotenc needs a column of numbers to interpolate, and there are only categories; "
                "use random_over"
            )
        points, parents = self._interpolated(space, wanted)
        made = space.to_frame(points)
        return Rebalanced(
            features=pl.concat([frame, made]),
            fraud=np.concatenate([fraud, np.ones(wanted, np.bool_)]),
            weight=np.ones(fraud.size + wanted),
            origin=_origins(fraud.size, wanted),
            source=np.concatenate([np.arange(fraud.size), frauds[parents]]),
        )

    def _interpolated(
        self, space: _Space, wanted: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return new points and, of each, the position of the fraud that it starts from."""
        frauds = space.points
        sampler = _sampler(
            space.categorical,
            sampling_strategy={1: frauds.shape[0] + wanted},
            k_neighbors=self.k_neighbors,
            random_state=self.random_state,
        )
        genuine = frauds[:1]  # stands for the class that is not looked at
        made, _ = sampler.fit_resample(
            np.vstack([genuine, frauds]), np.array([0] + [1] * frauds.shape[0])
        )
        return made[1 + frauds.shape[0] :], sampler.parents


class _RemembersParents:
    """Keeps what imbalanced-learn drops: the row that each made one starts from."""

    parents: NDArray[np.int64]

    def _generate_samples(
        self, points: Any, near: Any, near_rows: Any, rows: Any, *rest: Any, **named: Any
    ) -> Any:
        self.parents = np.asarray(rows, np.int64)
        sampler: Any = super()  # SMOTE, by the classes below
        return sampler._generate_samples(points, near, near_rows, rows, *rest, **named)  # noqa: SLF001 -- the one place where the rows are known


class _Smote(_RemembersParents, SMOTE):  # type: ignore[misc]  # imbalanced-learn ships no types
    pass


class _Smotenc(_RemembersParents, SMOTENC):  # type: ignore[misc]  # imbalanced-learn ships no types
    pass


def _sampler(categorical: list[int], **parameters: Any) -> Any:
    if not categorical:
        return _Smote(**parameters)
    return _Smotenc(categorical_features=categorical, **parameters)


class _Space:
    """The points of a table that distances are measured between, and the way back."""

    def __init__(self, frauds: pl.DataFrame) -> None:
        self._frame = frauds
        self._encoder = TableEncoder().fit(frauds)
        matrix = self._encoder.transform(frauds)
        self._is_category = np.array(
            [
                i in self._encoder.categorical or dtype == pl.Boolean
                for i, dtype in enumerate(frauds.dtypes)
            ]
        )
        self._is_null = np.isnan(matrix)
        self._null_columns = np.flatnonzero(self._is_null.any(axis=0) & ~self._is_category)
        numbers = np.ma.masked_array(matrix, self._is_null)
        self._centre = numbers.mean(axis=0).filled(0.0)
        spread = numbers.std(axis=0).filled(0.0)
        self._scale = np.where(spread > 0, spread, 1.0)
        self.points = self._points(matrix)

    @property
    def categorical(self) -> list[int]:
        """Positions of the categories in ``points``: those of the table, then the null marks."""
        columns = self._is_category.size
        marks = range(columns, columns + self._null_columns.size)
        return [*np.flatnonzero(self._is_category).tolist(), *marks]

    def to_frame(self, points: NDArray[np.float64]) -> pl.DataFrame:
        """Return made points as rows of the table, with its types."""
        columns = self._is_category.size
        marks = dict(zip(self._null_columns.tolist(), points[:, columns:].T > 0.5, strict=True))
        return pl.DataFrame([self._column(i, points[:, i], marks.get(i)) for i in range(columns)])

    def _points(self, matrix: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        filled = np.where(self._is_null, self._centre, matrix)
        scaled = (filled - self._centre) / self._scale
        codes = np.where(self._is_null, MISSING, matrix)
        marks = self._is_null[:, self._null_columns].astype(np.float64)
        return np.hstack([np.where(self._is_category, codes, scaled), marks])

    def _column(
        self, i: int, values: NDArray[np.float64], null: NDArray[np.bool_] | None
    ) -> pl.Series:
        name, dtype = self._frame.columns[i], self._frame.dtypes[i]
        if self._is_category[i]:
            return self._categories(name, dtype, values)
        numbers = values * self._scale[i] + self._centre[i]
        if dtype.is_integer() or dtype.is_temporal():
            numbers = np.rint(numbers)
            column = pl.Series(name, numbers).cast(pl.Int64).cast(dtype)
        else:
            column = pl.Series(name, numbers).cast(dtype)
        if null is None:
            return column
        missing = None if self._frame.to_series(i).null_count() else float("nan")
        return pl.select(
            pl.when(pl.Series(null)).then(pl.lit(missing, dtype)).otherwise(column).alias(name)
        ).to_series()

    def _categories(self, name: str, dtype: pl.DataType, codes: NDArray[np.float64]) -> pl.Series:
        values = pl.Series(name, codes)
        values = values.set(values == MISSING, None).cast(pl.Int64)
        if dtype == pl.Boolean:
            return values.cast(pl.Boolean)
        known = self._encoder.categories[name]
        return values.replace_strict(
            list(range(len(known))), known, default=None, return_dtype=pl.String
        ).cast(dtype)


def _origins(real: int, made: int) -> pl.Series:
    return origins(["real"] * real + ["interpolated"] * made)
