"""Whether a model ages: what it does worse after eight weeks than one that has just learnt (R6).

Two models are judged on the same four weeks: one was fitted when they began, the other eight weeks
before, from as many days. What the older one lacks is what eight weeks without learning cost: it
saw neither fewer frauds nor other rows. A model followed from window to window would not say so:
the windows are not equally hard, least of all where the past of every customer begins with the
table.

Average precision follows the share of fraud, and so does what ageing takes of it: among 1 in 100 an
old model still finds much that is right. So where more is fraud than any bank reports, both are
judged as if there was as little as in Worldline's payments.

IEEE-CIS: AUC .938 on the months right after the training, .910 on the later ones. A hundred frauds
leave much open, so both figures come with their 95 % interval (accounts resampled for both models
alike), and fail only where all of it lies outside the band.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fraudsim import metrics
from fraudsim.moments import DAY_US
from fraudsim.quality.check import Band, CannotCheckError, Measurement
from fraudsim.quality.difficulty.course import (
    ANCHOR_RATE,
    LEAST_FRAUDS,
    REPLICATES,
    check_of,
    judge,
    weights_at_rate,
)
from fraudsim.quality.difficulty.models import Lesson, boosting
from fraudsim.quality.intervals import percentiles
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.difficulty.course import Course, Judged

AGE_DAYS = 56
JUDGED_DAYS = 28
"""Whole weeks, so that both have as many weekends."""

LEAST_TRAINING_DAYS = 30
TRAINING_SHARE = 0.5
MONTH_DAYS = 30

MOST_RATE = 0.004
"""Public reports of card-not-present fraud reach 40 in 10,000."""

AUC_SLOPE = (-0.03, -0.002)
AVERAGE_PRECISION_LOSS = (0.25, 0.5)


@dataclass(frozen=True)
class _Aged:
    """What the old and the new model say of the same rows."""

    old: Judged
    new: Judged

    def compared(self, times: NDArray[np.float64] | None = None) -> tuple[float, float]:
        """Return the AUC that is lost a month, and the share of the average precision lost."""
        old, new = self.values(times)
        slope = (old["roc_auc"] - new["roc_auc"]) * MONTH_DAYS / AGE_DAYS
        return slope, 1 - old["average_precision"] / new["average_precision"]

    def values(
        self, times: NDArray[np.float64] | None = None
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Return the metrics of both, at a bank's share of fraud; each row counts ``times``."""
        weight = self._weight if times is None else times * self._weight
        old, new = (
            metrics.weighted_ranking(one.rows, one.order, weight) for one in (self.old, self.new)
        )
        return old, new

    @cached_property
    def _weight(self) -> NDArray[np.float64]:
        fraud = self.old.rows.fraud
        if fraud.mean() > MOST_RATE:
            return weights_at_rate(fraud, ANCHOR_RATE)
        return np.ones(fraud.size)


def _decay(course: Course) -> Iterator[Measurement]:
    aged = _aged(course)
    slope, loss = aged.compared()
    draws = metrics.account_draws(aged.old.rows.account, Streams(course.seed), REPLICATES)
    slopes, losses = zip(*(aged.compared(times) for times in draws), strict=True)
    values = aged.values()
    detail = {
        "old": values[0],
        "new": values[1],
        "frauds": int(aged.old.rows.fraud.sum()),
        "rate": float(aged.old.rows.fraud.mean()),
    }
    old, new = (one["roc_auc"] for one in values)
    yield Measurement(
        f"decay_auc_per_month_{course.stream}",
        slope,
        f"A model that has not learnt for {AGE_DAYS} days has an AUC of {old:.3f}, one that has "
        f"{new:.3f}: {slope:+.3f} a month.",
        band=Band(*AUC_SLOPE, "IEEE-CIS .938 to .910 in some months"),
        interval=percentiles(list(slopes)),
        detail=detail,
    )
    old, new = (one["average_precision"] for one in values)
    yield Measurement(
        f"decay_average_precision_loss_{course.stream}",
        loss,
        f"A model that has not learnt for {AGE_DAYS} days has lost {loss:.0%} of the average "
        f"precision ({old:.3f} of {new:.3f}).",
        band=Band(*AVERAGE_PRECISION_LOSS, "proposed from public studies of card fraud"),
        interval=percentiles(list(losses)),
        detail=detail,
    )


def _aged(course: Course) -> _Aged:
    examples = course.examples
    start, end = int(examples.time_us[0]), int(examples.time_us[-1])
    span = (end - start) / DAY_US
    days = min(TRAINING_SHARE * span, span - AGE_DAYS - JUDGED_DAYS)
    if days < LEAST_TRAINING_DAYS:
        raise CannotCheckError(
            f"the stream spans {span:.0f} days: {LEAST_TRAINING_DAYS} to learn from, {AGE_DAYS} to "
            f"age and {JUDGED_DAYS} to be judged are needed"
        )
    old_at, new_at = (start + int((days + age) * DAY_US) for age in (0, AGE_DAYS))
    known = examples.fraud & (examples.known_at_us < new_at)
    judged = (examples.time_us >= new_at) & (examples.time_us < new_at + JUDGED_DAYS * DAY_US)
    rows = np.flatnonzero(judged & ~np.isin(examples.account, examples.account[known]))
    frauds = int(examples.fraud[rows].sum())
    if frauds < LEAST_FRAUDS:
        raise CannotCheckError(f"too few frauds to judge by: {frauds} of {LEAST_FRAUDS}")
    return _Aged(*(_fitted(course, at, days, rows) for at in (old_at, new_at)))


def _fitted(course: Course, fitted_at: int, days: float, rows: NDArray[np.int64]) -> Judged:
    """Fit the boosting with what is known at a time of the last ``days``; judge it on some rows."""
    examples = course.examples
    learnt = examples.time_us >= fitted_at - int(days * DAY_US)
    learnt &= examples.time_us < fitted_at - course.delay_days * DAY_US
    train = np.flatnonzero(learnt)
    known = examples.fraud[train] & (examples.known_at_us[train] < fitted_at)
    if known.sum() < LEAST_FRAUDS:
        raise CannotCheckError(f"too few frauds to learn from: {known.sum()} of {LEAST_FRAUDS}")
    places, weight = course.sample(train, known)
    lesson = Lesson(examples.features[train[places]], known[places], weight)
    return judge(examples, rows, boosting(lesson, examples.features[rows]), course.seed)


CHECKS = (check_of("decay", "Does a model age?", _decay),)
