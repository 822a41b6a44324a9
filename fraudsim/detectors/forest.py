"""Random forest: many deep trees, each on other rows and columns, that vote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.encoding import TableEncoder
from fraudsim.streams import Streams

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

MOST_GENUINE = 30_000
"""Genuine rows that are learnt from at most: a hundred for each fraud where frauds are counted in
hundreds (a choice: 80,000 rows of ours took 40 s and moved the metrics within their intervals)."""


class Forest(Detector):
    """A random forest (Breiman 2001)."""

    name: ClassVar[str] = "forest"
    summary: ClassVar[str] = "random forest: deep trees on random rows and columns, averaged"

    def build(self, *, seed: int, info: FeatureInfo) -> ForestClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        return ForestClassifier(random_state=seed)


class ForestClassifier(FraudClassifier):
    """scikit-learn's ``RandomForestClassifier`` on numbers, codes of categories, nulls as they are.

    More genuine rows than ``most_genuine`` are learnt from by a random part that weighs as much as
    all (a weighted case-control sample, as in the detector ``logistic``).

    Args:
        n_estimators: number of trees.
        min_samples_leaf: rows in a leaf at the least.
        most_genuine: genuine rows that are used at most.
        random_state: the seed.
    """

    encoder_: TableEncoder
    model_: Any

    def __init__(
        self,
        n_estimators: int = 100,
        min_samples_leaf: int = 3,
        most_genuine: int = MOST_GENUINE,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.n_estimators = n_estimators
        self.min_samples_leaf = min_samples_leaf
        self.most_genuine = most_genuine
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        from sklearn.ensemble import RandomForestClassifier

        self.encoder_ = TableEncoder().fit(frame)
        rows, share = self._part(fraud)
        counted = np.ones(fraud.size) if weight is None else weight
        self.model_ = RandomForestClassifier(
            n_estimators=self.n_estimators,
            min_samples_leaf=self.min_samples_leaf,
            max_features="sqrt",
            random_state=self.random_state,
            n_jobs=1,
        )
        matrix = self.encoder_.transform(frame[rows], np.float32)
        self.model_.fit(matrix, fraud[rows], sample_weight=(counted / share)[rows])

    def _part(self, fraud: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows to learn from, rising, and the share of its class used, of each row."""
        genuine = np.flatnonzero(~fraud)
        share = np.ones(fraud.size)
        if genuine.size > self.most_genuine:
            share[genuine] = self.most_genuine / genuine.size
            stream = Streams(self.random_state).get("forest rows")
            genuine = stream.choice(genuine, self.most_genuine, replace=False)
        return np.sort(np.concatenate([genuine, np.flatnonzero(fraud)])), share

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self.model_.predict_proba(
            self.encoder_.transform(frame, np.float32)
        )
        return scores[:, 1]
