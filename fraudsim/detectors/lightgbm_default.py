"""LightGBM as it comes, to show what its own defaults do on rare fraud.

Not to be recommended: with a learning rate of .1 and no L2 penalty, a leaf of a few frauds gets a
huge value and the boosting runs away (see ``fraudsim.detectors.lightgbm``). A comparison with a
"LightGBM baseline" that was left at its defaults flatters whatever stands beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.detectors.base import Detector, FeatureInfo

if TYPE_CHECKING:
    from fraudsim.detectors.lightgbm import LightGBMClassifier


class LightGBMDefault(Detector):
    """LightGBM with the settings of its own documentation."""

    name: ClassVar[str] = "lightgbm_default"
    summary: ClassVar[str] = "LightGBM at its own defaults: a warning, as it often diverges"

    def build(self, *, seed: int, info: FeatureInfo) -> LightGBMClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        from fraudsim.detectors.lightgbm import LightGBMClassifier

        # the defaults of lightgbm.LGBMClassifier 4, where ours differ from them
        return LightGBMClassifier(
            learning_rate=0.1, n_estimators=100, reg_lambda=0.0, random_state=seed
        )

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:  # noqa: ARG002 -- on any features
        """Say what it is there for."""
        what = "LightGBM at its own defaults, which often diverge on rare fraud"
        return (f"lightgbm_default is {what}: compare with lightgbm",)
