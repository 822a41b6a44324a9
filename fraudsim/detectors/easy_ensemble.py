"""EasyEnsemble: boosted trees on many small balanced samples, averaged."""

from __future__ import annotations

from typing import Any, ClassVar

from fraudsim.detectors._balanced import BalancedEnsemble
from fraudsim.detectors.base import Detector, FeatureInfo


class EasyEnsemble(Detector):
    """EasyEnsemble (Liu, Wu, Zhou 2009)."""

    name: ClassVar[str] = "easy_ensemble"
    summary: ClassVar[str] = "AdaBoost on balanced samples of the genuine rows, averaged"

    def build(self, *, seed: int, info: FeatureInfo) -> EasyEnsembleClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        return EasyEnsembleClassifier(random_state=seed)


class EasyEnsembleClassifier(BalancedEnsemble):
    """imbalanced-learn's ``EasyEnsembleClassifier`` on numbers, codes of categories, marked nulls.

    Args:
        n_estimators: samples, each with an AdaBoost of its own.
        random_state: the seed.
    """

    def __init__(self, n_estimators: int = 10, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.n_estimators = n_estimators
        self.random_state = random_state

    def _ensemble(self) -> Any:
        from imblearn.ensemble import EasyEnsembleClassifier as Ensemble

        return Ensemble(n_estimators=self.n_estimators, random_state=self.random_state)
