"""Logistic regression: the baseline that boosting has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.encoding import TableEncoder
from fraudsim.streams import Streams

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

WIDE_SD = 100.0
"""Columns that spread wider than this (amounts, seconds, counts) are put on a log scale first."""

MOST_PER_CLASS = 300_000
"""Rows of a class that are learnt from at most (a choice: a million rows of ours took 8 GB)."""

RARE_CATEGORY = 20
"""Categories with fewer training rows share one column."""


class Logistic(Detector):
    """Logistic regression over scaled numbers and one column per category."""

    name: ClassVar[str] = "logistic"
    summary: ClassVar[str] = "logistic regression: the baseline that boosting has to beat"

    def build(self, *, seed: int, info: FeatureInfo) -> LogisticClassifier:  # noqa: ARG002 -- takes any features
        """Return the classifier."""
        return LogisticClassifier(random_state=seed)


class LogisticClassifier(FraudClassifier):
    """Median for nulls with a mark beside, log of wide columns, scaling, L2 regression.

    A class with more than ``most_per_class`` rows is learnt from a random part of them that weighs
    as much as all (a weighted case-control sample: King and Zeng 2001, section 4). With frauds
    counted in hundreds, more genuine rows cost gigabytes and move the metrics by far less than
    the width of their intervals.

    Args:
        inverse_penalty: ``C`` of scikit-learn's ``LogisticRegression``.
        most_per_class: rows of either class that are used at most.
        random_state: the seed of that part.
    """

    encoder_: TableEncoder
    model_: Any

    def __init__(
        self,
        inverse_penalty: float = 1.0,
        most_per_class: int = MOST_PER_CLASS,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.inverse_penalty = inverse_penalty
        self.most_per_class = most_per_class
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        self.encoder_ = TableEncoder().fit(frame)
        rows, share = self._part(fraud)
        counted = np.ones(fraud.size) if weight is None else weight
        matrix = self.encoder_.transform(frame[rows], np.float32)
        self.model_ = _pipeline(matrix, self.encoder_.categorical, self.inverse_penalty)
        self.model_.fit(matrix, fraud[rows], classifier__sample_weight=counted[rows] / share)

    def _part(self, fraud: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows to learn from, rising, and of each what share of its class is used."""
        parts: list[NDArray[np.int64]] = []
        share = np.ones(fraud.size)
        for is_fraud in (False, True):
            rows = np.flatnonzero(fraud == is_fraud)
            if rows.size > self.most_per_class:
                share[rows] = self.most_per_class / rows.size
                stream = Streams(self.random_state).get("logistic rows", int(is_fraud))
                rows = stream.choice(rows, self.most_per_class, replace=False)
            parts.append(rows)
        used = np.sort(np.concatenate(parts))
        return used, share[used]

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self.model_.predict_proba(
            self.encoder_.transform(frame, np.float32)
        )
        return scores[:, 1]


def signed_log(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log of 1 + |x| with the sign of x."""
    return np.sign(values) * np.log1p(np.abs(values))


def _pipeline(matrix: NDArray[Any], categorical: list[int], inverse_penalty: float) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    wide, narrow = _by_spread(matrix, categorical)
    imputed = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    columns = ColumnTransformer(
        [
            ("wide", Pipeline([("log", FunctionTransformer(signed_log)), ("fill", imputed)]), wide),
            ("narrow", imputed, narrow),
            (
                "categories",
                OneHotEncoder(
                    handle_unknown="infrequent_if_exist",
                    min_frequency=RARE_CATEGORY,
                    sparse_output=False,
                ),
                categorical,
            ),
        ]
    )
    # newton-cholesky converges in a few steps and to the end where rows far outnumber columns
    regression = LogisticRegression(C=inverse_penalty, solver="newton-cholesky", max_iter=100)
    return Pipeline(
        [("columns", columns), ("scale", StandardScaler(copy=False)), ("classifier", regression)]
    )


def _by_spread(matrix: NDArray[Any], categorical: list[int]) -> tuple[list[int], list[int]]:
    """Return the positions of the wide and of the other columns of numbers."""
    numbers = [i for i in range(matrix.shape[1]) if i not in set(categorical)]
    wide = [i for i in numbers if _spread(matrix[:, i]) > WIDE_SD]
    return wide, [i for i in numbers if i not in set(wide)]


def _spread(column: NDArray[Any]) -> float:
    known = column[~np.isnan(column)]
    return float(known.std()) if known.size else 0.0
