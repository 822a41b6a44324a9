"""What tests of several folders share: one small world, simulated once per session."""

import pytest

from fraudsim.dataset import Dataset
from fraudsim.engine import simulate
from fraudsim.scenario_files import load_scenario


@pytest.fixture(scope="session")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The preset ``tiny`` with seed 7."""
    return simulate(load_scenario("tiny"), 7, tmp_path_factory.mktemp("worlds") / "tiny-7")


@pytest.fixture(scope="session")
def busy_world(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Some 1,200 customers with many campaigns of every kind: hundreds of frauds."""
    overrides = [
        "population.customers=1200",
        "population.block_size=400",
        "calendar.days=45",
        *(f"attacks.{k}.campaigns={n}" for k, n in enumerate((6, 8, 8, 5, 8, 8, 3, 3))),
        "attacks.1.last_day=20",
        "attacks.3.last_day=20",
    ]
    scenario = load_scenario("tiny", overrides=overrides)
    return simulate(scenario, 11, tmp_path_factory.mktemp("worlds") / "busy-11")
