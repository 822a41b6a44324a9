"""Balanced random forest: every tree learns from all frauds and as many genuine rows."""

from __future__ import annotations

from typing import Any, ClassVar

from fraudsim.detectors._balanced import BalancedEnsemble
from fraudsim.detectors.base import Detector, FeatureInfo


class BalancedForest(Detector):
    """A balanced random forest (Chen, Liaw, Breiman 2004)."""

    name: ClassVar[str] = "balanced_forest"
    summary: ClassVar[str] = "random forest whose trees see as many genuine rows as frauds"

    def build(self, *, seed: int, info: FeatureInfo) -> BalancedForestClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        return BalancedForestClassifier(random_state=seed)


class BalancedForestClassifier(BalancedEnsemble):
    """imbalanced-learn's ``BalancedRandomForestClassifier``, with nulls marked by a low number.

    Frauds are drawn with replacement for each tree, genuine rows likewise, as in the paper.

    Args:
        n_estimators: number of trees.
        random_state: the seed.
    """

    def __init__(self, n_estimators: int = 200, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.n_estimators = n_estimators
        self.random_state = random_state

    def _ensemble(self) -> Any:
        from imblearn.ensemble import BalancedRandomForestClassifier

        return BalancedRandomForestClassifier(
            n_estimators=self.n_estimators,
            sampling_strategy="all",
            replacement=True,
            bootstrap=False,
            random_state=self.random_state,
        )
