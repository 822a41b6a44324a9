"""Who ties with whom."""

import numpy as np
import pytest
from scipy.stats import studentized_range

from fraudsim.tracks.ties import cliques, critical_difference, standings


def test_the_critical_difference_is_that_of_the_table():
    # Demsar 2006, table 5a: q at .05 for 4 classifiers is 2.569, for 10 it is 3.164
    assert critical_difference(4, 14) == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), rel=1e-3)
    assert critical_difference(10, 30) == pytest.approx(3.164 * np.sqrt(110 / 180), rel=1e-3)
    assert studentized_range.ppf(0.95, 4, np.inf) / np.sqrt(2) == pytest.approx(2.569, rel=1e-3)
    assert critical_difference(4, 1) is None


def test_cliques_are_the_largest_runs_within_the_difference():
    ranks = {"a": 1.0, "b": 1.8, "c": 2.6, "d": 4.5, "e": 5.0}
    assert cliques(ranks, 1.0) == [["a", "b"], ["b", "c"], ["d", "e"]]
    assert cliques(ranks, 2.0) == [["a", "b", "c"], ["c", "d"], ["d", "e"]]
    assert cliques(ranks, 0.1) == []
    assert cliques(ranks, 9.0) == [["a", "b", "c", "d", "e"]]


def made(means, spread, worlds=5, draws=100):
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.05, draws)  # what all have in common cancels in differences
    drawn = {name: mean + shared + rng.normal(0, spread, draws) for name, mean in means.items()}
    by_world = {
        name: {world: mean + rng.normal(0, spread) for world in range(worlds)}
        for name, mean in means.items()
    }
    return standings("t", "a", "m", drawn, by_world)


def test_close_ones_tie_and_far_ones_do_not():
    found = made({"best": 0.5, "close": 0.499, "far": 0.3}, spread=0.01)
    assert found.ties_with_best in (["close"], ["best"])
    assert found.order[-1] == "far"
    assert found.ranks["far"] == 3
    assert found.worlds == 5


def test_what_all_have_in_common_makes_no_tie():
    assert made({"best": 0.5, "worse": 0.47}, spread=0.001).ties_with_best == []
