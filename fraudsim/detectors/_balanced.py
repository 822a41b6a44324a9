"""What imbalanced-learn's ensembles share: each member learns from as many genuine rows as frauds.

Their probabilities are those of a world where half of all payments are fraud. They are brought to
the odds of the rows given (case-control correction: King and Zeng 2001, Logistic Regression in Rare
Events Data, section 4.1), so that a rebalancer before them is corrected as for any other detector.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.detectors.base import FraudClassifier
from fraudsim.encoding import TableEncoder
from fraudsim.metrics import prior_corrected
from fraudsim.streams import Streams

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

BELOW_ALL = -1e12
"""Stands for null: trees then may split it off to one side."""


class BalancedEnsemble(FraudClassifier):
    """A classifier around an ensemble of imbalanced-learn; a subclass has ``_ensemble``.

    Weights that are the same within a class count through the odds. Where they differ within a
    class, its rows are drawn anew in proportion to them: the ensembles take no weights.
    """

    random_state: int
    encoder_: TableEncoder
    model_: Any
    odds_: float

    @abstractmethod
    def _ensemble(self) -> Any:
        """Return a fresh ensemble."""

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        counted = np.ones(fraud.size) if weight is None else weight
        self.odds_ = float(counted[fraud].sum() / counted[~fraud].sum())
        self.encoder_ = TableEncoder().fit(frame)
        rows = self._drawn(fraud, counted)
        self.model_ = self._ensemble().fit(self._matrix(frame[rows]), fraud[rows])

    def _drawn(self, fraud: NDArray[np.bool_], weight: NDArray[np.float64]) -> NDArray[np.int64]:
        stream = Streams(self.random_state).get("balanced ensemble rows")
        parts = []
        for rows in (np.flatnonzero(~fraud), np.flatnonzero(fraud)):
            share = weight[rows] / weight[rows].sum()
            alike = np.ptp(share) <= 1e-12 * share.max()
            parts.append(rows if alike else stream.choice(rows, rows.size, p=share))
        return np.sort(np.concatenate(parts))

    def _matrix(self, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        matrix = self.encoder_.transform(frame, np.float32)
        matrix[np.isnan(matrix)] = BELOW_ALL
        return matrix

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        score: NDArray[np.float64] = self.model_.predict_proba(self._matrix(frame))[:, 1]
        return prior_corrected(score, learnt_odds=1.0, true_odds=self.odds_)
