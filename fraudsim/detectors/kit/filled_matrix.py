"""The matrix of a table for what refuses NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.encoding import TableEncoder

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

NO_CATEGORY = -1.0
"""The code of a category that is null or was never learnt from."""


class MatrixEncoder:
    """float64 columns: numbers, booleans as 0 and 1, categories as codes from 0.

    Args:
        fill: whether to put something where nothing is known: the median of the training rows for a
            number (0 if it was never known), ``NO_CATEGORY`` for a category. Else NaN stays.
    """

    encoder: TableEncoder
    filling: NDArray[np.float64]

    def __init__(self, *, fill: bool) -> None:
        self.fill = fill

    def fit_transform(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Learn columns, categories and medians; return the matrix of the same rows."""
        self.encoder = TableEncoder().fit(frame)
        matrix = self._plain(frame)
        self.filling = _medians(matrix)
        self.filling[self.encoder.categorical] = NO_CATEGORY
        return self._filled(matrix)

    def transform(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Return the matrix of further rows.

        Raises:
            UsageError: the table has other columns than the one learnt from.
        """
        return self._filled(self._plain(frame))

    def _plain(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        return self.encoder.transform(frame, np.float64).astype(np.float64, copy=False)

    def _filled(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.fill:
            rows, columns = np.nonzero(np.isnan(matrix))
            matrix[rows, columns] = self.filling[columns]
        return matrix


def _medians(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of what is known in each column, 0 where nothing is."""
    medians = np.zeros(matrix.shape[1])
    for i, column in enumerate(matrix.T):
        known = column[~np.isnan(column)]
        if known.size:
            medians[i] = np.median(known)
    return medians
