"""One trial: rebalance the past, fit, score the future, and say what came of it.

A trial is judged once on the test as it is, and again on resampled accounts. The accounts drawn
depend on the test alone, so the n-th replicate of one trial and of another are of the same
accounts, and differences between them are paired.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim import metrics
from fraudsim.comparison.calibration import corrected, isotonic
from fraudsim.harness.judge import scored_rows
from fraudsim.harness.play import fitted, scores_of_test
from fraudsim.streams import Streams
from fraudsim.training_set import training_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fraudsim.detectors.base import Detector
    from fraudsim.examples import Examples
    from fraudsim.rebalancers.base import Rebalancer
    from fraudsim.splits import Split
    from fraudsim.training_set import Kinds

RANKED = ("average_precision", "recall_at_1pct_fpr", "recall_in_budget", "money_saved")
CALIBRATED = ("brier", "log_loss")
"""After prior correction; ``_raw`` and ``_isotonic`` stand beside them."""

COMPARED = (*RANKED, *CALIBRATED)
"""The metrics that have replicates."""

ACCOUNTS_SEED = 0
"""Of the accounts drawn: the same for every trial, whatever its seed."""


@dataclass(frozen=True)
class Course:
    """What is the same for all trials.

    Attributes:
        examples: all of them.
        split: past and future.
        detector: what is fitted.
        budget: alerts a day.
        costs: what alerts cost.
        recalibrate: whether isotonic recalibration is tried, which takes a second fit.
        replicates: times that accounts are drawn anew.
        in_world: parameters of the rebalancers that take frauds from a world.
        notes: what is judged, where it is not all frauds.
    """

    examples: Examples
    split: Split
    detector: Detector
    budget: int
    costs: metrics.Costs
    recalibrate: bool
    replicates: int
    in_world: Mapping[str, Any]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """What came of one trial.

    Attributes:
        metrics: value by name; ``None`` where it does not exist.
        replicates: of each metric of ``COMPARED`` that exists, one value per draw of accounts.
        rows: training rows.
        frauds: of those, fraud.
        made: of those, not a row of the data itself.
        seconds_rebalance: how long rebalancing took, by the clock.
        seconds_fit: how long fitting took.
        notes: what the rebalancer says of what it made.
    """

    metrics: Mapping[str, float | None]
    replicates: Mapping[str, list[float]]
    rows: int
    frauds: int
    made: int
    seconds_rebalance: float
    seconds_fit: float
    notes: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def run_trial(course: Course, rebalancer: Rebalancer, seed: int, by: Kinds | None) -> Trial:
    """Rebalance the past with ``rebalancer``, fit the detector with ``seed``, judge it.

    Raises:
        UsageError: as ``training_set``.
    """
    started = perf_counter()
    training = training_set(course.examples, course.split, rebalancer, by)
    rebalanced, said = perf_counter(), rebalancer.notes()
    examples = course.examples if by is None else replace(course.examples, features=by.features)
    classifier = fitted(course.detector, examples, course.split, training, seed=seed)
    done = perf_counter()
    score = scores_of_test(classifier, course.detector, examples, course.split)

    rows = scored_rows(examples, course.split.test, score)
    learns = course.detector.learns
    probability = corrected(score, training, course.split.known_fraud) if learns else score
    values: dict[str, float | None] = {
        **_ranked(course, rows),
        **metrics.calibration_metrics(probability, rows.fraud),
        **_named(metrics.calibration_metrics(score, rows.fraud), "raw"),
    }
    if course.recalibrate and learns:
        calibrated = isotonic(course, rebalancer, seed, by, probability)
        if calibrated is not None:
            values |= _named(metrics.calibration_metrics(calibrated, rows.fraud), "isotonic")
    return Trial(
        metrics={name: metrics.rounded(value) for name, value in values.items()},
        replicates=_replicates(course, rows, probability),
        rows=training.fraud.size,
        frauds=int(training.fraud.sum()),
        made=int((training.origin != "real").sum()),
        seconds_rebalance=round(rebalanced - started, 3),
        seconds_fit=round(done - rebalanced, 3),
        notes=said,
    )


def _ranked(course: Course, rows: metrics.Scored) -> dict[str, float | None]:
    return {
        **metrics.ranking_metrics(rows, metrics.Order.of(rows.score)),
        **metrics.budget_metrics(rows, course.budget, course.costs),
    }


def _named(values: Mapping[str, float], ending: str) -> dict[str, float]:
    return {f"{name}_{ending}": value for name, value in values.items()}


def _replicates(
    course: Course, rows: metrics.Scored, probability: NDArray[np.float64]
) -> dict[str, list[float]]:
    """Judge anew with accounts drawn with replacement; the alerts stay as they were raised."""
    order = metrics.Order.of(rows.score)
    sums = _PerAccount.of(course, rows, probability)
    accounts = np.arange(sums.rows.size)
    values: dict[str, list[float]] = {name: [] for name in COMPARED}
    for times in metrics.account_draws(accounts, Streams(ACCOUNTS_SEED), course.replicates):
        found = metrics.weighted_ranking(rows, order, times[rows.account]) | sums.drawn(times)
        for name in COMPARED:
            values[name].append(float(f"{found[name]:.6g}"))
    if rows.at_risk is None:
        del values["money_saved"]
    return values


def _summed(account: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = np.bincount(account, values).astype(np.float64)
    return sums


@dataclass(frozen=True)
class _PerAccount:
    """What metrics that are sums over accounts sum; float64, one value per account."""

    rows: NDArray[np.float64]
    squared_error: NDArray[np.float64]
    log_loss: NDArray[np.float64]
    right: NDArray[np.float64]
    compromised: NDArray[np.float64]
    saved: NDArray[np.float64]

    @classmethod
    def of(
        cls, course: Course, rows: metrics.Scored, probability: NDArray[np.float64]
    ) -> _PerAccount:
        alerts = metrics.alerts_by_account(rows, course.budget)
        bounded = np.clip(probability, 1e-9, 1 - 1e-9)
        loss = -np.where(rows.fraud, np.log(bounded), np.log1p(-bounded))
        wrong = alerts.raised - alerts.right
        spent = course.costs.review * alerts.raised + course.costs.friction * wrong
        return cls(
            rows=np.bincount(rows.account).astype(np.float64),
            squared_error=_summed(rows.account, (probability - rows.fraud) ** 2),
            log_loss=_summed(rows.account, loss),
            right=alerts.right.astype(np.float64),
            compromised=alerts.compromised.astype(np.float64),
            saved=alerts.prevented - spent,
        )

    def drawn(self, times: NDArray[np.float64]) -> dict[str, float]:
        """Return the metrics with each account counted so many times; NaN without a fraud."""
        size, compromised = float(times @ self.rows), float(times @ self.compromised)
        return {
            "recall_in_budget": float(times @ self.right) / compromised if compromised else np.nan,
            "money_saved": float(times @ self.saved),
            "brier": float(times @ self.squared_error) / size,
            "log_loss": float(times @ self.log_loss) / size,
        }
