"""Whether victims live on as usual while they are robbed (R10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.features.base import codes_of
from fraudsim.moments import DAY_US
from fraudsim.quality.check import CannotCheckError, Check, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

WHO = ("customer", "account", "card")
"""Whose life it is: the first of these that the table has. A card may end with the fraud."""

WEEKS = (-4, -3, -2, -1, 1, 2, 3, 4)
"""The same hour of other weeks of the same victim is the baseline: it keeps the weekday."""

LEAST_MOMENTS = 30


def _co_activity(subject: Subject) -> Iterator[Measurement]:
    who = next((name for name in WHO if name in subject.payments.columns), None)
    if who is None:
        raise CannotCheckError("no column for customer, account or card")
    subject.need_dates()
    person = codes_of(subject.payments[who])
    time_us = subject.payments["event_time"].dt.timestamp("us").to_numpy()
    fraud = subject.payments["is_fraud"].to_numpy()
    victims, moments = _days_of_fraud(person[fraud], time_us[fraud])
    honest = _Times(person[~fraud], time_us[~fraud])
    stolen = _Times(person[fraud], time_us[fraud])
    with_fraud, usual, compared = 0, 0.0, 0
    within = np.zeros(victims.size)
    others = np.zeros(victims.size)
    for week in WEEKS:
        moved = moments + week * 7 * DAY_US
        there = (moved > time_us[0] + DAY_US) & (moved < time_us[-1] - DAY_US)
        free = there & ~stolen.any_within(victims, moved)
        within += free * honest.any_within(victims, moved)
        others += free
    usable = others > 0
    compared = int(usable.sum())
    if compared < LEAST_MOMENTS:
        raise CannotCheckError(
            f"too few days of fraud with other weeks to compare: {compared}, "
            f"at least {LEAST_MOMENTS} are needed"
        )
    with_fraud = int(honest.any_within(victims, moments)[usable].sum())
    usual = float((within[usable] / others[usable]).sum())
    if usual == 0:
        raise CannotCheckError("victims pay nothing in other weeks: each row is somebody else")
    ratio = with_fraud / usual
    yield Measurement(
        "co_activity",
        ratio,
        f"Within a day of a fraud {with_fraud / compared:.0%} of victims also pay themselves; in "
        f"their other weeks {usual / compared:.0%} do.",
        detail={"days_of_fraud": compared, "who": who},
    )


def _days_of_fraud(
    person: NDArray[np.int64], time_us: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first fraud of each person and day: a spree counts once."""
    order = np.lexsort((time_us, person))
    person, time_us = person[order], time_us[order]
    day = time_us // DAY_US
    first = np.append(True, (person[1:] != person[:-1]) | (day[1:] != day[:-1]))[: person.size]
    return person[first], time_us[first]


class _Times:
    """The times of each person, to ask whether one lies within a day of a moment."""

    def __init__(self, person: NDArray[np.int64], time_us: NDArray[np.int64]) -> None:
        people = np.unique(person)
        self._people = people
        self._start = int(time_us.min(initial=0)) - 60 * DAY_US
        self._span = int(time_us.max(initial=0)) - self._start + 120 * DAY_US
        self._keys = np.sort(self._key(person, time_us))

    def any_within(
        self, person: NDArray[np.int64], moment_us: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return whether each person has a time within a day of the moment."""
        first = np.searchsorted(self._keys, self._key(person, moment_us - DAY_US))
        last = np.searchsorted(self._keys, self._key(person, moment_us + DAY_US), side="right")
        known = np.isin(person, self._people)
        found: NDArray[np.bool_] = known & (last > first)
        return found

    def _key(self, person: NDArray[np.int64], time_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return one number per person and time, in seconds, that sorts by person, then time."""
        rank = np.searchsorted(self._people, person)
        return rank * (self._span // 1_000_000 + 1) + (time_us - self._start) // 1_000_000


CHECKS = (Check("shortcuts", "co_activity", "Do victims go on living while robbed?", _co_activity),)
