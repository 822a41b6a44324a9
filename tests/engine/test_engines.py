"""Engines are found by name; what contradicts itself is a usage error in one line."""

import pytest

from fraudsim import cli
from fraudsim.engine.engines import MODULES, choose, engine_named
from fraudsim.errors import UsageError


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
