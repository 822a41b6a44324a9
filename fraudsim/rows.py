"""The row that travels through the engine: one planned, attempted or settled event.

A numpy structured array: blocks, campaigns and workers hand these over; the recorder turns them
into the tables of ``fraudsim.schema``. Codes are positions in the enumerations of the schema where
one exists. Customers, merchants and terminals stand here by index; public ids are made at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fraudsim.scenario import CASE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW = np.dtype(
    [
        ("time_us", np.int64),  # epoch, UTC
        ("amount_minor", np.int64),
        ("device", np.int64),  # key, 0 is none
        ("payee", np.int64),  # key, 0 is none
        ("customer", np.int32),  # index in the population
        ("merchant", np.int32),  # index, -1 is none
        ("terminal", np.int32),  # index, -1 is none
        ("serial", np.int32),  # running number of the customer's settled rows
        ("campaign", np.int32),  # -1 is honest
        ("receiver", np.int32),  # customer credited by a transfer inside the bank, -1 is none
        ("card_serial", np.int16),  # which card in the slot: 0, then 1 after a reissue
        ("ip_country", np.int16),  # index in Places.countries, -1 is none
        ("kind", np.int8),
        ("slot", np.int8),  # DEBIT, CREDIT or ACCOUNT
        ("channel", np.int8),
        ("entry", np.int8),
        ("payee_abroad", np.int8),  # whether a transfer goes to a bank abroad
        ("three_ds", np.int8),
        ("cvv", np.int8),
        ("pin_ok", np.int8),
        ("case", np.int8),  # kind of fraud case, see CASES; 0 is honest
        ("stage", np.int8),  # position in the pattern's stages
        ("response", np.int8),  # position in RESPONSE_CODES; WAITING and SKIPPED below
        ("challenge_pass", np.float32),  # chance that whoever pays passes a challenge
    ],
    align=True,
)

Row: TypeAlias = Any
"""One row inside a kernel: a record whose fields numba checks when it compiles."""

# kind: payments
PURCHASE, WITHDRAWAL, REFUND, TRANSFER, BILL, DEPOSIT, REPAYMENT, REPAYMENT_IN, REIMBURSEMENT = (
    range(9)
)
# kind: events, in the order of schema.EVENT_TYPES
FIRST_EVENT = 16
(
    LOGIN,
    LOGIN_FAILED,
    PASSWORD_RESET,
    DEVICE_ENROLLED,
    CONTACT_CHANGED,
    PAYEE_ADDED,
    CARD_BLOCKED,
    CARD_ISSUED,
    ACCOUNT_OPENED,
) = range(FIRST_EVENT, FIRST_EVENT + 9)
# kind: messages to the bank, in no table
NOTICE, FALSE_DISPUTE = 32, 33

DEBIT, CREDIT, ACCOUNT = range(3)  # slot

# channel, entry, three_ds, cvv: positions in schema.CHANNELS, ENTRY_MODES, THREE_DS, CVV_RESULTS
POS, ATM, ECOM, RECURRING, ONLINE_BANKING, BATCH = range(6)
CHIP, CONTACTLESS, MAGSTRIPE, FALLBACK, WEB, STORED, NO_ENTRY = range(7)
NO_3DS, FRICTIONLESS, CHALLENGED, FAILED_3DS = range(4)
CVV_MATCH, CVV_NO_MATCH, CVV_NOT_PROVIDED = range(3)

# response: WAITING is not settled yet; SKIPPED never reached the issuer (no usable card)
WAITING, SKIPPED = -1, -2

CASES = ("honest", *CASE_NAMES)
"""Kinds of fraud case: position is the code in ``case``, name is the field of scenario.Victims."""
HONEST, REMOTE_CARD, STOLEN_CARD, COPIED_CARD, ACCOUNT_CASE, SCAM, FIRST_PARTY, MULE = range(8)


_WHOLE = np.dtype((np.void, ROW.itemsize))
"""A row as so many bytes. numpy copies records field by field, which takes ten to twenty times as
long as to copy their bytes. ``take`` and ``compress`` copy bytes; what else copies rows is here."""


def _blank() -> np.ndarray:
    rows = np.zeros(1, dtype=ROW)
    for field in ("merchant", "terminal", "campaign", "receiver", "ip_country"):
        rows[field] = -1
    rows["entry"] = NO_ENTRY
    rows["cvv"] = CVV_NOT_PROVIDED
    rows["pin_ok"] = 1
    rows["response"] = WAITING
    return rows.view(_WHOLE)


_BLANK = _blank()


def empty_rows(count: int) -> np.ndarray:
    """Return ``count`` rows that stand for nothing yet: honest, waiting, no merchant, no payee."""
    return _BLANK.repeat(count).view(ROW)


def joined(parts: Iterable[np.ndarray]) -> np.ndarray:
    """Return a new array of the rows of all parts, one after the other."""
    whole = [part.view(_WHOLE) for part in parts]
    return np.concatenate(whole).view(ROW) if whole else np.empty(0, dtype=ROW)


def put(rows: np.ndarray, where: npt.NDArray[Any], values: np.ndarray) -> None:
    """Let ``values`` take the place of the rows at ``where``: positions, or a mask."""
    rows.view(_WHOLE)[where] = values.view(_WHOLE)


def put_at(rows: np.ndarray, begin: int, values: np.ndarray) -> None:
    """Let ``values`` take the place of the rows from position ``begin`` on."""
    rows.view(_WHOLE)[begin : begin + len(values)] = values.view(_WHOLE)


def in_order(rows: np.ndarray) -> np.ndarray:
    """Return the rows sorted by time, then customer, then serial: a total order of settled rows."""
    return rows.take(np.lexsort((rows["serial"], rows["customer"], rows["time_us"])))


def records(kind: np.dtype[Any], **columns: npt.ArrayLike) -> np.ndarray:
    """Return records of ``kind`` with these columns, all of them; a single value is repeated."""
    assert set(columns) == set(kind.names or ())
    count = max(len(np.atleast_1d(np.asarray(values))) for values in columns.values())
    table = np.zeros(count, dtype=kind)
    for name, values in columns.items():
        table[name] = values
    return table
