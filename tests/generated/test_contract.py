"""What every method that draws rows from a model promises."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import NOWHERE


def made_by(sampler, frame, y):
    result = sampler.rebalance(frame, y)
    return result.features.filter(result.origin == "generated")


def test_made_rows_are_valid_and_of_the_same_types(method, table):
    frame, y = table
    made = made_by(method(ratio=1.0), frame, y)
    assert made.height == (~y).sum() - y.sum()
    assert made.schema == frame.schema
    for column in frame:
        new = made[column.name]
        if column.null_count() == y.size:
            assert new.null_count() == made.height
        elif column.dtype.is_numeric() or column.dtype.is_temporal():
            outside = (new < column.min()) | (new > column.max())
            assert not outside.any(), column.name
            assert not new.cast(pl.Float64, strict=False).is_nan().any(), column.name
        else:
            assert set(new.cast(pl.String)) <= set(column.cast(pl.String)), column.name
        if not column.null_count():
            assert not new.null_count(), column.name
    assert (made["amount"].round(2) == made["amount"]).all()
    assert (made["same"] == 7).all()


def test_given_rows_stay_and_made_ones_are_frauds_of_nowhere(method, table):
    frame, y = table
    before = frame.clone()
    result = method(ratio=0.5).rebalance(frame, y)
    assert_frame_equal(result.features.head(y.size), before)
    assert (result.fraud[: y.size] == y).all()
    made = (result.origin == "generated").to_numpy()
    assert result.fraud[made].all()
    assert (result.source[made] == NOWHERE).all()
    assert (result.second[made] == NOWHERE).all()
    assert made.sum() == int(0.5 * (~y).sum()) - y.sum()


def test_the_seed_alone_decides(method, table):
    first, again, other = (made_by(method(random_state=seed), *table) for seed in (3, 3, 4))
    assert_frame_equal(first, again)
    assert not first.equals(other)


def test_the_generators_of_others_are_left_as_they_were(method, table):
    np.random.seed(5)  # noqa: NPY002 -- the generator that others may use
    expected = np.random.random()  # noqa: NPY002 -- same
    np.random.seed(5)  # noqa: NPY002 -- same
    made_by(method(), *table)
    assert np.random.random() == expected  # noqa: NPY002 -- same


def test_kinds_with_few_frauds_are_copied_and_others_are_drawn(method, table):
    frame, y = table
    kind = np.where(np.cumsum(y) <= 54, "common", "rare")
    result = method(ratio=0.4).rebalance(frame, y, by=kind)
    origins = result.origin.value_counts()
    counts = dict(origins.iter_rows())
    total = int(0.4 * (~y).sum())
    assert counts["generated"] == total // 2 - 54
    assert counts["copied"] == total // 2 - 6


def test_numbers_alone_and_categories_alone_will_do(method, table):
    frame, y = table
    for columns in (["exact", "gap"], ["kind", "shade", "new"]):
        assert made_by(method(), frame.select(columns), y).schema == frame.select(columns).schema
    matrix, labels = method(ratio=0.5).fit_resample(frame.select("exact").to_numpy(), y)
    assert matrix.shape == (labels.size, 1)


def test_one_class_few_frauds_and_strange_columns_are_refused(method, table):
    frame, y = table
    with pytest.raises(UsageError, match="both classes"):
        method().rebalance(frame, np.zeros_like(y))
    few = y & (np.cumsum(y) <= 9)
    with pytest.raises(UsageError, match="needs more than 9 known frauds"):
        method().rebalance(frame, few)
    lists = frame.with_columns(tags=pl.Series([[1]] * y.size))
    with pytest.raises(UsageError, match=r"the column 'tags' is of the type List\(Int64\)"):
        method().rebalance(lists, y)
