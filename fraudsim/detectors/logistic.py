"""Logistic regression: the baseline that boosting has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.encoding import TableEncoder

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

WIDE_SD = 100.0
"""Columns that spread wider than this (amounts, seconds, counts) are put on a log scale first."""

RARE_CATEGORY = 20
"""Categories with fewer training rows share one column."""


class Logistic(Detector):
    """Logistic regression over scaled numbers and one column per category."""

    name: ClassVar[str] = "logistic"
    summary: ClassVar[str] = "logistic regression: the baseline that boosting has to beat"

    def build(self, *, seed: int, info: FeatureInfo) -> LogisticClassifier:  # noqa: ARG002 -- the solver is exact
        """Return the classifier; nothing in it is random."""
        return LogisticClassifier()


class LogisticClassifier(FraudClassifier):
    """Median for nulls with a mark beside, log of wide columns, scaling, L2 regression.

    Args:
        inverse_penalty: ``C`` of scikit-learn's ``LogisticRegression``.
    """

    encoder_: TableEncoder
    model_: Any

    def __init__(self, inverse_penalty: float = 1.0) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.inverse_penalty = inverse_penalty

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        self.encoder_ = TableEncoder().fit(frame)
        matrix = self.encoder_.transform(frame, np.float32)
        self.model_ = _pipeline(matrix, self.encoder_.categorical, self.inverse_penalty)
        self.model_.fit(matrix, fraud, classifier__sample_weight=weight)

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
