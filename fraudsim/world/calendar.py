"""The days of a run: weekday, holiday, UTC offset, paydays and how much is spent."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from fraudsim.errors import UsageError, nearest
from fraudsim.moments import DAY_US, MINUTE_US
from fraudsim.world.holidays import activity_factor, holidays

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from fraudsim.scenario import Scenario

PAYDAY_KINDS = ("last_business_day", "day_25", "four_weekly", "day_1")
"""How salaries and pensions are paid; the rows of ``Calendar.payday``."""

WEEKDAY_FACTORS = (1.015, 1.001, 1.001, 0.980, 1.064, 1.043, 0.896)
"""Card payments by weekday, Monday first, mean 1.

Source: US Diary of Consumer Payment Choice 2017-19, shares .145 .143 .143 .140 .152 .149 .128. It
asks when people pay; card networks post later, so theirs show a deep Sunday (.77).
"""

DAY_OF_MONTH_INDEX = (
    *(1.190, 1.063, 1.067, 0.984, 1.011, 0.972, 0.979, 0.982, 0.981, 0.998),
    *(0.981, 0.973, 0.978, 0.992, 1.052, 1.023, 1.009, 0.985, 0.965, 0.972),
    *(0.948, 0.971, 0.978, 0.976, 0.993, 0.985, 0.970, 0.972, 1.008, 1.024, 1.026),
)
"""Card spending by day of the month, weekday taken out, days 1 to 31.

Source: Opportunity Insights / Affinity, US daily card spending 2019.
"""

DAY_OF_MONTH_DAMPING = 0.6
"""Part of that pattern kept: the rest is recurring bills, simulated apart (assumption)."""

FOUR_WEEKLY_ANCHOR = date(2000, 1, 7)
"""A Friday; four-weekly pay falls on it and every 28 days before and after (assumption)."""

_LONGEST_CLOSURE_DAYS = 14  # no run of weekends and holidays is as long


@dataclass(frozen=True)
class Calendar:
    """The days of a run, D of them, in local time.

    A day is 24 hours from its local midnight at the offset of that midnight: ``start_us`` plus
    the minute of the day. On the two days a year when clocks change, times after the change are
    therefore an hour off the wall clock, and neighbouring days overlap or leave a gap of an hour.
    """

    date: NDArray[np.datetime64]  # [D] days
    weekday: NDArray[np.int8]  # [D] Monday is 0
    is_holiday: NDArray[np.bool_]  # [D] public holiday or its day in lieu
    is_business_day: NDArray[np.bool_]  # [D] neither weekend nor holiday
    holiday_name: tuple[str, ...]  # [D] "" on other days
    month: tuple[str, ...]  # [D] "YYYY-MM"
    month_index: NDArray[np.int16]  # [D] 0 in the month of the first day
    day_of_month: NDArray[np.int8]  # [D] 1 to 31
    utc_offset_minutes: NDArray[np.int16]  # [D] local time minus UTC, at local midnight
    start_us: NDArray[np.int64]  # [D] local midnight, microseconds since 1970 UTC
    activity: NDArray[np.float64]  # [D] factor on card payments, about 1
    payday: NDArray[np.bool_]  # [4, D] rows as in PAYDAY_KINDS

    def __len__(self) -> int:
        """Return the number of days."""
        return len(self.month)

    @property
    def payday_kinds(self) -> tuple[str, ...]:
        """The rows of ``payday``."""
        return PAYDAY_KINDS

    @property
    def end_us(self) -> int:
        """End of the last day, exclusive, microseconds since 1970 UTC."""
        return int(self.start_us[-1]) + DAY_US

    def day_start_us(self, day: int) -> int:
        """Return the local midnight that begins a day, also of days before or after the run.

        Days outside the run keep the offset of the nearest day inside.
        """
        inside = min(max(day, 0), len(self) - 1)
        return self._starts[inside] + (day - inside) * DAY_US

    def day_of(self, time_us: int) -> int:
        """Return the day of a time: the last that begins at or before it; can lie outside."""
        inside = bisect_right(self._starts, time_us) - 1
        if 0 <= inside < len(self) - 1:
            return inside
        edge = max(inside, 0)
        return edge + (time_us - self._starts[edge]) // DAY_US

    @cached_property
    def _starts(self) -> list[int]:
        starts: list[int] = self.start_us.tolist()
        return starts


def build_calendar(scenario: Scenario) -> Calendar:
    """Return the calendar of a scenario; depends on nothing but the scenario and tzdata.

    Holidays are those of ``population.country`` (``fraudsim.world.holidays`` says which rules
    each country has). ``activity`` is weekday x day of month x holiday.

    Raises:
        UsageError: ``calendar.timezone`` is not an IANA time zone.
    """
    zone = load_zone(scenario.calendar.timezone)
    first, count = scenario.calendar.start, scenario.calendar.days
    days = [first + timedelta(days=index) for index in range(count)]
    free = holidays(
        scenario.population.country,
        first - timedelta(days=_LONGEST_CLOSURE_DAYS),
        days[-1] + timedelta(days=2 * _LONGEST_CLOSURE_DAYS),
    )
    weekday = np.array([day.weekday() for day in days], dtype=np.int8)
    is_holiday = np.array([day in free for day in days], dtype=np.bool_)
    offset = np.array([_offset_minutes(day, zone) for day in days], dtype=np.int16)
    date_array = np.array(days, dtype="datetime64[D]")
    midnight_us = date_array.astype("datetime64[us]").astype(np.int64)
    return Calendar(
        date=date_array,
        weekday=weekday,
        is_holiday=is_holiday,
        is_business_day=(weekday < 5) & ~is_holiday,  # Saturday is 5
        holiday_name=tuple(free.get(day, "") for day in days),
        month=tuple(day.isoformat()[:7] for day in days),
        month_index=np.array([_months_between(first, day) for day in days], dtype=np.int16),
        day_of_month=np.array([day.day for day in days], dtype=np.int8),
        utc_offset_minutes=offset,
        start_us=midnight_us - offset.astype(np.int64) * MINUTE_US,
        activity=np.array([_activity(day, free.get(day)) for day in days]),
        payday=_paydays(days, free),
    )


def load_zone(name: str) -> ZoneInfo:
    """Return a time zone from the ``tzdata`` package, never from the machine.

    So the same versions give the same offsets everywhere, whatever the system's database says.

    Raises:
        UsageError: no such zone; names the nearest.
    """
    known = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    if name not in known:
        hint = nearest(name, known)
        if "did you mean" not in hint:  # some 600 names help nobody
            hint = "; give an IANA name such as 'Europe/London' or 'UTC'"
        raise UsageError(f"calendar.timezone: unknown time zone '{name}'{hint}")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _offset_minutes(day: date, zone: ZoneInfo) -> int:
    """Return local time minus UTC at the midnight that begins ``day``, rounded to minutes."""
    offset = datetime.combine(day, time(), tzinfo=zone).utcoffset()
    assert offset is not None  # a ZoneInfo always knows
    return round(offset.total_seconds() / 60)  # before about 1930 offsets had seconds


def _months_between(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def _activity(day: date, holiday: str | None) -> float:
    mean = sum(DAY_OF_MONTH_INDEX) / len(DAY_OF_MONTH_INDEX)
    of_month = 1 + DAY_OF_MONTH_DAMPING * (DAY_OF_MONTH_INDEX[day.day - 1] / mean - 1)
    of_holiday = activity_factor(holiday) if holiday else 1.0
    return WEEKDAY_FACTORS[day.weekday()] * of_month * of_holiday


def _paydays(days: Sequence[date], free: Collection[date]) -> NDArray[np.bool_]:
    """Return ``[4, D]``: whether each kind of pay arrives on a day.

    Pay that would fall on a weekend or holiday arrives on the business day before, which for
    the first of a month can lie in the month before.
    """
    index = {day: position for position, day in enumerate(days)}
    payday = np.zeros((len(PAYDAY_KINDS), len(days)), dtype=np.bool_)
    # pay due shortly after the run can arrive inside it
    due_until = days[-1] + timedelta(days=_LONGEST_CLOSURE_DAYS)
    due_days = [days[0] + timedelta(days=ahead) for ahead in range((due_until - days[0]).days + 1)]
    for row, is_due in enumerate(_DUE):
        for due in filter(is_due, due_days):
            arrives = _business_day_before(due, free)
            if arrives in index:
                payday[row, index[arrives]] = True
    return payday


def _business_day_before(day: date, free: Collection[date]) -> date:
    """Return ``day`` itself if it is a business day, else the last one before it."""
    while day.weekday() >= 5 or day in free:  # Saturday is 5
        day -= timedelta(days=1)
    return day


def _is_last_of_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


_DUE: tuple[Callable[[date], bool], ...] = (
    _is_last_of_month,
    lambda day: day.day == 25,
    lambda day: (day - FOUR_WEEKLY_ANCHOR).days % 28 == 0,
    lambda day: day.day == 1,
)
