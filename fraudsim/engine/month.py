"""The columns of a month from its rows: room for all of them, filled at once."""

from __future__ import annotations

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


def payment_columns(rows: np.ndarray, keys: IdKeys, rails: RailCodes) -> tuple[Shared, Paid]:
    """Return the columns of the payments among settled rows, in the order of the rows."""
    count = payments_in(rows)
    shared, paid = _room_for_shared(count), _room_for_paid(count)
    write_payments(rows, 0, keys, rails, shared, paid)
    return shared, paid


def event_columns(rows: np.ndarray, keys: IdKeys) -> Shared:
    """Return the columns of the events among settled rows, in the order of the rows."""
    shared = _room_for_shared(len(rows) - payments_in(rows))
    write_events(rows, 0, keys, shared)
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
