"""The output is a pure function of (scenario, seed)."""

import os
import subprocess
import sys

import pytest

from fraudsim.engine import simulate
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.scenario_files import load_scenario


@pytest.mark.parametrize("workers", [2, 7])
def test_any_number_of_workers_gives_the_same_bytes(tiny_world, tmp_path, workers):
    again = simulate(load_scenario("tiny"), 7, tmp_path / "again", workers=workers)
    assert again.digest == tiny_world.digest
    first = (tiny_world.path / MANIFEST_NAME).read_bytes()
    assert (again.path / MANIFEST_NAME).read_bytes() == first


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8"},
    ],
    ids=["kathmandu", "newfoundland"],
)
def test_hash_seed_time_zone_and_locale_do_not_matter(tiny_world, tmp_path, surroundings):
    out = tmp_path / "again"
    subprocess.run(
        [sys.executable, "-m", "fraudsim", "simulate", "tiny", "--seed", "7", "-o", out],
        env=os.environ | surroundings,
        check=True,
        capture_output=True,
    )
    first = (tiny_world.path / MANIFEST_NAME).read_bytes()
    assert (out / MANIFEST_NAME).read_bytes() == first


def test_another_seed_is_another_world(tiny_world, tmp_path):
    assert simulate(load_scenario("tiny"), 8, tmp_path / "other").digest != tiny_world.digest


def test_the_cut_into_blocks_changes_customers_but_not_how_many_rows_they_live(tmp_path):
    """Block size is part of the scenario: the digests differ, the world stays like itself."""
    sizes = []
    for size in (100, 150):
        scenario = load_scenario("tiny", overrides=[f"population.block_size={size}", "attacks=[]"])
        sizes.append(simulate(scenario, 7, tmp_path / str(size)).row_counts["transactions"])
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)
