"""What the scores of one run are worth: every metric, with replicates over resampled accounts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim import metrics
from fraudsim.moments import DAY_US
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.examples import Examples

BUDGETS = (50, 100, 500)
"""Alerts a day for each 100,000 rows a day."""

SHARES = {"recall_at_0.1pct_fpr": 0.001, "recall_at_1pct_fpr": 0.01, "recall_at_5pct_fpr": 0.05}

REPLICATED = (
    "average_precision",
    "roc_auc",
    "recall_at_1pct_fpr",
    "recall_in_budget_100",
    "precision_in_budget_100",
)
"""The metrics that have replicates, hence intervals."""

REPLICATES = 100
ACCOUNTS_SEED = 0
"""Of the accounts drawn: the same for every detector, so that they are compared pair by pair."""

CURVE_DRAWN = 60


@dataclass(frozen=True)
class Tested:
    """Scores to be judged.

    Attributes:
        rows: int64 positions of the rows tested.
        round: int64, number of the round of each.
        score: float64, comparable within a round.
        probability: float64, comparable between rounds.
    """

    rows: NDArray[np.int64]
    round: NDArray[np.int64]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """What came of one run.

    Attributes:
        metrics: value by name; ``None`` where it does not exist.
        by_round: the same few metrics of each round.
        by_attack: of each attack in the test, ``frauds``, ``recall`` at 1 % false positives,
            ``victims``, ``victims_alerted`` (the share rightly alerted), and ``days_until_found``
            from its first fraud to the first such alert; ``None`` if there is none.
        replicates: of each metric of ``REPLICATED``, one value per draw of accounts.
        curve: ``recall`` and ``precision``.
        unnoticed: share of victims not alerted after 0, 1, 2, ... fraudulent payments.
        uneven: by attribute, the share of genuine rows flagged in each group.
        budgets: alerts a day of each budget.
    """

    metrics: Mapping[str, float | None]
    by_round: Sequence[Mapping[str, float | None]]
    by_attack: Mapping[str, Mapping[str, float | None]]
    replicates: Mapping[str, Sequence[float]]
    curve: Mapping[str, Sequence[float]]
    unnoticed: Sequence[float]
    uneven: Mapping[str, Mapping[str, float]]
    budgets: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def judge(
    examples: Examples,
    tested: Tested,
    *,
    groups: Mapping[str, pl.Series],
    probabilities: bool,
    costs: metrics.Costs | None = None,
) -> Judgement:
    """Judge the scores of all rounds together, and of each.

    Args:
        examples: all rows.
        tested: the scores of some rows.
        groups: of each row, by attribute.
        probabilities: whether the scores are probabilities, so that calibration can be judged.
        costs: what alerts cost.
    """
    rows = scored_rows(examples, tested.rows, tested.probability)
    order = metrics.Order.of(rows.score)
    uneven = {
        name: metrics.false_positive_shares(rows, order, group.gather(tested.rows))
        for name, group in groups.items()
    }
    budgets = {str(k): budget_of(rows, k) for k in BUDGETS}
    values: dict[str, float | None] = {**_ranked(rows, order)}
    for name, per_day in budgets.items():
        found = metrics.budget_metrics(rows, per_day, costs or metrics.Costs())
        values |= {f"{metric}_{name}": value for metric, value in found.items()}
    alerts = metrics.alerts_by_account(rows, budgets["100"])
    noticed = metrics.detection(rows, alerts)
    values |= metrics.detection_metrics(noticed)
    values["false_positives_per_fraud"] = _false_per_right(alerts)
    if probabilities:
        values |= metrics.calibration_metrics(tested.probability, rows.fraud)
        values["expected_calibration_error"] = metrics.expected_calibration_error(
            tested.probability, rows.fraud
        )
    values |= {
        f"false_positive_ratio_{name}": metrics.false_positive_ratio(shares)
        for name, shares in uneven.items()
    }
    return Judgement(
        metrics=_rounded(values),
        by_round=_by_round(examples, tested),
        by_attack=_by_attack(examples, tested, rows, order, alerts),
        replicates=_replicates(rows, order, alerts),
        curve=_thinned(metrics.precision_recall_curve(rows, order)),
        unnoticed=metrics.unnoticed_curve(noticed),
        uneven={
            name: {group: float(f"{share:.6g}") for group, share in shares.items()}
            for name, shares in uneven.items()
        },
        budgets=budgets,
    )


def scored_rows(
    examples: Examples, rows: NDArray[np.int64], score: NDArray[np.float64]
) -> metrics.Scored:
    """Put scores of some rows beside the truth."""
    return metrics.scored(
        score,
        fraud=examples.fraud[rows],
        time_us=examples.time_us[rows],
        account=examples.account[rows],
        at_risk=None if examples.at_risk is None else examples.at_risk[rows],
    )


def budget_of(rows: metrics.Scored, per_100k: int) -> int:
    """Return how many alerts a day such a budget is on these rows, at least 1."""
    days = int(rows.day[-1]) + 1
    return max(1, round(per_100k / 100_000 * rows.fraud.size / days))


def _ranked(rows: metrics.Scored, order: metrics.Order) -> dict[str, float]:
    ranked = metrics.ranking_metrics(rows, order)
    return {**ranked, **{name: metrics.recall_at(rows, order, at) for name, at in SHARES.items()}}


def _false_per_right(alerts: metrics.AccountAlerts) -> float | None:
    right = int(alerts.right.sum())
    return (int(alerts.raised.sum()) - right) / right if right else None


def _rounded(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: metrics.rounded(value) for name, value in values.items()}


def _by_round(examples: Examples, tested: Tested) -> list[dict[str, float | None]]:
    found = []
    for number in range(int(tested.round[-1]) + 1):
        of_round = tested.round == number
        rows = scored_rows(examples, tested.rows[of_round], tested.score[of_round])
        values: dict[str, float | None] = {
            "frauds": int(rows.fraud.sum()),
            **metrics.ranking_metrics(rows, metrics.Order.of(rows.score)),
        }
        alerts = metrics.alerts_in_budget(rows, budget_of(rows, 100))
        values["recall_in_budget_100"] = (
            alerts.right / alerts.compromised if alerts.compromised else None
        )
        found.append(_rounded(values))
    return found


def _by_attack(
    examples: Examples,
    tested: Tested,
    rows: metrics.Scored,
    order: metrics.Order,
    alerts: metrics.AccountAlerts,
) -> dict[str, dict[str, float | None]]:
    if examples.attack is None:
        return {}
    attack = examples.attack.gather(tested.rows)
    names = attack.to_numpy()
    recall = metrics.recall_per_attack(rows, order, attack)
    found: dict[str, dict[str, float | None]] = {}
    for name, value in recall.items():
        of_attack = names == name
        victims = np.unique(rows.account[of_attack])
        alerted_at = alerts.right_at[victims]
        found[name] = {
            "frauds": int(of_attack.sum()),
            "recall": float(f"{value:.6g}"),
            "victims": int(victims.size),
            "victims_alerted": float(f"{(alerted_at >= 0).mean():.6g}"),
            "days_until_found": _days_between(
                rows, int(np.argmax(of_attack)), alerted_at[alerted_at >= 0]
            ),
        }
    return found


def _days_between(rows: metrics.Scored, first: int, alerted_at: NDArray[np.int64]) -> float | None:
    """Return the days from a row to the first alert; 0 if that came before it on its day."""
    if alerted_at.size == 0:
        return None
    days = (rows.time_us[alerted_at.min()] - rows.time_us[first]) / DAY_US
    return max(float(f"{days:.6g}"), 0.0)


def _replicates(
    rows: metrics.Scored, order: metrics.Order, alerts: metrics.AccountAlerts
) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {name: [] for name in REPLICATED}
    accounts = np.arange(alerts.right.size)
    for times in metrics.account_draws(accounts, Streams(ACCOUNTS_SEED), REPLICATES):
        found = metrics.weighted_ranking(rows, order, times[rows.account])
        right, raised = float(times @ alerts.right), float(times @ alerts.raised)
        compromised = float(times @ alerts.compromised)
        found["recall_in_budget_100"] = right / compromised if compromised else float("nan")
        found["precision_in_budget_100"] = right / raised if raised else float("nan")
        for name in REPLICATED:
            values[name].append(float(f"{found[name]:.6g}"))
    return values


def _thinned(curve: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    points = len(curve["recall"])
    kept = np.unique(np.linspace(0, points - 1, CURVE_DRAWN).round().astype(int))
    return {name: [values[i] for i in kept] for name, values in curve.items()}
