"""A tree of three questions against tuned boosting, both with the look-back features (R2)."""

from __future__ import annotations

from functools import partial
from operator import truediv
from typing import TYPE_CHECKING

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.difficulty.course import over_streams, paired_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.difficulty.course import Course
    from fraudsim.quality.subject import Subject

LEAST_LIFT = 2.0
"""Two models that find nothing are not compared: boosting should do so many times as well as chance
(a choice)."""

PRECISION = "average_precision"


def _shallow_tree(subject: Subject) -> Iterator[Measurement]:
    yield from over_streams(subject, partial(_of_stream, derived=bool(subject.derived)))


def _of_stream(course: Course, *, derived: bool) -> Iterator[Measurement]:
    tree, boosting = (course.judged(model) for model in ("depth_3_tree", "boosting"))
    of_tree, of_boosting = tree.values[PRECISION], boosting.values[PRECISION]
    if of_boosting < LEAST_LIFT * course.test_rate:
        raise CannotCheckError(
            f"boosting finds no fraud either: an average precision of {of_boosting:.3f}, "
            f"chance gives {course.test_rate:.3f}"
        )
    ratio = of_tree / of_boosting
    # questions about principal components are no questions that a rule could ask
    name, aside = (
        ("derived", " Its columns are computed from many fields: no band applies.")
        if derived
        else (course.stream, "")
    )
    yield Measurement(
        f"shallow_tree_{name}",
        ratio,
        f"Three yes-or-no questions reach {ratio:.0%} of the average precision of gradient "
        f"boosting ({of_tree:.3f} of {of_boosting:.3f}).{aside}",
        interval=paired_interval(tree, boosting, course.seed, truediv),
        detail={"tree_average_precision": of_tree, "boosting_average_precision": of_boosting},
    )


CHECKS = (
    Check("shortcuts", "shallow_tree", "Do three questions do the work of a model?", _shallow_tree),
)
