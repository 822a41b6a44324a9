"""A package of somebody else brings an attack and a detector, and nothing else needs to change."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).with_name("fraudsim-plugin-example")
NAME = "night_withdrawals"
SCENARIO = f"""
extends: tiny
calendar: {{days: 7}}
attacks:
  - pattern: {NAME}
    campaigns: 3
"""


@pytest.fixture(scope="module")
def with_plugin(tmp_path_factory):
    """The environment of a process that sees the installed package beside everything else."""
    folder = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(PACKAGE, folder / "source")
    command = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    target = folder / "site"
    done = subprocess.run(
        [sys.executable, "-m", *command, "--target", target, source],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {**os.environ, "PYTHONPATH": str(target)}


def fraudsim(*arguments, env=None):
    command = [sys.executable, "-m", "fraudsim", *map(str, arguments), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_is_listed_beside_ours(with_plugin):
    ours = [row["name"] for row in fraudsim("attacks", "list")]
    all_of_them = [row["name"] for row in fraudsim("attacks", "list", env=with_plugin)]
    assert NAME not in ours
    assert all_of_them == sorted([*ours, NAME])


def test_it_is_described_like_ours(with_plugin):
    shown = fraudsim("attacks", "show", NAME, env=with_plugin)
    assert shown["story"].startswith("Copy a few cards at one shop")
    assert [row["name"] for row in shown["parameters"]] == ["cards", "amount_minor"]


def test_it_runs_and_is_in_the_truth(with_plugin, tmp_path):
    import polars as pl

    from fraudsim import open_dataset

    scenario = tmp_path / "night.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    fraudsim("simulate", scenario, "--seed", 7, "-o", tmp_path / "world", env=with_plugin)
    world = open_dataset(tmp_path / "world")
    campaigns = world.campaigns.collect()
    assert campaigns["attack"].to_list() == [NAME] * 3
    rows = world.labelled().filter(pl.col("attack") == NAME).collect()
    assert rows.height > 0
    assert rows["tx_type"].unique().to_list() == ["withdrawal"]
    assert rows["stage"].unique().to_list() == ["cash"]


DETECTOR = """
import numpy as np
from fraudsim.detectors.base import FeatureInfo
from fraudsim.detectors.kit.resolve import resolve
from fraudsim.registry import DETECTORS, discover

assert "round_amounts" in discover(DETECTORS)
classifier = resolve("round_amounts").build(seed=1, info=FeatureInfo(amount="x0"))
amounts = np.array([[100.0], [20.0], [3.5]])
print(classifier.fit(amounts, [1, 0, 0]).predict_proba(amounts)[:, 1].tolist())
"""


def test_its_detector_is_found_and_scores(with_plugin):
    command = [sys.executable, "-c", DETECTOR]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=with_plugin)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [1.0, 0.5, 0.0]


def test_its_detector_is_not_there_without_it():
    from fraudsim.registry import DETECTORS, discover

    assert "round_amounts" not in discover(DETECTORS)
