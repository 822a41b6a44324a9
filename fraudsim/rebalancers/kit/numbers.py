"""From a table of mixed types to the numbers that distances are measured in, and back to rows.

There (``Numbers``):

* Numbers and times are put on one scale, mean 0 and standard deviation 1, or the column with the
  largest unit would choose the neighbours alone.
* A category or boolean is one column per value, such that two rows that differ are 1 apart: as far
  as one standard deviation of a number, which is SMOTENC's rule. Of a column with many values the
  most frequent have one of their own and the others share one. A null is a value.
* A null of a number lies at the mean, and a mark says that it is null: two rows of which one is
  null are 1 apart. Columns that are always null together share one mark.
* Lists and structures take no part.

Back (``between``): a row on the way from one row to another. Numbers lie in between, integers and
times are rounded, and everything else is that of the nearer row, so categories are valid and go
together. The row is null where the first one is null; where only the second is null, it has the
first one's value, since there is nothing to go to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.encoding import is_category
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_VALUES = 16
"""Values of a category with a column of their own (a choice: merchant categories have hundreds, of
which the rare ones would make the matrix wide and hold a row or two each)."""

NULL = "\0null"
"""Stands for null among the values of a category: no text in a table starts so."""


@dataclass(frozen=True)
class _Number:
    name: str
    centre: float
    scale: float

    def into(self, frame: pl.DataFrame, matrix: NDArray[Any], at: int) -> None:
        values = (as_numbers(frame[self.name]) - self.centre) / self.scale
        matrix[:, at] = np.where(np.isnan(values), 0.0, values)

    width = 1


@dataclass(frozen=True)
class _Mark:
    name: str

    def into(self, frame: pl.DataFrame, matrix: NDArray[Any], at: int) -> None:
        matrix[:, at] = np.isnan(as_numbers(frame[self.name]))

    width = 1


@dataclass(frozen=True)
class _Category:
    """One column per value, each 1 / sqrt(2) high; two values need one column, 1 high."""

    name: str
    values: tuple[str, ...]

    def into(self, frame: pl.DataFrame, matrix: NDArray[Any], at: int) -> None:
        codes = self._codes(frame[self.name])
        if len(self.values) <= 2:
            matrix[:, at] = codes
            return
        matrix[:, at : at + self.width] = 0.0
        own = codes < self.width
        matrix[np.flatnonzero(own), at + codes[own]] = np.sqrt(0.5)

    @property
    def width(self) -> int:
        return 1 if len(self.values) <= 2 else min(len(self.values), MOST_VALUES + 1)

    def _codes(self, column: pl.Series) -> NDArray[np.int64]:
        """Return the rank of each value; the last rank is shared, also by values never seen."""
        texts = column.cast(pl.String).fill_null(NULL)
        last = max(1, self.width - 1)
        ranks = [min(rank, last) for rank in range(len(self.values))]
        return texts.replace_strict(
            list(self.values), ranks, default=last, return_dtype=pl.Int64
        ).to_numpy()


class Numbers:
    """What turns rows of a table into points; learnt from some rows, used on any."""

    def __init__(self, frame: pl.DataFrame) -> None:
        """Learn scales and categories from rows."""
        parts: list[_Number | _Mark | _Category] = []
        marks: dict[bytes, _Mark] = {}
        for column in frame:
            if is_number(column.dtype):
                values = as_numbers(column)
                missing = np.isnan(values)
                parts.append(_number(column.name, values[~missing]))
                if missing.any():
                    marks.setdefault(np.packbits(missing).tobytes(), _Mark(column.name))
            elif column.dtype == pl.Boolean or is_category(column.dtype):
                parts.append(_Category(column.name, _by_frequency(column)))
        self._parts = [*parts, *marks.values()]
        self.has_numbers = any(isinstance(part, _Number) for part in parts)
        """Whether there is a number to interpolate."""

    def points(
        self, frame: pl.DataFrame, dtype: type[np.floating[Any]] = np.float32
    ) -> NDArray[Any]:
        """Return a point for each row."""
        matrix = np.empty((frame.height, sum(part.width for part in self._parts)), dtype)
        at = 0
        for part in self._parts:
            part.into(frame, matrix, at)
            at += part.width
        return matrix


@dataclass(frozen=True)
class Pairs:
    """Rows to be made: each on the way from a first row to a second.

    Attributes:
        first: int64 positions.
        second: int64 positions.
        step: float64, how far: 0 is the first row, 1 the second; below 0 is away from it.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    step: NDArray[np.float64]

    def head(self, count: int) -> Pairs:
        """Return the first ones."""
        return Pairs(self.first[:count], self.second[:count], self.step[:count])


def between(frame: pl.DataFrame, pairs: Pairs) -> pl.DataFrame:
    """Return the rows that ``pairs`` describes, with the columns and types of ``frame``.

    Numbers do not leave the range of the column in ``frame``, not even where a step leads away.
    """
    nearer = np.where(pairs.step < 0.5, pairs.first, pairs.second)
    return pl.DataFrame(
        [
            _number_between(column, pairs) if is_number(column.dtype) else column[nearer]
            for column in frame
        ]
    )


def is_number(dtype: pl.DataType) -> bool:
    """Return whether values of this type can lie between two others."""
    return dtype.is_numeric() or dtype.is_temporal()


def as_numbers(column: pl.Series) -> NDArray[np.float64]:
    """Return a column of numbers or times as float64; null is NaN.

    Raises:
        UsageError: a value is infinite: nothing lies between it and another.
    """
    physical = column.to_physical() if column.dtype.is_temporal() else column
    values: NDArray[np.float64] = physical.cast(pl.Float64).to_numpy()
    if np.isinf(values).any():
        raise UsageError(
            f"the column '{column.name}' has infinite values: no distance can be measured; "
            "replace them by null or a number"
        )
    return values


def _number(name: str, known: NDArray[np.float64]) -> _Number:
    if not known.size:
        return _Number(name, 0.0, 1.0)
    spread = float(known.std())
    return _Number(name, float(known.mean()), spread if spread > 0 else 1.0)


def _by_frequency(column: pl.Series) -> tuple[str, ...]:
    counts = column.cast(pl.String).fill_null(NULL).value_counts().rows()
    return tuple(str(value) for value, _ in sorted(counts, key=lambda row: (-row[1], row[0])))


def _number_between(column: pl.Series, pairs: Pairs) -> pl.Series:
    values = as_numbers(column)
    first, second = values[pairs.first], values[pairs.second]
    made = first + pairs.step * (np.where(np.isnan(second), first, second) - first)
    dtype = column.dtype
    if not np.isnan(values).all():
        made = np.clip(made, np.nanmin(values), np.nanmax(values))
    if dtype.is_float() or dtype.is_decimal():
        numbers = pl.Series(column.name, made).cast(dtype)
    else:
        whole = np.rint(np.where(np.isnan(made), 0.0, made)).astype(np.int64)
        numbers = pl.Series(column.name, whole).cast(dtype)
    null = column.is_null().to_numpy()[pairs.first]
    return numbers.set(pl.Series(null), None) if null.any() else numbers
