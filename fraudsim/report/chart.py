"""What a chart is before it is drawn: a title, a sentence and the rows it shows.

The browser draws from the same rows that the table for readers without scripts prints, so the
two cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Kind = Literal[
    "text", "count", "number", "money", "share", "bps", "days", "date", "hour", "flag", "estimate"
]
"""How a value is written.

``money`` is in major units; ``share`` is 0 to 1 and written in percent; ``estimate`` is a value
with the ends of its interval, which may be None.
"""

ABSENT = "\N{EN DASH}"
"""Stands where there is no figure."""

MINOR_DIGITS: Mapping[str, int] = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, "KWD": 3}
"""ISO 4217 exponents that differ from 2, for the currencies that a scenario is likely to name."""


@dataclass(frozen=True)
class Column:
    """One column of the rows of a chart."""

    key: str
    label: str
    kind: Kind


@dataclass(frozen=True)
class Chart:
    """One chart: what it is called, how to read it, and its rows.

    ``rows`` hold one value per column and row, in the order of ``columns``; ``extra`` holds what
    only the drawing needs. A chart without rows is named on the page with ``absent`` as the reason.
    """

    name: str
    title: str
    reading: str
    unit: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    absent: str = "Nothing to draw."
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return the plain value that the page's script reads."""
        return {
            "columns": [[column.key, column.label, column.kind] for column in self.columns],
            "rows": [list(row) for row in self.rows],
            "extra": dict(self.extra),
        }


def money(amount_minor: int, currency: str) -> float:
    """Return an amount of minor units in major units.

    >>> money(1250, "GBP"), money(1250, "JPY")
    (12.5, 1250.0)
    """
    digits = MINOR_DIGITS.get(currency, 2)
    scale: int = 10**digits
    return round(amount_minor / scale, digits)


def share(part: int, whole: int) -> float | None:
    """Return ``part / whole`` to six decimals, or None when there is no whole.

    >>> share(1, 3), share(0, 0)
    (0.333333, None)
    """
    return round(part / whole, 6) if whole else None


def written(value: Any, kind: Kind) -> str:
    """Return ``value`` as the tables and sentences of the report write it.

    >>> written(1234567, "count"), written(12.5, "money"), written(True, "flag")
    ('1,234,567', '12.50', 'yes')
    """
    return ABSENT if value is None else _WRITERS[kind](value)


def _estimate(estimate: Sequence[float | None]) -> str:
    value, low, high = estimate
    if low is None or high is None:
        return _brief(value)
    return f"{_brief(value)} ({_brief(low)} to {_brief(high)})"


def _brief(value: float | None) -> str:
    if value is None:
        return ABSENT
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"


_WRITERS: Mapping[Kind, Callable[[Any], str]] = {
    "text": str,
    "date": str,
    "count": "{:,}".format,
    "number": "{:.3f}".format,
    "money": "{:,.2f}".format,
    "share": lambda value: f"{100 * value:.1f}\N{NO-BREAK SPACE}%",
    "bps": "{:,.1f}".format,
    "days": "{:,.1f}".format,
    "hour": "{:02d}:00".format,
    "flag": lambda value: "yes" if value else "no",
    "estimate": _estimate,
}
