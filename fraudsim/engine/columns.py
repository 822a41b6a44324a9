"""From settled rows to columns of numbers, in the order of time: kernels without randomness."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

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
    import numpy.typing as npt

NONE = -1
"""Stands in a column where there is nothing; ids and positions are 0 or more."""


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
    kind: npt.NDArray[np.int64]
    customer_id: npt.NDArray[np.int64]
    card_id: npt.NDArray[np.int64]
    device_id: npt.NDArray[np.int64]
    payee_id: npt.NDArray[np.int64]
    ip_country: npt.NDArray[np.int64]


class Paid(NamedTuple):
    """Columns of payments alone, each of shape (n,); ``NONE`` where there is nothing."""

    rail: npt.NDArray[np.uint8]
    amount_minor: npt.NDArray[np.int64]
    account_id: npt.NDArray[np.int64]
    merchant: npt.NDArray[np.int64]  # position in the world
    merchant_id: npt.NDArray[np.int64]
    terminal_id: npt.NDArray[np.int64]
    channel: npt.NDArray[np.uint8]
    entry: npt.NDArray[np.uint8]
    three_ds: npt.NDArray[np.uint8]
    cvv: npt.NDArray[np.uint8]
    response: npt.NDArray[np.uint8]


@kernel
def break_ties(
    rows: np.ndarray, at: npt.NDArray[np.int64], payment: np.ndarray, event: np.ndarray
) -> None:
    """Sort the few rows that share a moment by public id, by insertion."""
    for k in range(1, len(at)):
        place = k
        while place > 0 and rows[at[place - 1]].time_us == rows[at[place]].time_us:
            left, right = rows[at[place - 1]], rows[at[place]]
            left_id = _serial_id(left, event if left.kind >= FIRST_EVENT else payment)
            right_id = _serial_id(right, event if right.kind >= FIRST_EVENT else payment)
            if left_id <= right_id:
                break
            at[place - 1], at[place] = at[place], at[place - 1]
            place -= 1


@kernel
def _serial_id(row: Row, rounds: np.ndarray) -> int:
    return permuted((int(row.customer) << SERIAL_BITS) | int(row.serial), rounds)


@njit(cache=True)
def shared_columns(rows: np.ndarray, at: npt.NDArray[np.int64], keys: IdKeys) -> Shared:
    """Return the columns of both tables for the rows at ``at``, in that order."""
    n = len(at)
    out = Shared(
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64),
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64),
    )  # fmt: skip
    for k in range(n):
        row = rows[at[k]]
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
        out.ip_country[k] = row.ip_country
    return out


@njit(cache=True)
def payment_columns(
    rows: np.ndarray, at: npt.NDArray[np.int64], keys: IdKeys, rails: RailCodes
) -> Paid:
    """Return the columns of payments for the rows at ``at``, in that order."""
    n = len(at)
    out = Paid(
        np.empty(n, np.uint8), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64),
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.uint8), np.empty(n, np.uint8),
        np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.uint8),
    )  # fmt: skip
    for k in range(n):
        row = rows[at[k]]
        out.rail[k] = rails.usual[row.kind]
        if row.kind == TRANSFER and row.channel == ONLINE_BANKING and row.payee_abroad == 0:
            out.rail[k] = rails.instant  # what a customer sends himself to a bank at home
        out.amount_minor[k] = row.amount_minor
        is_credit = 1 if row.slot == CREDIT else 0
        out.account_id[k] = permuted(int(row.customer) * 2 + is_credit, keys.account)
        merchant, terminal = int(row.merchant), int(row.terminal)
        out.merchant[k] = merchant
        out.merchant_id[k] = permuted(merchant, keys.merchant) if merchant >= 0 else NONE
        out.terminal_id[k] = permuted(terminal, keys.terminal) if terminal >= 0 else NONE
        out.channel[k] = row.channel
        out.entry[k] = row.entry
        out.three_ds[k] = row.three_ds
        out.cvv[k] = row.cvv
        out.response[k] = row.response
    return out
