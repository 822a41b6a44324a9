"""A benchmark over a track: whole, resumed, with detectors that fail or cheat, and judged anew."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fraudsim.errors import UsageError, WorkerDiedError
from fraudsim.examples import open_examples
from fraudsim.harness import play as play_module
from fraudsim.leaderboard import leaderboard
from fraudsim.tracks import store as store_module
from fraudsim.tracks.compare import compare_benchmarks
from fraudsim.tracks.plan import planned, specs_of
from fraudsim.tracks.run import benchmark_tracks
from fraudsim.tracks.store import Store
from fraudsim.tracks.track import load_track
from fraudsim.tracks.trial import World, run_trial
from fraudsim.tracks.worlds import world_of

BROKEN = '''
import numpy as np

class Broken:
    """Fits and cannot score."""

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        raise RuntimeError("no scores today")

class Cheat(Broken):
    """Draws from the clock."""

    def predict_proba(self, X):
        p = np.random.default_rng().random(len(X))
        return np.column_stack([1 - p, p])
'''


@pytest.fixture
def results(small_track, tmp_path):
    detectors = ["logistic", "shallow_tree"]
    return benchmark_tracks([small_track], detectors=detectors, out=tmp_path / "results")


def test_every_figure_has_a_floor_a_ceiling_and_an_interval(results):
    lines = {(one.arm, one.name): one for one in results.summary.lines}
    assert len(lines) == 2 * 5
    for arm in ("once", "each"):
        oracle, chance = lines[arm, "oracle"], lines[arm, "random"]
        assert oracle.ceiling
        assert chance.floor
        assert oracle.figures["average_precision"].mean == 1
        found = lines[arm, "logistic"].figures["average_precision"]
        assert chance.figures["average_precision"].mean < found.mean < 1
        assert found.low < found.mean < found.high
        assert found.worlds == 2
        assert len(lines[arm, "logistic"].by_round) == 2
        assert set(lines[arm, "logistic"].by_attack) <= {
            "card_testing", "card_not_present_spree", "lost_or_stolen_card",
        }  # fmt: skip


def test_what_is_written_is_tidy_and_scores_are_kept(results):
    table = pl.read_parquet(results.folder / "results.parquet")
    one = table.filter(
        (pl.col("metric") == "average_precision") & pl.col("round").is_null()
        & (pl.col("detector") == "logistic") & (pl.col("arm") == "each")
    )  # fmt: skip
    assert one["world_seed"].to_list() == [1, 2]
    page = (results.folder / "leaderboard.html").read_bytes()
    leaderboard(results.folder, results.folder / "again.html")
    assert page == (results.folder / "again.html").read_bytes()
    written = json.loads((results.folder / "results.json").read_text())
    assert written["format"] == "fraudsim.tracks/1"
    assert written["command"] == (
        "fraudsim benchmark --track small-v1 --detector logistic --detector shallow_tree -o results"
    )
    line = next(x for x in written["lines"] if (x["arm"], x["detector"]) == ("each", "logistic"))
    mean = line["figures"]["average_precision"]["mean"]
    assert mean == pytest.approx(one["value"].mean(), rel=1e-5)
    scores = list((results.folder / "scores").glob("*.parquet"))
    assert len(scores) == results.trials == 2 * 2 * 5


def test_nothing_is_run_again_and_a_new_judge_needs_no_fit(
    results, small_track, tmp_path, monkeypatch
):
    def never(*_, **__):
        raise AssertionError("fitted again")

    monkeypatch.setattr("fraudsim.tracks.trial.play", never)
    again = benchmark_tracks(
        [small_track], detectors=["logistic", "shallow_tree"], out=results.folder
    )
    assert again.failed == {}
    assert again.as_dict() == results.as_dict()
    monkeypatch.setattr(store_module, "JUDGED_BY", 2)
    judged_anew = benchmark_tracks(
        [small_track], detectors=["logistic", "shallow_tree"], out=results.folder
    )
    assert judged_anew.failed == {}
    assert judged_anew.as_dict() == results.as_dict()


def test_two_arms_that_begin_alike_fit_once_for_it_and_give_what_each_gives_alone(
    small_track, tmp_path, monkeypatch
):
    fits = []
    really = play_module.fitted
    monkeypatch.setattr(
        play_module,
        "fitted",
        lambda detector, *rest, **of: fits.append(detector.name) or really(detector, *rest, **of),
    )
    ran = benchmark_tracks([small_track], detectors=["shallow_tree"], out=tmp_path / "results")
    assert fits.count("shallow_tree") == 2 * (1 + 1)  # worlds; once, and again for the second test
    groups = planned([load_track(small_track)], specs_of(["shallow_tree"]))
    for plan in (one for group in groups for one in group.trials if one.arm == "each"):
        shutil.rmtree(tmp_path / "results" / "scores")
        (tmp_path / "results" / "scores").mkdir()
        store = Store(tmp_path / "results")
        (tmp_path / "results" / "trials" / f"{plan.id}.json").unlink()
        world = World(open_examples(world_of(store.worlds, plan.world, plan.world_seed)))
        store.put(plan, run_trial(plan, world, store))
    again = benchmark_tracks([small_track], detectors=["shallow_tree"], out=ran.folder)
    assert again.failed == {}
    shown = [
        {
            (x.arm, x.name): {
                k: v for k, v in x.figures.items() if k not in ("seconds_fit", "us_per_row")
            }
            for x in one.summary.lines
        }
        for one in (ran, again)
    ]
    assert shown[0] == shown[1]


def test_detectors_that_fail_or_cheat_are_named_and_the_others_go_on(small_track, tmp_path):
    (tmp_path / "mine.py").write_text(BROKEN)
    broken, cheat = f"{tmp_path / 'mine.py'}:Broken", f"{tmp_path / 'mine.py'}:Cheat"
    result = benchmark_tracks(
        [small_track], detectors=[broken, cheat, "shallow_tree"], out=tmp_path / "r", worlds=1
    )
    assert set(result.failed) == {"broken", "cheat"}
    assert "no scores today" in result.failed["broken"]
    assert "gave other scores" in result.failed["cheat"]
    assert {one.name for one in result.summary.lines} == {
        "random", "amount", "oracle", "shallow_tree",
    }  # fmt: skip


def test_two_worker_processes_give_what_one_process_gives(tmp_path):
    both = {"detectors": ["rules"], "worlds": 2}
    two = benchmark_tracks(["standard-v1"], **both, out=tmp_path / "two", workers=2)
    Store.at(tmp_path / "one")
    (tmp_path / "one" / "worlds").rmdir()
    shutil.copytree(tmp_path / "two" / "worlds", tmp_path / "one" / "worlds")
    one = benchmark_tracks(["standard-v1"], **both, out=tmp_path / "one")
    assert one.failed == two.failed == {}
    quality = [
        pl.read_parquet(folder.folder / "results.parquet").filter(pl.col("kind") == "quality")
        for folder in (one, two)
    ]
    assert quality[0].equals(quality[1])


def test_a_worker_that_dies_is_said(small_track, tmp_path, monkeypatch):
    def dead():
        return subprocess.Popen(
            [sys.executable, "-c", "pass"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    monkeypatch.setattr("fraudsim.tracks.workers._started", dead)
    with pytest.raises(WorkerDiedError, match="the same command goes on with what is left"):
        benchmark_tracks([small_track], detectors=["rules"], out=tmp_path / "r", workers=2)


def test_a_comparison_says_what_moved_and_what_is_missing(results, small_track, tmp_path):
    other = benchmark_tracks([small_track], detectors=["logistic"], out=tmp_path / "other")
    table = pl.read_parquet(other.folder / "results.parquet")
    moved = (
        (pl.col("detector") == "logistic")
        & (pl.col("metric") == "average_precision")
        & pl.col("round").is_null()
    )
    table.with_columns(
        value=pl.when(moved).then(pl.col("value") + 0.1).otherwise("value")
    ).write_parquet(other.folder / "results.parquet")
    found = compare_benchmarks(results.folder, other.folder)
    metrics = {(one.detector, one.metric) for one in found.changes if one.after is not None}
    assert metrics == {("logistic", "average_precision")}
    assert {one.detector for one in found.changes if one.after is None} == {"shallow_tree"}
    with pytest.raises(UsageError, match="no metric 'average_precison'; did you mean"):
        compare_benchmarks(results.folder, other.folder, tolerances=["average_precison=1"])
    with pytest.raises(UsageError, match="should be METRIC=NUMBER"):
        compare_benchmarks(results.folder, other.folder, tolerances=["average_precision=much"])


def test_what_is_in_the_way_is_said(small_track, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").touch()
    with pytest.raises(UsageError, match="a folder with other things in it"):
        benchmark_tracks([small_track], detectors=["logistic"], out=tmp_path / "full")
    with pytest.raises(UsageError, match="is a file"):
        benchmark_tracks([small_track], detectors=["logistic"], out=tmp_path / "full" / "thing")
    with pytest.raises(UsageError, match="no results of `fraudsim benchmark --track`"):
        compare_benchmarks(tmp_path / "full", tmp_path / "full")
    for settings in ({"workers": 0}, {"worlds": 0}):
        with pytest.raises(UsageError, match="at least 1, not 0"):
            benchmark_tracks([small_track], detectors=["logistic"], out=Path("x"), **settings)


def test_figures_do_not_depend_on_who_else_runs(results, small_track, tmp_path):
    alone = benchmark_tracks([small_track], detectors=["logistic"], out=tmp_path / "alone")
    first, second = (
        {x.arm: x.figures["average_precision"] for x in one.summary.lines if x.name == "logistic"}
        for one in (results, alone)
    )
    assert first == second
    assert np.isfinite([figure.mean for figure in first.values()]).all()
