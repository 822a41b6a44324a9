"""What chance alone would show: the labels moved to other people, at about the same times.

Labels that are shuffled row by row fall apart: frauds come in runs of one victim, and in times when
a campaign goes on. Whatever stays the same for a person (no device, an old id) or drifts in time (a
growing id) would then look like a leak. So each run of frauds moves as a whole: to the rows in a
row of somebody who pays at about the same time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import Band

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DRAWS = 200
FALSE_ALARM = 1e-4
"""How often a check on data without any leak fails: some hundred audits of ten checks, one."""

FALSE_WARNING = 1e-2
NEAR_SHARE = 1 / 200
"""A run moves by this share of the rows at most, in order of time."""

NEAR_ROWS = 200
SAME_RUN_SHARE = 1 / 8
"""Frauds of one person are of one run unless this share of the rows lies between them."""

EULER = 0.5772156649015329


class Runs:
    """The runs of frauds among rows in order of time, and where else they could have been.

    Args:
        person: int64, who pays, of each row in order of time.
        fraud: the truth of each.
    """

    def __init__(self, person: NDArray[np.int64], fraud: NDArray[np.bool_]) -> None:
        self.rows = fraud.size
        order = np.argsort(person, kind="stable")
        same = person[order][1:] == person[order][:-1]
        self._next = np.full(fraud.size, -1, np.int64)
        self._next[order[:-1][same]] = order[1:][same]
        frauds = order[fraud[order]]
        begins = np.ones(frauds.size, np.bool_)
        begins[1:] = (person[frauds][1:] != person[frauds][:-1]) | (
            np.diff(frauds) > SAME_RUN_SHARE * fraud.size
        )
        self._start = frauds[begins]
        self._length = np.diff(np.append(np.flatnonzero(begins), frauds.size))
        self._near = max(NEAR_ROWS, round(fraud.size * NEAR_SHARE))

    def moved(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the rows that are marked when every run moves to somebody else."""
        row = self._somewhere_near(self._start, rng)
        left = self._length.copy()
        marked = []
        while row.size:
            marked.append(row)
            left -= 1
            row, left = row[left > 0], left[left > 0]
            following = self._next[row]
            # nobody pays for ever: the rest of the run goes to somebody else
            row = np.where(following >= 0, following, self._somewhere_near(row, rng))
        return np.unique(np.concatenate(marked))

    def _somewhere_near(
        self, row: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        moved = row + rng.integers(-self._near, self._near + 1, row.size)
        inside: NDArray[np.int64] = np.clip(moved, 0, self.rows - 1)
        return inside


def band_of_chance(values: Sequence[float], what: str, *, least_sd: float = 0.0) -> Band:
    """Return the band that chance leaves once in ``1 / FALSE_ALARM`` times.

    Too few permutations are made to see so rare a value, so the tail of an extreme-value
    distribution (Gumbel's, by its moments) is laid through them: the largest of many z-scores
    has such a tail, and a single one a thinner one.

    Args:
        values: what the check shows on each permutation.
        what: what was permuted.
        least_sd: the standard deviation is taken for at least this, for counts that never moved.
    """
    mean, sd = float(np.mean(values)), max(float(np.std(values, ddof=1)), least_sd)
    return Band(
        low=None,
        high=_gumbel(mean, sd, FALSE_ALARM),
        warn_high=_gumbel(mean, sd, FALSE_WARNING),
        source=f"{len(values)} permutations of the labels: {what}",
    )


def _gumbel(mean: float, sd: float, tail: float) -> float:
    scale = sd * math.sqrt(6) / math.pi
    return mean - EULER * scale - scale * math.log(-math.log1p(-tail))
