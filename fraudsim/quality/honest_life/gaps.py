"""The time between payments: nearly by chance for each person, and closer within a shopping trip.

Gaps are between purchases of one person in seconds, for persons with at least 20 gaps; figures are
the median over persons. For a gap of mean m and spread s, burstiness is (s - m) / (s + m) (Goh and
Barabási 2008): 0 for a Poisson process, -1 for a clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.purchases import enough, purchases
from fraudsim.quality.panel import Panel, panel, who_pays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

LEAST_GAPS = 20
"""Gaps of a person that make a figure: so the real ones were made."""

LEAST_PERSONS = 30
"""Persons that make a median (a choice)."""


def variation(of: Panel) -> NDArray[np.float64]:
    """Return the coefficient of variation of the gaps of each person with enough of them."""
    gaps = np.diff(of.seconds(), prepend=0.0)[of.follows]
    holder = of.holder[of.follows]
    persons = len(of.start) - 1
    n = np.bincount(holder, minlength=persons)
    mean = np.bincount(holder, gaps, minlength=persons) / np.maximum(n, 1)
    square = np.bincount(holder, (gaps - mean[holder]) ** 2, minlength=persons)
    used = (n >= LEAST_GAPS) & (mean > 0)
    found: NDArray[np.float64] = np.sqrt(square[used] / n[used]) / mean[used]
    return found


def memory(of: Panel) -> NDArray[np.float64]:
    """Return the correlation of neighbouring gaps of each person with enough of them."""
    gaps = np.diff(of.seconds(), prepend=0.0)
    second = of.number > 1  # rows with a gap before them and another before that
    left, right, holder = np.roll(gaps, 1)[second], gaps[second], of.holder[second]
    persons = len(of.start) - 1
    n = np.bincount(holder, minlength=persons)

    def centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        mean = np.bincount(holder, values, minlength=persons) / np.maximum(n, 1)
        apart: NDArray[np.float64] = values - mean[holder]
        return apart

    def sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(holder, values, minlength=persons).astype(np.float64)

    left, right = centred(left), centred(right)
    spread = np.sqrt(sums(left**2) * sums(right**2))
    used = (n >= LEAST_GAPS - 1) & (spread > 0)
    found: NDArray[np.float64] = sums(left * right)[used] / spread[used]
    return found


def _gaps(subject: Subject) -> Iterator[Measurement]:
    of = panel(purchases(subject, who_pays(subject)), who_pays(subject))
    cv = _of_enough_persons(variation(of))
    middle = float(np.median(cv))
    burstiness = float(np.median((cv - 1) / (cv + 1)))
    detail = {"persons": len(cv), "p5": float(np.quantile(cv, 0.05))}
    yield Measurement(
        "gaps_variation",
        middle,
        f"the gaps of the middle person vary by {middle:.2f} of their mean (1 is chance)",
        detail=detail,
    )
    irregular = float(np.quantile(cv, 0.95))
    yield Measurement(
        "gaps_variation_p95",
        irregular,
        f"one person in twenty has gaps that vary by {irregular:.2f} of their mean or more",
        detail=detail,
    )
    yield Measurement(
        "gaps_burstiness",
        burstiness,
        f"the middle person's purchases have a burstiness of {burstiness:.2f} (0 is chance)",
        detail=detail,
    )
    correlated = memory(of)
    if not len(correlated):
        return  # gaps that are all equal have no correlation
    remembered = float(np.median(correlated))
    yield Measurement(
        "gaps_memory",
        remembered,
        f"a gap is correlated with the next by {remembered:.2f} for the middle person",
        detail=detail,
    )


def _shop_gaps(subject: Subject) -> Iterator[Measurement]:
    person = who_pays(subject)
    rows = purchases(subject, person, "category")
    of_shop = rows.filter(pl.col("category").cast(pl.String) == "grocery")
    of = panel(enough(of_shop, "purchases of groceries"), person)
    cv = _of_enough_persons(variation(of))
    middle = float(np.median(cv))
    yield Measurement(
        "grocery_gaps_variation",
        middle,
        f"gaps between grocery purchases vary by {middle:.2f} of their mean (1 is chance)",
        detail={"persons": len(cv)},
    )


def _within_day(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    of = panel(purchases(subject, who_pays(subject)), who_pays(subject))
    day = of.frame["local_time"].dt.date().cast(pl.Int32).to_numpy()
    same_day = of.follows & (np.diff(day, prepend=day[:1]) == 0)
    active_days = len(day) - int(same_day.sum())
    mean = len(day) / active_days
    yield Measurement(
        "within_day_purchases",
        mean,
        f"on a day with any, a person makes {mean:.2f} purchases",
        detail={"days": active_days},
    )
    minutes = np.diff(of.seconds(), prepend=0.0)[same_day] / 60
    for part in (10, 25, 50, 75):
        value = float(np.quantile(minutes, part / 100)) if len(minutes) else float("nan")
        yield Measurement(
            f"within_day_gap_p{part}",
            value,
            f"{part} % of purchases follow another of the same day within {value:.0f} minutes",
            detail={"gaps": len(minutes)},
        )


def _of_enough_persons(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(figures) < LEAST_PERSONS:
        raise CannotCheckError(
            f"too few persons with {LEAST_GAPS} gaps: {len(figures)}, "
            f"at least {LEAST_PERSONS} are needed"
        )
    return figures


CHECKS: tuple[Check, ...] = (
    Check("honest_life", "gaps", "Are a person's gaps between purchases those of chance?", _gaps),
    Check(
        "honest_life",
        "grocery_gaps",
        "Do people come back for groceries as households do?",
        _shop_gaps,
    ),
    Check(
        "honest_life",
        "within_day",
        "Do purchases of one day come in trips, minutes to hours apart?",
        _within_day,
    ),
)
