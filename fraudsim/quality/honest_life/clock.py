"""The hour: of each kind of merchant, of the night, and of each person, who has her own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.diary import ALL_IN_PERSON, ALL_REMOTE, DIARY, distance
from fraudsim.quality.honest_life.purchases import (
    IN_PERSON,
    LEAST_ROWS,
    ONLINE,
    enough,
    purchases,
)
from fraudsim.quality.panel import codes, who_pays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.honest_life.diary import DiaryCategory
    from fraudsim.quality.subject import Subject

LEAST_OF_A_PERSON = 20
"""Purchases of a person that make a clock (a choice); fewer point together by chance."""

NIGHT_HOURS = 6
"""Night is from midnight to six, local time, as in the real figures."""

HOURS_PER_DAY = 24


def hour_counts(rows: pl.DataFrame) -> NDArray[np.int64]:
    """Return [24] the rows in each local hour."""
    hours = rows["local_time"].dt.hour().to_numpy()
    counted: NDArray[np.int64] = np.bincount(hours, minlength=HOURS_PER_DAY)
    return counted


def weekday_counts(rows: pl.DataFrame) -> NDArray[np.int64]:
    """Return [7] the rows on each local weekday, Monday first."""
    days = rows["local_time"].dt.weekday().to_numpy() - 1
    counted: NDArray[np.int64] = np.bincount(days, minlength=7)
    return counted


def personal_clock(
    angle: NDArray[np.float64], person: NDArray[np.int64]
) -> tuple[NDArray[np.float64], float]:
    """Return how closely hours point together: of each person with enough, and of all together.

    The length of the mean of unit vectors (mean resultant length): 1 if all are at one hour, 0 if
    they are spread evenly.

    Args:
        angle: [N] time of day, one turn is a day.
        person: [N] codes from 0.
    """
    x, y = np.cos(angle), np.sin(angle)
    n = np.bincount(person)
    length = np.hypot(np.bincount(person, x), np.bincount(person, y)) / np.maximum(n, 1)
    return length[n >= LEAST_OF_A_PERSON], float(np.hypot(x.mean(), y.mean()))


def _hours(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    rows = purchases(subject, "channel")
    for name, channel, profile, words in (
        ("in_person", IN_PERSON, ALL_IN_PERSON, "in person"),
        ("online", ONLINE, ALL_REMOTE, "online"),
    ):
        some = rows.filter(pl.col("channel") == channel)
        if some.height < LEAST_ROWS:
            continue
        counts = hour_counts(some)
        apart = distance(counts, profile.hours)
        night = float(counts[:NIGHT_HOURS].sum() / counts.sum())
        detail = {"hours": (counts / counts.sum()).round(5).tolist()}
        yield Measurement(
            f"hours_{name}",
            apart,
            f"{apart:.1%} of purchases {words} would have to move to match the diary's hours",
            detail=detail,
        )
        yield Measurement(
            f"hours_{name}_night",
            night,
            f"{night:.1%} of honest purchases {words} are between midnight and six",
            detail=detail,
        )


def _category_hours(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    # the diary's categories hold what is bought online too; what comes by itself has no hour
    rows = purchases(subject, "category")
    yield from _against_diary(rows, "hours", hour_counts, lambda diary: diary.hours)


def _category_weekdays(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    rows = whole_weeks(purchases(subject, "category"))
    yield from _against_diary(rows, "weekdays", weekday_counts, lambda diary: diary.weekdays)


def _against_diary(
    rows: pl.DataFrame,
    what: str,
    count: Callable[[pl.DataFrame], NDArray[np.int64]],
    profile: Callable[[DiaryCategory], tuple[float, ...]],
) -> Iterator[Measurement]:
    """Yield how far the hours or weekdays of each category are from those of the diary."""
    made = False
    for name, diary in DIARY.items():
        some = rows.filter(pl.col("category").cast(pl.String).is_in(diary.members))
        if some.height < LEAST_ROWS:
            continue
        made = True
        apart = distance(count(some), profile(diary))
        yield Measurement(
            f"category_{what}_{name}",
            apart,
            f"{apart:.1%} of purchases of {name.replace('_', ' ')} would have to move to match the "
            f"diary's {what}",
            detail={"rows": some.height, "diary_payments": diary.payments},
        )
    if not made:
        raise CannotCheckError(f"no category under a name of the diary: {', '.join(DIARY)}")


def _clock(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    rows = purchases(subject, who_pays(subject))
    seconds = rows["local_time"].dt.epoch("s").to_numpy() % 86400
    angle = seconds * (2 * np.pi / 86400)
    lengths, pooled = personal_clock(angle, codes(rows[who_pays(subject)]))
    if len(lengths) < 30:
        raise CannotCheckError(f"too few persons with {LEAST_OF_A_PERSON} purchases")
    middle = float(np.median(lengths))
    detail = {
        "persons": len(lengths),
        "p10": float(np.quantile(lengths, 0.1)),
        "p90": float(np.quantile(lengths, 0.9)),
    }
    yield Measurement(
        "clock_pooled",
        pooled,
        f"the hours of all purchases point together by {pooled:.2f}",
        detail=detail,
    )
    yield Measurement(
        "clock_personal",
        middle,
        f"the hours of the middle person point together by {middle:.2f}",
        detail=detail,
    )
    yield Measurement(
        "clock_gain",
        middle - pooled,
        f"a person's hours are closer together than everybody's by {middle - pooled:.2f}",
        detail=detail,
    )
    spread = detail["p90"] - detail["p10"]
    yield Measurement(
        "clock_spread",
        spread,
        f"between persons that keep hours and persons that do not lie {spread:.2f}",
        detail=detail,
    )


def _persona_hours(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    rows = purchases(subject, "persona")
    profiles = {}
    for (persona,), some in rows.filter(pl.col("persona").is_not_null()).group_by("persona"):
        if some.height >= LEAST_ROWS:
            profiles[str(persona)] = hour_counts(some) / some.height
    if len(profiles) < 2:
        raise CannotCheckError(f"fewer than two personas with {LEAST_ROWS} purchases")
    apart = [
        (divergence(profiles[one], profiles[other]), one, other)
        for one in sorted(profiles)
        for other in sorted(profiles)
        if one < other
    ]
    most, one, other = max(apart)
    yield Measurement(
        "persona_hours",
        most,
        f"the hours of {one} and {other} differ most (Jensen-Shannon distance {most:.2f})",
        detail={"between": [one, other]},
    )


def divergence(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the Jensen-Shannon distance of two profiles, base 2: 0 if equal, 1 if disjoint."""
    middle = (one + other) / 2

    def entropy(profile: NDArray[np.float64]) -> float:
        some = profile[profile > 0]
        return float(-(some * np.log2(some)).sum())

    inside = entropy(middle) - (entropy(one) + entropy(other)) / 2
    return float(np.sqrt(max(inside, 0.0)))


def whole_weeks(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows without those after the last whole week, counted from the first day.

    Raises:
        CannotCheckError: there is no whole week.
    """
    day = rows["local_time"].dt.date().cast(pl.Int32)
    first, last = int(day.min()), int(day.max())  # type: ignore[arg-type]  # a number
    weeks = (last - first + 1) // 7
    if not weeks:
        raise CannotCheckError("less than a week: no weekday can be compared")
    return enough(rows.filter(day - first < 7 * weeks), "purchases in whole weeks")


CHECKS: tuple[Check, ...] = (
    Check("honest_life", "hours", "Do people buy at the hours at which they do?", _hours),
    Check(
        "honest_life",
        "category_hours",
        "Does each kind of merchant have its own hours (subscriptions left out)?",
        _category_hours,
    ),
    Check("honest_life", "clock", "Does each person keep hours of her own?", _clock),
    Check("honest_life", "persona_hours", "Do personas live at different hours?", _persona_hours),
    Check(
        "honest_life",
        "category_weekdays",
        "Does each kind of merchant have its own weekdays (subscriptions left out)?",
        _category_weekdays,
    ),
)
