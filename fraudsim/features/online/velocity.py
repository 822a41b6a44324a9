"""How often and how much; see :mod:`fraudsim.features.velocity`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.features.base import ENTITY_COLUMNS, WINDOWS_US
from fraudsim.features.online.recent import RecentOf
from fraudsim.features.velocity import DECLINED_WINDOWS

if TYPE_CHECKING:
    from fraudsim.features.online.base import Event, Request
    from fraudsim.features.online.recent import Recent

PAID, DECLINED = 0, 1
WINDOWS = [(length_us, name in DECLINED_WINDOWS) for name, length_us in WINDOWS_US.items()]
LONGEST_US = max(WINDOWS_US.values())
NOTHING = [0] * (2 * len(WINDOWS) + len(DECLINED_WINDOWS))
NOBODY = [None] * len(NOTHING)


class Velocity:
    """Holds the rows of the last 30 days of each entity: when, paid out, declined."""

    def __init__(self) -> None:
        self._past = {column: RecentOf(LONGEST_US, values=2) for column in ENTITY_COLUMNS.values()}

    def values(self, request: Request) -> list[Any]:
        """Return counts, amounts and declined rows, per entity and window."""
        found: list[Any] = []
        for column, past in self._past.items():
            entity = request.row[column]
            if entity is None:
                found += NOBODY
            elif (recent := past.get(entity)) is None:
                found += NOTHING
            else:
                found += _in_windows(recent, request.time_us)
        return found

    def observe(self, request: Request, *, approved: bool) -> None:
        """Add the row to the past of each of its entities."""
        paid = request.row["amount_minor"] if request.outgoing else 0
        for column, past in self._past.items():
            entity = request.row[column]
            if entity is not None:
                past.add(entity, request.time_us, paid, not approved)
            past.drop_older(request.time_us)

    def observe_event(self, event: Event) -> None:
        """Do nothing: only payments are counted."""


def _in_windows(recent: Recent, now_us: int) -> list[int]:
    found = []
    rows = len(recent.time_us)
    for length_us, with_declined in WINDOWS:
        first = recent.since(now_us - length_us)
        found.append(rows - first)
        found.append(recent.sum_from(PAID, first))
        if with_declined:
            found.append(recent.sum_from(DECLINED, first))
    return found
