"""The stages of a day, each to be called alone: what looks into the engine stands here only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from fraudsim.agents.customers.block import CustomerBlock, Settings
from fraudsim.agents.customers.habits import build_habits
from fraudsim.agents.customers.room import Room
from fraudsim.agents.customers.town import build_town
from fraudsim.agents.issuer.authorise import build_rules
from fraudsim.engine.ids import PublicIds
from fraudsim.engine.recorder import Writing, events_frame, in_time_order, transactions_frame
from fraudsim.rows import ROW, joined
from fraudsim.streams import Streams
from fraudsim.world.world import build_world

if TYPE_CHECKING:
    import polars as pl

    from fraudsim.scenario import Scenario


class BlockOfCustomers:
    """One block that lives its days without fraudsters, stage by stage."""

    def __init__(self, scenario: Scenario) -> None:
        streams = Streams(7)
        self.world = build_world(scenario, streams)
        self._writing = Writing(self.world, PublicIds(streams), blocks=1)
        home = self.world.places.countries.index(scenario.population.country)
        habits, rules = build_habits(self.world, streams), build_rules(scenario, home, streams)
        settings = Settings(self.world, streams, build_town(self.world), habits, rules, Room())
        self._block = CustomerBlock(mesa.Model(rng=7), settings, 0)
        self._sent = np.empty(0, dtype=ROW)
        self._unflagged = np.zeros(len(self.world.merchants), dtype=bool)
        self.day = 0
        self.days: list[np.ndarray] = []

    def plan(self) -> None:
        self._block.plan_day(self.day, self._sent, self._unflagged)

    def settle(self) -> None:
        settled = self._block.settle_day()
        self._sent = settled.sent
        self.days.append(settled.rows)
        self.day += 1

    @property
    def rows(self) -> int:
        """Rows settled so far."""
        return sum(len(rows) for rows in self.days)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return the tables of the first month's rows."""
        rows = in_time_order(joined(self.days), self._writing)
        rows = rows.compress(months_of(rows) == months_of(rows[:1]))
        return {
            "transactions": transactions_frame(rows, self._writing),
            "events": events_frame(rows, self._writing),
        }


def months_of(rows: np.ndarray) -> np.ndarray:
    """Return the UTC month of each row."""
    return rows["time_us"].astype("datetime64[us]").astype("datetime64[M]")
