"""Whether somebody who sees the made frauds can tell who was among the training frauds.

The attack is that of DOMIAS (van Breugel, Sun, Qian and van der Schaar 2023): a row is taken for a
member where made rows are denser than rows of the population are, here by the distance to the
nearest of either. It is made twice: on real frauds, and on **canaries**, rows of real values that
do not go together, planted several times in the training rows (after Carlini et al. 2019, *The
Secret Sharer*). What counts is how many members are found while one in a thousand others is accused
(Carlini et al. 2022, *Membership inference attacks from first principles*): an attack that is sure
of a few is a leak, however good it is on average.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.balance_quality.made_rows import distances
from fraudsim.quality.check import Band, CannotCheckError, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.balance_quality.made_rows import MadeRows

FALSE_ALARMS = 0.001
"""The share of non-members that may be taken for members."""

OUTSIDERS = 2000
"""Canaries that are not planted: two of them make the share of ``FALSE_ALARMS``."""

PLANTED, LEAST_PLANTED, MOST_PLANTED = 0.1, 20, 100
"""Canaries that are planted, as a share of the training frauds, and the bounds of that."""

TIMES = 4
"""How often each is planted (a choice: few enough to remain a part of the data)."""

TOLERATED = 0.6
"""Area under the curve of the attack on real frauds that is let pass (an assumption): any model
that learns leans a little towards what it has seen."""

NOTHING = 1e-9
"""Stands for a distance of 0 where a logarithm is taken."""


def real_rows(rows: MadeRows) -> Iterator[Measurement]:
    """Attack the training frauds themselves; held-out ones are the others and the population."""
    held_out = np.random.default_rng(rows.seed).permutation(rows.held_out.height)
    half = held_out.size // 2
    population = rows.points(rows.held_out[held_out[:half]])
    made = rows.points(rows.made)
    inside, outside = (
        _suspicion(rows.points(frame), population, made)
        for frame in (rows.train, rows.held_out[held_out[half:]])
    )
    area = _area(inside, outside)
    chance = float(np.sqrt((inside.size + outside.size + 1) / (12 * inside.size * outside.size)))
    yield Measurement(
        "real_rows",
        area,
        f"An attacker who sees the made frauds ranks a training fraud above another real one in "
        f"{area:.0%} of cases; 50% is by chance.",
        Band(
            None,
            max(TOLERATED, 0.5 + 3.1 * chance),
            f"{TOLERATED} is an assumption; warned where chance (Mann-Whitney, 99 %) ends",
            warn_high=0.5 + 2.33 * chance,
        ),
        {"members": inside.size, "others": outside.size},
    )


def canaries(rows: MadeRows) -> Iterator[Measurement]:
    """Plant canaries, make frauds again, and find those that were planted.

    Raises:
        CannotCheckError: there is no way to make frauds again.
    """
    if rows.remake is None:
        raise CannotCheckError(
            "no canaries could be planted: judge was not told how to make frauds again (remake)"
        )
    from scipy.stats import betabinom

    rng = np.random.default_rng(rows.seed)
    planted = int(np.clip(PLANTED * rows.train.height, LEAST_PLANTED, MOST_PLANTED))
    every = _canaries(rows.train, planted + OUTSIDERS, rng)
    with_them = pl.concat([rows.train, *[every[:planted]] * TIMES])
    made = rows.points(rows.remake(with_them[rng.permutation(with_them.height)]))
    population = rows.points(pl.concat([rows.train, rows.held_out]))
    inside, outside = (
        _suspicion(rows.points(part), population, made)
        for part in (every[:planted], every[planted:])
    )
    accused = int(FALSE_ALARMS * OUTSIDERS)
    bar = np.sort(outside)[-accused - 1]
    found = float((inside > bar).mean())
    # of exchangeable canaries, how many of the planted lie above the highest of the others
    most = float(betabinom.ppf(0.99, planted, accused + 1, OUTSIDERS - accused)) / planted
    yield Measurement(
        "canaries",
        found,
        f"Of {planted} rows planted {TIMES} times each among the training frauds, an attacker "
        f"finds {found:.0%} while accusing {FALSE_ALARMS:.1%} of the others.",
        Band(None, most, "what chance finds in 99 of 100 cases, were they not planted"),
        {
            "planted": planted,
            "times": TIMES,
            "others": OUTSIDERS,
            "area_under_the_curve": round(_area(inside, outside), 4),
        },
    )


def _canaries(frame: pl.DataFrame, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return rows whose columns are drawn independently: valid values that do not go together."""
    return pl.DataFrame([column[rng.integers(0, frame.height, count)] for column in frame])


def _suspicion(
    points: NDArray[Any], population: NDArray[Any], made: NDArray[Any]
) -> NDArray[np.float64]:
    """Return how much nearer each point lies to made rows than to rows of the population."""
    to_made, to_population = distances(points, made), distances(points, population)
    ratio: NDArray[np.float64] = np.log(to_population + NOTHING) - np.log(to_made + NOTHING)
    return ratio


def _area(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> float:
    """Return how often a member is more suspicious than another; a tie counts half."""
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, "left") + np.searchsorted(ordered, inside, "right")
    return float(below.mean() / (2 * outside.size))
