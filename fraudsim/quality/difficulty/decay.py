"""Whether a model ages: fitted once on the first part, judged on each four weeks that follow (R6).

IEEE-CIS: AUC .938 on the months right after the training, .910 on the later ones. Bands after a few
windows are far narrower than the noise of a hundred frauds, so both come with their noise: a figure
fails outside the band widened by its own 95 % interval (accounts resampled), and is a warning
outside the band itself. Average precision is compared at the share of fraud of the first window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fraudsim import metrics
from fraudsim.quality.check import Band, CannotCheckError, Measurement
from fraudsim.quality.difficulty.course import REPLICATES, check_of, percentiles
from fraudsim.quality.difficulty.models import Lesson, boosting
from fraudsim.splits import DAY_US
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.metrics import Order, Scored
    from fraudsim.quality.difficulty.course import Course

WINDOW_DAYS = 28
"""Whole weeks, so that every window has as many weekends."""

MOST_WINDOWS = 6
LEAST_TRAINING_DAYS = 30
TRAINING_SHARE = 0.3
LEAST_IN_WINDOW = 15
WINDOWS_TO_LOSS = 2
"""The window that begins eight weeks after the fit."""

AUC_SLOPE = (-0.03, -0.002)
AVERAGE_PRECISION_LOSS = (0.25, 0.5)


@dataclass(frozen=True)
class _Aged:
    """The rows after the fit, scored by the model of then, by window from 0."""

    windows: list[NDArray[np.bool_]]
    rows: Scored
    order: Order
    odds: float

    def metrics_by_window(self, times: NDArray[np.float64]) -> list[dict[str, float]]:
        """Return the metrics of each window, genuine rows weighted to the odds of the first."""
        return [
            metrics.weighted_ranking(self.rows, self.order, times * self._weight(mine))
            for mine in self.windows
        ]

    def _weight(self, mine: NDArray[np.bool_]) -> NDArray[np.float64]:
        fraud = self.rows.fraud
        odds = (mine & fraud).sum() / (mine & ~fraud).sum()
        return np.where(fraud, 1.0, odds / self.odds) * mine


def _decay(course: Course) -> Iterator[Measurement]:
    aged = _aged(course)
    once = aged.metrics_by_window(np.ones(aged.rows.fraud.size))
    draws = metrics.account_draws(aged.rows.account, Streams(course.seed), REPLICATES)
    drawn = [aged.metrics_by_window(times) for times in draws]
    yield _slope(course, aged, once, drawn)
    if len(once) > WINDOWS_TO_LOSS:
        yield _loss(course, once, drawn)


def _slope(
    course: Course,
    aged: _Aged,
    once: list[dict[str, float]],
    drawn: list[list[dict[str, float]]],
) -> Measurement:
    value = _per_month(once)
    low, high = percentiles([_per_month(windows) for windows in drawn])
    return Measurement(
        f"decay_auc_per_month_{course.stream}",
        value,
        f"Without retraining the AUC changes by {value:+.3f} a month [{low:+.3f}, {high:+.3f}], "
        f"over {len(once)} windows of {WINDOW_DAYS} days.",
        band=_with_noise(AUC_SLOPE, value, low, high, "IEEE-CIS .938 to .910 in some months"),
        detail={
            "interval": [low, high],
            "roc_auc": [window["roc_auc"] for window in once],
            "average_precision_at_first_rate": [window["average_precision"] for window in once],
            "frauds": [int((mine & aged.rows.fraud).sum()) for mine in aged.windows],
        },
    )


def _loss(
    course: Course, once: list[dict[str, float]], drawn: list[list[dict[str, float]]]
) -> Measurement:
    value = _lost(once)
    low, high = percentiles([_lost(windows) for windows in drawn])
    return Measurement(
        f"decay_average_precision_loss_{course.stream}",
        value,
        f"Eight weeks later the same model has lost {value:.0%} of its average precision "
        f"[{low:.0%}, {high:.0%}].",
        band=_with_noise(
            AVERAGE_PRECISION_LOSS, value, low, high, "proposed from public studies of card fraud"
        ),
        detail={"interval": [low, high]},
    )


def _per_month(windows: list[dict[str, float]]) -> float:
    auc = np.array([window["roc_auc"] for window in windows])
    months = np.arange(auc.size) * WINDOW_DAYS / 30
    return float(np.polyfit(months, auc, 1)[0]) if np.isfinite(auc).all() else float("nan")


def _lost(windows: list[dict[str, float]]) -> float:
    first, later = (windows[i]["average_precision"] for i in (0, WINDOWS_TO_LOSS))
    return 1 - later / first


def _with_noise(
    ends: tuple[float, float], value: float, low: float, high: float, source: str
) -> Band:
    """Return the band, failing only where the whole interval lies outside it."""
    return Band(
        low=min(ends[0], ends[0] - (high - value)),
        high=max(ends[1], ends[1] + (value - low)),
        warn_low=ends[0],
        warn_high=ends[1],
        source=f"{source}; fails if the whole 95 % interval lies outside {ends[0]} to {ends[1]}",
    )


def _aged(course: Course) -> _Aged:
    examples = course.examples
    time_us = examples.time_us
    span = float(time_us[-1] - time_us[0]) / DAY_US
    fit_day = max(LEAST_TRAINING_DAYS, TRAINING_SHARE * span)
    windows = min(MOST_WINDOWS, int((span + 0.5 - fit_day) // WINDOW_DAYS))
    if windows < 2:
        raise CannotCheckError(
            f"the stream spans {span:.0f} days: {LEAST_TRAINING_DAYS} to learn "
            f"from and two windows of {WINDOW_DAYS} are needed"
        )
    fitted_at = int(time_us[0] + fit_day * DAY_US)
    known = examples.fraud & (examples.known_at_us < fitted_at)
    train = np.flatnonzero(time_us < fitted_at - course.delay_days * DAY_US)
    compromised = np.unique(examples.account[known])
    age = (time_us - fitted_at) // (WINDOW_DAYS * DAY_US)
    later = (age >= 0) & (age < windows) & ~np.isin(examples.account, compromised)
    test = np.flatnonzero(later)
    _need_in_each(examples.fraud[test], age[test], windows, int(known[train].sum()))
    places, weight = course.sample(train, known[train])
    learnt = train[places]
    lesson = Lesson(examples.features[learnt], known[learnt], weight)
    rows = metrics.scored(
        boosting(lesson, examples.features[test]),
        fraud=examples.fraud[test],
        time_us=time_us[test],
        account=examples.account[test],
        at_risk=None,
    )
    masks = [age[test] == window for window in range(windows)]
    first = rows.fraud[masks[0]]
    return _Aged(masks, rows, metrics.Order.of(rows.score), float(first.sum() / (~first).sum()))


def _need_in_each(
    fraud: NDArray[np.bool_], age: NDArray[np.int64], windows: int, known: int
) -> None:
    counts = [int(fraud[age == window].sum()) for window in range(windows)]
    if min(*counts, known) < LEAST_IN_WINDOW:
        raise CannotCheckError(
            f"too few frauds: {known} known at the fit, then "
            f"{', '.join(map(str, counts))} per window; at least {LEAST_IN_WINDOW} are needed"
        )


CHECKS = (check_of("decay", "Does a model age?", _decay),)
