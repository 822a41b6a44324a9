"""Tables as the matrices that scikit-learn, LightGBM and imbalanced-learn want.

Categories are learnt from the training rows; one that appears later is missing, as a null is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRUTH_COLUMNS = frozenset({"is_fraud", "attack", "campaign_id", "reported_at"})
"""Columns of the truth: nothing may be learnt from them."""


def as_frame(table: Any) -> pl.DataFrame:
    """Return a polars, pandas or numpy table as a polars one; numpy columns are x0, x1, ...

    Raises:
        UsageError: it is no table, or has a column of the truth.
    """
    if isinstance(table, pl.DataFrame):
        frame = table
    elif isinstance(table, np.ndarray):
        if table.ndim != 2:
            raise UsageError(f"a table with rows and columns was expected, not {table.ndim}-D")
        frame = pl.DataFrame({f"x{i}": table[:, i] for i in range(table.shape[1])})
    elif hasattr(table, "columns") and hasattr(table, "to_numpy"):  # pandas, without importing it
        frame = pl.DataFrame({str(name): _pandas_column(table[name]) for name in table.columns})
    else:
        raise UsageError(
            f"a polars, pandas or numpy table was expected, not {type(table).__name__}"
        )
    leaked = sorted(TRUTH_COLUMNS & set(frame.columns))
    if leaked:
        raise UsageError(
            f"the features have the column '{leaked[0]}', which is the truth: "
            "a detector would not have it; leave it out"
        )
    return frame


def as_fraud(labels: Any) -> NDArray[np.bool_]:
    """Return labels as booleans.

    Raises:
        UsageError: they are neither booleans nor 0 and 1, or hold one class only.
    """
    values = np.asarray(labels)
    if values.dtype != np.bool_ and not np.isin(values, (0, 1)).all():
        raise UsageError("labels must be 0 or 1 (or false, true)")
    fraud = values.astype(np.bool_)
    if fraud.size == 0 or fraud.all() or not fraud.any():
        found = "no rows" if fraud.size == 0 else "only fraud" if fraud.all() else "no fraud"
        raise UsageError(f"labels of both classes are needed, but there is {found}")
    return fraud


def is_category(dtype: pl.DataType) -> bool:
    """Return whether a column of this type holds categories."""
    return dtype in (pl.Enum, pl.Categorical, pl.String)


class TableEncoder:
    """Numbers as they are, booleans as 0 and 1, categories as codes; NaN is missing.

    Attributes after ``fit``:
        columns: names, in order.
        categorical: positions of the columns of categories.
        categories: the sorted categories of each of those columns.
    """

    columns: list[str]
    categorical: list[int]
    categories: dict[str, list[str]]

    def fit(self, frame: pl.DataFrame) -> TableEncoder:
        """Learn the columns and their categories."""
        self.columns = frame.columns
        self.categorical = [i for i, dtype in enumerate(frame.dtypes) if is_category(dtype)]
        self.categories = {
            frame.columns[i]: frame.to_series(i)
            .cast(pl.String)
            .drop_nulls()
            .unique()
            .sort()
            .to_list()
            for i in self.categorical
        }
        return self

    def transform(
        self, frame: pl.DataFrame, dtype: type[np.floating[Any]] = np.float64
    ) -> NDArray[np.floating[Any]]:
        """Return the matrix of a table, row by row.

        Raises:
            UsageError: the table has other columns than the one learnt from.
        """
        if frame.columns != self.columns:
            odd = sorted(set(frame.columns) ^ set(self.columns))
            raise UsageError(
                f"the columns differ from those learnt from: {', '.join(odd) or 'another order'}"
            )
        matrix = np.empty((frame.height, len(self.columns)), dtype)
        for i, column in enumerate(frame):
            matrix[:, i] = self._numbers(column)
        return matrix

    def _numbers(self, column: pl.Series) -> NDArray[np.float64]:
        known = self.categories.get(column.name)
        if known is not None:
            texts = column.cast(pl.String)
            codes = texts.replace_strict(
                known, list(range(len(known))), default=None, return_dtype=pl.Float64
            )
            return codes.to_numpy()
        if column.dtype.is_temporal():
            column = column.to_physical()
        return column.cast(pl.Float64).to_numpy()


def _pandas_column(column: Any) -> pl.Series:
    values = column.to_numpy()
    if values.dtype == object:
        return pl.Series([None if value != value else value for value in values.tolist()])  # noqa: PLR0124 -- NaN is what differs from itself
    return pl.Series(values)
