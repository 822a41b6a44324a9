"""What is new; see :mod:`fraudsim.features.novelty`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.features.novelty import MET_COLUMNS
from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from fraudsim.features.online.base import Event, Request


class Novelty:
    """Holds when each account met each thing for the first time, for good."""

    def __init__(self) -> None:
        # column -> account -> thing -> when
        self._met_us: dict[str, dict[int, dict[Any, int]]] = {
            column: {} for column in MET_COLUMNS.values()
        }

    def values(self, request: Request) -> list[Any]:
        """Return, for each thing, whether it is new and how old the relation is."""
        found: list[Any] = []
        account = request.row["account_id"]
        for column, met_us in self._met_us.items():
            thing = request.row[column]
            first_us = met_us.get(account, {}).get(thing)
            if thing is None:
                found += (None, None)
            elif first_us is None:
                found += (True, None)
            else:
                found += (False, (request.time_us - first_us) / DAY_US)
        return found

    def observe(self, request: Request, *, approved: bool) -> None:  # noqa: ARG002 -- of all states
        """Note what the account meets."""
        account = request.row["account_id"]
        for column, met_us in self._met_us.items():
            thing = request.row[column]
            if thing is not None:
                met_us.setdefault(account, {}).setdefault(thing, request.time_us)

    def observe_event(self, event: Event) -> None:
        """Do nothing: things are met in payments."""
