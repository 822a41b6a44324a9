"""Where; see :mod:`fraudsim.features.place`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fraudsim.features.place import CARD_PRESENT, great_circle_km, trip_hours

if TYPE_CHECKING:
    from fraudsim.features.online.base import Event, Request


class Visit(NamedTuple):
    """Where a customer was with a card, degrees, and when."""

    lat: float
    lon: float
    time_us: int


class Place:
    """Holds where each customer was last with a card, for good."""

    def __init__(self) -> None:
        self._last: dict[int, Visit] = {}

    def values(self, request: Request) -> list[Any]:
        """Return the distances from home and from the previous place, and the speed."""
        here = _visit(request)
        if here is None:
            return [None, None, None]
        home = request.customer
        from_home_km = great_circle_km(home.home_lat, home.home_lon, here.lat, here.lon)
        before = self._last.get(request.row["customer_id"])
        if before is None:
            return [from_home_km, None, None]
        distance_km = great_circle_km(before.lat, before.lon, here.lat, here.lon)
        hours = trip_hours(here.time_us - before.time_us)
        return [from_home_km, distance_km, distance_km / hours]

    def observe(self, request: Request, *, approved: bool) -> None:  # noqa: ARG002 -- of all states
        """Note where the customer is."""
        here = _visit(request)
        if here is not None:
            self._last[request.row["customer_id"]] = here

    def observe_event(self, event: Event) -> None:
        """Do nothing: events have no place."""


def _visit(request: Request) -> Visit | None:
    shop = request.merchant
    if shop is None or request.row["channel"] not in CARD_PRESENT:
        return None
    if shop.lat is None:
        return None
    return Visit(shop.lat, shop.lon or 0.0, request.time_us)
