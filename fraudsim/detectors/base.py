"""What every detector promises.

A detector builds a scikit-learn compatible classifier. The classifier is given polars tables with
their types (also pandas tables or matrices), learns in ``fit(X, y, sample_weight=None)`` and
answers ``predict_proba(X)`` with a column for genuine and one for fraud. Training rows arrive in no
order that may be relied on: a rebalancer may have been before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from fraudsim.encoding import as_frame, as_fraud
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


@dataclass(frozen=True)
class FeatureInfo:
    """What a detector is told about the features before it sees a row.

    Attributes:
        amount: the column of the amount; ``None`` if there is none.
        look_back: whether the features are those of a simulated dataset, with the names of
            ``fraudsim.features.describe``.
        keys: columns beside the features for detectors that want keys: which row it is, when, and
            who takes part (``key_row``, ``key_time_us``, ``key_account``, ...).
    """

    amount: str | None = None
    look_back: bool = False
    keys: tuple[str, ...] = ()


class Detector(ABC):
    """Builds a classifier; a subclass has a ``name`` (that of its file) and ``build``.

    What a detector says of itself, and what follows from it:

    - ``floor``: anything that learns should beat it.
    - ``ceiling``: it is told the truth, so nothing beats it.
    - ``learns``: it learns from labels. Its probabilities follow the share of fraud in its training
      rows, so a rebalancer shifts them.
    - ``probabilities``: its scores are probabilities rather than an order alone, so that their
      calibration can be judged.
    - ``wants_keys``: its rows have the columns of ``FeatureInfo.keys`` beside the features.
    - ``in_order``: its answers depend on the rows scored before. It is given every row after the
      training rows once, day by day in the order of time.
    - ``extra``: the extra of fraudsim that brings a package it needs; empty if it needs none.
    - ``listens``: between two days it hears labels that have become known (``hear``); such a
      detector is given its rows in order as well.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    floor: ClassVar[bool] = False
    ceiling: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    probabilities: ClassVar[bool] = True
    wants_keys: ClassVar[bool] = False
    in_order: ClassVar[bool] = False
    listens: ClassVar[bool] = False
    extra: ClassVar[str] = ""

    @abstractmethod
    def build(self, *, seed: int, info: FeatureInfo) -> FraudClassifier:
        """Return a fresh classifier.

        Args:
            seed: for whatever is random in it; equal seeds and rows give equal answers.
            info: what is known about the features.
        """

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:  # noqa: ARG002 -- for subclasses
        """Return what a reader of results should know about this detector on such features."""
        return ()


class FraudClassifier(ClassifierMixin, BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn ships no types
    """A scikit-learn classifier of two classes; a subclass has ``_fit`` and ``_score``."""

    classes_: NDArray[np.int64]

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FraudClassifier:  # noqa: N803 -- scikit-learn's names
        """Learn from rows ``X`` with labels ``y`` (1 or true is fraud); neither is changed.

        Raises:
            UsageError: there is one class only, or ``X`` has a column of the truth.
        """
        frame, fraud = as_frame(X), as_fraud(y)
        if frame.height != fraud.size:
            raise UsageError(f"{frame.height:,} rows but {fraud.size:,} labels")
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = frame.width
        weight = None if sample_weight is None else np.asarray(sample_weight, np.float64)
        self._fit(frame, fraud, weight)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803 -- scikit-learn's names
        """Return two columns: probability of genuine and of fraud.

        Raises:
            UsageError: ``X`` has other columns than the rows learnt from.
        """
        check_is_fitted(self, "classes_")
        fraud = np.asarray(self._score(as_frame(X)), np.float64)
        return np.column_stack([1.0 - fraud, fraud])

    def hear(self, X: Any, y: Any) -> None:  # noqa: N803 -- scikit-learn's names
        """Hear labels that have become known since the last call, of rows scored before.

        Fraud is known when it is reported; a row counts as genuine when it has grown as old as the
        label delay without a report, and is heard again if one comes later. Called only for
        detectors that ``listen``; nothing happens unless a subclass learns from it.
        """

    def predict(self, X: Any) -> NDArray[np.int64]:  # noqa: N803 -- scikit-learn's names
        """Return 1 where fraud is more probable than not, else 0."""
        return (self.predict_proba(X)[:, 1] > 0.5).astype(np.int64)

    @abstractmethod
    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        """Learn; both classes are there."""

    @abstractmethod
    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Return the probability of fraud of each row, 0 to 1."""
