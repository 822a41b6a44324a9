"""How unusual the amount is; see :mod:`fraudsim.features.amount`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.features.amount import WINDOW, log_ratio, mean_and_sd
from fraudsim.features.base import WINDOWS_US
from fraudsim.features.online.recent import RecentOf

if TYPE_CHECKING:
    from fraudsim.features.online.base import Event, Request

PAID, SQUARED = 0, 1
LENGTH_US = WINDOWS_US[WINDOW]


class Amount:
    """Holds what each account paid out in the last 30 days, and its squares."""

    def __init__(self) -> None:
        self._past = RecentOf(LENGTH_US, values=2)

    def values(self, request: Request) -> list[Any]:
        """Return the mean, the log ratio and the standard score of the amount."""
        recent = self._past.get(request.row["account_id"])
        first = 0 if recent is None else recent.since(request.time_us - LENGTH_US)
        if recent is None or first == len(recent.time_us):
            return [None, None, None]
        count = len(recent.time_us) - first
        mean, sd = mean_and_sd(count, recent.sum_from(PAID, first), recent.sum_from(SQUARED, first))
        here = float(request.row["amount_minor"])
        score = (here - mean) / sd if count > 1 and sd > 0 else None
        return [mean, log_ratio(here, mean), score]

    def observe(self, request: Request, *, approved: bool) -> None:  # noqa: ARG002 -- of all states
        """Add what was asked out of the account, approved or not."""
        if request.outgoing:
            paid = request.row["amount_minor"]
            self._past.add(request.row["account_id"], request.time_us, paid, paid * paid)
        self._past.drop_older(request.time_us)

    def observe_event(self, event: Event) -> None:
        """Do nothing: events have no amount."""
