"""Simulated frauds: in the dataset's own world, of another one, and for a table of one's own."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import polars.selectors as cs
import pytest
from imblearn.pipeline import Pipeline
from polars.testing import assert_frame_equal

from fraudsim.comparison import compare_rebalancers
from fraudsim.detectors.base import FeatureInfo
from fraudsim.errors import UsageError
from fraudsim.examples import open_examples
from fraudsim.rebalance import rebalance
from fraudsim.rebalancers.simulate import Simulate
from fraudsim.registry import DETECTORS, REBALANCERS, discover, get
from fraudsim.splits import default_split
from fraudsim.training_set import kinds_of, training_set


@pytest.fixture(scope="module")
def training(busy_world):
    examples = open_examples(busy_world)
    return examples, default_split(examples).apply(examples)


def test_it_is_the_only_one_that_needs_a_world():
    """The contract of rebalancers leaves those out that do."""
    assert [name for name, cls in discover(REBALANCERS).items() if cls.needs_world] == ["simulate"]


def test_a_training_set_has_the_known_attacks_as_often_as_they_are_known(busy_world, tmp_path):
    made = rebalance(
        busy_world, method="simulate", ratio=0.01, out=tmp_path / "train.parquet", seed=4
    )
    rows = pl.read_parquet(made.path)
    genuine = rows.height - made.frauds
    assert made.frauds == int(0.01 * genuine)
    simulated = rows.filter(pl.col("origin") == "simulated")
    assert simulated.height == made.origins["simulated"] > 50
    assert simulated["is_fraud"].all()
    assert simulated["source_id"].null_count() == simulated.height
    assert "attack" not in rows.columns
    manifest = json.loads(made.manifest_path.read_text(encoding="utf-8"))
    assert manifest["parameters"]["ratio"] == 0.01


def test_every_kind_gets_an_equal_share(training):
    examples, split = training
    by = kinds_of(examples, "attack")
    made = training_set(examples, split, Simulate(ratio=0.012), by)
    known = by.of.gather(split.train[split.known_fraud]).value_counts().rows()
    lived = dict(made.made_kind.drop_nulls().value_counts().rows())
    now = {name: count + lived.get(name, 0) for name, count in known}
    largest = max(count for _, count in known)
    others = {count for name, count in now.items() if dict(known)[name] < min(now.values())}
    assert len(others) == 1
    assert max(now.values()) <= max(largest, *others)


def test_attacks_that_the_data_has_not_seen_can_be_simulated(training):
    examples, split = training
    made = training_set(examples, split, Simulate(ratio=0.01, attacks=("enumeration",)))
    rows = made.features.filter(made.origin == "simulated")
    assert rows.height > 20
    assert (rows["channel"].cast(pl.String) == "ecom").all()


def test_the_same_seed_gives_the_same_and_another_gives_others(training):
    examples, split = training
    first, again, other = (
        training_set(examples, split, Simulate(ratio=0.01, random_state=seed)).features
        for seed in (1, 1, 2)
    )
    assert_frame_equal(first, again)
    assert not first.equals(other)


def test_what_is_given_is_not_changed(training):
    examples, split = training
    made = training_set(examples, split, Simulate(ratio=0.01))
    real = made.features.filter(made.origin == "real")
    assert_frame_equal(real, examples.features[split.train])
    assert (made.fraud[: split.train.size] == split.known_fraud).all()


def test_frauds_of_another_world_are_taken_as_they_stand_there(training, tiny_world):
    examples, split = training
    made = training_set(examples, split, Simulate(ratio=0.01, world=str(tiny_world.path)))
    theirs = open_examples(tiny_world)
    rows = made.features.filter(made.origin == "simulated")
    known = theirs.features.filter(pl.Series(theirs.fraud))
    assert rows.height > 10
    numbers = rows.select(cs.numeric() | cs.boolean()).columns
    assert rows.join(known, on=numbers, how="anti", nulls_equal=True).height == 0


def test_it_works_in_a_pipeline_with_a_world(training, tiny_world):
    examples, split = training
    detector = get(DETECTORS, "lightgbm")().build(seed=1, info=FeatureInfo())
    steps = [("more", Simulate(ratio=0.01, world=str(tiny_world.path))), ("detector", detector)]
    pipeline = Pipeline(steps).fit(examples.features[split.train], split.known_fraud)
    assert pipeline.predict_proba(examples.features[split.test]).shape == (split.test.size, 2)


def test_without_a_world_it_says_where_to_get_one():
    frame = pl.DataFrame({"amount": [1.0, 2.0, 3.0]})
    with pytest.raises(UsageError, match="simulate needs a world to live in"):
        Simulate(ratio=1.0).rebalance(frame, [1, 0, 0])


def test_rows_with_other_columns_are_refused(tiny_world):
    frame = pl.DataFrame({"amuont": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    sampler = Simulate(ratio=1.0, world=str(tiny_world.path))
    with pytest.raises(UsageError, match="simulated frauds have no column 'amuont'"):
        sampler.rebalance(frame, [1, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"map": "ulb"}, "--map is for a table of your own"),
        ({"attacks": ["bust_uot"]}, "no attack pattern 'bust_uot'; did you mean 'bust_out'"),
        ({"method": "smote", "attacks": ["bust_out"]}, "'smote' takes nothing from a world"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(busy_world, tmp_path, settings, message):
    with pytest.raises(UsageError, match=message):
        rebalance(
            busy_world, **{"method": "simulate", "out": tmp_path / "train.parquet", **settings}
        )


@pytest.fixture(scope="module")
def own_table(tmp_path_factory):
    rng = np.random.default_rng(8)
    rows = 3_000
    frame = pl.DataFrame(
        {
            "Time": np.sort(rng.uniform(0, 172_000, rows)),
            "V1": rng.normal(size=rows),
            "Amount": np.round(rng.lognormal(3, 1, rows), 2),
            "Class": (np.arange(rows) % 100 == 0).astype(int),
        }
    )
    path = tmp_path_factory.mktemp("own") / "card.csv"
    frame.write_csv(path)
    return path


def test_a_table_of_ones_own_takes_frauds_through_its_map(own_table, busy_world, tmp_path):
    made = rebalance(
        own_table,
        label="Class",
        time="Time",
        amount="Amount",
        method="simulate",
        ratio=0.05,
        world=busy_world.path,
        map="ulb",
        out=tmp_path / "train.parquet",
    )
    rows = pl.read_parquet(made.path)
    simulated = rows.filter(pl.col("origin") == "simulated")
    assert simulated.height == made.origins["simulated"] > 40
    assert any("1 columns are no part of the map" in note for note in made.notes)
    table = pl.read_csv(own_table)
    assert (simulated["V1"].to_numpy() == table["V1"].to_numpy()[simulated["source_id"]]).all()
    assert (table["Class"].to_numpy()[simulated["source_id"]] == 1).all()


@pytest.mark.parametrize("missing", ["world", "map"])
def test_a_table_of_ones_own_needs_a_world_and_a_map(own_table, busy_world, tmp_path, missing):
    given = {"world": busy_world.path, "map": "ulb"} | {missing: None}
    with pytest.raises(UsageError, match=f"--{missing} is not given"):
        rebalance(
            own_table,
            label="Class",
            time="Time",
            amount="Amount",
            method="simulate",
            out=tmp_path / "train.parquet",
            **given,
        )


def test_it_is_compared_like_any_other(busy_world, tiny_world):
    result = compare_rebalancers(
        busy_world,
        detector="logistic",
        methods=["simulate"],
        ratio=0.05,
        world=tiny_world.path,
        seeds=1,
        replicates=10,
        recalibrate=False,
    )
    assert result.failed == {}
    assert "simulate" in [one.method for one in result.methods]
    assert any(note.startswith(f"simulate: {tiny_world.path} has only") for note in result.notes)
