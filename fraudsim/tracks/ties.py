"""Who is best, and who cannot be told from the best.

Two ways, side by side. Against the best: the differences of all others to it, worlds and accounts
drawn anew for both alike, with intervals that hold for all at once (max-t bootstrap: Romano, Wolf
2005); where one spans 0, the two tie. Over worlds: mean ranks and the critical difference of
Nemenyi (Demsar 2006, Statistical Comparisons of Classifiers over Multiple Data Sets).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.comparison.paired import simultaneous_widths
from fraudsim.metrics import LEVEL, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Standing:
    """The order of the detectors in one arm by one metric.

    Attributes:
        track: name.
        arm: name.
        metric: name.
        order: names, the best first.
        ties_with_best: those of them whose difference to the best may be 0.
        ranks: mean rank over the worlds, 1 is best, by name.
        critical_difference: mean ranks closer than this do not differ; ``None`` with one world.
        cliques: largest runs of neighbours in rank that do not differ, as names.
        worlds: how many worlds were ranked.
    """

    track: str
    arm: str
    metric: str
    order: Sequence[str]
    ties_with_best: Sequence[str]
    ranks: Mapping[str, float]
    critical_difference: float | None
    cliques: Sequence[Sequence[str]]
    worlds: int


def standings(
    track: str,
    arm: str,
    metric: str,
    drawn: Mapping[str, NDArray[np.float64]],
    by_world: Mapping[str, Mapping[int, float]],
) -> Standing:
    """Return the order of detectors, and who ties.

    Args:
        track: name of the track.
        arm: name of the arm.
        metric: name of the metric, of which more is better.
        drawn: of each detector, its mean in each draw of worlds and accounts, the same for all.
        by_world: of each detector, its mean in each world.
    """
    means = {name: float(np.nanmean(list(worlds.values()))) for name, worlds in by_world.items()}
    order = sorted(means, key=lambda name: (-means[name], name))
    ranks, worlds = _mean_ranks(by_world)
    difference = critical_difference(len(ranks), worlds) if worlds > 1 else None
    return Standing(
        track=track,
        arm=arm,
        metric=metric,
        order=order,
        ties_with_best=_ties(order, means, drawn),
        ranks={name: round(ranks[name], 4) for name in sorted(ranks, key=ranks.__getitem__)},
        critical_difference=difference,
        cliques=[] if difference is None else cliques(ranks, difference),
        worlds=worlds,
    )


def _ties(
    order: Sequence[str],
    means: Mapping[str, float],
    drawn: Mapping[str, NDArray[np.float64]],
) -> list[str]:
    best, others = order[0], order[1:]
    if not others:
        return []
    widths = simultaneous_widths(np.array([drawn[best] - drawn[name] for name in others]))
    return [
        name
        for name, width in zip(others, widths, strict=True)
        if not means[best] - means[name] > width  # also where nothing is known of the width
    ]


def _mean_ranks(by_world: Mapping[str, Mapping[int, float]]) -> tuple[dict[str, float], int]:
    """Return the mean rank of each over the worlds that all were in; equal values share ranks."""
    from scipy.stats import rankdata

    names = list(by_world)
    shared = sorted(set.intersection(*(set(worlds) for worlds in by_world.values())))
    table = np.array([[by_world[name][world] for name in names] for world in shared])
    table = np.nan_to_num(table, nan=-np.inf)
    ranks = rankdata(-table, axis=1).mean(axis=0)
    return dict(zip(names, map(float, ranks), strict=True)), len(shared)


def critical_difference(contenders: int, blocks: int, level: float = LEVEL) -> float | None:
    """Return the least difference of mean ranks that Nemenyi's test tells from none.

    Args:
        contenders: how many are ranked.
        blocks: how often, independently.
        level: of the test, for all pairs at once.
    """
    if contenders < 2 or blocks < 2:
        return None
    from scipy.stats import studentized_range

    # the studentised range with infinite degrees of freedom, over the square root of two
    width = float(studentized_range.ppf(level, contenders, np.inf)) / np.sqrt(2)
    return rounded(width * float(np.sqrt(contenders * (contenders + 1) / (6 * blocks))))


def cliques(ranks: Mapping[str, float], difference: float) -> list[list[str]]:
    """Return the largest runs of at least two neighbours in rank that lie within a difference."""
    names = sorted(ranks, key=lambda name: (ranks[name], name))
    found: list[list[str]] = []
    end = 0
    for start, name in enumerate(names):
        reach = start
        while reach + 1 < len(names) and ranks[names[reach + 1]] - ranks[name] <= difference:
            reach += 1
        if reach > start and reach > end:
            found.append(names[start : reach + 1])
            end = reach
    return found
