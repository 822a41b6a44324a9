"""Moments as the features count them: microseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fraudsim.moments import DAY_US, SECOND_US

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds_of(time: datetime) -> int:
    """Return the microseconds since 1970 of a time with a zone."""
    since = time - EPOCH
    return since.days * DAY_US + since.seconds * SECOND_US + since.microseconds


def shown(time_us: int) -> str:
    """Return a moment as people read it.

    >>> shown(1_735_689_600_000_000)
    '2025-01-01 00:00:00+00:00'
    """
    return str(EPOCH + timedelta(microseconds=time_us))
