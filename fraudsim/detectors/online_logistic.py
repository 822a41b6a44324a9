"""Logistic regression that learns row by row, and goes on learning when labels become known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.extras import needed
from fraudsim.detectors.kit.key_columns import in_order_of_time, without_keys
from fraudsim.detectors.kit.number_columns import NumberColumns
from fraudsim.encoding import as_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class OnlineLogistic(Detector):
    """River's logistic regression: no retraining, as every label moves it a little."""

    name: ClassVar[str] = "online_logistic"
    summary: ClassVar[str] = "logistic regression that learns from every label as it comes (River)"
    wants_keys: ClassVar[bool] = True  # for the order of time alone
    listens: ClassVar[bool] = True
    extra: ClassVar[str] = "river"

    def build(self, *, seed: int, info: FeatureInfo) -> OnlineLogisticClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return the classifier.

        Raises:
            UsageError: River is not installed.
        """
        needed("river", by="the detector 'online_logistic'", extra=self.extra)
        return OnlineLogisticClassifier(keys=info.keys)


class OnlineLogisticClassifier(FraudClassifier):
    """River's ``StandardScaler`` and ``LogisticRegression``, by stochastic gradient descent.

    Training rows are learnt in the order of time, once.

    Args:
        rate: step of the descent (.02 and more forget rare fraud, on 300 frauds of ``cards``).
        l2: L2 penalty.
        keys: the columns that are keys, not features.
    """

    columns_: NumberColumns
    model_: Any

    def __init__(self, rate: float = 0.005, l2: float = 1e-4, keys: tuple[str, ...] = ()) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.rate = rate
        self.l2 = l2
        self.keys = keys

    def hear(self, X: Any, y: Any) -> None:  # noqa: N803 -- scikit-learn's names
        """Learn from labels that have become known, in the order given."""
        frame, labels = as_frame(X), np.asarray(y, np.bool_)
        self._learn(self._rows(frame), labels, np.ones(labels.size))

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        self.columns_ = NumberColumns().fit(without_keys(frame, self.keys))
        self.model_ = _pipeline(self.rate, self.l2)
        order = in_order_of_time(frame, self.keys)
        counted = np.ones(fraud.size) if weight is None else weight
        self._learn(self._rows(frame[order]), fraud[order], counted[order])

    def _learn(
        self,
        rows: Iterator[dict[str, float]],
        fraud: NDArray[np.bool_],
        weight: NDArray[np.float64],
    ) -> None:
        learn = self.model_.learn_one
        for row, label, count in zip(rows, fraud.tolist(), weight.tolist(), strict=True):
            learn(row, label, w=count)

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        if frame.height == 1:  # a batch of one takes four times as long
            [row] = self._rows(frame)
            return np.array([self.model_.predict_proba_one(row)[True]], np.float64)
        answer = self.model_.predict_proba_many(self._numbers(frame))
        return np.asarray(answer.to_series(1).to_numpy(), np.float64)

    def _numbers(self, frame: pl.DataFrame) -> pl.DataFrame:
        matrix = self.columns_.transform(without_keys(frame, self.keys))
        return pl.DataFrame(matrix, schema=self.columns_.names)

    def _rows(self, frame: pl.DataFrame) -> Iterator[dict[str, float]]:
        return self._numbers(frame).iter_rows(named=True)


def _pipeline(rate: float, l2: float) -> Any:
    from river.linear_model import LogisticRegression
    from river.optim import SGD
    from river.preprocessing import StandardScaler

    return StandardScaler() | LogisticRegression(optimizer=SGD(rate), l2=l2)
