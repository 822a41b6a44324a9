"""Choices by weight are numpy's, number for number, and leave the generator where numpy does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudsim.attacks.kit.choice import all_chosen, chosen, rising, rising_shares
from fraudsim.streams import A_FEW, integers

WEIGHTS = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40)
SEEDS = st.integers(0, 2**32)


def twins(seed):
    return (np.random.Generator(np.random.SFC64(seed)) for _ in range(2))


@given(SEEDS, WEIGHTS, st.integers(0, 6))
def test_choosing_draws_what_numpy_draws(seed, weights, count):
    ours, numpys = twins(seed)
    weight = np.array(weights)
    chances = weight / weight.sum()
    found = all_chosen(rising(chances), count, ours)
    assert found == numpys.choice(len(weights), size=count, p=chances).tolist()
    assert chosen(rising_shares(tuple(weights)), ours) == numpys.choice(len(weights), p=chances)
    assert ours.random() == numpys.random()


@given(SEEDS, st.integers(1, 2**40), st.integers(0, 2 * A_FEW))
def test_a_few_integers_are_those_that_numpy_draws_at_once(seed, below, count):
    ours, numpys = twins(seed)
    found = integers(ours, below, count)
    expected = numpys.integers(below, size=count)
    assert found.tolist() == expected.tolist()
    assert found.dtype == expected.dtype
    assert ours.random() == numpys.random()


@pytest.mark.parametrize("count", [1, 5])
def test_another_order_of_weights_is_another_choice(count):
    """So the tests above compare something."""
    ours, numpys = twins(3)
    weight = np.array([0.7, 0.1, 0.1, 0.1])
    found = [all_chosen(rising(weight), count, ours) for _ in range(20)]
    assert found != [numpys.choice(4, size=count, p=weight[::-1]).tolist() for _ in range(20)]
