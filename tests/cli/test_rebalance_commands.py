"""`fraudsim rebalance` and its commands of two words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

OWN = ("--label", "bad", "--time", "when", "--amount", "cents")


def test_rebalance_by_a_column(run: Run, own_table: str, tmp_path: Path) -> None:
    arguments = ("rebalance", own_table, *OWN, "--method", "class_weight", "--ratio", "0.5")
    refused = run(*arguments, "--by", "attack", "-o", "x.parquet")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "in a table of your own name the column that says the kind" in refused.stderr


def test_rebalance_compare_of_an_own_table(run: Run, own_table: str, tmp_path: Path) -> None:
    arguments = ("rebalance", "compare", own_table, *OWN, "--detector", "logistic", "--seeds", "2")
    done = run(*arguments, "--methods", "random_over,near_miss", "--budget", "3", "-o", "r.json")
    assert done.returncode == 0, done.stderr
    assert "compare: 100 % (8 of 8)" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("For logistic, ")
    assert lines[-1] == "wrote r.json"
    written = json.loads((tmp_path / "r.json").read_text())
    assert written["format"] == "fraudsim.rebalance_comparison/1"
    assert written["verdict"] == lines[0]
    assert [one["method"] for one in written["methods"]][:2] == ["none", "class_weight"]
    assert [path.name for path in tmp_path.iterdir() if path.name != own_table] == ["r.json"]
    wrong = run(*arguments, "--methods", "smotnec")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean 'smotenc'" in wrong.stderr


def test_rebalance_methods_are_those_of_the_registry(run: Run) -> None:
    from fraudsim.registry import REBALANCERS, discover

    listed = json.loads(run("rebalance", "methods", "--json").stdout)
    assert [one["name"] for one in listed] == list(discover(REBALANCERS))
    text = run("rebalance", "methods").stdout
    assert all(one["summary"] in text for one in listed)


def test_a_table_may_have_the_name_of_a_command_of_two_words(run: Run, tmp_path: Path) -> None:
    done = run("rebalance", "./compare", "-o", "x.parquet")
    assert (done.returncode, done.stdout) == (2, "")
    assert "compare does not exist" in done.stderr
