"""Intervals by drawing holders anew: as wide as theory says, and of holders, not of rows."""

import numpy as np
import polars as pl
import pytest

from fraudsim.quality.intervals import (
    interval,
    percentiles,
    ratio_interval,
    redrawn_quantiles,
    sums_by_holder,
)


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


def test_a_mean_spreads_by_its_standard_error():
    values = np.random.default_rng(3).normal(50.0, 10.0, 400)
    low, high = ratio_interval(
        np.column_stack([values, np.ones(400)]), np.random.default_rng(7), times=2.0
    )
    assert (low, high) == pytest.approx((2 * (50 - 0.98), 2 * (50 + 0.98)), abs=1.2)


def test_a_median_spreads_as_theory_says_and_more_where_few_hold_many():
    values = np.random.default_rng(3).normal(0.0, 1.0, 900)
    alone = percentiles(redrawn_quantiles(values, (0.5,), np.random.default_rng(7))[:, 0])
    # the standard error of a median of normal values: 1.2533 / sqrt(n)
    assert alone[1] - alone[0] == pytest.approx(2 * 1.96 * 1.2533 / 30, rel=0.2)
    who = np.repeat(np.arange(30), 30)
    runs = percentiles(
        redrawn_quantiles(np.sort(values), (0.5,), np.random.default_rng(7), who)[:, 0]
    )
    assert runs[1] - runs[0] > 3 * (alone[1] - alone[0])


def test_quantiles_of_every_draw_are_values_of_rows():
    values = np.array([1.0, 2.0, 40.0])
    found = redrawn_quantiles(values, (0.1, 0.9), np.random.default_rng(7))
    assert found.shape[1] == 2
    drawn = found[~np.isnan(found)]  # where nobody was drawn there is none
    assert set(drawn) == set(values)
    assert np.isnan(found).any()
