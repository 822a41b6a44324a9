"""From a table of mixed types to what generative models learn, and back to rows of the table.

A row becomes two kinds of figures (``Parts``):

* **values**: one real number for each column of numbers or times;
* **codes**: one small integer for each category or boolean, and one for each column of numbers that
  has frequent values or nulls: which of these a row has, or none of them. Half of all frauds may
  be exactly 1.00, and a null may say that there was no earlier payment: no density has room for
  that. This is the mixed-type encoder of CTAB-GAN (Zhao, Kunar, Birke and Chen 2021).

Back, every column has its type again: categories are those that were seen, integers and times are
rounded, other numbers have as many decimals as before, and nothing leaves the range that was seen.

Two scales are offered for values. ``Ranks`` is the share of rows below, for models of ranks;
``fraudsim.rebalancers.kit.modes`` has the mode-specific normalisation of CTGAN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from fraudsim.encoding import is_category
from fraudsim.errors import UsageError
from fraudsim.rebalancers.kit.numbers import as_numbers, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_VALUES = 64
"""Values of a category that have a code of their own; the others share the last one, and are told
apart by their frequency when a row is made (a choice: a one-hot column per merchant is all noise).
"""

FREQUENT = 0.05, 5
"""Share of the rows, and rows, from which on a number counts as a frequent value (a choice: 0 and
1.00 do, a chance repetition among a few dozen frauds does not)."""

MOST_DECIMALS = 6
"""Decimals that are looked for; a column with more is not rounded."""


@dataclass(frozen=True)
class Parts:
    """Rows as figures.

    Attributes:
        values: float64, shape (rows, columns of numbers); NaN where the row has a frequent value
            or null, which its code says.
        codes: int64, shape (rows, coded columns), each from 0 to its size less one.
    """

    values: NDArray[np.float64]
    codes: NDArray[np.int64]

    def __getitem__(self, rows: NDArray[np.int64] | slice) -> Parts:
        """Return some of the rows."""
        return Parts(self.values[rows], self.codes[rows])


class _Column(Protocol):
    """How one column of the table becomes figures and comes back."""

    @property
    def name(self) -> str:
        """Of the column."""

    @property
    def size(self) -> int:
        """Codes that the column has; 0 if it has none."""

    @property
    def valued(self) -> bool:
        """Whether it has a value."""

    def coded(self, column: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the code and the value of each row."""

    def back(
        self,
        codes: NDArray[np.int64],
        values: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> pl.Series:
        """Return the column that codes and values stand for."""


class MixedColumns:
    """What turns rows into figures and back; learnt from some rows, used on any.

    Attributes:
        sizes: how many codes each coded column has.
        width: how many columns of numbers there are.
    """

    sizes: tuple[int, ...]
    width: int

    def __init__(self, frame: pl.DataFrame) -> None:
        """Learn categories, frequent values and ranges from rows.

        Raises:
            UsageError: a column is neither number, time, boolean nor category.
        """
        self._columns = [_learnt(column) for column in frame]
        self.sizes = tuple(column.size for column in self._columns if column.size)
        self.width = sum(column.valued for column in self._columns)

    def parts(self, frame: pl.DataFrame) -> Parts:
        """Return rows as figures; a category never seen counts among the rare ones."""
        values = [np.empty((frame.height, 0))]
        codes = [np.empty((frame.height, 0), np.int64)]
        for column in self._columns:
            code, value = column.coded(frame[column.name])
            if column.size:
                codes.append(code)
            if column.valued:
                values.append(value)
        return Parts(np.column_stack(values), np.column_stack(codes))

    def frame(self, parts: Parts, rng: np.random.Generator) -> pl.DataFrame:
        """Return the rows that figures stand for, with the columns and types learnt from.

        Args:
            parts: of N rows; values may lie anywhere, and do not count where a code stands for
                a frequent value.
            rng: draws among the values of a category that share a code.
        """
        rows = len(parts.codes)
        codes, values = iter(parts.codes.T), iter(parts.values.T)
        return pl.DataFrame(
            [
                column.back(
                    next(codes) if column.size else np.zeros(rows, np.int64),
                    next(values) if column.valued else np.zeros(rows),
                    rng,
                )
                for column in self._columns
            ]
        )


class Ranks:
    """Values as ranks in (0, 1) among those learnt from, and back by their quantiles."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        """Learn from values, shape (rows, columns); NaN is left out."""
        self._known = [np.sort(column[~np.isnan(column)]) for column in values.T]

    def ranks(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the rank of each value, the middle one where it occurs several times; NaN stays.

        A value below or above all that were learnt from has the rank of the first or the last.
        """
        found = np.empty(values.shape)
        for j, known in enumerate(self._known):
            before = np.searchsorted(known, values[:, j], "left")
            upto = np.searchsorted(known, values[:, j], "right")
            rank = np.clip((before + upto + 1) / 2, 1, len(known)) / (len(known) + 1)
            found[:, j] = np.where(np.isnan(values[:, j]), np.nan, rank)
        return found

    def values(self, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantile of each rank, on a line between the values next to it."""
        found = np.empty(ranks.shape)
        for j, known in enumerate(self._known):
            found[:, j] = np.interp(
                ranks[:, j], np.arange(1, len(known) + 1) / (len(known) + 1), known
            )
        return found


def one_hot(codes: NDArray[np.int64], sizes: Sequence[int]) -> NDArray[np.float32]:
    """Return one column per code of each coded column, 1 where a row has it.

    Args:
        codes: shape (rows, coded columns).
        sizes: codes of each.
    """
    matrix = np.zeros((len(codes), sum(sizes)), np.float32)
    start = 0
    for size, column in zip(sizes, codes.T, strict=True):
        matrix[np.arange(len(codes)), start + column] = 1.0
        start += size
    return matrix


# Categories


@dataclass(frozen=True)
class _Category:
    """A category or boolean: a code for each value, the rare ones sharing the last."""

    name: str
    dtype: pl.DataType
    values: pl.Series  # String, by frequency
    counts: NDArray[np.int64]

    valued = False

    @property
    def size(self) -> int:
        return min(len(self.values), MOST_VALUES)

    def coded(self, column: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        known = pl.DataFrame({"value": self.values, "rank": np.arange(len(self.values))})
        ranks = (
            pl.DataFrame({"value": column.cast(pl.String)})
            .join(known, on="value", how="left", nulls_equal=True, maintain_order="left")["rank"]
            .fill_null(len(self.values))
            .to_numpy()
        )
        return np.minimum(ranks, self.size - 1).astype(np.int64), np.zeros(len(column))

    def back(
        self,
        codes: NDArray[np.int64],
        values: NDArray[np.float64],  # noqa: ARG002 -- a category has none
        rng: np.random.Generator,
    ) -> pl.Series:
        ranks = codes.copy()
        shared = np.arange(self.size - 1, len(self.values))
        last = codes == self.size - 1
        weights = self.counts[shared] / self.counts[shared].sum()
        ranks[last] = rng.choice(shared, int(last.sum()), p=weights)
        texts = self.values.gather(ranks)
        if self.dtype == pl.Boolean:
            return (texts == "true").alias(self.name)
        return texts.cast(self.dtype).alias(self.name)


# Numbers and times


@dataclass(frozen=True)
class _Number:
    """A number or time: one of its frequent values (null may be one), or a value of its own."""

    name: str
    dtype: pl.DataType
    frequent: NDArray[np.float64]  # NaN is null
    low: float
    high: float
    decimals: int | None
    valued: bool

    @property
    def size(self) -> int:
        """Frequent values, and one code more for none of them."""
        return len(self.frequent) + self.valued if len(self.frequent) else 0

    def coded(self, column: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        values = as_numbers(column)
        codes = np.full(len(values), len(self.frequent) if self.valued else 0)
        for code, value in enumerate(self.frequent):
            codes[np.isnan(values) if np.isnan(value) else values == value] = code
        own = (codes == len(self.frequent)) & ~np.isnan(values)
        return codes, np.where(own, values, np.nan)

    def back(
        self,
        codes: NDArray[np.int64],
        values: NDArray[np.float64],
        rng: np.random.Generator,  # noqa: ARG002 -- nothing is drawn
    ) -> pl.Series:
        made = np.clip(np.where(np.isnan(values), self.low, values), self.low, self.high)
        if self.decimals is not None:
            made = np.round(made, self.decimals)
        if self.size:
            frequent = codes < len(self.frequent)
            made[frequent] = self.frequent[codes[frequent]]
        return _typed(self.name, self.dtype, made)


def _learnt(column: pl.Series) -> _Column:
    if is_number(column.dtype):
        return _learnt_number(column)
    if column.dtype == pl.Boolean or is_category(column.dtype):
        counted = sorted(
            column.cast(pl.String).value_counts().rows(),
            key=lambda row: (-row[1], row[0] is None, row[0] or ""),
        )
        values = pl.Series([value for value, _ in counted], dtype=pl.String)
        return _Category(
            column.name, column.dtype, values, np.array([count for _, count in counted])
        )
    raise UsageError(
        f"the column '{column.name}' is of the type {column.dtype}: rows are made of numbers, "
        "times, booleans and categories; leave it out"
    )


def _learnt_number(column: pl.Series) -> _Number:
    values = as_numbers(column)
    missing = np.isnan(values)
    known, counts = np.unique(values[~missing], return_counts=True)
    share, rows = FREQUENT
    often = counts >= max(rows, share * len(values))
    frequent = known[often]
    own = known[~often]
    if missing.any() or not len(values):
        frequent = np.append(frequent, np.nan)
    others = values[np.isin(values, own)]
    whole = not (column.dtype.is_float() or column.dtype.is_decimal())
    return _Number(
        name=column.name,
        dtype=column.dtype,
        frequent=frequent,
        low=float(others.min()) if others.size else 0.0,
        high=float(others.max()) if others.size else 0.0,
        decimals=0 if whole else _decimals(others),
        valued=bool(others.size),
    )


def _decimals(values: NDArray[np.float64]) -> int | None:
    """Return the fewest decimals that write all values, ``None`` if there are many.

    A value of float32 counts as the decimal number next to it.
    """
    for decimals in range(MOST_DECIMALS + 1):
        if np.allclose(values, np.round(values, decimals), rtol=1e-7, atol=0.0):
            return decimals
    return None


def _typed(name: str, dtype: pl.DataType, values: NDArray[np.float64]) -> pl.Series:
    null = np.isnan(values)
    if dtype.is_float() or dtype.is_decimal():
        column = pl.Series(name, values).cast(dtype)
    else:
        whole = np.rint(np.where(null, 0.0, values)).astype(np.int64)
        column = pl.Series(name, whole).cast(dtype)
    return column.set(pl.Series(null), None) if null.any() else column
