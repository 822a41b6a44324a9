"""A table as numbers that can be added up: logs, medians for nulls, a mark for each category."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.detectors.kit.filled_matrix import NO_CATEGORY, MatrixEncoder
from fraudsim.detectors.logistic import signed_log

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

RARE_CATEGORY = 20
"""Categories with fewer training rows get no mark of their own."""


class NumberColumns:
    """Signed logs of numbers, and 0 or 1 for each frequent category.

    Attributes after ``fit``:
        names: of the columns that come out: the table's, then ``column=category``.
    """

    names: list[str]
    matrix: MatrixEncoder
    numbers: list[int]
    marks: list[tuple[int, int]]

    def fit(self, frame: pl.DataFrame) -> NumberColumns:
        """Learn columns, medians and categories."""
        self.matrix = MatrixEncoder(fill=True)
        matrix = self.matrix.fit_transform(frame)
        encoder = self.matrix.encoder
        self.numbers = [i for i in range(frame.width) if i not in set(encoder.categorical)]
        self.marks = [(i, code) for i in encoder.categorical for code in _frequent(matrix[:, i])]
        categories = [encoder.categories[frame.columns[i]][code] for i, code in self.marks]
        self.names = [
            *(frame.columns[i] for i in self.numbers),
            *(
                f"{frame.columns[i]}={text}"
                for (i, _), text in zip(self.marks, categories, strict=True)
            ),
        ]
        return self

    def transform(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Return float64 rows with a column for each of ``names``.

        Raises:
            UsageError: the table has other columns than the one learnt from.
        """
        matrix = self.matrix.transform(frame)
        numbers = signed_log(matrix[:, self.numbers])
        if not self.marks:
            return numbers
        marks = np.stack([matrix[:, i] == code for i, code in self.marks], axis=1)
        return np.hstack([numbers, marks.astype(np.float64)])


def _frequent(codes: NDArray[np.float64]) -> list[int]:
    known = codes[codes != NO_CATEGORY].astype(np.int64)
    return [int(code) for code in np.flatnonzero(np.bincount(known) >= RARE_CATEGORY)]
