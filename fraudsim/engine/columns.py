"""From settled rows to columns of numbers, in the order of time: kernels without randomness."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fraudsim.agents.customers.people import card_number
from fraudsim.engine.ids import SERIAL_BITS, permuted
from fraudsim.kernel import kernel
from fraudsim.rows import (
    CARD_BLOCKED,
    CARD_ISSUED,
    CREDIT,
    FIRST_EVENT,
    ONLINE_BANKING,
    PAYEE_ADDED,
    PURCHASE,
    REFUND,
    TRANSFER,
    WITHDRAWAL,
    Row,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NONE = -1
"""Stands in a column of ids where there is nothing; ids are 0 or more."""
NOWHERE = 0xFFFF_FFFF
"""Stands in a column of positions where there is nothing."""


class IdKeys(NamedTuple):
    """The rounds of each kind of public id, each uint64 of shape (4, 2)."""

    serial: np.ndarray  # of transactions, or of events
    customer: np.ndarray
    account: np.ndarray
    card: np.ndarray
    merchant: np.ndarray
    terminal: np.ndarray
    device: np.ndarray
    payee: np.ndarray


class RailCodes(NamedTuple):
    """The scheme of each kind of payment, and the one of transfers that arrive at once."""

    usual: npt.NDArray[np.uint8]
    instant: int


class Shared(NamedTuple):
    """Columns that both tables have, each of shape (n,); ``NONE`` where there is nothing."""

    serial_id: npt.NDArray[np.int64]
    time_us: npt.NDArray[np.int64]
    kind: npt.NDArray[np.uint8]
    customer_id: npt.NDArray[np.int64]
    card_id: npt.NDArray[np.int64]
    device_id: npt.NDArray[np.int64]
    payee_id: npt.NDArray[np.int64]
    ip_country: npt.NDArray[np.uint32]  # position in the world, ``NOWHERE`` where there is none


class Paid(NamedTuple):
    """Columns of payments alone, each of shape (n,); ``NONE`` where there is nothing."""

    rail: npt.NDArray[np.uint8]
    amount_minor: npt.NDArray[np.int64]
    account_id: npt.NDArray[np.int64]
    merchant: npt.NDArray[np.uint32]  # position in the world, ``NOWHERE`` where there is none
    merchant_id: npt.NDArray[np.int64]
    terminal_id: npt.NDArray[np.int64]
    channel: npt.NDArray[np.uint8]
    entry: npt.NDArray[np.uint8]
    three_ds: npt.NDArray[np.uint8]
    cvv: npt.NDArray[np.uint8]
    response: npt.NDArray[np.uint8]


@kernel
def break_ties(rows: np.ndarray, spare: np.ndarray, payment: np.ndarray, event: np.ndarray) -> None:
    """Sort the few rows that share a moment by public id, by insertion.

    ``rows`` are sorted by time; ``spare`` is one row, for moving others.
    """
    for k in range(1, len(rows)):
        place = k
        while place > 0 and rows[place - 1].time_us == rows[place].time_us:
            left, right = rows[place - 1], rows[place]
            left_id = _serial_id(left, event if left.kind >= FIRST_EVENT else payment)
            right_id = _serial_id(right, event if right.kind >= FIRST_EVENT else payment)
            if left_id <= right_id:
                break
            spare[0] = rows[place]
            rows[place] = rows[place - 1]
            rows[place - 1] = spare[0]
            place -= 1


@kernel
def new_devices(rows: np.ndarray, seen: npt.NDArray[np.int64], out: npt.NDArray[np.int64]) -> int:
    """Write the devices of ``rows`` to ``out``, few of them twice; return how many.

    ``seen`` holds, by the last bits of a key, the device that was written last: who pays today
    pays tomorrow, so most are left out by a look at it.
    """
    count = 0
    for k in range(len(rows)):
        device = rows[k].device
        place = (device ^ (device >> 12)) & (len(seen) - 1)
        if seen[place] != device:
            seen[place] = device
            out[count] = device
            count += 1
    return count


@kernel
def payments_in(rows: np.ndarray) -> int:
    """Return how many of settled rows are payments; the others are events."""
    count = 0
    for k in range(len(rows)):
        count += int(rows[k].kind < FIRST_EVENT)
    return count


@kernel
def _serial_id(row: Row, rounds: np.ndarray) -> int:
    return permuted((int(row.customer) << SERIAL_BITS) | int(row.serial), rounds)


@kernel
def write_events(rows: np.ndarray, at: int, keys: IdKeys, out: Shared) -> int:
    """Write the events among ``rows`` from position ``at`` on; return the next position."""
    for k in range(len(rows)):
        if rows[k].kind >= FIRST_EVENT:
            _write_shared(rows[k], at, keys, out)
            at += 1
    return at


@kernel
def write_payments(
    rows: np.ndarray, at: int, keys: IdKeys, rails: RailCodes, shared: Shared, paid: Paid
) -> int:
    """Write the payments among ``rows`` from position ``at`` on; return the next position."""
    for k in range(len(rows)):
        if rows[k].kind < FIRST_EVENT:
            _write_shared(rows[k], at, keys, shared)
            _write_paid(rows[k], at, keys, rails, paid)
            at += 1
    return at


@kernel
def _write_shared(row: Row, k: int, keys: IdKeys, out: Shared) -> None:
    kind = row.kind
    out.serial_id[k] = _serial_id(row, keys.serial)
    out.time_us[k] = row.time_us
    out.kind[k] = kind
    out.customer_id[k] = permuted(int(row.customer), keys.customer)
    out.card_id[k] = NONE
    if kind in (PURCHASE, WITHDRAWAL, REFUND, CARD_BLOCKED, CARD_ISSUED):
        slot = 1 if row.slot == CREDIT else 0
        number = card_number(int(row.customer), slot, int(row.card_serial))
        out.card_id[k] = permuted(number, keys.card)
    out.device_id[k] = permuted(row.device, keys.device) if row.device > 0 else NONE
    pays = kind < FIRST_EVENT or kind == PAYEE_ADDED
    out.payee_id[k] = permuted(row.payee, keys.payee) if pays and row.payee > 0 else NONE
    out.ip_country[k] = row.ip_country if row.ip_country >= 0 else NOWHERE


@kernel
def _write_paid(row: Row, k: int, keys: IdKeys, rails: RailCodes, out: Paid) -> None:
    out.rail[k] = rails.usual[row.kind]
    if row.kind == TRANSFER and row.channel == ONLINE_BANKING and row.payee_abroad == 0:
        out.rail[k] = rails.instant  # what a customer sends himself to a bank at home
    out.amount_minor[k] = row.amount_minor
    is_credit = 1 if row.slot == CREDIT else 0
    out.account_id[k] = permuted(int(row.customer) * 2 + is_credit, keys.account)
    merchant, terminal = int(row.merchant), int(row.terminal)
    out.merchant[k] = merchant if merchant >= 0 else NOWHERE
    out.merchant_id[k] = permuted(merchant, keys.merchant) if merchant >= 0 else NONE
    out.terminal_id[k] = permuted(terminal, keys.terminal) if terminal >= 0 else NONE
    out.channel[k] = row.channel
    out.entry[k] = row.entry
    out.three_ds[k] = row.three_ds
    out.cvv[k] = row.cvv
    out.response[k] = row.response
