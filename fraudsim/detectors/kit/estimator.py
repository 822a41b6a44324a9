"""Plugs in what scikit-learn calls an estimator, a pipeline, or an outlier detector of PyOD.

The features are handed over as a float64 matrix, categories as codes; an estimator that does not
say that it takes NaN gets medians instead (``MatrixEncoder``). Every fit is of a fresh clone with
the benchmark's seed as every ``random_state``: what was fitted before is forgotten.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.filled_matrix import MatrixEncoder
from fraudsim.detectors.kit.order import squashed
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """How an estimator is fitted and asked.

    Attributes:
        learns: whether it is shown labels.
        probabilities: whether its scores are probabilities.
        score: from a fitted estimator and a matrix to a score of each row, 0 to 1.
    """

    learns: bool
    probabilities: bool
    score: Callable[[Any, Scores], Scores]


def way_of(estimator: Any) -> Way | None:
    """Return how an estimator is used, ``None`` if it is none.

    Outlier detectors come first: PyOD's have a ``predict_proba`` too, but it ranks within the rows
    given. PyOD calls odd what scores high, scikit-learn what scores low.
    """
    if not callable(getattr(estimator, "fit", None)):
        return None
    if callable(getattr(estimator, "decision_function", None)) and _takes_no_labels(estimator):
        sign = -1.0 if _is_outlier_of_scikit_learn(estimator) else 1.0
        return Way(
            learns=False,
            probabilities=False,
            score=lambda model, rows: squashed(sign * _numbers(model.decision_function(rows))),
        )
    if callable(getattr(estimator, "predict_proba", None)):
        return Way(learns=True, probabilities=True, score=_of_second_class)
    if callable(getattr(estimator, "decision_function", None)):
        return Way(
            learns=True,
            probabilities=False,
            score=lambda model, rows: squashed(_numbers(model.decision_function(rows))),
        )
    return None


class EstimatorDetector(Detector):
    """A detector around an estimator; ``fraudsim.detectors.kit.naming.named`` gives it a name.

    Args:
        template: what is cloned for every fit; not changed.
    """

    name: ClassVar[str] = "estimator"
    summary: ClassVar[str] = "a scikit-learn estimator or pipeline, or an outlier detector of PyOD"

    def __init__(self, template: Any) -> None:
        self.template = template

    def build(self, *, seed: int, info: FeatureInfo) -> EstimatorClassifier:  # noqa: ARG002 -- takes any features
        """Return a classifier around a clone."""
        return EstimatorClassifier(self.template, random_state=seed)

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:  # noqa: ARG002 -- on any features
        """Say what it does not take."""
        if self.learns and _weight_parameter(self.template) is None:
            return (f"{self.name} takes no weights of rows: those of a rebalancer are not used",)
        return ()


class EstimatorClassifier(FraudClassifier):
    """A classifier around an estimator.

    Args:
        estimator: the template; a clone of it is fitted.
        random_state: the seed, for every parameter of it with that name.
    """

    matrix_: MatrixEncoder
    model_: Any

    def __init__(self, estimator: Any, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.estimator = estimator
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        self.way_ = _needed_way(self.estimator)
        self.matrix_ = MatrixEncoder(fill=not _takes_nan(self.estimator))
        matrix = self.matrix_.fit_transform(frame)
        self.model_ = _fresh(self.estimator, self.random_state)
        if not self.way_.learns:
            self.model_.fit(matrix)
            return
        parameter = None if weight is None else _weight_parameter(self.model_)
        weights = {} if parameter is None else {parameter: weight}
        self.model_.fit(matrix, fraud.astype(np.int64), **weights)

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        scores = self.way_.score(self.model_, self.matrix_.transform(frame))
        return checked(scores, frame.height, type(self.estimator).__name__)


def checked(scores: Scores, rows: int, whose: str) -> Scores:
    """Return scores if there is one from 0 to 1 for every row.

    Raises:
        UsageError: there is not.
    """
    if scores.shape != (rows,):
        raise UsageError(
            f"{whose}: one score for each of {rows:,} rows was expected, not {scores.shape}"
        )
    wrong = np.flatnonzero(~((scores >= 0) & (scores <= 1)))
    if wrong.size:
        raise UsageError(
            f"{whose}: scores should be numbers from 0 to 1, "
            f"but {wrong.size:,} of {rows:,} are not (the first is {scores[wrong[0]]})"
        )
    return scores


def _needed_way(estimator: Any) -> Way:
    way = way_of(estimator)
    if way is None:
        raise UsageError(
            f"{type(estimator).__name__} should have fit, and predict_proba or decision_function"
        )
    return way


def _of_second_class(model: Any, rows: Scores) -> Scores:
    probabilities = _numbers(model.predict_proba(rows))
    if probabilities.ndim != 2 or probabilities.shape[1] != 2:
        raise UsageError(
            f"{type(model).__name__}.predict_proba should give two columns, genuine and fraud, "
            f"not the shape {probabilities.shape}"
        )
    return probabilities[:, 1]


def _numbers(values: Any) -> Scores:
    return np.asarray(values, np.float64)


# What an estimator says of itself


def _takes_no_labels(estimator: Any) -> bool:
    """Return whether ``fit`` does without labels, so that it is an outlier detector."""
    from sklearn.base import is_classifier

    if _is_outlier_of_scikit_learn(estimator) or _is_from("pyod", estimator):
        return True
    try:
        if is_classifier(estimator):
            return False
        labels = list(signature(estimator.fit).parameters.values())[1:2]
    except (AttributeError, TypeError, ValueError):  # has no tags, or a compiled fit
        return False
    optional = not labels or labels[0].default is not Parameter.empty
    # with predict_proba it may be a classifier that is lax about y; PyOD's say how many are odd
    lax = hasattr(estimator, "predict_proba") and not hasattr(estimator, "contamination")
    return optional and not lax


def _is_outlier_of_scikit_learn(estimator: Any) -> bool:
    from sklearn.base import OutlierMixin

    return isinstance(_last_step(estimator), OutlierMixin)


def _is_from(package: str, estimator: Any) -> bool:
    kinds = type(_last_step(estimator)).__mro__
    return any(kind.__module__.partition(".")[0] == package for kind in kinds)


def _last_step(estimator: Any) -> Any:
    steps = getattr(estimator, "steps", None)
    return steps[-1][1] if isinstance(steps, list) and steps else estimator


def _takes_nan(estimator: Any) -> bool:
    from sklearn.utils import get_tags

    try:
        return bool(get_tags(estimator).input_tags.allow_nan)
    except (AttributeError, TypeError, ValueError):  # says nothing of the kind
        return False


def _weight_parameter(estimator: Any) -> str | None:
    """Return under what name ``fit`` takes the weights of rows, ``None`` if it does not."""
    from sklearn.utils.validation import has_fit_parameter

    last = _last_step(estimator)
    if not has_fit_parameter(last, "sample_weight"):
        return None
    return "sample_weight" if last is estimator else f"{estimator.steps[-1][0]}__sample_weight"


def _fresh(estimator: Any, seed: int) -> Any:
    """Return an unfitted copy that draws from the seed."""
    from sklearn.base import clone

    if not callable(getattr(estimator, "get_params", None)):
        return deepcopy(estimator)
    model = clone(estimator)
    seeds = [name for name in model.get_params() if _is_seed(name)]
    return model.set_params(**dict.fromkeys(seeds, seed)) if seeds else model


def _is_seed(parameter: str) -> bool:
    return parameter.rpartition("__")[2] == "random_state"
