"""Local time of moments that rise, by the timezone database that whole histories are read with."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from fraudsim.errors import UsageError
from fraudsim.features.context import hour_of_day
from fraudsim.moments import DAY_US, HOUR_US, MINUTE_US

MINUTES = DAY_US // MINUTE_US
HOURS = DAY_US // HOUR_US
FIRST_WEEKDAY = 4  # 1 January 1970 was a Thursday


class Local(NamedTuple):
    """A moment as clock and calendar show it.

    Attributes:
        hour: local time of day, hours, by the minute.
        weekday: local weekday, 1 is Monday.
        year_utc: the year at Greenwich.
    """

    hour: float
    weekday: int
    year_utc: int


class LocalTime:
    """Local times of one timezone; the offsets of one day are kept.

    Args:
        timezone: IANA name.

    Raises:
        UsageError: there is no such timezone.
    """

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        try:
            self._offset_us([0])
        except pl.exceptions.PolarsError:
            raise UsageError(
                f"unknown timezone '{timezone}'; an IANA name is needed, such as Europe/London"
            ) from None
        minutes = pl.Series([minute * MINUTE_US for minute in range(MINUTES)])
        self._hours = hour_of_day(minutes.cast(pl.Datetime("us"))).to_list()
        self._day = -1
        self._offsets_us: list[int | None] = []
        self._year_utc = 0

    def at(self, time_us: int) -> Local:
        """Return a moment as it is shown there."""
        day, of_day_us = divmod(time_us, DAY_US)
        if day != self._day:
            self._turn_to(day)
        offset_us = self._offsets_us[of_day_us // HOUR_US]
        if offset_us is None:
            offset_us = self._offset_us([time_us])[0]
        local_day, local_us = divmod(time_us + offset_us, DAY_US)
        weekday = (local_day + FIRST_WEEKDAY - 1) % 7 + 1
        return Local(self._hours[local_us // MINUTE_US], weekday, self._year_utc)

    def _turn_to(self, day: int) -> None:
        """Keep the offset of each hour of a UTC day; ``None`` where the clocks change within."""
        first = [day * DAY_US + hour * HOUR_US for hour in range(HOURS)]
        offsets_us = self._offset_us([*first, *(time_us + HOUR_US - 1 for time_us in first)])
        self._offsets_us = [
            begin if begin == end else None
            for begin, end in zip(offsets_us[:HOURS], offsets_us[HOURS:], strict=True)
        ]
        self._year_utc = pl.Series(first[:1]).cast(pl.Datetime("us")).dt.year().item()
        self._day = day

    def _offset_us(self, times_us: list[int]) -> list[int]:
        time = pl.Series(times_us, dtype=pl.Int64)
        there = time.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(self._timezone)
        offsets: list[int] = (there.dt.replace_time_zone(None).dt.timestamp("us") - time).to_list()
        return offsets
