"""Public holidays by rule, and how much each dampens card payments.

Great Britain (England and Wales) and the United States are complete, with substitute and observed
days. The other countries of ``HOLIDAYS`` have their nationwide days, without regional ones. Any
other country has three days only (``ELSEWHERE``), which is an approximation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6

Shift = Literal["none", "next_free_weekday", "nearest_weekday", "day_before_sunday"]


@dataclass(frozen=True)
class Fixed:
    """The same date every year, with the day off in lieu when it falls on a weekend.

    ``next_free_weekday`` is the British way, ``nearest_weekday`` the American one (Saturday to
    Friday, Sunday to Monday); ``day_before_sunday`` moves King's Day from Sunday to Saturday.
    """

    name: str
    month: int
    day: int
    shift: Shift = "none"
    since: int = 1

    def on(self, year: int) -> date | None:
        """Return the date in ``year``, or ``None`` before its first year."""
        return date(year, self.month, self.day) if year >= self.since else None


@dataclass(frozen=True)
class FromEaster:
    """A number of days from Easter Sunday."""

    name: str
    days: int

    def on(self, year: int) -> date | None:
        """Return the date in ``year``."""
        return easter_sunday(year) + timedelta(days=self.days)


@dataclass(frozen=True)
class Weekday:
    """The first ``weekday`` (Monday is 0) on or after a date."""

    name: str
    month: int
    day: int
    weekday: int
    since: int = 1

    def on(self, year: int) -> date | None:
        """Return the date in ``year``, or ``None`` before its first year."""
        start = date(year, self.month, self.day)
        ahead = (self.weekday - start.weekday()) % 7
        return start + timedelta(days=ahead) if year >= self.since else None


Rule = Fixed | FromEaster | Weekday

_NEW_YEAR = Fixed("New Year's Day", 1, 1)
_EPIPHANY = Fixed("Epiphany", 1, 6)
_GOOD_FRIDAY = FromEaster("Good Friday", -2)
_EASTER = FromEaster("Easter Sunday", 0)
_EASTER_MONDAY = FromEaster("Easter Monday", 1)
_LABOUR = Fixed("Labour Day", 5, 1)
_ASCENSION = FromEaster("Ascension Day", 39)
_WHIT_MONDAY = FromEaster("Whit Monday", 50)
_CORPUS_CHRISTI = FromEaster("Corpus Christi", 60)
_ASSUMPTION = Fixed("Assumption Day", 8, 15)
_ALL_SAINTS = Fixed("All Saints' Day", 11, 1)
_IMMACULATE = Fixed("Immaculate Conception", 12, 8)
_CHRISTMAS = Fixed("Christmas Day", 12, 25)
_SECOND_CHRISTMAS = Fixed("Second Day of Christmas", 12, 26)

HOLIDAYS: Mapping[str, tuple[Rule, ...]] = {
    # Banking and Financial Dealings Act 1971 and proclamations (gov.uk/bank-holidays)
    "GB": (
        Fixed("New Year's Day", 1, 1, "next_free_weekday"),
        _GOOD_FRIDAY,
        _EASTER,
        _EASTER_MONDAY,
        Weekday("Early May bank holiday", 5, 1, MONDAY),
        Weekday("Spring bank holiday", 5, 25, MONDAY),
        Weekday("Summer bank holiday", 8, 25, MONDAY),
        Fixed("Christmas Day", 12, 25, "next_free_weekday"),
        Fixed("Boxing Day", 12, 26, "next_free_weekday"),
    ),
    # 5 U.S. Code 6103; Easter Sunday is no federal holiday but closes shops
    "US": (
        Fixed("New Year's Day", 1, 1, "nearest_weekday"),
        Weekday("Martin Luther King Jr. Day", 1, 15, MONDAY),
        Weekday("Washington's Birthday", 2, 15, MONDAY),
        _EASTER,
        Weekday("Memorial Day", 5, 25, MONDAY),
        Fixed("Juneteenth", 6, 19, "nearest_weekday", since=2021),
        Fixed("Independence Day", 7, 4, "nearest_weekday"),
        Weekday("Labor Day", 9, 1, MONDAY),
        Weekday("Columbus Day", 10, 8, MONDAY),
        Fixed("Veterans Day", 11, 11, "nearest_weekday"),
        Weekday("Thanksgiving Day", 11, 22, THURSDAY),
        Fixed("Christmas Day", 12, 25, "nearest_weekday"),
    ),
    "DE": (
        _NEW_YEAR,
        _GOOD_FRIDAY,
        _EASTER,
        _EASTER_MONDAY,
        _LABOUR,
        _ASCENSION,
        _WHIT_MONDAY,
        Fixed("German Unity Day", 10, 3),
        _CHRISTMAS,
        _SECOND_CHRISTMAS,
    ),
    "FR": (
        _NEW_YEAR,
        _EASTER,
        _EASTER_MONDAY,
        _LABOUR,
        Fixed("Victory Day", 5, 8),
        _ASCENSION,
        _WHIT_MONDAY,
        Fixed("National Day", 7, 14),
        _ASSUMPTION,
        _ALL_SAINTS,
        Fixed("Armistice Day", 11, 11),
        _CHRISTMAS,
    ),
    "ES": (
        _NEW_YEAR,
        _EPIPHANY,
        _GOOD_FRIDAY,
        _EASTER,
        _LABOUR,
        _ASSUMPTION,
        Fixed("National Day", 10, 12),
        _ALL_SAINTS,
        Fixed("Constitution Day", 12, 6),
        _IMMACULATE,
        _CHRISTMAS,
    ),
    "IT": (
        _NEW_YEAR,
        _EPIPHANY,
        _EASTER,
        _EASTER_MONDAY,
        Fixed("Liberation Day", 4, 25),
        _LABOUR,
        Fixed("Republic Day", 6, 2),
        _ASSUMPTION,
        _ALL_SAINTS,
        _IMMACULATE,
        _CHRISTMAS,
        _SECOND_CHRISTMAS,
    ),
    "NL": (
        _NEW_YEAR,
        _EASTER,
        _EASTER_MONDAY,
        Fixed("King's Day", 4, 27, "day_before_sunday", since=2014),
        _ASCENSION,
        _WHIT_MONDAY,
        _CHRISTMAS,
        _SECOND_CHRISTMAS,
    ),
    "BE": (
        _NEW_YEAR,
        _EASTER,
        _EASTER_MONDAY,
        _LABOUR,
        _ASCENSION,
        _WHIT_MONDAY,
        Fixed("National Day", 7, 21),
        _ASSUMPTION,
        _ALL_SAINTS,
        Fixed("Armistice Day", 11, 11),
        _CHRISTMAS,
    ),
    "PT": (
        _NEW_YEAR,
        _GOOD_FRIDAY,
        _EASTER,
        Fixed("Freedom Day", 4, 25),
        _LABOUR,
        _CORPUS_CHRISTI,
        Fixed("Portugal Day", 6, 10),
        _ASSUMPTION,
        Fixed("Republic Day", 10, 5),
        _ALL_SAINTS,
        Fixed("Restoration of Independence", 12, 1),
        _IMMACULATE,
        _CHRISTMAS,
    ),
    # St Brigid's Day on 1 February when that is a Friday (next in 2030) is not modelled
    "IE": (
        _NEW_YEAR,
        Weekday("St Brigid's Day", 2, 1, MONDAY, since=2023),
        Fixed("St Patrick's Day", 3, 17),
        _EASTER,
        _EASTER_MONDAY,
        Weekday("May Day", 5, 1, MONDAY),
        Weekday("June holiday", 6, 1, MONDAY),
        Weekday("August holiday", 8, 1, MONDAY),
        Weekday("October holiday", 10, 25, MONDAY),
        _CHRISTMAS,
        Fixed("St Stephen's Day", 12, 26),
    ),
    "SE": (
        _NEW_YEAR,
        _EPIPHANY,
        _GOOD_FRIDAY,
        _EASTER,
        _EASTER_MONDAY,
        _LABOUR,
        _ASCENSION,
        Fixed("National Day", 6, 6, since=2005),
        Weekday("Midsummer Eve", 6, 19, FRIDAY),
        Weekday("All Saints' Day", 10, 31, SATURDAY),
        _CHRISTMAS,
        _SECOND_CHRISTMAS,
    ),
    "PL": (
        _NEW_YEAR,
        Fixed("Epiphany", 1, 6, since=2011),
        _EASTER,
        _EASTER_MONDAY,
        _LABOUR,
        Fixed("Constitution Day", 5, 3),
        _CORPUS_CHRISTI,
        _ASSUMPTION,
        _ALL_SAINTS,
        Fixed("Independence Day", 11, 11),
        Fixed("Christmas Eve", 12, 24, since=2025),
        _CHRISTMAS,
        _SECOND_CHRISTMAS,
    ),
}
"""The rules of each country; ``"GB"`` means England and Wales."""

ELSEWHERE: tuple[Rule, ...] = (_NEW_YEAR, _LABOUR, _CHRISTMAS)
"""What stands in for the holidays of any other country: an approximation."""

_GB_MOVED: Mapping[date, date] = {
    # proclaimed: the 50th, 60th and 70th year of the reign, and 75 years since VE Day
    date(2002, 5, 27): date(2002, 6, 4),
    date(2012, 5, 28): date(2012, 6, 4),
    date(2020, 5, 4): date(2020, 5, 8),
    date(2022, 5, 30): date(2022, 6, 2),
}

_GB_ONCE: Mapping[date, str] = {
    date(2002, 6, 3): "Golden Jubilee",
    date(2011, 4, 29): "Royal wedding",
    date(2012, 6, 5): "Diamond Jubilee",
    date(2022, 6, 3): "Platinum Jubilee",
    date(2022, 9, 19): "State funeral of Queen Elizabeth II",
    date(2023, 5, 8): "Coronation of King Charles III",
}

ORDINARY_FACTOR = 0.79
"""Card payments on a public holiday without a measured value: the mean of Memorial and Labor Day,
which are ordinary days off (assumption for other holidays)."""

ACTIVITY_FACTORS: Mapping[str, float] = {
    "Christmas Day": 0.29,
    "Thanksgiving Day": 0.46,
    "Easter Sunday": 0.72,
    "New Year's Day": 0.73,
    "Independence Day": 0.76,
    "Memorial Day": 0.77,
    "Labor Day": 0.81,
    "Boxing Day": 0.82,
    "Second Day of Christmas": 0.82,
    "St Stephen's Day": 0.82,
    "Christmas Eve": 0.89,
    "Martin Luther King Jr. Day": 0.92,
    "Veterans Day": 0.95,
    "Columbus Day": 0.96,
    "Washington's Birthday": 0.97,
}
"""Card spending on a holiday over the median of the same weekday three weeks before and after.

Median over 2019-2022 (Opportunity Insights / Affinity, US daily card spending, all incomes).
Two values are the mean of two years (Independence, Labor Day). Easter Monday and Good Friday have
no value of their own: in the United States they are working days. St Stephen's Day is taken as 26
December is there.
"""


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (anonymous algorithm, Meeus 1991).

    >>> easter_sunday(2025)
    datetime.date(2025, 4, 20)
    """
    century, of_century = divmod(year, 100)
    golden = year % 19
    leap_centuries, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, of_four = divmod(of_century, 4)
    to_sunday = (32 + 2 * rest + 2 * leaps - epact - of_four) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def holidays(country: str, first: date, last: date) -> dict[date, str]:
    """Return the public holidays of ``country`` from ``first`` to ``last``, by date.

    A holiday on a weekend stands under its own date; its day off in lieu stands under the
    working day, named ``"... (in lieu)"``.
    """
    # the neighbouring years: a day in lieu of 1 January can be 31 December
    years = range(max(first.year - 1, 1), min(last.year + 1, date.max.year - 1) + 1)
    days = {day: name for year in years for day, name in _of_year(country, year).items()}
    return {day: name for day, name in sorted(days.items()) if first <= day <= last}


def activity_factor(name: str) -> float:
    """Return by how much a holiday multiplies card payments; days in lieu are ordinary ones."""
    return ACTIVITY_FACTORS.get(name, ORDINARY_FACTOR)


def _of_year(country: str, year: int) -> dict[date, str]:
    """Return the holidays that the rules of ``year`` give, days in lieu included."""
    rules = HOLIDAYS.get(country, ELSEWHERE)
    dated = [(day, rule) for rule in rules if (day := rule.on(year)) is not None]
    days = {_proclaimed(country, day): rule.name for day, rule in dated}
    for day, rule in dated:
        if isinstance(rule, Fixed):
            _shift(days, day, rule)
    if country == "GB":
        days |= {day: name for day, name in _GB_ONCE.items() if day.year == year}
    return days


def _proclaimed(country: str, day: date) -> date:
    return _GB_MOVED.get(day, day) if country == "GB" else day


def _shift(days: dict[date, str], day: date, rule: Fixed) -> None:
    """Add the day off in lieu of a weekend to ``days``, or move the day itself."""
    if rule.shift == "day_before_sunday" and day.weekday() == SUNDAY:
        days[day - timedelta(days=1)] = days.pop(day)
    if day.weekday() < SATURDAY:
        return
    if rule.shift == "next_free_weekday":
        days[next(_free_weekdays_after(day, days))] = f"{rule.name} (in lieu)"
    elif rule.shift == "nearest_weekday":
        off = day + timedelta(days=1 if day.weekday() == SUNDAY else -1)
        days[off] = f"{rule.name} (in lieu)"


def _free_weekdays_after(day: date, taken: Mapping[date, str]) -> Iterator[date]:
    for ahead in range(1, 8):
        later = day + timedelta(days=ahead)
        if later.weekday() < SATURDAY and later not in taken:
            yield later
