"""The week, the month and its holidays: when all buy more or less, and what a person repeats."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.clock import weekday_counts, whole_weeks
from fraudsim.quality.honest_life.diary import ALL_IN_PERSON, distance
from fraudsim.quality.honest_life.purchases import purchases
from fraudsim.quality.panel import codes, who_pays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

LEAST_DAYS_OF_A_PERSON = 10
"""Days with a purchase that make a rhythm (a choice)."""

LEAST_WEEKS = 6
"""Weeks without which no rhythm is seen (a choice)."""

LEAST_MONTHS = 3
"""Firsts of the month that make a median (a choice)."""


def rhythm(bought: NDArray[np.float64], lag: int) -> float:
    """Return the autocorrelation of daily counts, the mean over persons.

    Args:
        bought: [P, D] counts of each person and day.
        lag: days apart.
    """
    centred = bought - bought.mean(axis=1, keepdims=True)
    spread = (centred**2).sum(axis=1)
    known = spread > 0
    together = (centred[:, lag:] * centred[:, :-lag]).sum(axis=1)
    return float((together[known] / spread[known]).mean())


def _week(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    rows = whole_weeks(purchases(subject))
    counts = weekday_counts(rows)
    apart = distance(counts, ALL_IN_PERSON.weekdays)
    shares = (counts / counts.sum()).round(4).tolist()
    yield Measurement(
        "week_days",
        apart,
        f"{apart:.1%} of purchases would have to move to match the diary's weekdays",
        detail={"weekdays": shares},
    )
    sunday = float(counts[6] / counts.mean() / 7 * 7)
    yield Measurement(
        "week_sunday",
        sunday,
        f"Sunday has {sunday:.2f} times the purchases of a mean day",
        detail={"weekdays": shares},
    )


def _weekly_rhythm(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    person = who_pays(subject)
    rows = whole_weeks(purchases(subject, person))
    bought = _days_of_persons(rows, person)
    if bought.shape[1] < 7 * LEAST_WEEKS:
        raise CannotCheckError(f"fewer than {LEAST_WEEKS} weeks: no rhythm is seen")
    bought = bought[(bought > 0).sum(axis=1) >= LEAST_DAYS_OF_A_PERSON]
    if not len(bought):
        raise CannotCheckError(f"no person with {LEAST_DAYS_OF_A_PERSON} days of purchases")
    for lag in (7, 14):
        value = rhythm(bought, lag)
        yield Measurement(
            f"weekly_rhythm_lag_{lag}",
            value,
            f"a person's purchases of a day are correlated by {value:.3f} with those {lag} days on",
            detail={"persons": len(bought), "lag_1": rhythm(bought, 1)},
        )


def _days_of_persons(rows: pl.DataFrame, person: str) -> NDArray[np.float64]:
    """Return [P, D] counts; every day from the first to the last."""
    day = rows["local_time"].dt.date().cast(pl.Int32).to_numpy()
    days = int(day.max()) - int(day.min()) + 1
    holder = codes(rows[person])
    known = holder >= 0
    cell = holder[known] * days + (day - int(day.min()))[known]
    counted = np.bincount(cell, minlength=(int(holder.max()) + 1) * days)
    return counted.reshape(-1, days).astype(np.float64)


def _month(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    # the real figures are of all card spending, subscriptions and card bills too
    index = _by_day_of_month(subject)
    for name, days, words in (
        ("first", (1,), "the first"),
        ("second_third", (2, 3), "the second and third"),
        ("fifteenth", (15,), "the fifteenth"),
        ("late", tuple(range(19, 29)), "the 19th to 28th"),
    ):
        value = float(np.mean([index[day] for day in days]))
        yield Measurement(
            f"month_{name}",
            value,
            f"on {words} of a month {value:.2f} times the usual is spent by card",
            detail={"index": [round(index[day], 3) for day in sorted(index)]},
        )


def _by_day_of_month(subject: Subject) -> dict[int, float]:
    """Return what is spent by day of the month, weekday and holidays taken out, around 1.

    The median over the months, so that one holiday does not make a pattern.
    """
    spent = _spent(subject, with_recurring=True)
    free = _holidays_of(subject, spent)
    spent = spent.filter(~pl.col("day").is_in(sorted(free)))
    spent = spent.with_columns(
        of_weekday=pl.col("spent") / pl.col("spent").mean().over(pl.col("day").dt.weekday()),
        of_month=pl.col("day").dt.day(),
    ).with_columns(of_weekday=pl.col("of_weekday") / pl.col("of_weekday").mean())
    by_day = (
        spent.group_by("of_month")
        .agg(pl.col("of_weekday").median(), pl.len().alias("months"))
        .sort("of_month")
    )
    if by_day.filter(pl.col("of_month") <= 28)["months"].min() < LEAST_MONTHS - 1:  # type: ignore[operator]  # a number
        raise CannotCheckError(f"fewer than {LEAST_MONTHS} months: no day of the month is seen")
    return dict(zip(by_day["of_month"].to_list(), by_day["of_weekday"].to_list(), strict=True))


def _spent(subject: Subject, *, with_recurring: bool) -> pl.DataFrame:
    """Return the days in order with what was spent on each."""
    rows = purchases(subject, with_recurring=with_recurring)
    return (
        rows.group_by(pl.col("local_time").dt.date().alias("day"))
        .agg(spent=(pl.col("amount") * 100).round().cast(pl.Int64).sum() / 100)
        .sort("day")
    )


def _holidays(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    spent = _spent(subject, with_recurring=True)
    usual = dict(spent.iter_rows())
    free = _holidays_of(subject, spent)
    found = {}
    for day in sorted(free):
        others = [
            usual[other]
            for weeks in range(-4, 5)
            if weeks and (other := day + timedelta(weeks=weeks)) in usual and other not in free
        ]
        if day in usual and len(others) >= 3:
            found[day.isoformat()] = usual[day] / float(np.median(others))
    if not found:
        raise CannotCheckError("no public holiday with weeks around it that are known")
    middle = float(np.median(list(found.values())))
    yield Measurement(
        "holidays_dip",
        middle,
        f"on a public holiday {middle:.2f} times as much is spent as on such weekdays around it",
        detail={"days": {day: round(value, 3) for day, value in found.items()}},
    )


def _holidays_of(subject: Subject, spent: pl.DataFrame) -> set[date]:
    """Return the public holidays of the country of most customers in the years of the data."""
    years = spent["day"].dt.year().unique().to_list()
    country = "GB"
    for name in ("home_country", "merchant_country"):
        if name in subject.payments.columns:
            mode = subject.payments[name].drop_nulls().cast(pl.String).mode().sort()
            country = str(mode[0]) if mode.len() else country
            break
    return {day for year in years for day in public_holidays(country, year)}


def public_holidays(country: str, year: int) -> tuple[date, ...]:
    """Return days on which shops close or people stay at home, by the rules of the country.

    Only days that do not move to another day when they fall on a weekend, or where both would be
    quiet. For countries other than Great Britain and the United States: New Year and Christmas.
    """
    common = (date(year, 1, 1), date(year, 12, 25))
    if country == "US":
        return (
            *common,
            _nth(year, 5, 0, -1),  # Memorial Day
            date(year, 7, 4),
            _nth(year, 9, 0, 1),  # Labor Day
            _nth(year, 11, 3, 4),  # Thanksgiving
        )
    if country == "GB":
        easter = _easter(year)
        return (
            *common,
            easter - timedelta(days=2),
            easter + timedelta(days=1),
            _nth(year, 5, 0, 1),
            _nth(year, 5, 0, -1),
            _nth(year, 8, 0, -1),
            date(year, 12, 26),
        )
    return common


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """Return the ``number``-th weekday of a month; -1 is the last."""
    days = [
        day
        for offset in range(31)
        if (day := date(year, month, 1) + timedelta(days=offset)).month == month
        and day.weekday() == weekday
    ]
    return days[number - 1 if number > 0 else number]


def _easter(year: int) -> date:
    """Return Easter Sunday (Gregorian; the anonymous algorithm as in Meeus 1991)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moved = (8 * century + 13) // 25
    epact = (19 * golden + century - century // 4 - moved + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


CHECKS: tuple[Check, ...] = (
    Check("honest_life", "week", "Do people buy on the weekdays on which they do?", _week),
    Check(
        "honest_life",
        "weekly_rhythm",
        "Does a person come back on the same weekday?",
        _weekly_rhythm,
    ),
    Check(
        "honest_life",
        "month",
        "Is more spent on the 1st and 15th (all card spending, subscriptions too)?",
        _month,
    ),
    Check("honest_life", "holidays", "Is less spent on public holidays?", _holidays),
)
