from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from fraudsim.errors import UsageError
from fraudsim.moments import DAY_US
from fraudsim.scenario import Calendar as CalendarSection
from fraudsim.scenario import Population, Scenario
from fraudsim.world.calendar import (
    DAY_OF_MONTH_INDEX,
    PAYDAY_KINDS,
    WEEKDAY_FACTORS,
    build_calendar,
    load_zone,
)
from fraudsim.world.holidays import ACTIVITY_FACTORS, ELSEWHERE, HOLIDAYS, easter_sunday, holidays


def calendar_of(
    start: str = "2025-01-01",
    days: int = 365,
    country: str = "GB",
    timezone: str = "Europe/London",
):
    return build_calendar(
        Scenario(
            calendar=CalendarSection(start=date.fromisoformat(start), days=days, timezone=timezone),
            population=Population(country=country),
        )
    )


def weekday_holidays(country: str, year: int) -> set[str]:
    found = holidays(country, date(year, 1, 1), date(year, 12, 31))
    return {day.isoformat() for day in found if day.weekday() < 5}


@pytest.mark.parametrize(
    ("year", "easter"),
    [
        (1961, (4, 2)),
        (2000, (4, 23)),
        (2008, (3, 23)),
        (2011, (4, 24)),
        (2024, (3, 31)),
        (2025, (4, 20)),
        (2038, (4, 25)),
    ],
)
def test_easter(year, easter):
    assert easter_sunday(year) == date(year, *easter)


# England and Wales, as published on gov.uk/bank-holidays
BANK_HOLIDAYS = {
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
}

# United States, as published by the Office of Personnel Management
FEDERAL_HOLIDAYS = {
    2020: "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25",
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
}


@pytest.mark.parametrize(
    ("country", "year", "days"),
    [
        *(("GB", year, days) for year, days in BANK_HOLIDAYS.items()),
        *(("US", year, days) for year, days in FEDERAL_HOLIDAYS.items()),
    ],
)
def test_british_and_american_holidays_are_complete(country, year, days):
    assert weekday_holidays(country, year) == {f"{year}-{day}" for day in days.split()}


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("DE", "2025-10-03", "German Unity Day"),
        ("FR", "2025-05-29", "Ascension Day"),
        ("NL", "2025-04-26", "King's Day"),  # the 27th is a Sunday
        ("NL", "2026-04-27", "King's Day"),
        ("SE", "2025-06-20", "Midsummer Eve"),
        ("SE", "2025-11-01", "All Saints' Day"),
        ("PL", "2025-06-19", "Corpus Christi"),
        ("IE", "2025-02-03", "St Brigid's Day"),
        ("JP", "2025-05-01", "Labour Day"),
    ],
)
def test_single_holidays_elsewhere(country, day, name):
    assert holidays(country, date(2025, 1, 1), date(2026, 12, 31))[date.fromisoformat(day)] == name


def test_a_rule_does_not_hold_before_its_first_year():
    assert date(2020, 6, 19) not in holidays("US", date(2020, 1, 1), date(2020, 12, 31))


def test_every_measured_factor_belongs_to_a_holiday():
    names = {rule.name for rules in (*HOLIDAYS.values(), ELSEWHERE) for rule in rules}
    assert names >= ACTIVITY_FACTORS.keys()


def test_days_are_labelled():
    calendar = calendar_of("2024-12-30", 70)
    assert calendar.month[0] == "2024-12"
    assert calendar.month[2] == "2025-01"
    assert calendar.month_index[[0, 1, 2, 33, 69]].tolist() == [0, 0, 1, 2, 3]
    assert calendar.day_of_month[[0, 1, 2]].tolist() == [30, 31, 1]
    assert calendar.weekday[:3].tolist() == [0, 1, 2]
    assert calendar.date[2] == np.datetime64("2025-01-01")
    assert calendar.holiday_name[2] == "New Year's Day"
    assert calendar.is_holiday[2]
    assert not calendar.is_business_day[2]
    assert len(calendar) == 70


def test_summer_time_in_london():
    calendar = calendar_of()
    offset = dict(zip(calendar.date.astype(str), calendar.utc_offset_minutes, strict=True))
    # clocks change at 01:00 UTC on 30 March and 26 October, after the midnight of that day
    assert (offset["2025-03-30"], offset["2025-03-31"]) == (0, 60)
    assert (offset["2025-10-26"], offset["2025-10-27"]) == (60, 0)
    lengths = np.diff(calendar.start_us)
    assert sorted(set(lengths.tolist())) == [DAY_US * 23 // 24, DAY_US, DAY_US * 25 // 24]


@pytest.mark.parametrize(
    ("timezone", "minutes"), [("UTC", 0), ("Asia/Kolkata", 330), ("America/New_York", -300)]
)
def test_midnight_in_other_zones(timezone, minutes):
    calendar = calendar_of("2025-01-10", 1, timezone=timezone)
    midnight = datetime(2025, 1, 10, tzinfo=UTC) - timedelta(minutes=minutes)
    assert calendar.start_us[0] == int(midnight.timestamp()) * 1_000_000
    assert calendar.utc_offset_minutes[0] == minutes


def test_time_to_day_and_back():
    calendar = calendar_of()
    for day in (0, 1, 88, 89, 90, 298, 299, 364):  # the change of clocks among them
        start = calendar.day_start_us(day)
        assert start == calendar.start_us[day]
        assert calendar.day_of(start) == day
        assert calendar.day_of(start - 1) == day - 1
    assert calendar.day_of(calendar.end_us) == 365
    assert calendar.day_start_us(365) == calendar.end_us
    assert calendar.day_start_us(-2) == calendar.start_us[0] - 2 * DAY_US
    assert calendar.day_of(int(calendar.start_us[0]) - 3 * DAY_US // 2) == -2


def test_an_unknown_time_zone_names_the_nearest():
    with pytest.raises(UsageError, match=r"calendar\.timezone: .*did you mean 'Europe/London'"):
        calendar_of(timezone="Europe/Londno")


@pytest.mark.parametrize("name", ["Nowhere", "../zones", "", "/etc/localtime"])
def test_what_is_no_zone_is_refused_in_one_short_line(name):
    with pytest.raises(UsageError, match="unknown time zone") as caught:
        load_zone(name)
    assert len(str(caught.value)) < 150


def paydays(calendar, kind: str) -> list[str]:
    return calendar.date[calendar.payday[PAYDAY_KINDS.index(kind)]].astype(str).tolist()


def test_pay_moves_to_the_business_day_before():
    calendar = calendar_of("2025-03-01", 61)
    assert paydays(calendar, "last_business_day") == ["2025-03-31", "2025-04-30"]
    assert paydays(calendar, "day_25") == ["2025-03-25", "2025-04-25"]
    # 1 March is a Saturday (paid in February), 1 May lies after the run but is a Thursday
    assert paydays(calendar, "day_1") == ["2025-04-01"]
    assert paydays(calendar, "four_weekly") == ["2025-03-28", "2025-04-25"]


def test_pay_steps_over_holidays_and_out_of_the_month():
    # Good Friday 2024 is 29 March; Christmas Day 2025 is a Thursday
    assert paydays(calendar_of("2024-03-01", 31), "last_business_day") == ["2024-03-28"]
    assert paydays(calendar_of("2025-12-01", 31), "day_25") == ["2025-12-24"]
    # 1 January 2026 is due on the day after the run and paid inside it
    assert paydays(calendar_of("2025-12-01", 31), "day_1") == ["2025-12-01", "2025-12-31"]


@pytest.mark.parametrize("country", ["GB", "US", "SE", "BR"])
def test_pay_always_arrives_on_a_business_day(country):
    calendar = calendar_of("2019-01-01", 3653, country)  # ten years
    for row in calendar.payday:
        assert calendar.is_business_day[row].all()
    assert calendar.month_index[-1] == 119
    assert calendar.payday[:2].sum(axis=1).tolist() == [120, 120]
    assert np.diff(np.flatnonzero(calendar.payday[2])).mean() == pytest.approx(28, abs=0.2)


def test_activity_is_weekday_times_day_of_month_times_holiday():
    calendar = calendar_of("2024-11-20", 40, "US")
    activity = dict(zip(calendar.date.astype(str), calendar.activity, strict=True))
    mean = sum(DAY_OF_MONTH_INDEX) / 31

    def plain(weekday: int, day: int) -> float:
        return WEEKDAY_FACTORS[weekday] * (1 + 0.6 * (DAY_OF_MONTH_INDEX[day - 1] / mean - 1))

    assert activity["2024-12-03"] == pytest.approx(plain(1, 3))
    assert activity["2024-11-28"] == pytest.approx(0.46 * plain(3, 28))
    assert activity["2024-12-25"] == pytest.approx(0.29 * plain(2, 25))


def test_activity_averages_about_one():
    # holidays alone pull the mean down, by some .6 % in Great Britain
    assert calendar_of("2024-01-01", 1461).activity.mean() == pytest.approx(0.993, abs=0.005)
    assert sum(WEEKDAY_FACTORS) / 7 == pytest.approx(1)


def test_the_machine_decides_nothing(monkeypatch):
    before = calendar_of()
    monkeypatch.setenv("PYTHONTZPATH", "/nowhere")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    after = calendar_of()
    assert np.array_equal(before.start_us, after.start_us)
