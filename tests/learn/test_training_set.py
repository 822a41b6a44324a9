"""What must not be learnt from cannot get through the door to the rebalancers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudsim import compare_rebalancers
from fraudsim.benchmark import benchmark
from fraudsim.errors import UsageError
from fraudsim.examples import examples_of_dataset
from fraudsim.rebalance import rebalance
from fraudsim.rebalancers.base import NOWHERE, make_rebalancer
from fraudsim.splits import TimeSplit
from fraudsim.training_set import kinds_of, training_set

COLUMNS = {"label": "fraud", "time": "t"}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    rows = 900
    fraud = rng.random(rows) < 0.1
    path = tmp_path_factory.mktemp("door") / "own.parquet"
    pl.DataFrame(
        {
            "t": np.arange(rows, dtype=float),
            "paid": rng.lognormal(3, 1, rows),
            "channel": rng.choice(["pos", "ecom"], rows),
            "kind": pl.Series(rng.choice(["spree", "test"], rows)).set(pl.Series(~fraud), None),
            "fraud": fraud,
        }
    ).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def known_bank(bank):
    """The examples of the invented bank."""
    return examples_of_dataset(bank)


@pytest.fixture
def past(known_bank):
    """They, and their split."""
    return known_bank, TimeSplit().apply(known_bank)


OVER = make_rebalancer("random_over", ratio=None, seed=1)


def test_a_split_as_it_is_made_goes_through(past):
    examples, split = past
    made = training_set(examples, split, make_rebalancer("random_over", ratio=0.5, seed=1))
    assert made.fraud.sum() > split.known_fraud.sum()


@pytest.mark.parametrize("run", [rebalance, benchmark, compare_rebalancers])
def test_resampling_before_the_split_is_refused(table, tmp_path, run):
    """A training set that was made is no table to split: its copies would be on both sides."""
    made = rebalance(table, **COLUMNS, method="smote", ratio=0.5, out=tmp_path / "train.parquet")
    rows = pl.read_parquet(made.path).with_columns(t=pl.int_range(pl.len()).cast(pl.Float64))
    rows.write_parquet(tmp_path / "resampled.parquet")
    more = {"method": "none", "out": tmp_path / "again.parquet"} if run is rebalance else {}
    with pytest.raises(UsageError, match="splitting after resampling puts copies"):
        run(tmp_path / "resampled.parquet", **COLUMNS, **more)


def test_test_rows_are_refused(past):
    examples, split = past
    train = np.sort(np.append(split.train, split.test[:3]))
    known = np.append(split.known_fraud, [False] * 3)
    with pytest.raises(UsageError, match="3 test rows are among the training rows"):
        training_set(examples, replace(split, train=train, known_fraud=known), OVER)


def test_rows_of_the_delay_are_refused(past):
    """They are in neither part: the labels of the last week before the cut are not known yet."""
    examples, split = past
    delay = np.flatnonzero(
        (examples.time_us >= split.train_until_us) & (examples.time_us < split.fitted_at_us)
    )
    train = np.append(split.train, delay)
    known = np.append(split.known_fraud, np.zeros(delay.size, np.bool_))
    with pytest.raises(UsageError, match=rf"{delay.size:,} of .* are not before the cut"):
        training_set(examples, replace(split, train=train, known_fraud=known), OVER)


def test_labels_of_the_future_are_refused(past):
    """The truth, with frauds that nobody had reported when the model is fitted."""
    examples, split = past
    truth = examples.fraud[split.train]
    unknown = int(truth.sum() - split.known_fraud.sum())
    assert unknown > 0
    with pytest.raises(UsageError, match=rf"{unknown} of {truth.sum()} labels are not known yet"):
        training_set(examples, replace(split, known_fraud=truth), OVER)


def test_a_label_on_a_genuine_row_is_refused(past):
    examples, split = past
    with pytest.raises(UsageError, match="labels are not known yet"):
        training_set(examples, replace(split, known_fraud=np.ones_like(split.known_fraud)), OVER)


@given(
    name=st.sampled_from(["smote", "smotenc", "random_over", "smotetomek", "adasyn"]),
    seed=st.integers(0, 50),
    share=st.floats(0.2, 0.6),
    ratio=st.floats(0.3, 1.0),
)
@settings(max_examples=25, deadline=None)
def test_made_rows_come_from_known_frauds_of_the_past_alone(known_bank, name, seed, share, ratio):
    """Both parents are training rows known as fraud, so no later payment or account is mixed in."""
    examples = known_bank
    split = TimeSplit(test_share=share, delay_days=3.0).apply(examples)
    made = training_set(examples, split, make_rebalancer(name, ratio=ratio, seed=seed))
    new = (made.origin != "real").to_numpy()
    for parents in (made.source[new], made.second[new]):
        rows = split.train[parents[parents != NOWHERE]]
        assert (examples.time_us[rows] < split.train_until_us).all()
        assert (examples.known_at_us[rows] < split.fitted_at_us).all()
    earlier = set(examples.account[split.train].tolist())
    assert set(examples.account[split.train[made.source[new]]].tolist()) <= earlier
    assert (made.fraud[new]).all()


# By kind


def test_every_attack_known_by_then_gets_an_equal_share(busy_world, tmp_path):
    made = rebalance(
        busy_world, method="random_over", ratio=0.05, by="attack", out=tmp_path / "train.parquet"
    )
    kinds = made.by["attack"]
    assert len(kinds) > 2
    rows = [one["rows"] for one in kinds.values()]
    assert max(rows) == min(rows)
    assert sum(one["known"] for one in kinds.values()) == made.split["train_known_frauds"]
    assert "attack" not in pl.read_parquet(made.path).columns


def test_a_column_that_tells_the_truth_is_balanced_by_and_left_out(table, tmp_path):
    made = rebalance(
        table, **COLUMNS, method="class_weight", ratio=0.5, by="kind", out=tmp_path / "a.parquet"
    )
    assert "kind" not in pl.read_parquet(made.path).columns
    assert any("left out column 'kind'" in note for note in made.notes)
    weights = {one["weight"] for one in made.by["kind"].values()}
    assert len(weights) == 1


def test_a_column_that_tells_nothing_stays(table, tmp_path):
    made = rebalance(
        table, **COLUMNS, method="smote", ratio=0.5, by="channel", out=tmp_path / "a.parquet"
    )
    assert "channel" in pl.read_parquet(made.path).columns
    assert set(made.by["channel"]) == {"pos", "ecom"}


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("attack", "in a table of your own name the column that says the kind"),
        ("knid", "no column 'knid' to balance by; did you mean 'kind'"),
    ],
)
def test_a_kind_that_is_not_there_is_refused(table, tmp_path, by, message):
    with pytest.raises(UsageError, match=message):
        rebalance(table, **COLUMNS, method="smote", by=by, out=tmp_path / "a.parquet")


def test_the_kinds_of_a_dataset_are_its_attacks(past):
    examples, split = past
    kinds = kinds_of(examples, "attack")
    assert kinds.of.gather(split.train).filter(pl.Series(split.known_fraud)).null_count() == 0
    assert kinds.features.columns == examples.features.columns
