"""What a scorer of payments holds: the past so far, family by family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.errors import UsageError
from fraudsim.features import columns_by_family, timezone_of
from fraudsim.features.online.amount import Amount
from fraudsim.features.online.base import Event, Request
from fraudsim.features.online.checks import Columns
from fraudsim.features.online.context import Context
from fraudsim.features.online.events import Events
from fraudsim.features.online.moments import microseconds_of
from fraudsim.features.online.novelty import Novelty
from fraudsim.features.online.on_file import OnFile
from fraudsim.features.online.order import Order
from fraudsim.features.online.place import Place
from fraudsim.features.online.recency import Recency
from fraudsim.features.online.velocity import Velocity
from fraudsim.schema import EVENTS, TRANSACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fraudsim.dataset import Dataset
    from fraudsim.features.base import Tables
    from fraudsim.features.online.base import State

STATES: Mapping[str, Callable[[str], State]] = {
    "context": Context,
    "velocity": lambda _timezone: Velocity(),
    "recency": lambda _timezone: Recency(),
    "novelty": lambda _timezone: Novelty(),
    "amount": lambda _timezone: Amount(),
    "place": lambda _timezone: Place(),
    "events": lambda _timezone: Events(),
}
"""What holds the past of each family of ``fraudsim.features.FAMILIES``, made for a timezone."""

REQUEST = Columns(
    TRANSACTIONS,
    leave_out=("currency", "terminal_id", "response_code", "approved"),
    # what can be known of a challenge before its answer; the table says how it ended
    also={"three_ds": ("asked",)},
)
EVENT = Columns(EVENTS, needed=("event_time", "event_type", "customer_id", "device_id", "payee_id"))
LARGEST_AMOUNT = 2**63 - 1  # minor units; columns have 64 bits


class Online:
    """Computes the features of payments one by one, as a service that scores them needs it.

    Ask for the features of a payment, answer it, say how it was answered, and go on to the next::

        row = online.features(payment)
        online.observe(payment, approved=score(row) < threshold)

    The values are those of :func:`fraudsim.features.build_features` on the same history, to the
    last bit: what is observed comes in the order of ``event_time`` and ``tx_id``, and events before
    the payments that come after them. What is late is refused, for it would change features that
    were given already. An event of the very moment of a payment may be told before or after it:
    it is not part of the payment's past.

    Of windows, the rows of the last 30 days are kept, and what is older is dropped. What does not
    end is kept for good: when each entity was last seen and which things an account met first
    when. ``docs/features.md`` says how many bytes that is.

    Args:
        tables: what the bank has on file: ``customers``, ``accounts``, ``cards``, ``devices``,
            ``payees`` and ``merchants`` of an opened dataset, or of anything with its ``table``.
            Its payments and events are not read: nothing has happened yet.
        families: names of ``fraudsim.features.FAMILIES``; all by default.
        timezone: IANA zone of local time; that of the scenario by default, else UTC.

    Raises:
        UsageError: there is no family of that name, or no such timezone.
    """

    def __init__(
        self,
        tables: Dataset | Tables,
        families: Sequence[str] | None = None,
        *,
        timezone: str | None = None,
    ) -> None:
        zone = timezone or timezone_of(tables)
        columns = columns_by_family(families)
        flat = [column for family in columns.values() for column in family]
        self._names = tuple(column.name for column in flat)
        self._float32 = [
            place for place, column in enumerate(flat) if column.values.dtype == pl.Float32
        ]
        self._states = [STATES[family](zone) for family in columns]
        self._on_file = OnFile(tables)
        self._order = Order()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, in their order."""
        return self._names

    def features(self, transaction: Mapping[str, Any]) -> dict[str, Any]:
        """Return the features of a payment, of what was observed and told so far.

        The payment itself does not become part of the past, and its answer is not looked at, so it
        need not be known. To ask again for the same payment is allowed.

        Args:
            transaction: the columns of ``transactions``, without ``currency``, ``terminal_id``,
                ``response_code`` and ``approved`` if you like; ``event_time`` with its zone.
                ``three_ds`` may also be ``asked``.

        Returns:
            Values by name, in the order of ``build_features``: bool, int, float (rounded to
            float32 where the column is), str or None.

        Raises:
            UsageError: a column is unknown, missing or of a wrong type, something it refers to is
                not on file, or the payment comes before one that is past.
        """
        request = self._request(transaction)
        self._order.ask(request.time_us, transaction["tx_id"])
        values: list[Any] = []
        for state in self._states:
            values += state.values(request)
        for place in self._float32:
            value = values[place]
            if value is not None:
                values[place] = float(np.float32(value))
        return dict(zip(self._names, values, strict=True))

    def observe(self, transaction: Mapping[str, Any], *, approved: bool) -> None:
        """Make a payment part of the past; whether its features were asked for does not matter.

        Args:
            transaction: as of :meth:`features`.
            approved: how it was answered; declined payments are looked back on too.

        Raises:
            UsageError: as of :meth:`features`; nothing was observed then.
        """
        request = self._request(transaction)
        self._order.observe(request.time_us, transaction["tx_id"])
        for state in self._states:
            state.observe(request, approved=approved)

    def observe_event(self, event: Mapping[str, Any]) -> None:
        """Make a login, an enrolment or another event part of the past.

        Args:
            event: the columns of ``events``; ``event_id``, ``ip_country`` and ``card_id`` may be
                left out.

        Raises:
            UsageError: a column is unknown, missing or of a wrong type, its customer is not on
                file, or it comes before what is past; nothing was observed then.
        """
        EVENT.check(event)
        self._on_file.need("customers", event["customer_id"], "the event")
        happened = Event(event, microseconds_of(event["event_time"]))
        self._order.observe_event(happened.time_us)
        for state in self._states:
            state.observe_event(happened)

    def fact(self, table: str, row: Mapping[str, Any]) -> None:
        """Put something new on file: a card that was issued, a device that was enrolled.

        It must be there before the first payment that refers to it. When, and in which order,
        makes no difference else.

        Args:
            table: one of ``customers``, ``accounts``, ``cards``, ``devices``, ``payees`` and
                ``merchants``.
            row: the columns of the table; those that no feature looks at may be left out.

        Raises:
            UsageError: there is no such table, a column is unknown, missing or of a wrong type, or
                another row with that key is on file.
        """
        self._on_file.add(table, row)

    def _request(self, row: Mapping[str, Any]) -> Request:
        REQUEST.check(row)
        amount_minor = row["amount_minor"]
        if not 0 <= amount_minor <= LARGEST_AMOUNT:
            raise UsageError(
                f"transactions: amount_minor is {amount_minor}, and an amount is from 0 to "
                f"{LARGEST_AMOUNT}; the direction says which way it goes"
            )
        return self._on_file.request(row, microseconds_of(row["event_time"]))
