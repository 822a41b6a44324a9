"""A detector that comes from another package."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


class RoundAmounts(Detector):
    """The rounder an amount, the more suspect."""

    name: ClassVar[str] = "round_amounts"
    summary: ClassVar[str] = "the rounder an amount, the more suspect"
    learns: ClassVar[bool] = False
    probabilities: ClassVar[bool] = False

    def build(self, *, seed: int, info: FeatureInfo) -> RoundAmountsClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return a classifier that looks at the column of the amount."""
        if info.amount is None:
            raise UsageError("round_amounts needs a column of amounts (--amount COLUMN)")
        return RoundAmountsClassifier(info.amount)


class RoundAmountsClassifier(FraudClassifier):
    """Half a point for whole tens, half a point for whole hundreds."""

    def __init__(self, column: str) -> None:
        """Keep the name of the column."""
        self.column = column

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        """Learn nothing."""

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        amounts = frame[self.column].fill_null(0.01).to_numpy()
        return ((amounts % 10 == 0) * 0.5 + (amounts % 100 == 0) * 0.5) * 1.0
