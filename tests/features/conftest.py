from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from fraudsim.schema import TABLES

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class World:
    """The tables of a dataset in memory, so that a test can change them."""

    frames: dict[str, pl.DataFrame]
    timezone: str

    def table(self, name: str) -> pl.LazyFrame:
        return self.frames[name].lazy()

    def but(self, **frames: Any) -> World:
        return replace(self, frames={**self.frames, **frames})


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What the simulator really writes: every attack, 100 customers, 30 days."""
    from fraudsim.engine import simulate
    from fraudsim.scenario_files import load_scenario

    scenario = load_scenario("tiny", overrides=["population.customers=100"])
    dataset = simulate(scenario, 7, tmp_path_factory.mktemp("features") / "world")
    frames = {name: dataset.table(name).collect() for name in TABLES}
    return World(frames, dataset.manifest.scenario["calendar"]["timezone"])
