"""What a run would come to, in lines for people: rounded, since it is an estimate.

>>> about(1_234_567), bytes_in_words(3_400_000_000), time_in_words(4_321.0)
('1,230,000', '3.4 GB', '72 minutes')
"""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.cost.dry_run import Estimate

_SHOWN = (
    ("transactions", "transactions"),
    ("events", "events"),
    ("frauds", "labels"),
    ("campaigns", "campaigns"),
    ("customers", "customers"),
)


def lines_of(estimate: Estimate) -> Iterator[str]:
    """Yield the lines."""
    yield f"nothing was written; a run of {estimate.scenario} would come to about"
    processes = "1 process" if estimate.workers == 1 else f"{estimate.workers} workers"
    cpu = time_in_words(estimate.cpu_seconds)
    values = [
        *((name, about(estimate.rows[table])) for name, table in _SHOWN),
        ("disk", bytes_in_words(estimate.bytes)),
        ("time", f"{time_in_words(estimate.seconds)} ({processes} on free cores, {cpu} of CPU)"),
        ("memory", bytes_in_words(estimate.peak_memory_bytes)),
    ]
    width = max(len(name) for name, _ in values)
    for name, value in values:
        yield f"  {name.ljust(width)}  {value}"
    yield f"by a sample of {estimate.sampled_customers:,} customers over all days"


def about(count: float) -> str:
    """Return a number to three digits."""
    return f"{_rounded(count, 3):,.0f}"


def bytes_in_words(count: float) -> str:
    """Return bytes to two digits in the unit that suits."""
    count = _rounded(count, 2)
    units = ("bytes", "kB", "MB", "GB", "TB", "PB")
    power = min(int(log10(count)) // 3, len(units) - 1) if count >= 1 else 0
    return f"{count / 1000**power:,.3g} {units[power]}"


def time_in_words(seconds: float) -> str:
    """Return a time to two digits in the unit that suits."""
    for most, unit, length in (
        (120, "seconds", 1),
        (7200, "minutes", 60),
        (172_800, "hours", 3600),
    ):
        if seconds < most:
            return f"{_rounded(seconds / length, 2):,.3g} {unit}"
    return f"{_rounded(seconds / 86_400, 2):,.3g} days"


def _rounded(value: float, digits: int) -> float:
    return round(value, digits - 1 - floor(log10(value))) if value >= 1 else round(value, 1)
