"""What merchants take in, less what they pay back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.kernel import kernel
from fraudsim.rows import PURCHASE, REFUND, WITHDRAWAL

if TYPE_CHECKING:
    import numpy as np


@kernel
def add_takings(rows: np.ndarray, received_minor: np.ndarray) -> None:
    """Add what approved ``rows`` brought in or paid back to each merchant's sum, minor units."""
    for k in range(len(rows)):
        row = rows[k]
        if row.response != 0 or row.merchant < 0:
            continue
        if row.kind in (PURCHASE, WITHDRAWAL):
            received_minor[row.merchant] += row.amount_minor
        elif row.kind == REFUND:
            received_minor[row.merchant] -= row.amount_minor
