"""Balanced bagging: boosted trees, each on all frauds and as many genuine rows, averaged."""

from __future__ import annotations

from typing import Any, ClassVar

from fraudsim.detectors._balanced import BalancedEnsemble
from fraudsim.detectors.base import Detector, FeatureInfo


class BalancedBagging(Detector):
    """Balanced bagging (Hido, Kashima, Takahashi 2009, roughly balanced bagging)."""

    name: ClassVar[str] = "balanced_bagging"
    summary: ClassVar[str] = "boosted trees on balanced samples, averaged"

    def build(self, *, seed: int, info: FeatureInfo) -> BalancedBaggingClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        return BalancedBaggingClassifier(random_state=seed)


class BalancedBaggingClassifier(BalancedEnsemble):
    """imbalanced-learn's ``BalancedBaggingClassifier`` around histogram gradient boosting.

    Args:
        n_estimators: samples, each with a booster of its own.
        max_iter: trees of each booster.
        random_state: the seed.
    """

    def __init__(self, n_estimators: int = 10, max_iter: int = 50, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.n_estimators = n_estimators
        self.max_iter = max_iter
        self.random_state = random_state

    def _ensemble(self) -> Any:
        from imblearn.ensemble import BalancedBaggingClassifier as Ensemble
        from sklearn.ensemble import HistGradientBoostingClassifier

        booster = HistGradientBoostingClassifier(
            max_iter=self.max_iter, early_stopping=False, random_state=self.random_state
        )
        return Ensemble(
            estimator=booster, n_estimators=self.n_estimators, random_state=self.random_state
        )
