"""What happened around the account; see :mod:`fraudsim.features.events`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from fraudsim.features.base import WINDOWS_US
from fraudsim.features.events import COUNTED, OF_THIS, TIMED
from fraudsim.features.online.recent import RecentOf

if TYPE_CHECKING:
    from fraudsim.features.online.base import Event, Request

Times: TypeAlias = tuple[int, int | None]
"""The last moment at which something happened, and the last before that moment: an event counts
for payments after it only, and the next payment may be of the same moment."""


class Events:
    """Holds when things last happened, for good, and when one logged in, as far as it is counted.

    When each kind of ``TIMED`` happened last is kept per customer, and each kind of ``OF_THIS``
    per customer and thing.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[Any, Times]] = {kind: {} for kind in TIMED}
        self._last_of_this: dict[str, dict[tuple[int, int], Times]] = {
            kind: {} for _column, kind in OF_THIS.values()
        }
        self._counted = {
            kind: RecentOf(max(WINDOWS_US[window] for window in windows), values=0)
            for kind, windows in COUNTED.items()
        }

    def values(self, request: Request) -> list[Any]:
        """Return seconds since the last event of a kind, and counts of events."""
        customer, now_us = request.row["customer_id"], request.time_us
        found: list[Any] = [
            _seconds_since(last.get(customer), now_us) for last in self._last.values()
        ]
        for kind, windows in COUNTED.items():
            found += self._counts(kind, windows, customer, now_us)
        for column, kind in OF_THIS.values():
            times = self._last_of_this[kind].get((customer, request.row[column]))
            found.append(_seconds_since(times, now_us))
        return found

    def _counts(self, kind: str, windows: tuple[str, ...], customer: int, now_us: int) -> list[int]:
        recent = self._counted[kind].get(customer)
        if recent is None:
            return [0] * len(windows)
        last = recent.since(now_us)
        return [last - recent.since(now_us - WINDOWS_US[window]) for window in windows]

    def observe(self, request: Request, *, approved: bool) -> None:  # noqa: ARG002 -- of all states
        """Drop events that no window reaches any more."""
        for counted in self._counted.values():
            counted.drop_older(request.time_us)

    def observe_event(self, event: Event) -> None:
        """Note what happened to whom."""
        row, kind = event.row, event.row["event_type"]
        customer = row["customer_id"]
        if kind in self._last:
            _note(self._last[kind], customer, event.time_us)
        if kind in self._counted:
            self._counted[kind].add(customer, event.time_us)
            self._counted[kind].drop_older(event.time_us)
        for column, of_kind in OF_THIS.values():
            if kind == of_kind and row[column] is not None:
                _note(self._last_of_this[kind], (customer, row[column]), event.time_us)


def _note(last: dict[Any, Times], who: Any, time_us: int) -> None:
    before = last.get(who)
    if before is None:
        last[who] = (time_us, None)
    elif before[0] != time_us:
        last[who] = (time_us, before[0])


def _seconds_since(times: Times | None, now_us: int) -> float | None:
    if times is None:
        return None
    last_us = times[0] if times[0] < now_us else times[1]
    return None if last_us is None else (now_us - last_us) / 1e6
