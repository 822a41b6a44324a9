"""How many payments people make: a little each for most, very many for some.

A person's counts are close to Poisson; persons differ so much that the counts of all are negative
binomial (Ehrenberg 1959), with a small ``k``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.purchases import purchases
from fraudsim.quality.intervals import interval
from fraudsim.quality.panel import codes, who_pays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

LEAST_PERSONS = 50
"""Fewer persons than this say nothing about how persons differ (a choice)."""

DIARY_DAYS = 3
"""Length of a diary of the Diary of Consumer Payment Choice, days."""

LEAST_DIARIES = 4
"""Fewer three-day stretches than this are no sample of days (a choice)."""


def negative_binomial_k(counts: NDArray[np.int64]) -> float:
    """Return ``k`` of a negative binomial by its moments: mean² / (variance - mean).

    Infinite where the counts vary no more than Poisson counts do.
    """
    mean, variance = float(counts.mean()), float(counts.var())
    return mean**2 / (variance - mean) if variance > mean else float("inf")


def gini(values: NDArray[np.int64]) -> float:
    """Return the Gini coefficient: 0 when all have the same, near 1 when one has all."""
    ascending = np.sort(values).astype(np.float64)
    rank = np.arange(1, len(ascending) + 1)
    return float(((2 * rank - len(ascending) - 1) * ascending).sum()) / (
        len(ascending) * float(ascending.sum())
    )


def top_share(values: NDArray[np.int64], part: float) -> float:
    """Return the share of the sum that the largest ``part`` of the values hold, at least one."""
    most = np.sort(values)[::-1]
    return float(most[: max(1, round(part * len(most)))].sum() / most.sum())


def _totals(subject: Subject) -> Iterator[Measurement]:
    person = who_pays(subject)
    rows = purchases(subject, person)
    totals = _count_by(rows, [person])
    _need_persons(totals)
    k, unequal, top = negative_binomial_k(totals), gini(totals), top_share(totals, 0.1)
    detail = {"persons": len(totals), "by": person, "mean": float(totals.mean())}
    yield Measurement(
        "totals_negative_binomial_k",
        k,
        f"purchases per {person} spread like a negative binomial with k = {k:.2f}",
        detail=detail,
    )
    yield Measurement(
        "totals_gini",
        unequal,
        f"purchases per {person} have a Gini of {unequal:.2f}",
        detail=detail,
    )
    yield Measurement(
        "totals_top_tenth",
        top,
        f"the tenth that buys most makes {top:.0%} of the purchases",
        detail=detail,
    )


def _months(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    person = who_pays(subject)
    rows = purchases(subject, person)
    month = rows.select(person, month=pl.col("local_time").dt.truncate("1mo"))
    if month["month"].n_unique() < 3:
        raise CannotCheckError("fewer than three months: no month is whole")
    inside = month.filter(
        (pl.col("month") > pl.col("month").min()) & (pl.col("month") < pl.col("month").max())
    )
    active = _count_by(inside, [person, "month"])
    _need_persons(active)
    # not the variance over the mean itself: that grows with the mean, 1 + mean / k
    k = negative_binomial_k(active)
    yield Measurement(
        "months_negative_binomial_k",
        k,
        f"purchases in a month with any spread like a negative binomial with k = {k:.2f}",
        detail={
            "mean": float(active.mean()),
            "variance_to_mean": float(active.var() / active.mean()),
            "p99": float(np.quantile(active, 0.99)),
        },
    )


def _diaries(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    person = who_pays(subject)
    # the diary holds every card payment, subscriptions too, and persons who made none
    rows = purchases(subject, person, with_recurring=True)
    persons = _persons(subject, rows, person)
    day = rows["local_time"].dt.date().cast(pl.Int32).to_numpy()
    stretches = (int(day.max()) - int(day.min()) + 1) // DIARY_DAYS
    if stretches < LEAST_DIARIES:
        raise CannotCheckError(f"too few stretches of {DIARY_DAYS} days: {stretches}")
    stretch = (day - int(day.min())) // DIARY_DAYS
    whole = stretch < stretches
    cell = codes(rows[person])[whole] * stretches + stretch[whole]
    made = np.bincount(cell, minlength=persons * stretches)[: persons * stretches]
    mean, ratio, none = (
        float(made.mean()),
        float(made.var() / made.mean()),
        float((made == 0).mean()),
    )
    detail = {"persons": persons, "stretches": stretches}
    of_person = made.reshape(persons, stretches).sum(axis=1).astype(np.float64)
    yield Measurement(
        "diaries_mean",
        mean,
        f"a person makes {mean:.2f} card payments in three days",
        detail=detail,
        interval=interval(
            np.column_stack([of_person, np.full(persons, float(stretches))]),
            lambda drawn: drawn[:, 0] / np.maximum(drawn[:, 1], 1.0),
            subject.rng("diaries_mean"),
        ),
    )
    yield Measurement(
        "diaries_variance_to_mean",
        ratio,
        f"the counts of three days vary {ratio:.1f} times as much as Poisson counts",
        detail=detail,
    )
    yield Measurement(
        "diaries_none",
        none,
        f"{none:.0%} of persons make no card payment in three days",
        detail=detail,
    )


def _persons(subject: Subject, rows: pl.DataFrame, person: str) -> int:
    """Return how many persons there are, also those without a purchase where that is known."""
    seen = rows[person].n_unique()
    if subject.dataset is not None and person == "customer":
        return max(seen, subject.dataset.row_counts["customers"])
    return seen


def _count_by(rows: pl.DataFrame, by: list[str]) -> NDArray[np.int64]:
    counted: NDArray[np.int64] = rows.group_by(by).len().sort(by)["len"].cast(pl.Int64).to_numpy()
    return counted


def _need_persons(counts: NDArray[np.int64]) -> None:
    if len(counts) < LEAST_PERSONS:
        raise CannotCheckError(f"too few persons: {len(counts)}, at least {LEAST_PERSONS}")


CHECKS: tuple[Check, ...] = (
    Check("honest_life", "totals", "Do persons differ in how much they buy as they do?", _totals),
    Check(
        "honest_life",
        "months",
        "Do monthly counts vary as they do, months without any apart?",
        _months,
    ),
    Check(
        "honest_life",
        "diaries",
        "Would a diary of three days find what the US diary found?",
        _diaries,
    ),
)
