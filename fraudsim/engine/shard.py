"""A share of the blocks with a Mesa model of its own: what a process or a Ray actor holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from fraudsim.agents.merchants import MerchantBlock
from fraudsim.engine.local import LocalPopulation
from fraudsim.errors import FraudsimError
from fraudsim.streams import Streams
from fraudsim.world.world import build_world

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fraudsim.attacks.kit.nouns import Profile
    from fraudsim.engine.population import Closing, DayReport, Orders
    from fraudsim.scenario import Scenario
    from fraudsim.sinks.parquet import PartInfo
    from fraudsim.sinks.place import Place

VERBS = ("plan_day", "attempt", "settle_day", "profile", "save", "load", "close")


class Shard(mesa.Model):  # type: ignore[misc]  # mesa ships no types
    """Some of the blocks, with a twin of the merchants."""

    def __init__(self, scenario: Scenario, seed: int, blocks: list[int], place: Place) -> None:
        super().__init__(rng=seed)
        streams = Streams(seed)
        world = build_world(scenario, streams)
        self.merchants = MerchantBlock(self, world, streams)
        self.population = LocalPopulation(self, world, streams, blocks, place, self.merchants)

    def plan_day(self, day: int, orders: Orders) -> None:
        """Move prices, then plan."""
        self.merchants.reprice(day)
        self.population.plan_day(day, orders)

    def attempt(self, rows: np.ndarray) -> np.ndarray:
        """Answer attempts."""
        return self.population.attempt(rows)

    def settle_day(self, day: int) -> DayReport:
        """Settle and record."""
        return self.population.settle_day(day)

    def profile(self, customers: npt.NDArray[np.int64]) -> Profile:
        """Tell of customers."""
        return self.population.profile(customers)

    def save(self, folder: str) -> list[PartInfo]:
        """Store the blocks."""
        return self.population.save(folder)

    def load(self, folder: str, day: int) -> None:
        """Move prices as far as they had moved, then take the blocks up again."""
        for past in range(day):
            self.merchants.reprice(past)
        self.population.load(folder, day)

    def close(self, received: np.ndarray) -> Closing:
        """Book the last deposits and write what is left."""
        return self.population.close(received)


def answer(shard: Shard, verb: str, arguments: tuple[Any, ...]) -> Any:
    """Return what the verb gives, or the error that whoever asked is to raise."""
    assert verb in VERBS
    try:
        return getattr(shard, verb)(*arguments)
    except (FraudsimError, OSError) as error:
        return error
