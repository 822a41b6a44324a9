"""Training sets as files: only the past, with provenance, whole or absent."""

from __future__ import annotations

import errno
import json
from hashlib import sha256

import numpy as np
import polars as pl
import pytest

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.examples import examples_of_dataset
from fraudsim.rebalance import rebalance
from fraudsim.splits import TimeSplit

COLUMNS = {"label": "fraud", "time": "when", "amount": "paid"}
ROWS = 600


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    fraud = rng.random(ROWS) < 0.05
    frame = pl.DataFrame(
        {
            "when": pl.datetime_range(
                pl.datetime(2025, 1, 1), pl.datetime(2025, 1, 31), eager=True, interval="1h"
            )[:ROWS],
            "paid": rng.lognormal(3, 1, ROWS),
            "colour": rng.choice(["red", "blue"], ROWS),
            "fraud": fraud,
        }
    )
    path = tmp_path / "own.parquet"
    frame.write_parquet(path)
    return path


@pytest.mark.parametrize(
    "method", ["none", "random_under", "random_over", "smotenc", "class_weight"]
)
def test_the_file_holds_only_the_past_with_where_each_row_is_from(table, tmp_path, method):
    made = rebalance(table, **COLUMNS, method=method, out=tmp_path / "train.parquet")
    rows = pl.read_parquet(made.path)
    given = pl.read_parquet(table)
    past = int(ROWS * 0.7)
    assert rows.height == made.rows
    assert rows["source_id"].max() < past
    assert (rows["fraud"] == given["fraud"][rows["source_id"].to_numpy()]).all()
    real = rows.filter(pl.col("origin") != "interpolated")
    assert (real["paid"] == given["paid"][real["source_id"].to_numpy()]).all()
    assert rows.columns[-5:] == ["fraud", "origin", "source_id", "second_source_id", "weight"]
    assert (rows["weight"] == 1).all() == (method != "class_weight")


def test_the_manifest_says_what_was_done(table, tmp_path):
    made = rebalance(
        table, **COLUMNS, method="smotenc", ratio=0.4, seed=5, out=tmp_path / "train.parquet"
    )
    manifest = json.loads(made.manifest_path.read_text())
    assert manifest["format"] == "fraudsim.training_set/1"
    assert manifest["parameters"] == {"k_neighbors": 5, "random_state": 5, "ratio": 0.4}
    assert manifest["file"]["sha256"] == sha256(made.path.read_bytes()).hexdigest()
    assert manifest["origins"]["real"] + manifest["origins"]["interpolated"] == made.rows
    assert manifest["split"]["fitted_at"].startswith("2025-01-18T12:00")
    assert str(tmp_path) not in made.manifest_path.read_text()


def test_the_same_seed_gives_the_same_bytes(table, tmp_path):
    first, second, third = (
        rebalance(table, **COLUMNS, method="random_under", seed=seed, out=tmp_path / name).sha256
        for name, seed in (("a.parquet", 1), ("b.parquet", 1), ("c.parquet", 2))
    )
    assert first == second != third


def test_labels_not_known_yet_count_as_genuine(bank):
    examples = examples_of_dataset(bank)
    split = TimeSplit().apply(examples)
    late = examples.known_at_us[split.train] >= split.fitted_at_us
    assert split.unknown_frauds > 0
    assert not split.known_fraud[late].any()


def test_a_world_gives_a_training_set_of_the_weeks_before_its_test(busy_world, tmp_path):
    made = rebalance(busy_world, method="random_over", out=tmp_path / "train.parquet")
    rows = pl.read_parquet(made.path)
    times = busy_world.transactions.select("tx_id", "event_time").collect()
    joined = rows.join(times, left_on="source_id", right_on="tx_id", how="left")
    assert joined["event_time"].max().isoformat() < made.split["train_until"].removesuffix("Z")
    reported = busy_world.labels.select("tx_id", "reported_at").collect()
    frauds = rows.filter("is_fraud").join(reported, left_on="source_id", right_on="tx_id")
    assert frauds["reported_at"].max().isoformat() < made.split["fitted_at"].removesuffix("Z")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "smotnec"}, "unknown rebalancer 'smotnec'; did you mean 'smotenc'"),
        ({"method": "none", "ratio": 0.3}, "'none' has no ratio"),
        ({"ratio": 2.0}, "above 0 and at most 1"),
        ({"ratio": 0.001}, "below the present one"),
        ({"amount": None, "label": "frod"}, "did you mean 'fraud'"),
        ({"split": TimeSplit(test_share=0.3, by="rows", delay_days=400)}, "training part has no"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(table, tmp_path, changes, message):
    out = tmp_path / "out"
    out.mkdir()
    settings = {**COLUMNS, "method": "random_over", "out": out / "train.parquet", **changes}
    with pytest.raises(UsageError, match=message):
        rebalance(table, **settings)
    assert list(out.iterdir()) == []


def test_an_earlier_file_is_replaced_only_when_asked(table, tmp_path):
    out = tmp_path / "train.parquet"
    rebalance(table, **COLUMNS, method="none", out=out)
    before = out.read_bytes()
    with pytest.raises(UsageError, match="exists; choose another file or pass --overwrite"):
        rebalance(table, **COLUMNS, method="random_under", out=out)
    assert out.read_bytes() == before
    rebalance(table, **COLUMNS, method="random_under", out=out, overwrite=True)
    assert out.read_bytes() != before


def test_a_full_disk_leaves_nothing_that_could_be_taken_for_whole(table, tmp_path, monkeypatch):
    def full(self, file, **_):
        file.write_bytes(b"PAR1 half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(FraudsimError, match="No space left on device"):
        rebalance(table, **COLUMNS, method="none", out=out / "train.parquet")
    assert list(out.iterdir()) == []


def test_a_column_in_the_way_of_ours_is_named(tmp_path):
    path = tmp_path / "own.csv"
    fraud = [0, 1] * 20
    pl.DataFrame(
        {"t": range(40), "x": np.linspace(0, 1, 40), "weight": fraud, "fraud": fraud}
    ).write_csv(path)
    with pytest.raises(UsageError, match="a column 'weight' of its own"):
        rebalance(path, label="fraud", time="t", method="none", out=tmp_path / "train.parquet")
