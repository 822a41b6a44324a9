"""Intervals by drawing holders anew: as wide as theory says, and of holders, not of rows."""

import numpy as np
import polars as pl
import pytest

from fraudsim.quality.intervals import interval, sums_by_holder


def test_a_count_of_holders_spreads_as_poisson_does():
    low, high = interval(np.ones((400, 1)), lambda drawn: drawn[:, 0], np.random.default_rng(7))
    assert low == pytest.approx(400 - 1.96 * 20, abs=8)
    assert high == pytest.approx(400 + 1.96 * 20, abs=8)


def test_frauds_that_come_in_runs_spread_more_than_as_many_alone():
    rows = pl.DataFrame({"who": np.repeat(np.arange(40), 10)})
    ones = np.ones(rows.height)
    widths = {}
    for name, holder in (("runs", "who"), ("alone", None)):
        sums = sums_by_holder(rows, holder, ones)
        low, high = interval(sums, lambda drawn: drawn[:, 0], np.random.default_rng(7))
        widths[name] = high - low
    assert widths["runs"] == pytest.approx(np.sqrt(10) * widths["alone"], rel=0.15)


def test_sums_are_those_of_each_holder():
    rows = pl.DataFrame({"who": ["b", "a", "b"]})
    sums = sums_by_holder(rows, "who", np.array([1.0, 2.0, 4.0]), np.ones(3))
    assert sorted(map(tuple, sums)) == [(2.0, 1.0), (5.0, 2.0)]
