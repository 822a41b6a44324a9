"""One small decision tree: what boosting has to beat, or it has diverged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.encoding import TableEncoder

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class ShallowTree(Detector):
    """A decision tree of at most sixteen leaves, which fits on a page."""

    name: ClassVar[str] = "shallow_tree"
    summary: ClassVar[str] = "one decision tree of depth 4: boosting that loses to it has diverged"

    def build(self, *, seed: int, info: FeatureInfo) -> ShallowTreeClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        return ShallowTreeClassifier(random_state=seed)


class ShallowTreeClassifier(FraudClassifier):
    """scikit-learn's ``DecisionTreeClassifier`` on numbers, codes of categories, nulls as they are.

    Args:
        max_depth: questions on the way to a leaf at most.
        min_samples_leaf: rows in a leaf at the least.
        random_state: the seed; it decides between splits that are equally good.
    """

    encoder_: TableEncoder
    model_: Any

    def __init__(
        self, max_depth: int = 4, min_samples_leaf: int = 20, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        from sklearn.tree import DecisionTreeClassifier

        self.encoder_ = TableEncoder().fit(frame)
        self.model_ = DecisionTreeClassifier(**self.get_params())
        self.model_.fit(self.encoder_.transform(frame, np.float32), fraud, sample_weight=weight)

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self.model_.predict_proba(
            self.encoder_.transform(frame, np.float32)
        )
        return scores[:, 1]
