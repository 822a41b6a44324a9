"""Gradient-boosted trees of XGBoost, with the same caution as ``lightgbm``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.extras import needed
from fraudsim.encoding import TableEncoder

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class XGBoost(Detector):
    """XGBoost on histograms (Chen, Guestrin 2016), with a small rate and an L2 penalty."""

    name: ClassVar[str] = "xgboost"
    summary: ClassVar[str] = "gradient-boosted trees of XGBoost with careful settings"
    extra: ClassVar[str] = "xgboost"

    def build(self, *, seed: int, info: FeatureInfo) -> XGBoostClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier.

        Raises:
            UsageError: XGBoost is not installed.
        """
        needed("xgboost", by="the detector 'xgboost'", extra=self.extra)
        return XGBoostClassifier(random_state=seed)


class XGBoostClassifier(FraudClassifier):
    """``xgboost.XGBClassifier`` on numbers, codes of categories, and nulls as they are.

    One thread, so that sums of floats are the same on every machine.

    Args:
        learning_rate: shrinkage of each tree (like the next three a choice, after ``lightgbm``).
        n_estimators: number of trees.
        max_leaves: leaves per tree, grown where they help most.
        reg_lambda: L2 penalty on the value of a leaf.
        min_child_weight: sum of p (1 - p) in a leaf at the least; XGBoost's own 1 would ask for
            hundreds of rows where fraud is rare.
        random_state: the seed; nothing is drawn with these settings.
    """

    encoder_: TableEncoder
    model_: Any

    def __init__(
        self,
        *,
        learning_rate: float = 0.045,
        n_estimators: int = 200,
        max_leaves: int = 31,
        reg_lambda: float = 1.0,
        min_child_weight: float = 0.01,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.max_leaves = max_leaves
        self.reg_lambda = reg_lambda
        self.min_child_weight = min_child_weight
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        from xgboost import XGBClassifier

        self.encoder_ = TableEncoder().fit(frame)
        kinds = ["q"] * frame.width
        for position in self.encoder_.categorical:
            kinds[position] = "c"
        self.model_ = XGBClassifier(
            **self.get_params(),
            tree_method="hist",
            grow_policy="lossguide",
            max_depth=0,
            feature_types=kinds,
            enable_categorical=True,
            n_jobs=1,
            verbosity=0,
        )
        matrix = self.encoder_.transform(frame, np.float32)
        self.model_.fit(matrix, fraud.astype(np.int64), sample_weight=weight)

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self.model_.predict_proba(
            self.encoder_.transform(frame, np.float32)
        )
        return scores[:, 1].astype(np.float64)
