"""The world of a scenario, bound together: what every agent sees before anyone acts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fraudsim.streams import integers
from fraudsim.world.calendar import Calendar, build_calendar
from fraudsim.world.categories import CategoryColumns, category_columns
from fraudsim.world.merchants import Merchants, build_merchants
from fraudsim.world.places import Places, build_places
from fraudsim.world.prices import fill_with_baskets

if TYPE_CHECKING:
    from fraudsim.scenario import Scenario
    from fraudsim.streams import Streams


@dataclass(frozen=True)
class World:
    """Places, calendar, trades and merchants of one scenario and seed."""

    scenario: Scenario
    places: Places
    categories: CategoryColumns
    calendar: Calendar
    merchants: Merchants

    @property
    def customers(self) -> int:
        """Number of customers."""
        return self.scenario.population.customers

    def price_at(
        self, merchants: npt.NDArray[np.int64], rng: np.random.Generator, times: float = 1.0
    ) -> npt.NDArray[np.int64]:
        """Draw one price at each of ``merchants`` (shape (n,)), in minor units.

        The same mechanism that prices honest baskets, so that a fraudster's amounts carry the
        merchant's own level and endings; ``times`` is how much dearer the basket is.
        """
        kind, level = self.merchants.category[merchants], self.merchants.price_level[merchants]
        at = np.ascontiguousarray(merchants, dtype=np.int64)
        draws = integers(rng, 1 << 63, len(at)).view(np.uint64)
        log_times, endings = float(np.log(times)), self.categories.endings
        prices = np.empty(len(at), dtype=np.int64)
        fill_with_baskets(prices, (at, kind, level), log_times, draws, self._prices, endings)
        return prices

    @cached_property
    def _prices(self) -> tuple[npt.NDArray[np.float64], ...]:
        """What the categories say of prices, as ``fill_with_baskets`` takes it."""
        c = self.categories
        spread = c.within_log_sd(self.scenario.merchants.price_log_sd)
        return c.log_mean, spread, c.price_points, c.log_ceiling


def build_world(scenario: Scenario, streams: Streams) -> World:
    """Build the world; a pure function of scenario and seed, the same in every process."""
    places = build_places(scenario)
    categories = category_columns()
    return World(
        scenario=scenario,
        places=places,
        categories=categories,
        calendar=build_calendar(scenario),
        merchants=build_merchants(scenario, places, categories, streams),
    )
