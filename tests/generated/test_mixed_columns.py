"""Rows as figures and back."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fraudsim.rebalancers.gaussian_copula import GaussianCopula
from fraudsim.rebalancers.kit.mixed_columns import MOST_VALUES, MixedColumns, Ranks, one_hot
from fraudsim.rebalancers.kit.modes import ModeSpace


def back(frame):
    columns = MixedColumns(frame)
    return columns.frame(columns.parts(frame), np.random.default_rng(1))


def test_there_and_back_is_the_same_rows(table):
    frame = table[0].drop("shop")
    assert_frame_equal(back(frame), frame)


def test_rare_categories_share_a_code_and_are_drawn_by_frequency(table):
    shops = table[0].select("shop")
    columns = MixedColumns(shops)
    assert columns.sizes == (MOST_VALUES,)
    assert set(back(shops)["shop"]) <= set(shops["shop"])


def test_frequent_values_and_null_have_codes_and_no_value():
    frame = pl.DataFrame({"x": [1.0] * 10 + [None] * 2 + [float(i) for i in range(20, 40)]})
    columns = MixedColumns(frame)
    parts = columns.parts(frame)
    assert columns.sizes == (3,)
    assert parts.codes[:, 0].tolist() == [0] * 10 + [1] * 2 + [2] * 20
    assert np.isnan(parts.values[:12]).all()


def test_what_was_never_seen_becomes_the_nearest_that_was():
    columns = MixedColumns(pl.DataFrame({"x": [1.0, 2.5], "kind": ["a", "b"]}))
    unseen = pl.DataFrame({"x": [-9.0, 9.0], "kind": ["z", "a"]})
    made = columns.frame(columns.parts(unseen), np.random.default_rng(1))
    assert made["x"].to_list() == [1.0, 2.5]
    assert made["kind"].to_list() == ["b", "a"]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=40, unique=True),
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
)
def test_ranks_come_back_as_values_and_never_leave_the_range(known, shares):
    values = np.array(known, float).reshape(-1, 1)
    ranks = Ranks(values)
    assert ranks.values(ranks.ranks(values)) == pytest.approx(values)
    made = ranks.values(np.array(shares).reshape(-1, 1))
    assert made.min() >= values.min()
    assert made.max() <= values.max()


def test_modes_come_back_as_nearly_the_same_values(table):
    frame = table[0].select("amount", "exact", "kind")
    columns = MixedColumns(frame)
    parts = columns.parts(frame)
    space = ModeSpace(parts, columns.sizes, seed=1)
    again = space.parts(space.matrix(parts, np.random.default_rng(1)))
    assert (again.codes == parts.codes).all()
    known = ~np.isnan(parts.values)
    off = np.abs(again.values - parts.values)[known]
    assert np.quantile(off, 0.95) < 0.05 * np.nanstd(parts.values)


def test_one_hot_of_no_column_has_no_column():
    assert one_hot(np.empty((3, 0), np.int64), ()).shape == (3, 0)


def test_the_copula_keeps_margins_and_correlation():
    rng = np.random.default_rng(1)
    a = rng.normal(size=1000)
    frame = pl.DataFrame(
        {
            "a": np.exp(a),
            "b": a + 0.5 * rng.normal(size=1000),
            "c": np.where(a > 0.5, "high", "low"),
        }
    )
    y = np.arange(1000) < 400
    result = GaussianCopula(ratio=1.0).rebalance(frame, y)
    made, real = result.features.filter(result.origin == "generated"), frame.filter(y)
    assert made["a"].median() == pytest.approx(real["a"].median(), rel=0.25)
    of_made, of_real = (
        one.select(pl.corr("a", "b", method="spearman")).item() for one in (made, real)
    )
    assert of_made == pytest.approx(of_real, abs=0.1)
    share = [(one["c"] == "high").mean() for one in (made, real)]
    assert share[0] == pytest.approx(share[1], abs=0.1)
    assert made.filter(c="high")["a"].mean() > made.filter(c="low")["a"].mean()
