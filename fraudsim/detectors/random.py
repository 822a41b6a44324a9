"""Scores by chance: the floor of every metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.streams import Streams

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


class Random(Detector):
    """Scores drawn uniformly; learns nothing."""

    name: ClassVar[str] = "random"
    summary: ClassVar[str] = "scores by chance: a floor"
    floor: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    probabilities: ClassVar[bool] = False  # an order, no more

    def build(self, *, seed: int, info: FeatureInfo) -> RandomClassifier:  # noqa: ARG002 -- chance needs no features
        """Return a classifier whose scores depend on the seed and the position of a row."""
        return RandomClassifier(random_state=seed)


class RandomClassifier(FraudClassifier):
    """Uniform scores, the same for the same seed and number of rows."""

    def __init__(self, random_state: int = 1) -> None:
        """Keep the seed."""
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        """Learn nothing."""

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        return Streams(self.random_state).get("random detector").random(frame.height)
