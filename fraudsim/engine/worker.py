"""A worker process: a Mesa model of its own that holds some of the blocks.

Started by ``fraudsim.engine.processes``; not for use by hand.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import mesa

from fraudsim.agents.merchants import MerchantBlock
from fraudsim.engine.population import Closing, DayReport, LocalPopulation, Orders
from fraudsim.engine.processes import receive, send
from fraudsim.errors import FraudsimError
from fraudsim.streams import Streams
from fraudsim.world.world import build_world

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from fraudsim.attacks.kit.nouns import Profile
    from fraudsim.scenario import Scenario


class Shard(mesa.Model):  # type: ignore[misc]  # mesa ships no types
    """Some of the blocks, with a twin of the merchants."""

    def __init__(self, scenario: Scenario, seed: int, blocks: list[int], staging: Path) -> None:
        super().__init__(rng=seed)
        streams = Streams(seed)
        world = build_world(scenario, streams)
        self.merchants = MerchantBlock(self, world, streams)
        self.population = LocalPopulation(self, world, streams, blocks, staging, self.merchants)

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

    def close(self, received: np.ndarray) -> Closing:
        """Book the last deposits and write what is left."""
        return self.population.close(received)


VERBS = ("plan_day", "attempt", "settle_day", "profile", "close")


def main() -> None:
    """Serve one run: first the blocks to hold, then verbs until the parent goes away."""
    inward = sys.stdin.buffer
    # the pipe is private: whatever prints goes to standard error
    outward = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        shard = Shard(*receive(inward))
        send(outward, None)
        while True:
            verb, arguments = receive(inward)
            assert verb in VERBS
            send(outward, _answer(shard, verb, arguments))
    except (EOFError, BrokenPipeError):
        return  # the parent is gone, and with it the run


def _answer(shard: Shard, verb: str, arguments: tuple[Any, ...]) -> Any:
    """Return what the verb gives, or the error that the parent is to raise."""
    try:
        return getattr(shard, verb)(*arguments)
    except (FraudsimError, OSError) as error:
        return error


if __name__ == "__main__":
    main()
