"""Whether better models find more, as on real data: logistic < forest <= boosting (R5).

On Worldline's payments: average precision .054 < .080 < .095. A difference is judged by its 95 %
interval, accounts resampled for both models alike: it fails when the interval says the reverse,
and where the order is strict, an interval with zero in it is a warning.
"""

from __future__ import annotations

from operator import sub
from typing import TYPE_CHECKING

from fraudsim.quality.check import Band, Measurement
from fraudsim.quality.difficulty.course import check_of, paired_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.difficulty.course import Course


def _forest_over_logistic(course: Course) -> Iterator[Measurement]:
    yield _gap(course, "forest", "logistic", strict=True)


def _boosting_over_forest(course: Course) -> Iterator[Measurement]:
    yield _gap(course, "boosting", "forest", strict=False)


def _gap(course: Course, better: str, worse: str, *, strict: bool) -> Measurement:
    one, other = course.judged(better), course.judged(worse)
    mine, theirs = (found.values["average_precision"] for found in (one, other))
    low, high = paired_interval(one, other, course.seed, sub)
    gap = mine - theirs
    says = "is ahead of" if low > 0 else "is behind" if high < 0 else "is level with"
    return Measurement(
        f"{better}_over_{worse}_{course.stream}",
        gap,
        f"{better.capitalize()} {says} {worse}: average precision {mine:.3f} to {theirs:.3f}, "
        f"difference {gap:+.3f} [{low:+.3f}, {high:+.3f}].",
        # the interval lies wholly below zero if the gap is more than its upper half below it
        band=Band(
            low=min(0.0, gap - high),
            high=None,
            source="95 % interval of the difference by resampling accounts; Worldline: .054 < "
            ".080 < .095 (Fraud Detection Handbook)",
            warn_low=max(0.0, gap - low) if strict else None,
        ),
        detail={"interval": [low, high], better: mine, worse: theirs, "relative": gap / theirs},
    )


CHECKS = (
    check_of("forest_over_logistic", "Do forests beat lines?", _forest_over_logistic),
    check_of("boosting_over_forest", "Is boosting best?", _boosting_over_forest),
)
