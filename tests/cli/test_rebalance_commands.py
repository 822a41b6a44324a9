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


def test_rebalance_quality_fails_copies_and_writes_a_page(run: Run, tmp_path: Path) -> None:
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(6)
    rows = 2_000
    fraud = rng.random(rows) < 0.08
    frame = pl.DataFrame(
        {
            "when": np.arange(rows) * 60.0,
            "cents": np.round(rng.lognormal(3, 1, rows) * np.where(fraud, 2, 1), 2),
            "gap": rng.exponential(5, rows),
            "kind": rng.choice(["a", "b", "c"], rows),
            "bad": fraud.astype(int),
        }
    )
    frame.write_parquet(tmp_path / "many.parquet")
    arguments = ("rebalance", "quality", "many.parquet", *OWN, "--ratio", "0.3")
    copies = run(*arguments, "--method", "random_over", "-o", "q.html")
    assert copies.returncode == 3
    assert "Do not share rows made by random_over: copies.exact" in copies.stdout
    assert "</html>" in (tmp_path / "q.html").read_text(encoding="utf-8")
    drawn = json.loads(run(*arguments, "--method", "gaussian_copula", "--json").stdout)
    assert drawn["keeps_privacy"] is True
    refused = run(*arguments, "--method", "near_miss")
    assert (refused.returncode, refused.stdout) == (2, "")
