"""Boosted trees that also see who shares merchants, payees and devices with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.entity_graph import Snapshot, out_of_fold
from fraudsim.detectors.kit.key_columns import (
    entities_of,
    in_order_of_time,
    real_rows,
    without_keys,
)
from fraudsim.detectors.lightgbm import LightGBMClassifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 5
"""Stretches of time; each training row is described by what happened in the others."""


class Graph(Detector):
    """``lightgbm`` with features of a graph of accounts and the things that they share."""

    name: ClassVar[str] = "graph"
    summary: ClassVar[str] = "lightgbm with shares of fraud among those who share a device or payee"
    wants_keys: ClassVar[bool] = True

    def build(self, *, seed: int, info: FeatureInfo) -> GraphClassifier:
        """Return the classifier."""
        return GraphClassifier(keys=info.keys, random_state=seed)

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:
        """Say so if there is nobody to link."""
        if entities_of(info.keys):
            return ()
        why = "the table names nobody (--entity COLUMN)"
        return (f"graph has no features of its own and is lightgbm, as {why}",)


class GraphClassifier(FraudClassifier):
    """LightGBM on the features and those of ``fraudsim.detectors.kit.entity_graph``.

    What comes later is described by the snapshot of all training rows, which does not grow.
    Training rows are described by those of other stretches of time, so that neither their own label
    nor those of the same campaign at the same moment tell. Copies of a row that a rebalancer made
    have its time and stand in its stretch; rows that it invented count by what the real ones of
    their class weigh (``real_rows``).

    Args:
        keys: the columns that are keys, not features.
        random_state: the seed.
    """

    snapshot_: Snapshot | None
    model_: Any

    def __init__(self, keys: tuple[str, ...] = (), random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.keys = keys
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        entities = entities_of(self.keys)
        if entities:
            counted = np.ones(fraud.size) if weight is None else weight
            real, weight = real_rows(frame, self.keys, fraud, counted)
            frame, fraud = frame[real], fraud[real]
        features = without_keys(frame, self.keys)
        self.snapshot_ = None
        if entities:
            self.snapshot_ = Snapshot(frame, fraud, entities)
            fold = _stretches(frame, self.keys)
            features = _joined(features, out_of_fold(frame, fraud, fold, entities))
        self.model_ = LightGBMClassifier(random_state=self.random_state)
        self.model_.fit(features, fraud, weight)

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        features = without_keys(frame, self.keys)
        if self.snapshot_ is not None:
            features = _joined(features, self.snapshot_.features(frame))
        scores: NDArray[np.float64] = self.model_.predict_proba(features)[:, 1]
        return scores


def _joined(features: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([features, more], how="horizontal")


def _stretches(frame: pl.DataFrame, keys: tuple[str, ...]) -> NDArray[np.int64]:
    """Return in which of ``FOLDS`` stretches of time, of as many rows each, each row stands."""
    order = in_order_of_time(frame, keys)
    fold = np.empty(frame.height, np.int64)
    fold[order] = np.arange(frame.height) * FOLDS // frame.height
    return fold
