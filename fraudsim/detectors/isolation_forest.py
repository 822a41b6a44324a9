"""Isolation forest: rows that few random cuts set apart are odd, whatever their label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.encoding import TableEncoder

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class IsolationForest(Detector):
    """An isolation forest (Liu, Ting, Zhou 2008)."""

    name: ClassVar[str] = "isolation_forest"
    summary: ClassVar[str] = "anomaly detector: odd rows are those that few random cuts set apart"
    learns: ClassVar[bool] = False
    probabilities: ClassVar[bool] = False

    def build(self, *, seed: int, info: FeatureInfo) -> IsolationForestClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        return IsolationForestClassifier(random_state=seed)


class IsolationForestClassifier(FraudClassifier):
    """scikit-learn's ``IsolationForest`` on numbers, codes of categories, nulls as they are.

    Labels and weights are not looked at. The score is the paper's: near 1 is odd, .5 is neither.

    Args:
        n_estimators: number of trees (a choice; the paper has 100).
        max_samples: rows that each tree sees, the paper's 256.
        random_state: the seed.
    """

    encoder_: TableEncoder
    model_: Any

    def __init__(
        self, n_estimators: int = 200, max_samples: int = 256, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.random_state = random_state

    def _fit(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],  # noqa: ARG002 -- it looks at no label
        weight: NDArray[np.float64] | None,  # noqa: ARG002 -- nor at weights, which follow labels
    ) -> None:
        from sklearn.ensemble import IsolationForest as Forest

        self.encoder_ = TableEncoder().fit(frame)
        self.model_ = Forest(
            n_estimators=self.n_estimators,
            max_samples=min(self.max_samples, frame.height),
            random_state=self.random_state,
            n_jobs=1,
        )
        self.model_.fit(self.encoder_.transform(frame, np.float32))

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = -self.model_.score_samples(
            self.encoder_.transform(frame, np.float32)
        )
        return np.clip(scores, 0.0, 1.0)
