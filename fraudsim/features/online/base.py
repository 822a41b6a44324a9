"""What the families are asked with online, and what holds their past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.features.online.on_file import (
        Account,
        Card,
        Customer,
        Device,
        Merchant,
        Payee,
    )


class Request(NamedTuple):
    """A payment as it is asked for, with what is on file about those who take part.

    Attributes:
        row: the columns of the request.
        time_us: when, microseconds since 1970.
        outgoing: whether it takes money out of the account.
        customer: the holder; the others likewise, ``None`` where the payment has none.
    """

    row: Mapping[str, Any]
    time_us: int
    outgoing: bool
    customer: Customer
    account: Account
    card: Card | None
    device: Device | None
    payee: Payee | None
    merchant: Merchant | None


class Event(NamedTuple):
    """Something that happened around an account.

    Attributes:
        row: the columns of ``events``.
        time_us: when, microseconds since 1970.
    """

    row: Mapping[str, Any]
    time_us: int


class State(Protocol):
    """The past of one family, as far as its features need it."""

    def values(self, request: Request) -> list[Any]:
        """Return the features of a request in the order of the family's columns.

        Nothing changes by it. Numbers are not rounded yet to the type of their column.
        """

    def observe(self, request: Request, *, approved: bool) -> None:
        """Make a payment part of the past; none comes earlier from now on."""

    def observe_event(self, event: Event) -> None:
        """Make an event part of the past; none comes earlier from now on."""
