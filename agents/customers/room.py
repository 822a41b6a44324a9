"""Room to plan a day in, used by one block after the other."""

from __future__ import annotations

import numpy as np

from fraudsim.agents.customers.plan import MOST_ROWS_A_DAY
from fraudsim.rows import ROW, joined

ROWS_PER_CUSTOMER = 8
"""Room to begin with; blocks that plan more make it grow."""


class Room:
    """Rows that nobody needs any more when the next block plans.

    Attributes:
        rows: as many as any block has needed so far.
    """

    def __init__(self) -> None:
        self.rows = np.empty(0, dtype=ROW)

    def for_customers(self, count: int) -> np.ndarray:
        """Return room that is mostly enough for so many customers."""
        least = count * ROWS_PER_CUSTOMER + 2 * MOST_ROWS_A_DAY
        if len(self.rows) < least:
            self.rows = np.zeros(least, dtype=ROW)
        return self.rows

    def grown(self) -> np.ndarray:
        """Return twice the room, with the rows that stand in it."""
        self.rows = joined([self.rows, np.zeros_like(self.rows)])
        return self.rows
