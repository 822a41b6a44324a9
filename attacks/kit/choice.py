"""Choosing by weight: number for number what numpy's ``Generator.choice`` draws.

It checks its chances and adds them up anew at every call. A campaign chooses one or two at a time,
again and again from the same, so here the sums are kept.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.attacks.kit.nouns import Floats


def rising(chances: Floats) -> list[float]:
    """Return the running sums of chances that add up to one; the last is one exactly."""
    sums = chances.cumsum()
    rising: list[float] = (sums / sums[-1]).tolist()
    return rising


@lru_cache(maxsize=1024)
def rising_shares(weights: tuple[float, ...]) -> list[float]:
    """Return the running sums of the shares that weights have in their sum; not to be changed."""
    weight = np.array(weights, dtype=np.float64)
    return rising(weight / weight.sum())


def chosen(rising: Sequence[float], rng: np.random.Generator) -> int:
    """Draw a position, each as often as its chance says."""
    return bisect_right(rising, rng.random())


def all_chosen(rising: Sequence[float], count: int, rng: np.random.Generator) -> list[int]:
    """Draw ``count`` positions, each as often as its chance says."""
    return [bisect_right(rising, draw) for draw in rng.random(count).tolist()]
