"""What a detector is worth: ranking, alerts within a budget, money, calibration, by attack.

Scores are compared on the future at its own share of fraud; nothing is resampled. Equal scores are
never told apart by the truth: rankings treat ties as one step, alerts break them by time.

Sources: alert budgets as card precision (Fraud Detection Handbook, chapter 4); prior correction Dal
Pozzolo et al. 2015; intervals by resampling whole accounts, since frauds come in runs.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from fraudsim.errors import UsageError
from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.streams import Streams

FALSE_POSITIVE_SHARE = 0.01
"""The share of genuine rows that may be flagged in ``recall_at_1pct_fpr``."""

ALERTS_PER_ROW = 100 / 100_000
"""The default alert budget: 100 accounts a day for each 100,000 transactions a day (a choice; the
Handbook uses 100 cards)."""

CURVE_POINTS = 200
REPLICATES = 300
LEVEL = 0.95


@dataclass(frozen=True)
class Costs:
    """What alerts cost, in units of the currency. All are assumptions to be replaced by one's own.

    Attributes:
        review: an analyst's time for one alert: about ten minutes at 30 an hour.
        friction: what a wrongly stopped customer costs in calls and lost business.
    """

    review: float = 5.0
    friction: float = 10.0

    def describe(self) -> dict[str, Any]:
        """Return the costs as JSON values, with where they are from."""
        return {**asdict(self), "source": "assumption"}


@dataclass(frozen=True)
class Alerts:
    """What happened when the most suspect accounts of each day were looked at.

    Attributes:
        raised: alerts, one per account and day.
        right: alerts on accounts with a fraud that day.
        compromised: accounts and days with fraud that could have been alerted.
        prevented: what the right alerts saved, currency units; NaN without amounts.
    """

    raised: int
    right: int
    compromised: int
    prevented: float


@dataclass(frozen=True)
class AccountAlerts:
    """The same for each account: what ``Alerts`` sums.

    Attributes:
        raised: int64.
        right: int64.
        compromised: int64, days with fraud that could have been alerted.
        prevented: float64, currency units; NaN without amounts.
    """

    raised: NDArray[np.int64]
    right: NDArray[np.int64]
    compromised: NDArray[np.int64]
    prevented: NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Test rows in time order with the truth and a score.

    Attributes:
        score: float64, higher is more suspect.
        fraud: bool.
        day: int64, running number of the day.
        account: int64, who is alerted and what the intervals resample; numbered from 0.
        at_risk: float64, lost if the row is fraud and nothing is done; ``None`` without amounts.
    """

    score: NDArray[np.float64]
    fraud: NDArray[np.bool_]
    day: NDArray[np.int64]
    account: NDArray[np.int64]
    at_risk: NDArray[np.float64] | None


def scored(
    score: NDArray[np.float64],
    *,
    fraud: NDArray[np.bool_],
    time_us: NDArray[np.int64],
    account: NDArray[np.int64],
    at_risk: NDArray[np.float64] | None,
) -> Scored:
    """Put scores beside the truth.

    Args:
        score: higher is more suspect.
        fraud: the truth.
        time_us: microseconds, not falling.
        account: any codes.
        at_risk: currency units.

    Raises:
        UsageError: there is one class only, or a score is not finite.
    """
    if not np.isfinite(score).all():
        raise UsageError(f"{int((~np.isfinite(score)).sum())} scores are not finite numbers")
    if fraud.all() or not fraud.any():
        raise UsageError("test rows of both classes are needed")
    return Scored(
        score=score,
        fraud=fraud,
        day=(time_us - time_us[0]) // DAY_US,
        account=np.unique(account, return_inverse=True)[1].astype(np.int64),
        at_risk=at_risk,
    )


# Ranking


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


def recall_per_attack(rows: Scored, order: Order, attack: pl.Series) -> dict[str, float]:
    """Return, for each attack in the test, the share of its rows within 1 % false positives.

    Args:
        rows: the test rows.
        order: theirs.
        attack: name of the attack of each row, null for genuine.
    """
    genuine = ~rows.fraud[order.rows]
    false = np.cumsum(genuine)
    allowed = order.last_of_tie & (false <= FALSE_POSITIVE_SHARE * genuine.sum())
    flagged = np.zeros(rows.fraud.size, np.bool_)
    ends = np.flatnonzero(allowed)
    if ends.size:
        flagged[order.rows[: ends[-1] + 1]] = True
    names = attack.to_numpy()
    found: dict[str, float] = {}
    for name in sorted(attack.drop_nulls().unique()):
        of_attack = names == name
        found[name] = float(flagged[of_attack].mean())
    return found


# Alerts and money


def daily_budget(rows: Scored) -> int:
    """Return the default number of alerts a day: 100 per 100,000 rows a day, at least 1."""
    days = int(rows.day[-1]) + 1
    return max(1, round(ALERTS_PER_ROW * rows.fraud.size / days))


def alerts_in_budget(rows: Scored, per_day: int) -> Alerts:
    """Return what comes of the alerts of ``alerts_by_account``, over all accounts."""
    each = alerts_by_account(rows, per_day)
    return Alerts(
        int(each.raised.sum()),
        int(each.right.sum()),
        int(each.compromised.sum()),
        float(each.prevented.sum()),
    )


def alerts_by_account(rows: Scored, per_day: int) -> AccountAlerts:
    """Alert the ``per_day`` most suspect accounts of each day, whatever their scores.

    An account is as suspect as its most suspect row of the day, and is alerted at that day's
    first row which reaches the score of the last account alerted. An alert is right if the account
    has a fraud that day. A right alert stops the account: its losses from the alert on, to the
    end of the test, are prevented, and it is not looked at again.
    """
    stopped = np.zeros(int(rows.account.max()) + 1, np.bool_)
    loss_from = _loss_from(rows)
    raised, right, compromised = np.zeros((3, stopped.size), np.int64)
    prevented = np.zeros(stopped.size)
    starts = np.searchsorted(rows.day, np.arange(int(rows.day[-1]) + 2))
    for begin, end in pairwise(starts):
        open_rows = begin + np.flatnonzero(~stopped[rows.account[begin:end]])
        if open_rows.size == 0:
            continue
        fraudulent = np.unique(rows.account[open_rows[rows.fraud[open_rows]]])
        alerted, at = _most_suspect(rows, open_rows, per_day)
        hit = np.isin(alerted, fraudulent)
        raised[alerted] += 1
        right[alerted[hit]] += 1
        compromised[fraudulent] += 1
        prevented[alerted[hit]] += loss_from[at[hit]]
        stopped[alerted[hit]] = True
    return AccountAlerts(raised, right, compromised, prevented)


def _most_suspect(
    rows: Scored, candidates: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ``count`` most suspect accounts, and the row at which each is alerted."""
    falling = candidates[np.argsort(-rows.score[candidates], kind="stable")]
    _, first = np.unique(rows.account[falling], return_index=True)
    best = falling[np.sort(first)[:count]]
    bar = rows.score[best[-1]]
    over = candidates[rows.score[candidates] >= bar]  # in time order
    accounts, earliest = np.unique(rows.account[over], return_index=True)
    at = over[earliest][np.searchsorted(accounts, rows.account[best])]
    return rows.account[best], at


def _loss_from(rows: Scored) -> NDArray[np.float64]:
    """Return, for each row, what its account loses to fraud from that row on."""
    if rows.at_risk is None:
        return np.full(rows.fraud.size, np.nan)
    loss = np.where(rows.fraud, rows.at_risk, 0.0)
    order = np.lexsort((-np.arange(loss.size), rows.account))  # accounts, latest row first
    running = np.cumsum(loss[order])
    account = rows.account[order]
    starts = np.flatnonzero(np.concatenate([[True], account[1:] != account[:-1]]))
    before = np.concatenate([[0.0], running])[starts]
    out = np.empty(loss.size)
    out[order] = running - np.repeat(before, np.diff(np.append(starts, loss.size)))
    return out


def money_saved(alerts: Alerts, costs: Costs) -> float:
    """Return what was prevented less the cost of all reviews and of wrong alerts."""
    wrong = alerts.raised - alerts.right
    return alerts.prevented - costs.review * alerts.raised - costs.friction * wrong


def perfect_saving(rows: Scored, per_day: int, costs: Costs) -> float:
    """Return the most that so many alerts a day can save when the truth is known.

    Each account is alerted once at most, on a day on which it has a fraud, and nobody whose losses
    from then on are below the cost of the review. Whom to alert when there are more victims than
    alerts is a matching of accounts with days: a linear programme whose optimum is whole.
    """
    options = _options(rows, costs)
    if options.gain.size == 0:
        return 0.0
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    accounts, account = np.unique(options.account, return_inverse=True)
    days, day = np.unique(options.day, return_inverse=True)
    option = np.arange(options.gain.size)
    used_by = coo_array(
        (
            np.ones(2 * option.size),
            (np.concatenate([account, accounts.size + day]), np.concatenate([option, option])),
        )
    )
    most = np.concatenate([np.ones(accounts.size), np.full(days.size, per_day)])
    best = linprog(-options.gain, A_ub=used_by.tocsr(), b_ub=most, bounds=(0, 1), method="highs")
    return float(-best.fun)


@dataclass(frozen=True)
class _Options:
    """What alerting an account at its first fraud of a day gains, where it gains at all."""

    account: NDArray[np.int64]
    day: NDArray[np.int64]
    gain: NDArray[np.float64]


def _options(rows: Scored, costs: Costs) -> _Options:
    frauds = np.flatnonzero(rows.fraud)
    pairs = np.column_stack([rows.account[frauds], rows.day[frauds]])
    _, first = np.unique(pairs, axis=0, return_index=True)  # rows are in time order
    at = frauds[first]
    gain = _loss_from(rows)[at] - costs.review
    worth = gain > 0
    return _Options(rows.account[at][worth], rows.day[at][worth], gain[worth])


def budget_metrics(rows: Scored, per_day: int, costs: Costs) -> dict[str, float | None]:
    """Return precision and recall within the budget, and money saved.

    ``money_saved_share`` is the share of what the perfect detector saves with as many alerts;
    ``None`` where even that saves nothing, or without amounts.
    """
    alerts = alerts_in_budget(rows, per_day)
    values: dict[str, float | None] = {
        "precision_in_budget": alerts.right / alerts.raised if alerts.raised else None,
        "recall_in_budget": alerts.right / alerts.compromised if alerts.compromised else None,
        "money_saved": None,
        "money_saved_share": None,
    }
    if rows.at_risk is not None:
        saved, best = money_saved(alerts, costs), perfect_saving(rows, per_day, costs)
        values["money_saved"] = saved
        values["money_saved_share"] = saved / best if best > 0 else None
    return values


# Calibration


def prior_corrected(
    probability: NDArray[np.float64], *, learnt_odds: float, true_odds: float
) -> NDArray[np.float64]:
    """Return probabilities for the share of fraud in the data rather than in what was learnt from.

    Args:
        probability: as the classifier gave them.
        learnt_odds: frauds per genuine row in its training rows, by weight.
        true_odds: the same before rebalancing.
    """
    factor = true_odds / learnt_odds
    return factor * probability / (factor * probability + (1.0 - probability))


def calibration_metrics(
    probability: NDArray[np.float64], fraud: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the Brier score and the log loss (natural, probabilities kept within 1e-9)."""
    bounded = np.clip(probability, 1e-9, 1 - 1e-9)
    return {
        "brier": float(np.mean((probability - fraud) ** 2)),
        "log_loss": float(-np.mean(np.where(fraud, np.log(bounded), np.log1p(-bounded)))),
    }


def rounded(value: float | None) -> float | None:
    """Return six significant digits, so that results read well and compare; ``None`` for NaN."""
    if value is None or math.isnan(value):
        return None
    return float(f"{value:.6g}")
