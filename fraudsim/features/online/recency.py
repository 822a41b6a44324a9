"""How long ago; see :mod:`fraudsim.features.recency`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.features.base import ENTITY_COLUMNS

if TYPE_CHECKING:
    from fraudsim.features.online.base import Event, Request


class Recency:
    """Holds when each entity was last seen, for good."""

    def __init__(self) -> None:
        self._last_us: dict[str, dict[int, int]] = {
            column: {} for column in ENTITY_COLUMNS.values()
        }

    def values(self, request: Request) -> list[Any]:
        """Return the seconds since the previous row of each entity."""
        found: list[Any] = []
        for column, last_us in self._last_us.items():
            before_us = last_us.get(request.row[column])
            found.append(None if before_us is None else (request.time_us - before_us) / 1e6)
        return found

    def observe(self, request: Request, *, approved: bool) -> None:  # noqa: ARG002 -- of all states
        """Note that the entities were seen."""
        for column, last_us in self._last_us.items():
            entity = request.row[column]
            if entity is not None:
                last_us[entity] = request.time_us

    def observe_event(self, event: Event) -> None:
        """Do nothing: only payments are looked back on."""
