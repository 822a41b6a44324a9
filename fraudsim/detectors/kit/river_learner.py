"""Plugs in what learns row by row, with River's ``learn_one`` and ``predict_proba_one``.

Such a learner is shown the training rows in the order of time, then scores day by day and hears
labels in between. A row is a dict: numbers and booleans as numbers, categories as text (River's
``OneHotEncoder`` takes them), nulls left out.
"""

from __future__ import annotations

from copy import deepcopy
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.estimator import checked
from fraudsim.detectors.kit.key_columns import in_order_of_time, without_keys
from fraudsim.encoding import as_frame, is_category
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def is_learner(model: Any) -> bool:
    """Return whether something has River's methods."""
    return all(callable(getattr(model, name, None)) for name in ("learn_one", "predict_proba_one"))


class LearnerDetector(Detector):
    """A detector around a learner; ``fraudsim.detectors.kit.naming.named`` gives it a name.

    Args:
        template: what is copied for every fit; not changed.
    """

    name: ClassVar[str] = "learner"
    summary: ClassVar[str] = "a River learner, which goes on learning as labels become known"
    wants_keys: ClassVar[bool] = True  # for the order of time alone
    listens: ClassVar[bool] = True

    def __init__(self, template: Any) -> None:
        self.template = template

    def build(self, *, seed: int, info: FeatureInfo) -> LearnerClassifier:
        """Return a classifier around a copy."""
        return LearnerClassifier(self.template, keys=info.keys, random_state=seed)


class LearnerClassifier(FraudClassifier):
    """A classifier around a learner.

    Weights of rows are handed to ``learn_one`` if it has a parameter ``w``, and left out if not.

    Args:
        learner: the template; a copy of it learns.
        keys: the columns that are keys, not features.
        random_state: the seed, for its parameter ``seed`` if it has one.
    """

    columns_: list[str]
    model_: Any

    def __init__(self, learner: Any, keys: tuple[str, ...] = (), random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.learner = learner
        self.keys = keys
        self.random_state = random_state

    def hear(self, X: Any, y: Any) -> None:  # noqa: N803 -- scikit-learn's names
        """Learn from labels that have become known, in the order given."""
        labels = np.asarray(y, np.bool_)
        for row, label in zip(self._rows(as_frame(X)), labels.tolist(), strict=True):
            self.model_.learn_one(row, label)

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        self.model_ = _fresh(self.learner, self.random_state)
        self.columns_ = without_keys(frame, self.keys).columns
        order = in_order_of_time(frame, self.keys)
        labels = fraud[order].tolist()
        rows = self._rows(frame[order])
        if weight is None or not takes_weight(self.model_):
            for row, label in zip(rows, labels, strict=True):
                self.model_.learn_one(row, label)
        else:
            counts = weight[order].tolist()
            for row, label, count in zip(rows, labels, counts, strict=True):
                self.model_.learn_one(row, label, w=count)

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        answers = (self.model_.predict_proba_one(row) for row in self._rows(frame))
        scores = np.array([_of_fraud(answer) for answer in answers], np.float64)
        return checked(scores, frame.height, type(self.learner).__name__)

    def _rows(self, frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
        features = without_keys(frame, self.keys)
        if features.columns != self.columns_:
            odd = sorted(set(features.columns) ^ set(self.columns_))
            raise UsageError(
                f"the columns differ from those learnt from: {', '.join(odd) or 'another order'}"
            )
        return _dicts(features)


def takes_weight(model: Any) -> bool:
    """Return whether ``learn_one`` takes a weight: its own, or that of a pipeline's last step."""
    steps = getattr(model, "steps", None)
    last = list(steps.values())[-1] if isinstance(steps, dict) and steps else model
    return "w" in signature(last.learn_one).parameters


def _dicts(features: pl.DataFrame) -> Iterator[dict[str, Any]]:
    plain = features.select(
        pl.col(name).cast(pl.String if is_category(dtype) else pl.Float64)
        if not dtype.is_temporal()
        else pl.col(name).to_physical().cast(pl.Float64)
        for name, dtype in features.schema.items()
    )
    for row in plain.iter_rows(named=True):
        yield {name: value for name, value in row.items() if value is not None and value == value}  # noqa: PLR0124 -- NaN is what differs from itself


def _of_fraud(answer: Any) -> float:
    """Return the probability of fraud; a class that was never seen is missing from the answer."""
    for label in (True, 1, "1", "True"):
        if label in answer:
            return float(answer[label])
    return 0.0


def _fresh(learner: Any, seed: int) -> Any:
    """Return a copy that has learnt nothing, and draws from the seed if it draws at all."""
    if not callable(getattr(learner, "clone", None)):
        return deepcopy(learner)
    seeded = "seed" in signature(type(learner).__init__).parameters
    return learner.clone({"seed": seed}) if seeded else learner.clone()
