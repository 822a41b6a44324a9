"""The order in which things happen: what is late would change features that were given already."""

from __future__ import annotations

from fraudsim.errors import UsageError
from fraudsim.features.online.moments import shown

BEGINNING = -(2**63)


class Order:
    """How far the past goes: the last payment asked for, the last observed, the last event.

    Every method goes on to a moment, or raises ``UsageError`` and leaves everything as it was.
    """

    def __init__(self) -> None:
        self._asked = self._observed = (BEGINNING, BEGINNING)  # time and id of a payment
        self._event_us = BEGINNING

    def ask(self, time_us: int, tx_id: int) -> None:
        """Give the features of a payment: from now on, nothing before it may be observed."""
        self._go_on(time_us, tx_id)
        self._asked = (time_us, tx_id)

    def observe(self, time_us: int, tx_id: int) -> None:
        """Observe a payment."""
        self._go_on(time_us, tx_id)
        self._asked = self._observed = (time_us, tx_id)

    def observe_event(self, time_us: int) -> None:
        """Observe an event; at the very moment of a payment it may come before or after it."""
        if time_us < self._asked[0]:
            raise UsageError(
                f"events: the event of {shown(time_us)} comes too late: the features of tx_id "
                f"{self._asked[1]} of {shown(self._asked[0])} were given without it; observe "
                "events and transactions in the order of event_time"
            )
        self._after_the_last_event(time_us, "events: the event")
        self._event_us = time_us

    def _go_on(self, time_us: int, tx_id: int) -> None:
        here = (time_us, tx_id)
        if here == self._observed:
            raise UsageError(
                f"transactions: tx_id {tx_id} of {shown(time_us)} was observed already; a "
                "transaction becomes part of the past once"
            )
        if here < self._asked:
            what = "is past" if self._asked == self._observed else "was given its features"
            raise UsageError(
                f"transactions: tx_id {tx_id} of {shown(time_us)} comes too late: tx_id "
                f"{self._asked[1]} of {shown(self._asked[0])} {what}; ask and observe in the order "
                "of event_time and tx_id"
            )
        self._after_the_last_event(time_us, f"transactions: tx_id {tx_id}")

    def _after_the_last_event(self, time_us: int, what: str) -> None:
        if time_us < self._event_us:
            raise UsageError(
                f"{what} of {shown(time_us)} comes too late: an event of {shown(self._event_us)} "
                "is past; observe events and transactions in the order of event_time"
            )
