"""Counter-based random draws for kernels: a pure function of (key, ids, counter).

A draw is SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014) over a 64-bit base that a key of
``Streams`` and two ids were mixed into. No state: any order, any process, the same numbers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from fraudsim.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLY_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLY_2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0  # 2**-53
NOT_EVEN_ONE = 1.0 - 1e-9
"""Less the mean, a bound from below on the chance that a Poisson count is 0: exp(-m) >= 1 - m, with
room for what rounding may do. It spares most draws of a small mean the exponential."""


@kernel
def mix(x: np.uint64) -> np.uint64:
    """Scramble 64 bits; a bijection."""
    x = (x ^ (x >> _S30)) * _MULTIPLY_1
    x = (x ^ (x >> _S27)) * _MULTIPLY_2
    return x ^ (x >> _S31)


@kernel
def base_of(key: np.uint64, a: int, b: int) -> np.uint64:
    """Return the base of the stream (key, a, b)."""
    return mix(mix(key + np.uint64(a) * _GOLDEN) + np.uint64(b) * _GOLDEN)


@kernel
def uniform(base: np.uint64, counter: int) -> float:
    """Return the draw number ``counter`` in [0, 1)."""
    return float(mix(base + np.uint64(counter + 1) * _GOLDEN) >> _S11) * _UNIT


@kernel
def integer(base: np.uint64, counter: int, below: int) -> int:
    """Return an integer in [0, below)."""
    return int(uniform(base, counter) * below)


@kernel
def normal(base: np.uint64, counter: int) -> float:
    """Return a standard normal draw (Box-Muller on counters ``counter`` and ``counter + 1``)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(base, counter)))
    return radius * math.cos(2.0 * math.pi * uniform(base, counter + 1))


@kernel
def poisson(base: np.uint64, counter: int, mean: float) -> int:
    """Return a Poisson draw by inversion of one uniform; means up to some dozens."""
    u = uniform(base, counter)
    if u < NOT_EVEN_ONE - mean:
        return 0
    term = math.exp(-mean)
    total = term
    count = 0
    while u > total and count < 200:
        count += 1
        term *= mean / count
        total += term
    return count


@njit(cache=True)
def uniforms(key: np.uint64, a: np.ndarray, b: np.ndarray, counter: int) -> np.ndarray:
    """Return the draw number ``counter`` of every stream (key, a[i], b[i]), shape (n,)."""
    out = np.empty(len(a), dtype=np.float64)
    for k in range(len(a)):
        out[k] = uniform(base_of(key, a[k], b[k]), counter)
    return out
