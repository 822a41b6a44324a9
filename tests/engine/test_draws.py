"""Draws of the kernels: pure functions with the distributions that they claim."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from fraudsim.draws import base_of, mix, normal, poisson, uniforms

MASK = 2**64 - 1
DRAWS = 200_000


def mix_in_python(x: int) -> int:
    """SplitMix64's finaliser, in integers of any size."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def uniform_in_python(key: int, a: int, b: int, counter: int) -> float:
    golden = 0x9E3779B97F4A7C15
    base = mix_in_python((mix_in_python((key + a * golden) & MASK) + b * golden) & MASK)
    return (mix_in_python((base + (counter + 1) * golden) & MASK) >> 11) / 2**53


@given(st.integers(0, MASK), st.integers(0, 2**40), st.integers(0, 2**31), st.integers(0, 1_000))
def test_the_kernel_agrees_with_plain_python(key, a, b, counter):
    found = uniforms(np.uint64(key), np.array([a]), np.array([b]), counter)[0]
    assert found == uniform_in_python(key, a, b, counter)


def test_the_finaliser_is_that_of_splitmix64():
    """The second output of SplitMix64 seeded with 0 is published with its source."""
    assert mix_in_python(2 * 0x9E3779B97F4A7C15 & MASK) == 0x6E789E6AA1B965F4
    assert int(mix(np.uint64(2 * 0x9E3779B97F4A7C15 & MASK))) == 0x6E789E6AA1B965F4


@njit
def many_normals(count):
    out = np.empty(count)
    for i in range(count):
        out[i] = normal(base_of(np.uint64(1), i, 0), 0)
    return out


@njit
def many_counts(count, mean):
    out = np.empty(count)
    for i in range(count):
        out[i] = poisson(base_of(np.uint64(2), i, 0), 0, mean)
    return out


def test_uniform_draws_are_uniform_and_unrelated():
    """Within five standard errors of mean and variance, neighbours uncorrelated."""
    who = np.arange(DRAWS)
    u = uniforms(np.uint64(3), who, np.zeros_like(who), 0)
    assert u.mean() == pytest.approx(0.5, abs=5 * np.sqrt(1 / 12 / DRAWS))
    assert u.var() == pytest.approx(1 / 12, abs=5 * np.sqrt(1 / 180 / DRAWS))
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 5 / np.sqrt(DRAWS)
    v = uniforms(np.uint64(3), who, np.zeros_like(who), 1)
    assert abs(np.corrcoef(u, v)[0, 1]) < 5 / np.sqrt(DRAWS)


def test_normal_draws_are_normal():
    z = many_normals(DRAWS)
    assert z.mean() == pytest.approx(0, abs=5 / np.sqrt(DRAWS))
    assert z.var() == pytest.approx(1, abs=5 * np.sqrt(2 / DRAWS))
    assert (np.abs(z) < 1.959964).mean() == pytest.approx(0.95, abs=0.003)


@pytest.mark.parametrize("mean", [0.05, 1.66, 12.0])
def test_counts_are_poisson(mean):
    counts = many_counts(DRAWS, mean)
    assert counts.mean() == pytest.approx(mean, abs=5 * np.sqrt(mean / DRAWS))
    assert counts.var() == pytest.approx(mean, rel=0.05)
