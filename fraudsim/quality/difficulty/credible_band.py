"""How much of the fraud each kind of knowledge finds: amount, raw columns, two questions, history.

Sources of the bands: real data as measured by others (Worldline's online payments, ULB, IEEE-CIS);
see ``bands.yaml``. Average precision follows the share of fraud, so the lift over it stands beside,
and what it would be at 25 in 10,000 (the rate of the anchor), by giving genuine rows other weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim import metrics
from fraudsim.quality.check import CannotCheckError, Measurement
from fraudsim.quality.difficulty.course import ANCHOR_RATE, check_of, judge, weights_at_rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.difficulty.course import Course, Judged


def _prevalence(course: Course) -> Iterator[Measurement]:
    fraud = course.examples.fraud
    rate = 1e4 * float(fraud.mean())
    yield Measurement(
        f"prevalence_{course.stream}",
        rate,
        f"{rate:.1f} in 10,000 payments of the stream {course.stream} are fraud "
        f"({int(fraud.sum()):,} of {fraud.size:,}).",
        detail={
            "rows": fraud.size,
            "frauds": int(fraud.sum()),
            **course.split.describe(course.examples),
        },
    )


def _amount_only(course: Course) -> Iterator[Measurement]:
    amount = course.examples.amount
    if amount is None:
        raise CannotCheckError("no column for amount")
    score = np.nan_to_num(amount[course.split.test].astype(np.float64))
    found = judge(course.examples, course.split.test, score, course.seed)
    yield _auc("amount_only", course, found, "Ranking payments by amount alone")


def _raw_columns(course: Course) -> Iterator[Measurement]:
    if course.raw.width == 0:
        raise CannotCheckError("no raw column says what rather than who")
    yield _auc("raw_columns", course, course.judged("raw_columns"), "Boosting on raw columns")


def _depth_2_tree(course: Course) -> Iterator[Measurement]:
    """The plain tree, as in the sources, is judged; one that balances the classes is shown."""
    for model in ("depth_2_tree", "depth_2_tree_balanced"):
        yield _auc(model, course, course.judged(model), "A tree of two questions")


def _boosting(course: Course) -> Iterator[Measurement]:
    found = course.judged("boosting")
    yield _auc("boosting", course, found, "Boosting with the history of each payment")
    yield _average_precision("boosting", course, found)
    yield _recall("boosting", course, found)


def _features_matter(course: Course) -> Iterator[Measurement]:
    if course.entities.width == 0:
        raise CannotCheckError("no column says who: there is no history to look back on")
    name = "average_precision"
    full, raw = (course.judged(model).values[name] for model in ("boosting", "raw_columns"))
    yield Measurement(
        f"features_matter_{course.stream}",
        full / raw,
        f"Looking back multiplies the average precision by {full / raw:.1f} "
        f"({raw:.3f} to {full:.3f}).",
        detail={"raw_columns": raw, "boosting": full},
    )


def _auc(model: str, course: Course, found: Judged, what: str) -> Measurement:
    value = found.values["roc_auc"]
    return Measurement(
        f"{model}_roc_auc_{course.stream}",
        value,
        f"{what} puts a fraud above a genuine payment {value:.0%} of the time.",
        interval=found.interval("roc_auc"),
        detail=_all(course, found),
    )


def _average_precision(model: str, course: Course, found: Judged) -> Measurement:
    value = found.values["average_precision"]
    at_anchor = at_rate(found, ANCHOR_RATE)
    rate = course.test_rate
    return Measurement(
        f"{model}_average_precision_{course.stream}",
        value,
        f"Its alerts are right {value:.0%} of the time on average, {value / rate:.0f} times as "
        f"often as by chance; {at_anchor:.0%} if 25 in 10,000 were fraud.",
        interval=found.interval("average_precision"),
        detail={
            "average_precision_at_25_in_10000": at_anchor,
            **_all(course, found),
        },
    )


def _recall(model: str, course: Course, found: Judged) -> Measurement:
    value = found.values["recall_at_1pct_fpr"]
    return Measurement(
        f"{model}_recall_at_1pct_fpr_{course.stream}",
        value,
        f"It finds {value:.0%} of the frauds while stopping 1 % of the genuine payments.",
        interval=found.interval("recall_at_1pct_fpr"),
    )


def _all(course: Course, found: Judged) -> dict[str, float]:
    rate = course.test_rate
    return {
        **found.values,
        "lift": found.values["average_precision"] / rate,
        "test_rows": float(course.test_fraud.size),
        "test_frauds": float(course.test_fraud.sum()),
        "test_rate_bps": 1e4 * rate,
    }


def at_rate(found: Judged, rate: float) -> float:
    """Return the average precision as it would be at another share of fraud."""
    weight = weights_at_rate(found.rows.fraud, rate)
    return metrics.weighted_ranking(found.rows, found.order, weight)["average_precision"]


CHECKS = (
    check_of("prevalence", "How much of the stream is fraud?", _prevalence),
    check_of("amount_only", "Does the amount alone find fraud?", _amount_only),
    check_of("raw_columns", "What do single payments show?", _raw_columns),
    check_of("depth_2_tree", "Do two questions find fraud?", _depth_2_tree),
    check_of("boosting", "Is fraud as hard to find as real fraud?", _boosting),
    check_of("features_matter", "Does the history matter?", _features_matter),
)
