"""Is told the truth: the ceiling that no detector passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class Oracle(Detector):
    """All frauds before all genuine rows, those with the most money at risk first."""

    name: ClassVar[str] = "oracle"
    summary: ClassVar[str] = "is told the truth: the ceiling"
    ceiling: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    probabilities: ClassVar[bool] = False  # it ranks frauds among themselves, so .5 is no chance

    def build(self, *, seed: int, info: FeatureInfo) -> OracleClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return a classifier that has to be told (``tell``) before it scores."""
        return OracleClassifier()


class OracleClassifier(FraudClassifier):
    """Scores 0 for genuine rows, .5 to 1 for frauds by the money at risk."""

    told_: NDArray[np.float64]

    def tell(self, fraud: Any, at_risk: Any = None) -> None:
        """Tell the truth about the rows that are scored next, in their order.

        Args:
            fraud: one boolean per row.
            at_risk: what is lost with each row, in any unit, not negative; all alike if ``None``.

        Raises:
            UsageError: the two differ in length, or money at risk is negative or no number.
        """
        frauds = np.asarray(fraud, np.bool_)
        money = np.zeros(frauds.size) if at_risk is None else np.asarray(at_risk, np.float64)
        if money.size != frauds.size:
            raise UsageError(f"{frauds.size:,} labels but {money.size:,} amounts at risk")
        if not (money >= 0).all():
            raise UsageError("money at risk should be 0 or more in every row")
        most = float(money[frauds].max(initial=0.0))
        share = money / most if most > 0 else np.zeros(frauds.size)
        self.told_ = np.where(frauds, 0.5 + 0.5 * share, 0.0)

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        """Learn nothing: the past says nothing that the truth does not."""

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        if not hasattr(self, "told_"):
            raise UsageError(
                "the detector 'oracle' has not been told the truth of these rows: "
                "call tell(fraud, at_risk) before predict_proba"
            )
        if self.told_.size != frame.height:
            raise UsageError(
                f"the oracle was told of {self.told_.size:,} rows but is asked about "
                f"{frame.height:,}: call tell with the rows that are scored next"
            )
        return self.told_.copy()
