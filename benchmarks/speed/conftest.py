"""Speed: rows per CPU second of each stage and of whole runs. No part of the test suite.

    python -m pytest benchmarks/speed --benchmark-json=build/speed.json

Names are permanent: what a name measures changes under another name only, so that figures of
versions can be compared. Nothing here asserts a time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the scripts beside this file

from stages import BlockOfCustomers

from fraudsim.engine import simulate
from fraudsim.scenario_files import load_scenario

SETTINGS = ("population.customers=2500", "population.block_size=2500", "calendar.days=30")


@pytest.fixture(scope="session")
def month_of_rows():
    """A block that has lived a month, with its rows."""
    block = BlockOfCustomers(load_scenario("mixed", overrides=SETTINGS))
    while block.day < 30:
        block.plan()
        block.settle()
    return block


@pytest.fixture
def block():
    """A block some days old, its kernels loaded."""
    block = BlockOfCustomers(load_scenario("mixed", overrides=SETTINGS))
    for _day in range(5):
        block.plan()
        block.settle()
    return block


@pytest.fixture(scope="session")
def dataset(tmp_path_factory):
    """A small world on the disk."""
    scenario = load_scenario("mixed", overrides=SETTINGS)
    return simulate(scenario, 7, tmp_path_factory.mktemp("speed") / "world")
