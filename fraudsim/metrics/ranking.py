"""How well scores put fraud before the rest; intervals by resampling whole accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.metrics.scored import Scored
    from fraudsim.streams import Streams

FALSE_POSITIVE_SHARE = 0.01
"""The share of genuine rows that may be flagged in ``recall_at_1pct_fpr``."""

CURVE_POINTS = 200
REPLICATES = 300
LEVEL = 0.95


@njit(cache=True)
def _ranking(
    fraud: np.ndarray, last_of_tie: np.ndarray, weight: np.ndarray, most_false: float
) -> tuple[float, float, float]:
    """Return average precision, ROC AUC and recall at a false-positive share, in one pass.

    Rows are sorted by falling score; ``last_of_tie`` marks the last row of each run of equal
    scores; ``weight`` says how often a row counts. NaN where a class has no weight.
    """
    all_fraud = 0.0
    all_genuine = 0.0
    for i in range(fraud.size):
        if fraud[i]:
            all_fraud += weight[i]
        else:
            all_genuine += weight[i]
    if all_fraud == 0 or all_genuine == 0:
        return np.nan, np.nan, np.nan
    true, false = 0.0, 0.0
    true_before, false_before = 0.0, 0.0
    precision_sum, area, recall = 0.0, 0.0, 0.0
    for i in range(fraud.size):
        if fraud[i]:
            true += weight[i]
        else:
            false += weight[i]
        if last_of_tie[i]:
            if true + false > 0:
                precision_sum += (true - true_before) * true / (true + false)
            area += (false - false_before) * (true + true_before) / 2
            if false <= most_false * all_genuine:
                recall = true / all_fraud
            true_before, false_before = true, false
    return precision_sum / all_fraud, area / (all_fraud * all_genuine), recall


RANKING = ("average_precision", "roc_auc", "recall_at_1pct_fpr")


@dataclass(frozen=True)
class Order:
    """Rows by falling score, with the ends of ties: computed once, used for every replicate."""

    rows: NDArray[np.int64]
    last_of_tie: NDArray[np.bool_]

    @classmethod
    def of(cls, score: NDArray[np.float64]) -> Order:
        """Sort rows by falling score; those of equal score stay in order of time."""
        rows = np.argsort(-score, kind="stable")
        falling = score[rows]
        last = np.ones(rows.size, np.bool_)
        last[:-1] = falling[1:] != falling[:-1]
        return cls(rows, last)


def ranking_metrics(rows: Scored, order: Order) -> dict[str, float]:
    """Return average precision, ROC AUC, and recall at 1 % false positives.

    Average precision is scikit-learn's (a sum of steps, no interpolation). Recall is that of the
    largest set of top rows, ties kept together, with at most 1 % of the genuine rows in it.
    """
    values = _ranking(
        rows.fraud[order.rows], order.last_of_tie, np.ones(rows.fraud.size), FALSE_POSITIVE_SHARE
    )
    return dict(zip(RANKING, values, strict=True))


def weighted_ranking(rows: Scored, order: Order, weight: NDArray[np.float64]) -> dict[str, float]:
    """Return the ranking metrics with each row counted ``weight`` times; NaN without a class."""
    values = _ranking(
        rows.fraud[order.rows], order.last_of_tie, weight[order.rows], FALSE_POSITIVE_SHARE
    )
    return dict(zip(RANKING, values, strict=True))


def account_draws(
    account: NDArray[np.int64], streams: Streams, replicates: int
) -> Iterator[NDArray[np.float64]]:
    """Yield, per replicate, how often each row counts when whole accounts are drawn anew.

    The same streams draw the same accounts, so that what is compared is compared pair by pair.

    Args:
        account: of each row, numbered from 0.
        streams: where the draws come from.
        replicates: how many.
    """
    accounts = int(account.max()) + 1
    for replicate in range(replicates):
        drawn = streams.get("bootstrap", replicate).integers(0, accounts, accounts)
        yield np.bincount(drawn, minlength=accounts).astype(np.float64)[account]


def ranking_intervals(
    rows: Scored, order: Order, streams: Streams, *, replicates: int = REPLICATES
) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of the ranking metrics: percentiles over resampled accounts.

    Accounts are drawn with replacement, each with all its rows. The same streams draw the same
    accounts for every detector, so that detectors can be compared pair by pair.
    """
    fraud, account = rows.fraud[order.rows], rows.account[order.rows]
    values = np.array(
        [
            _ranking(fraud, order.last_of_tie, times, FALSE_POSITIVE_SHARE)
            for times in account_draws(account, streams, replicates)
        ]
    )
    usable = values[~np.isnan(values).any(axis=1)]
    if usable.shape[0] == 0:
        return {}
    low, high = np.quantile(usable, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(RANKING, low, high, strict=True)}


def precision_recall_curve(rows: Scored, order: Order) -> dict[str, list[float]]:
    """Return the curve at no more than 200 points: ``recall`` rising, ``precision`` beside it."""
    true = np.cumsum(rows.fraud[order.rows])[order.last_of_tie]
    flagged = (np.flatnonzero(order.last_of_tie) + 1).astype(np.float64)
    recall = true / true[-1]
    # one point per step of recall, and of those the ones nearest to an even grid
    step = np.flatnonzero(np.diff(np.concatenate([[0], true])))
    grid = np.searchsorted(recall[step], np.linspace(0, 1, CURVE_POINTS))
    kept = step[np.unique(np.minimum(grid, step.size - 1))]
    return {
        "recall": [round(float(x), 6) for x in recall[kept]],
        "precision": [round(float(x), 6) for x in (true / flagged)[kept]],
    }


def flagged_at(rows: Scored, order: Order, share: float) -> NDArray[np.bool_]:
    """Return which rows are flagged when at most ``share`` of the genuine ones may be.

    They are the largest set of top rows, ties kept together, that this allows.
    """
    genuine = ~rows.fraud[order.rows]
    allowed = order.last_of_tie & (np.cumsum(genuine) <= share * genuine.sum())
    ends = np.flatnonzero(allowed)
    flagged = np.zeros(rows.fraud.size, np.bool_)
    if ends.size:
        flagged[order.rows[: ends[-1] + 1]] = True
    return flagged


def recall_at(rows: Scored, order: Order, share: float) -> float:
    """Return the share of fraud that is flagged when ``share`` of the genuine rows may be."""
    return float(flagged_at(rows, order, share)[rows.fraud].mean())


def recall_per_attack(rows: Scored, order: Order, attack: pl.Series) -> dict[str, float]:
    """Return, for each attack in the test, the share of its rows within 1 % false positives.

    Args:
        rows: the test rows.
        order: theirs.
        attack: name of the attack of each row, null for genuine.
    """
    flagged = flagged_at(rows, order, FALSE_POSITIVE_SHARE)
    names = attack.to_numpy()
    found: dict[str, float] = {}
    for name in sorted(attack.drop_nulls().unique()):
        of_attack = names == name
        found[name] = float(flagged[of_attack].mean())
    return found
