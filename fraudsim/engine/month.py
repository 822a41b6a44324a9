"""The columns of a month from the rows of its days: room for all of them, filled day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.engine.columns import (
    IdKeys,
    Paid,
    RailCodes,
    Shared,
    payments_in,
    write_events,
    write_payments,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def payment_columns(
    days: Sequence[np.ndarray], keys: IdKeys, rails: RailCodes
) -> tuple[Shared, Paid]:
    """Return the columns of the payments among settled rows, in the order of the rows."""
    count = sum(payments_in(rows) for rows in days)
    shared, paid = _room_for_shared(count), _room_for_paid(count)
    at = 0
    for rows in days:
        at = write_payments(rows, at, keys, rails, shared, paid)
    return shared, paid


def event_columns(days: Sequence[np.ndarray], keys: IdKeys) -> Shared:
    """Return the columns of the events among settled rows, in the order of the rows."""
    count = sum(len(rows) - payments_in(rows) for rows in days)
    shared = _room_for_shared(count)
    at = 0
    for rows in days:
        at = write_events(rows, at, keys, shared)
    return shared


def _room_for_shared(n: int) -> Shared:
    return Shared(
        serial_id=np.empty(n, np.int64),
        time_us=np.empty(n, np.int64),
        kind=np.empty(n, np.uint8),
        customer_id=np.empty(n, np.int64),
        card_id=np.empty(n, np.int64),
        device_id=np.empty(n, np.int64),
        payee_id=np.empty(n, np.int64),
        ip_country=np.empty(n, np.uint32),
    )


def _room_for_paid(n: int) -> Paid:
    return Paid(
        rail=np.empty(n, np.uint8),
        amount_minor=np.empty(n, np.int64),
        account_id=np.empty(n, np.int64),
        merchant=np.empty(n, np.uint32),
        merchant_id=np.empty(n, np.int64),
        terminal_id=np.empty(n, np.int64),
        channel=np.empty(n, np.uint8),
        entry=np.empty(n, np.uint8),
        three_ds=np.empty(n, np.uint8),
        cvv=np.empty(n, np.uint8),
        response=np.empty(n, np.uint8),
    )
