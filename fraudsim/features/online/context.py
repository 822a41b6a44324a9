"""What stands in the request and on file; see :mod:`fraudsim.features.context`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fraudsim.features.context import KNOWN_AS, in_days, share_of_income
from fraudsim.features.online.local_time import LocalTime

if TYPE_CHECKING:
    from fraudsim.features.online.base import Event, Request
    from fraudsim.features.online.on_file import Customer, Payee


class Context:
    """Holds nothing but the day's offsets of a timezone: these features have no past."""

    def __init__(self, timezone: str) -> None:
        self._local = LocalTime(timezone)

    def values(self, request: Request) -> list[Any]:
        """Return the columns of the request, local time, and what is on file."""
        local = self._local.at(request.time_us)
        return [
            local.hour,
            local.weekday,
            *_of_request(request),
            *_of_account(request, local.year_utc),
            *_of_device(request),
            *_of_payee(request.payee, request.customer.home_country),
            request.row["mcc"],
        ]

    def observe(self, request: Request, *, approved: bool) -> None:
        """Do nothing: a payment tells nothing about the next."""

    def observe_event(self, event: Event) -> None:
        """Do nothing: nor does an event."""


def _of_request(request: Request) -> tuple[Any, ...]:
    row, home = request.row, request.customer.home_country
    three_ds = row["three_ds"]
    return (
        row["amount_minor"],
        math.log1p(row["amount_minor"]),  # of the C library, as polars has it; not always numpy's
        row["rail"],
        row["tx_type"],
        row["direction"],
        row["channel"],
        row["entry_mode"],
        KNOWN_AS.get(three_ds, three_ds),
        row["cvv_result"],
        _differs(row["merchant_country"], home),
        _differs(row["ip_country"], home),
    )


def _of_account(request: Request, year_utc: int) -> tuple[Any, ...]:
    card, account, customer = request.card, request.account, request.customer
    return (
        None if card is None else card.funding,
        account.account_type,
        None if card is None else in_days(request.time_us - card.issued_us),
        in_days(request.time_us - account.opened_us),
        year_utc - customer.birth_year,
        _share(request.row["amount_minor"], customer),
    )


def _of_device(request: Request) -> tuple[str | None]:
    return (None if request.device is None else request.device.device_type,)


def _of_payee(payee: Payee | None, home: str) -> tuple[Any, ...]:
    if payee is None:
        return (None, None, None)
    return (payee.payee_type, payee.country != home, payee.banks_here)


def _differs(country: str | None, home: str) -> bool | None:
    return None if country is None else country != home


def _share(amount_minor: int, customer: Customer) -> float:
    share: float = share_of_income(float(amount_minor), customer.income_minor)
    return share
