"""Splits: nothing of the future is learnt from, and nothing known is asked again."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fraudsim.errors import UsageError
from fraudsim.examples import NEVER_US, Examples, examples_of_dataset
from fraudsim.features.base import NOBODY
from fraudsim.splits import TimeSplit, default_split

DAY_US = 86_400_000_000
SPLITS = st.builds(
    TimeSplit,
    test_share=st.floats(0.05, 0.95),
    by=st.sampled_from(["time", "rows"]),
    delay_days=st.floats(0, 10),
    remove_known_compromised=st.booleans(),
)


def examples_with(time_days, fraud, report_days, account, kind="dataset") -> Examples:
    """Examples in order of time; a report delay of None is a fraud that nobody reports."""
    order = np.argsort(time_days, kind="stable")
    time_us = (np.asarray(time_days, float)[order] * DAY_US).astype(np.int64)
    fraud = np.asarray(fraud, np.bool_)[order]
    delay_us = [NEVER_US if days is None else int(days * DAY_US) for days in report_days]
    delays = np.array(delay_us, np.int64)[order]
    known_at = np.where(fraud & (delays != NEVER_US), time_us + delays % NEVER_US, NEVER_US)
    return Examples(
        features=pl.DataFrame({"x": np.arange(time_us.size)}),
        row_id=np.arange(time_us.size),
        time_us=time_us,
        has_dates=True,
        fraud=fraud,
        known_at_us=known_at,
        account=np.asarray(account, np.int64)[order],
        amount=None,
        at_risk=None,
        attack=None,
        amount_column=None,
        look_back=False,
        source={"kind": kind},
    )


@st.composite
def random_examples(draw) -> Examples:
    size = draw(st.integers(20, 80))
    column = lambda values: draw(st.lists(values, min_size=size, max_size=size))  # noqa: E731 -- one line, four times
    return examples_with(
        column(st.integers(0, 30)),
        column(st.booleans()),
        column(st.none() | st.integers(0, 20)),
        column(st.integers(NOBODY, 6)),
    )


def split_or_skip(split: TimeSplit, examples: Examples):
    try:
        return split.apply(examples)
    except UsageError:
        assume(False)


@given(examples=random_examples(), split=SPLITS)
@settings(max_examples=200, deadline=None)
def test_the_past_the_delay_and_the_future_do_not_meet(examples, split):
    parts = split_or_skip(split, examples)
    time_us = examples.time_us
    delay_us = split.delay_days * DAY_US
    assert time_us[parts.train].max() < parts.train_until_us
    assert time_us[parts.test].min() >= parts.fitted_at_us
    assert parts.fitted_at_us - parts.train_until_us == pytest.approx(delay_us, abs=1)
    assert (np.diff(parts.train) > 0).all()
    assert (np.diff(parts.test) > 0).all()
    assert parts.train.size == (time_us < parts.train_until_us).sum()
    assert parts.test.size + parts.removed == (time_us >= parts.fitted_at_us).sum()


@given(examples=random_examples(), split=SPLITS)
@settings(max_examples=200, deadline=None)
def test_only_what_was_reported_by_then_is_known_as_fraud(examples, split):
    parts = split_or_skip(split, examples)
    reported = examples.known_at_us[parts.train] < parts.fitted_at_us
    assert (parts.known_fraud == reported).all()
    assert (examples.fraud[parts.train][parts.known_fraud]).all()
    unknown = int(examples.fraud[parts.train].sum() - parts.known_fraud.sum())
    assert parts.unknown_frauds == unknown


@given(examples=random_examples(), split=SPLITS)
@settings(max_examples=200, deadline=None)
def test_the_test_leaves_out_just_the_accounts_known_as_compromised(examples, split):
    parts = split_or_skip(split, examples)
    later = np.flatnonzero(examples.time_us >= parts.fitted_at_us)
    known = set(examples.account[examples.known_at_us < parts.fitted_at_us].tolist()) - {NOBODY}
    if not split.remove_known_compromised:
        known = set()
    kept = [row for row in later.tolist() if int(examples.account[row]) not in known]
    assert parts.test.tolist() == kept


@given(examples=random_examples(), split=SPLITS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_what_is_learnt_does_not_depend_on_the_labels_of_the_future(examples, split, data):
    """Labels after the fit change: what is learnt from stays, down to each known label."""
    from dataclasses import replace

    parts = split_or_skip(split, examples)
    later = examples.time_us >= parts.fitted_at_us
    flipped = np.array(data.draw(st.lists(st.booleans(), min_size=later.size, max_size=later.size)))
    fraud = np.where(later, flipped, examples.fraud)
    unreported = examples.known_at_us >= parts.fitted_at_us
    known_at = np.where(unreported, NEVER_US, examples.known_at_us)
    other = split_or_skip(split, replace(examples, fraud=fraud, known_at_us=known_at))
    assert other.train.tolist() == parts.train.tolist()
    assert other.known_fraud.tolist() == parts.known_fraud.tolist()
    assert other.test.tolist() == parts.test.tolist()


def test_the_parts_of_a_small_history():
    examples = examples_with(
        time_days=[0, 1, 2, 3, 4, 6, 8, 9, 9, 10],
        fraud=[0, 1, 1, 0, 1, 0, 0, 1, 0, 0],
        report_days=[None, 2, 9, None, 1, None, None, 3, None, None],
        account=[1, 2, 3, 4, 5, 6, 2, 3, 4, 5],
    )
    parts = TimeSplit(test_share=0.25, delay_days=4.0).apply(examples)
    assert parts.fitted_at_us == 7.5 * DAY_US
    assert parts.train.tolist() == [0, 1, 2, 3]
    assert parts.known_fraud.tolist() == [False, True, False, False]  # row 2: reported on day 11
    assert parts.unknown_frauds == 1
    assert parts.test.tolist() == [7, 8]  # accounts 2 and 5 were reported, the latter in the delay
    assert parts.removed == 2


def test_a_dataset_has_a_delay_and_a_table_has_none(bank):
    assert default_split(examples_of_dataset(bank)).delay_days == 7.0
    table = examples_with([0, 1, 2], [0, 1, 0], [None] * 3, [1, 2, 3], kind="table")
    assert default_split(table) == TimeSplit(test_share=0.3, by="rows", delay_days=0.0)


def test_a_dataset_is_split_by_when_frauds_were_reported(bank):
    examples = examples_of_dataset(bank)
    parts = default_split(examples).apply(examples)
    assert parts.known_fraud.sum() > 20
    assert parts.unknown_frauds > 0
    assert parts.removed > 0
    assert parts.describe(examples)["train_rows"] == parts.train.size


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"test_share": 0.0}, "test_share must lie between 0 and 1, not 0"),
        ({"test_share": 1.0}, "test_share must lie between 0 and 1, not 1"),
        ({"delay_days": -1.0}, "delay_days must be 0 or more, not -1"),
        ({"delay_days": float("nan")}, "delay_days must be 0 or more, not nan"),
    ],
)
def test_a_split_that_cannot_be(given_, says):
    with pytest.raises(UsageError, match=says):
        TimeSplit(**given_)


@pytest.mark.parametrize(
    ("fraud_days", "delay_days", "says"),
    [
        ([1, 2, 9], 30.0, "the training part has no rows: the data spans 9 days"),
        ([9], 0.0, "the training part has no known fraud in 70 rows"),
        ([1, 2], 0.0, "the test part has no fraud in 30 rows"),
        (range(7), 0.0, "the training part has nothing but fraud in 70 rows"),
        ([1, 7, 8, 9], 0.0, "the test part has nothing but fraud in 30 rows"),
    ],
)
def test_a_side_that_lacks_a_class(fraud_days, delay_days, says):
    days = np.repeat(np.arange(10), 10)
    fraud = np.isin(days, list(fraud_days))
    examples = examples_with(days, fraud, [0] * 100, np.arange(100))
    with pytest.raises(UsageError, match=says):
        TimeSplit(by="rows", delay_days=delay_days).apply(examples)
