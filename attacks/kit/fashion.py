"""What fraudsters learn from each other over months, so that a model of fraud ages.

What resells well changes, and methods get better: the same for all fraudsters of a world. On
IEEE-CIS a model's AUC falls from .938 to .910 within months; the constants are assumptions that
bring a fall of that kind.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fraudsim.streams import Streams

DAYS = 45
"""Days from one fashion to the next; in between they blend."""

LOG_SD = 0.5
"""Spread of a category's fashion, the log of the factor on its weight."""

WORN_OUT = 0.5
"""How far a fashion is the reverse of the one before: what was bought much is guarded by now, and
what was left alone is fresh."""

LEARNT_PER_YEAR = 0.3
"""What the craft of fraudsters gains in a year. Half a year's run begins a quarter of it below the
craft of the scenario and ends as much above."""


def in_fashion(streams: Streams, categories: Sequence[str], day: float) -> NDArray[np.float64]:
    """Return the factor on the weight of each category at a day of the run, shape (n,).

    A pure function of the seed, the category's name and the day, whoever asks.
    """
    knot, part = divmod(max(day, 0.0) / DAYS, 1.0)
    ends = _fashions(streams.seed, tuple(categories), int(knot))
    blend = np.array([np.cos(part * np.pi / 2), np.sin(part * np.pi / 2)])
    likeness = -WORN_OUT / (1 + WORN_OUT**2)  # correlation of one fashion and the next
    log = LOG_SD * ends @ blend / np.sqrt(1 + 2 * blend.prod() * likeness)
    factor: NDArray[np.float64] = np.exp(log)
    return factor


def learnt(craft: float, day: float, days: int) -> float:
    """Return the craft at a day of a run of so many days: on average over the run ``craft``."""
    return float(min(max(craft + LEARNT_PER_YEAR * (day - days / 2) / 365, 0.0), 1.0))


@lru_cache(maxsize=256)
def _fashions(seed: int, categories: tuple[str, ...], knot: int) -> NDArray[np.float64]:
    """Return the fashion of each category at a knot and at the next, shape (n, 2)."""
    return np.array([[_fashion(seed, name, knot + k) for k in (0, 1)] for name in categories])


@lru_cache(maxsize=4096)
def _fashion(seed: int, category: str, knot: int) -> float:
    """Return a standard normal of which ``WORN_OUT`` of the one before was taken away."""
    from fraudsim.streams import Streams

    new, old = (
        float(Streams(seed).get(f"fashion {category}", k).normal()) for k in (knot + 1, knot)
    )
    return float((new - WORN_OUT * old) / np.sqrt(1 + WORN_OUT**2))
