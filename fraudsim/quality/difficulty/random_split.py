"""By how much a random split flatters, as it lets a model meet victims and fraudsters again.

The same rows, features and model, with the ids of all entities as numbers, once split by time and
once at random, both with the final labels and nothing left out. IEEE-CIS, all columns: average
precision .505 by time, .655 at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Measurement
from fraudsim.quality.difficulty.course import (
    LEAST_FRAUDS,
    TEST_SHARE,
    check_of,
    judge,
)
from fraudsim.quality.difficulty.models import Lesson, boosting
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.difficulty.course import Course, Judged


def _random_split(course: Course) -> Iterator[Measurement]:
    if course.entities.width == 0:
        raise CannotCheckError("no column says who pays, who is paid, or from which device")
    start = int(course.examples.size * (1 - TEST_SHARE))
    in_time = np.arange(course.examples.size)
    shuffled = Streams(course.seed).get("audit random split").permutation(in_time.size)
    by_time = _of_split(course, in_time[:start], in_time[start:])
    at_random = _of_split(course, np.sort(shuffled[:start]), np.sort(shuffled[start:]))
    honest, flattered = (found.values["average_precision"] for found in (by_time, at_random))
    gap = flattered - honest
    yield Measurement(
        f"random_split_{course.stream}",
        gap,
        f"A random split flatters by {gap:.3f} of average precision ({flattered:.3f} instead "
        f"of {honest:.3f} by time).",
        interval=_difference(at_random, by_time),
        detail={
            "by_time": honest,
            "at_random": flattered,
            "relative": gap / honest,
            "entities": course.entities.columns,
        },
    )


def _difference(one: Judged, other: Judged) -> tuple[float, float]:
    """Return the 95 % interval of a difference on rows of their own: the errors add in squares."""
    name = "average_precision"
    gap = one.values[name] - other.values[name]
    (low, high), (other_low, other_high) = one.interval(name), other.interval(name)
    below = np.hypot(one.values[name] - low, other_high - other.values[name])
    above = np.hypot(high - one.values[name], other.values[name] - other_low)
    return gap - float(below), gap + float(above)


def _of_split(course: Course, train: NDArray[np.int64], test: NDArray[np.int64]) -> Judged:
    fraud = course.examples.fraud
    if min(fraud[train].sum(), fraud[test].sum()) < LEAST_FRAUDS:
        raise CannotCheckError(
            f"too few frauds on a side of the split: {fraud[train].sum()} and {fraud[test].sum()}, "
            f"at least {LEAST_FRAUDS} are needed"
        )
    places, weight = course.sample(train, fraud[train])
    table = pl.concat([course.examples.features, course.entities], how="horizontal")
    learnt = train[places]
    lesson = Lesson(table[learnt], fraud[learnt], weight)
    return judge(course.examples, test, boosting(lesson, table[test]), course.seed)


CHECKS = (check_of("random_split", "Does a random split flatter?", _random_split),)
