"""Gradient-boosted trees whose thresholds are drawn at random: what does best with few frauds.

A split of ``lightgbm`` is the best of some 250 thresholds of each of a hundred columns, and with a
few hundred frauds the best is often luck. One threshold drawn for each column (Geurts, Ernst,
Wehenkel 2006, Extremely randomized trees) leaves less room for luck, so that a smaller L2 penalty
will do. Found by ``benchmarks/tuning.py`` on worlds of the benchmark that no track has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.detectors.base import Detector, FeatureInfo

if TYPE_CHECKING:
    from fraudsim.detectors.lightgbm import LightGBMClassifier


class LightGBMTuned(Detector):
    """LightGBM with random thresholds and an L2 penalty of 1."""

    name: ClassVar[str] = "lightgbm_tuned"
    summary: ClassVar[str] = "gradient-boosted trees with random thresholds, tuned on other worlds"

    def build(self, *, seed: int, info: FeatureInfo) -> LightGBMClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        from fraudsim.detectors.lightgbm import LightGBMClassifier

        return LightGBMClassifier(reg_lambda=1.0, extra_trees=True, random_state=seed)
