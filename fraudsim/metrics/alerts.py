"""Alerts within a daily budget, counted by account and day, and the money that they save.

Source: alert budgets as card precision (Fraud Detection Handbook, chapter 4).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fraudsim.metrics.scored import Scored

ALERTS_PER_ROW = 100 / 100_000
"""The default alert budget: 100 accounts a day for each 100,000 transactions a day (a choice; the
Handbook uses 100 cards)."""


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
        right_at: int64, the row at which the right alert was raised; -1 for none.
    """

    raised: NDArray[np.int64]
    right: NDArray[np.int64]
    compromised: NDArray[np.int64]
    prevented: NDArray[np.float64]
    right_at: NDArray[np.int64]


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
    right_at = np.full(stopped.size, -1)
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
        right_at[alerted[hit]] = at[hit]
        stopped[alerted[hit]] = True
    return AccountAlerts(raised, right, compromised, prevented, right_at)


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
