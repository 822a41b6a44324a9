"""The world of a scenario, bound together: what every agent sees before anyone acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fraudsim.world.calendar import Calendar, build_calendar
from fraudsim.world.categories import CategoryColumns, category_columns
from fraudsim.world.merchants import Merchants, build_merchants
from fraudsim.world.places import Places, build_places
from fraudsim.world.prices import basket_minor

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
        c = self.categories
        kind = self.merchants.category[merchants]
        spread = c.within_log_sd(self.scenario.merchants.price_log_sd)
        level = c.log_mean[kind] + self.merchants.price_level[merchants]
        points = c.price_points[kind] * (times >= 1.0)  # a part of a basket has no price tag
        draws = rng.integers(0, 1 << 63, len(kind), dtype=np.int64).astype(np.uint64)
        return np.array(
            [
                basket_minor(
                    merchant, level[n], np.log(times), spread[k], points[n],
                    c.log_ceiling[k], draws[n],
                    c.endings[k],
                )
                for n, (merchant, k) in enumerate(zip(merchants, kind, strict=True))
            ],
            dtype=np.int64,
        )  # fmt: skip


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
