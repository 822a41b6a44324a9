"""Whether rows and states that come from a file can be what a run left there.

Kernels use their fields as positions in tables and do not look twice, so whatever is read is held
to these bounds first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.agents.customers.people import CARDS_PER_SLOT
from fraudsim.moments import DAY_US
from fraudsim.rows import (
    ACCOUNT,
    ACCOUNT_OPENED,
    BATCH,
    CASES,
    FALSE_DISPUTE,
    FIRST_EVENT,
    NO_ENTRY,
    NOTICE,
    REIMBURSEMENT,
    SKIPPED,
    TRANSFER,
)
from fraudsim.schema import CVV_RESULTS, REPORT_SOURCES, RESPONSE_CODES, THREE_DS

if TYPE_CHECKING:
    from fraudsim.world.world import World

_KINDS = (*range(REIMBURSEMENT + 1), *range(FIRST_EVENT, ACCOUNT_OPENED + 1), NOTICE, FALSE_DISPUTE)
_YEAR_US = 366 * DAY_US
_PHONES = 127


def wrong_row(rows: np.ndarray, world: World, customers: range) -> str:
    """Return what no row of ``customers`` can have, as ``merchant 7000``; empty if nothing."""
    start, end = world.calendar.day_start_us(0), world.calendar.end_us
    bounds = {
        "customer": (customers.start, customers.stop - 1),
        "merchant": (-1, len(world.merchants) - 1),
        "terminal": (-1, world.merchants.terminal_count - 1),
        "ip_country": (-1, len(world.places.countries) - 1),
        "time_us": (start - _YEAR_US, end + 10 * _YEAR_US),
        "slot": (0, ACCOUNT),
        "channel": (0, BATCH),
        "entry": (0, NO_ENTRY),
        "three_ds": (0, len(THREE_DS) - 1),
        "cvv": (0, len(CVV_RESULTS) - 1),
        "case": (0, len(CASES) - 1),
        "response": (SKIPPED, len(RESPONSE_CODES) - 1),
        "card_serial": (0, CARDS_PER_SLOT - 1),
    }
    odd = rows["kind"][~np.isin(rows["kind"], _KINDS)]
    if len(odd):
        return f"kind {odd[0]}"
    notices = rows[rows["kind"] == NOTICE]
    transfers = rows[rows["kind"] == TRANSFER]
    return (
        _outside(rows, bounds)
        or _outside(notices, {"stage": (0, len(REPORT_SOURCES) - 1)})
        or _outside(transfers, {"receiver": (-1, world.customers - 1)})
    )


def wrong_state(states: np.ndarray, world: World) -> str:
    """Return what no state of a customer can have; empty if nothing."""
    return _outside(
        states,
        {
            "city": (0, len(world.places) - 1),
            "last_merchant": (-1, len(world.merchants) - 1),
            "card_serial": (0, CARDS_PER_SLOT - 1),
            "blocked": (0, len(RESPONSE_CODES) - 1),
            "notice_case": (0, len(CASES) - 1),
            "notice_source": (0, len(REPORT_SOURCES) - 1),
            "serial": (0, (1 << 25) - 1),
            "phone": (0, _PHONES),
            "new_payees": (0, 63),
        },
    )


def _outside(records: np.ndarray, bounds: dict[str, tuple[int, int]]) -> str:
    for field, (low, high) in bounds.items():
        values = records[field]
        odd = values[(values < low) | (values > high)]
        if odd.size:
            return f"{field} {odd.flat[0]}"
    return ""
