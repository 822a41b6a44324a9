"""HBOS: a payment is odd whose values stand where few others do, column by column.

Of PyOD's detectors this one judges every row by what was learnt; ECOD and COPOD rank a row within
the rows that are scored with it, so that it would know the future.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.extras import needed
from fraudsim.detectors.kit.filled_matrix import MatrixEncoder
from fraudsim.detectors.kit.order import squashed
from fraudsim.detectors.logistic import signed_log

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class Hbos(Detector):
    """Histogram-based outlier score (Goldstein, Dengel 2012), of PyOD."""

    name: ClassVar[str] = "hbos"
    summary: ClassVar[str] = "anomaly detector: odd values, column by column, by histograms (PyOD)"
    learns: ClassVar[bool] = False
    probabilities: ClassVar[bool] = False
    extra: ClassVar[str] = "pyod"

    def build(self, *, seed: int, info: FeatureInfo) -> HbosClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return the classifier.

        Raises:
            UsageError: PyOD is not installed.
        """
        needed("pyod", by="the detector 'hbos'", extra=self.extra)
        return HbosClassifier()


class HbosClassifier(FraudClassifier):
    """PyOD's ``HBOS`` on the signed logs of numbers and codes of categories, medians for nulls.

    Labels and weights are not looked at. Bins are as wide as each other, so a column of amounts
    would have nearly all rows in the first one: logs spread them.

    Args:
        n_bins: bins of each column.
    """

    matrix_: MatrixEncoder
    model_: Any

    def __init__(self, n_bins: int = 20) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.n_bins = n_bins

    def _fit(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],  # noqa: ARG002 -- it looks at no label
        weight: NDArray[np.float64] | None,  # noqa: ARG002 -- nor at weights, which follow labels
    ) -> None:
        from pyod.models.hbos import HBOS

        self.matrix_ = MatrixEncoder(fill=True)
        self.model_ = HBOS(n_bins=self.n_bins)
        self.model_.fit(signed_log(self.matrix_.fit_transform(frame)))

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        odd = self.model_.decision_function(signed_log(self.matrix_.transform(frame)))
        return squashed(np.asarray(odd, np.float64))
