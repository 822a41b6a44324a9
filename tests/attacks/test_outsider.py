"""A pattern from outside runs, and shows up everywhere, without any other change."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from fraudsim.dataset import open_dataset
from fraudsim.engine import simulate
from fraudsim.registry import ATTACKS, discover
from fraudsim.scenario_files import load_scenario

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "gift_card_drain.py"


def fraudsim(*arguments):
    subprocess.run(
        [sys.executable, "-m", "fraudsim", *map(str, arguments)], check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pattern's file copied to a folder of its own, and what came of it."""
    folder = tmp_path_factory.mktemp("outside")
    pattern = folder / "my_pattern.py"
    pattern.write_text(TUTORIAL.read_text(encoding="utf-8"), encoding="utf-8")
    fraudsim("simulate", "tiny", "--seed", 5, "--attacks", pattern, "-o", folder / "world")
    fraudsim("benchmark", folder / "world", "--detector", "logistic", "-o", folder / "b.json")
    fraudsim("report", folder / "world", "--benchmark", folder / "b.json", "-o", folder / "r.html")
    return folder


def test_it_is_short():
    """The promise is thirty lines; blank ones and the module's docstring are not counted."""
    lines = [line for line in TUTORIAL.read_text(encoding="utf-8").splitlines()[1:] if line.strip()]
    assert len(lines) <= 32


def test_it_shows_up_in_the_labels(folder):
    labels = open_dataset(folder / "world").table("labels").collect()
    mine = labels.filter(pl.col("attack") == "gift_card_drain")
    assert mine.height > 5
    assert set(mine["stage"]) == {"buy"}


def test_it_shows_up_in_the_report(folder):
    assert "gift_card_drain" in (folder / "r.html").read_text(encoding="utf-8")


def test_it_shows_up_in_the_benchmark(folder):
    rows = json.loads((folder / "b.json").read_text(encoding="utf-8"))["rows"]
    assert all("gift_card_drain" in row["per_attack"] for row in rows)


def test_a_class_is_enough_in_the_library(tmp_path):
    cls = discover(ATTACKS, [TUTORIAL])["gift_card_drain"]
    scenario = load_scenario("tiny", overrides=["attacks=[]"])
    world = simulate(scenario, 5, tmp_path / "world", extra_patterns=[cls])
    assert set(world.table("labels").collect()["attack"]) == {"gift_card_drain"}
    assert [entry["pattern"] for entry in world.manifest.scenario["attacks"]] == ["gift_card_drain"]
