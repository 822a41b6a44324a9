"""Engines are found by name; what contradicts itself is a usage error in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fraudsim import cli
from fraudsim.engine.engines import MODULES, choose, engine_named
from fraudsim.engine.processes import ProcessHolders
from fraudsim.errors import UsageError
from fraudsim.scenario_files import load_scenario
from fraudsim.sinks.local_place import LocalPlace


@pytest.mark.parametrize("name", MODULES)
def test_an_engine_has_the_name_that_it_is_found_by(name):
    assert engine_named(name).name == name


@pytest.mark.parametrize(
    ("name", "workers", "blocks", "chosen"),
    [
        (None, None, 9, ("serial", 1)),
        (None, 1, 9, ("serial", 1)),
        (None, 4, 9, ("processes", 4)),
        (None, 4, 3, ("processes", 3)),
        (None, 4, 1, ("serial", 1)),
        ("serial", None, 9, ("serial", 1)),
        ("serial", 1, 9, ("serial", 1)),
        ("processes", 1, 9, ("processes", 1)),
        ("processes", None, 1, ("processes", 1)),
        ("ray", 4, 3, ("ray", 3)),
    ],
)
def test_who_holds_how_many(name, workers, blocks, chosen):
    engine, holders = choose(name, workers, blocks)
    assert (engine.name, holders) == chosen


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine=serail"], "unknown engine 'serail'; did you mean 'serial'?"),
        (["--engine=x"], "unknown engine 'x'; known: processes, ray, serial"),
        (["--engine=serial", "--workers=4"], "'serial' is one process and cannot have 4 workers"),
    ],
)
def test_a_wrong_engine_is_one_line(options, message, capsys, tmp_path):
    assert cli.main(["simulate", "tiny", *options, "-o", str(tmp_path / "world")]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_every_engine(capsys):
    assert cli.main(["simulate", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(name in shown.partition("--engine")[2] for name in MODULES)


def test_no_worker_is_too_few():
    with pytest.raises(UsageError, match="workers must be at least 1, not 0"):
        choose(None, 0, 3)


class Spy:
    """Holds nothing, and tells what it was asked."""

    def profile(self, customers):
        return f"told of {customers}"


def test_this_process_is_one_of_the_holders(tmp_path):
    scenario = load_scenario("tiny", overrides=("population.block_size=10",))
    place = LocalPlace(tmp_path / "world")
    place.folder.mkdir()
    with ProcessHolders(scenario, 7, 2, place) as holders:
        assert len(holders._workers) == 1
        assert holders.own_blocks == list(range(1, -(-scenario.population.customers // 10), 2))
        holders.hold(Spy())
        holders.ask(0, "save", ("checkpoint/day-00000",))
        holders.ask(1, "profile", ("us",))
        assert holders.answer(1) == "told of us"
        assert holders.answer(0) == []
    stored = len(list((tmp_path / "world.partial" / "checkpoint/day-00000").glob("block-*.npz")))
    assert stored == len(range(0, scenario.population.customers // 10, 2))


def test_workers_start_before_what_takes_long_is_imported():
    code = (
        "import sys, fraudsim.engine.run, fraudsim.engine.processes\n"
        "print([name for name in ('mesa', 'numba') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, check=True, capture_output=True, text=True, env=environment).stdout
    assert said == "[]\n"
