"""The day that is planned: what the calendar says of it, as numbers for the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from fraudsim.world.world import World


TERMS = (((1, 8), (3, 28)), ((4, 22), (6, 14)), ((9, 18), (12, 14)))
"""Terms of a university, first and last (month, day): three of ten to twelve weeks, as in most of
Great Britain; the exact days are an assumption."""

GIFT_SEASON = ((11, 20), (12, 23))
"""From the week of Black Friday to the day before Christmas Eve (choice)."""
GIFT_SEASON_FACTOR = 4.0
"""Bursts of presents come so many times as often in that season as otherwise (assumption)."""


class Today(NamedTuple):
    """The day that is planned."""

    day: int
    weekday: int
    day_of_month: int
    month: int  # 0 in the month of the first day
    start_us: int
    length_us: int  # at most 24 hours; 23 when clocks go forward
    activity: float
    paydays: npt.NDArray[np.bool_]  # by payday kind
    since_payday: npt.NDArray[np.int64]  # days since the last payday, by kind
    is_term: bool
    gift_factor: float


def today_of(world: World, day: int) -> Today:
    """Return the calendar's facts of ``day``."""
    calendar = world.calendar
    date = calendar.date[day].astype(object)
    when = (date.month, date.day)
    return Today(
        day=day,
        weekday=int(calendar.weekday[day]),
        day_of_month=int(calendar.day_of_month[day]),
        month=int(calendar.month_index[day]),
        start_us=calendar.day_start_us(day),
        length_us=min(calendar.day_start_us(day + 1) - calendar.day_start_us(day), DAY_US),
        activity=float(calendar.activity[day]),
        paydays=np.ascontiguousarray(calendar.payday[:, day]),
        since_payday=_since_payday(calendar.payday[:, : day + 1]),
        is_term=any(first <= when <= last for first, last in TERMS),
        gift_factor=GIFT_SEASON_FACTOR if GIFT_SEASON[0] <= when <= GIFT_SEASON[1] else 1.0,
    )


def _since_payday(paid: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the days since the last payday of each kind; the run's age where none was yet."""
    days = paid.shape[1]
    last = np.where(paid.any(axis=1), days - 1 - np.argmax(paid[:, ::-1], axis=1), 0)
    since: npt.NDArray[np.int64] = (days - 1 - last).astype(np.int64)
    return since
