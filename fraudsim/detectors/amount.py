"""The larger the amount, the more suspect: a floor that says how much the amount alone gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class Amount(Detector):
    """Ranks by amount."""

    name: ClassVar[str] = "amount"
    summary: ClassVar[str] = "the larger the amount, the more suspect: a floor"
    floor: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    probabilities: ClassVar[bool] = False  # an order, no more

    def build(self, *, seed: int, info: FeatureInfo) -> AmountClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return a classifier that ranks by the column of the amount.

        Raises:
            UsageError: the features have no amount.
        """
        if info.amount is None:
            raise UsageError("the detector 'amount' needs a column of amounts (--amount COLUMN)")
        return AmountClassifier(info.amount)


class AmountClassifier(FraudClassifier):
    """Scores a / (a + m), with m the median amount learnt from."""

    median_: float

    def __init__(self, column: str = "amount") -> None:
        """Keep the name of the column."""
        self.column = column

    def _fit(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],  # noqa: ARG002 -- a floor learns from no label
        weight: NDArray[np.float64] | None,  # noqa: ARG002 -- nor weighs rows
    ) -> None:
        self.median_ = max(float(np.median(self._amounts(frame))), 1e-9)

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        amounts = np.maximum(self._amounts(frame), 0.0)
        return amounts / (amounts + self.median_)

    def _amounts(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        if self.column not in frame.columns:
            raise UsageError(
                f"the features have no column '{self.column}'{nearest(self.column, frame.columns)}"
            )
        return frame[self.column].cast(float).fill_null(0.0).to_numpy()
