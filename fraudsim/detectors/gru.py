"""A recurrent network that judges a payment after those that its account made before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.extras import needed
from fraudsim.detectors.kit.histories import Histories
from fraudsim.detectors.kit.key_columns import (
    NOBODY,
    ROW,
    TIME,
    account_of,
    in_order_of_time,
    real_rows,
    without_keys,
)
from fraudsim.detectors.kit.number_columns import NumberColumns
from fraudsim.metrics import prior_corrected
from fraudsim.streams import Streams

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

MOST_GENUINE = 30_000
"""Genuine rows that are judged in training at most; all are read as what was before."""

WIDEST = 5.0
"""Standard deviations that a column is cut at."""


class Gru(Detector):
    """A gated recurrent unit (Cho et al. 2014) over the last payments of an account."""

    name: ClassVar[str] = "gru"
    summary: ClassVar[str] = "recurrent network over the last payments of an account (PyTorch)"
    wants_keys: ClassVar[bool] = True
    in_order: ClassVar[bool] = True
    extra: ClassVar[str] = "neural"

    def build(self, *, seed: int, info: FeatureInfo) -> GruClassifier:
        """Return the classifier.

        Raises:
            UsageError: PyTorch is not installed.
        """
        needed("torch", by="the detector 'gru'", extra=self.extra)
        return GruClassifier(keys=info.keys, random_state=seed)

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:
        """Say so if there are no sequences."""
        if account_of(info.keys) and TIME in info.keys:
            return ()
        why = "the table names nobody (--entity COLUMN)"
        return (f"gru sees every payment alone, as {why}",)


class GruClassifier(FraudClassifier):
    """The network on signed logs, categories as marks, medians for nulls, all scaled.

    It remembers the last rows of each account, from training on: rows are to be scored in the order
    of time, each once. Copies of a row that a rebalancer made count as one row that weighs more;
    rows that it invented count by what the real ones of their class weigh (``real_rows``).

    Args:
        last: payments that are read, the one judged with them.
        epochs: how often the training rows are seen.
        batch: rows of a step.
        most_genuine: genuine rows that are judged in training at most.
        keys: the columns that are keys, not features.
        random_state: the seed.
    """

    columns_: NumberColumns
    histories_: Histories
    network_: Any
    odds_: float
    learnt_odds_: float

    def __init__(
        self,
        last: int = 8,
        epochs: int = 4,
        batch: int = 256,
        most_genuine: int = MOST_GENUINE,
        keys: tuple[str, ...] = (),
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.last = last
        self.epochs = epochs
        self.batch = batch
        self.most_genuine = most_genuine
        self.keys = keys
        self.random_state = random_state

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        counted = np.ones(fraud.size) if weight is None else weight
        real, counted = real_rows(frame, self.keys, fraud, counted)
        frame, fraud = frame[real], fraud[real]
        rows, counted = _each_once(frame, self.keys, counted)
        frame, fraud = frame[rows], fraud[rows]
        self._learn_scale(without_keys(frame, self.keys))
        self.histories_ = Histories(self.last - 1)
        read, windows = self._read(frame)
        judged = self._judged(fraud)
        self.odds_ = _odds(fraud, counted)
        self.learnt_odds_ = _odds(fraud[judged], counted[judged])
        self._train(read, windows[judged], fraud[judged], counted[judged])

    def _train(
        self,
        read: NDArray[np.float32],
        windows: NDArray[np.int64],
        fraud: NDArray[np.bool_],
        weight: NDArray[np.float64],
    ) -> None:
        from fraudsim.detectors.kit.neural.gru import trained

        self.network_ = trained(
            read,
            windows,
            fraud,
            weight,
            epochs=self.epochs,
            batch=self.batch,
            seed=self.random_state,
            stream=Streams(self.random_state).get("gru order"),
        )

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        order = in_order_of_time(frame, self.keys)
        read, windows = self._read(frame[order])
        scores = np.empty(frame.height)
        scores[order] = self.network_.scores(read, windows)
        return prior_corrected(scores, learnt_odds=self.learnt_odds_, true_odds=self.odds_)

    def _judged(self, fraud: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the rows to be judged in training, rising: all frauds, a part of the others."""
        genuine = np.flatnonzero(~fraud)
        if genuine.size > self.most_genuine:
            stream = Streams(self.random_state).get("gru rows")
            genuine = stream.choice(genuine, self.most_genuine, replace=False)
        return np.sort(np.concatenate([genuine, np.flatnonzero(fraud)]))

    def _learn_scale(self, features: pl.DataFrame) -> None:
        self.columns_ = NumberColumns().fit(features)
        numbers = self.columns_.transform(features)
        self.mean_ = numbers.mean(axis=0)
        spread = numbers.std(axis=0)
        self.spread_ = np.where(spread > 0, spread, 1.0)

    def _read(self, frame: pl.DataFrame) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return rows in the order of time with what each is read after, and remember them."""
        numbers = self.columns_.transform(without_keys(frame, self.keys))
        scaled = np.clip((numbers - self.mean_) / self.spread_, -WIDEST, WIDEST)
        whose = account_of(self.keys) if TIME in self.keys else None
        account = time_us = np.full(frame.height, NOBODY, np.int64)
        if whose is not None:
            account, time_us = frame[whose].to_numpy(), frame[TIME].to_numpy()
        return self.histories_.read(scaled.astype(np.float32), account, time_us)


def _each_once(
    frame: pl.DataFrame, keys: tuple[str, ...], weight: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows in the order of time without copies, and what each weighs with its copies."""
    order = in_order_of_time(frame, keys)
    if ROW not in keys:
        return order, weight[order]
    row = frame[ROW].to_numpy()[order]
    first = np.ones(row.size, np.bool_)
    first[1:] = (row[1:] != row[:-1]) | (row[1:] == NOBODY)
    starts = np.flatnonzero(first)
    return order[starts], np.add.reduceat(weight[order], starts)


def _odds(fraud: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    return float(weight[fraud].sum() / weight[~fraud].sum())
