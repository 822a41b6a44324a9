"""Numbers that look drawn and never repeat: keyed bijections of a range."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numba import njit

from fraudsim.draws import mix

if TYPE_CHECKING:
    import numpy.typing as npt

_ROUNDS = 4
_STEP = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, as in fraudsim.draws


@njit(cache=True)
def scattered(key: np.uint64, numbers: np.ndarray, left: int, right: int) -> np.ndarray:
    """Return a bijection of ``[0, left * right)``, keyed by ``key``, applied to ``numbers``.

    A Feistel network on the two digits of a number in the mixed base (left, right): each round
    adds to one digit a hash of the other, which can be undone. Numbers beyond the range wrap.

    Args:
        key: key of a stream.
        numbers: int64, not negative, shape (n,).
        left: size of the first digit, at least 1.
        right: size of the second digit, at least 1.
    """
    out = np.empty(len(numbers), dtype=np.int64)
    for i in range(len(numbers)):
        number = numbers[i] % (left * right)
        high, low = number // right, number % right
        state = key
        for _ in range(_ROUNDS):
            state += _STEP
            high = (high + np.int64(mix(state + np.uint64(low)) % np.uint64(left))) % left
            state += _STEP
            low = (low + np.int64(mix(state ^ np.uint64(high)) % np.uint64(right))) % right
        out[i] = high * right + low
    return out


def scattered_digits(
    key: int, numbers: npt.NDArray[np.int64], digits: int
) -> npt.NDArray[np.int64]:
    """Return ``scattered`` over the numbers of so many decimal digits.

    >>> import numpy as np
    >>> sorted(scattered_digits(7, np.arange(100), 2).tolist()) == list(range(100))
    True
    """
    left = 10 ** (digits // 2)
    found: npt.NDArray[np.int64] = scattered(
        np.uint64(key), numbers.astype(np.int64), left, 10**digits // left
    )
    return found


def padded(numbers: npt.NDArray[np.int64], digits: int) -> pl.Series:
    """Return numbers as text of so many digits, with zeros in front.

    >>> import numpy as np
    >>> padded(np.array([7, 42]), 3).to_list()
    ['007', '042']
    """
    return pl.Series(numbers + 10**digits).cast(pl.String).str.slice(1)


def filled(pattern: str) -> list[str]:
    """Return every text that a pattern stands for: ``#`` is any digit.

    >>> filled("A#")[:3]
    ['A0', 'A1', 'A2']
    """
    parts = re.split("(#+)", pattern)
    choices = [
        padded(np.arange(10 ** len(part)), len(part)).to_list() if "#" in part else [part]
        for part in parts
    ]
    return ["".join(chosen) for chosen in product(*choices)]
