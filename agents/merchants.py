"""Merchants: one block of columns that moves prices and keeps the books of what was received."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np
import numpy.typing as npt

from fraudsim.agents.takings import add_takings

if TYPE_CHECKING:
    from fraudsim.streams import Streams
    from fraudsim.world.world import World

WEEKLY_DRIFT = 0.0005
"""Prices rise by so much a week, 2.6 % a year (assumption near recent inflation)."""
WEEKLY_LOG_SD = 0.006
"""Spread of a merchant's own weekly price move (assumption)."""


class MerchantBlock(mesa.Agent):  # type: ignore[misc]  # mesa ships no types
    """All merchants, as columns. Every process holds a twin; prices depend on seed and day only.

    Attributes:
        received_minor: approved purchases and cash less refunds, per merchant, minor units.
    """

    def __init__(self, model: mesa.Model, world: World, streams: Streams) -> None:
        super().__init__(model)
        self._world = world
        self._streams = streams
        self.received_minor: npt.NDArray[np.int64] = np.zeros(
            len(world.merchants.category), dtype=np.int64
        )

    def reprice(self, day: int) -> None:
        """Move prices on the first day of each week of the run."""
        if day == 0 or day % 7:
            return
        rng = self._streams.get("prices", day // 7)
        level = self._world.merchants.price_level
        level += WEEKLY_DRIFT + rng.normal(0, WEEKLY_LOG_SD, len(level))

    def book(self, rows: np.ndarray) -> None:
        """Add what approved ``rows`` brought in or paid back."""
        add_takings(rows, self.received_minor)
