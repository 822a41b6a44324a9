"""Who is best, who ties with it, and what it stands between, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.leaderboard.track_results import HEADLINE
from fraudsim.report.chart import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.leaderboard.results import Line, Standing
    from fraudsim.leaderboard.track_results import TrackResults


def verdict(results: TrackResults) -> str:
    """Return the verdict on a track: on its arm, or on how many of its arms who is best."""
    if len(results.arms) == 1:
        return arm_verdict(results, results.arms[0])
    standings = [one for arm in results.arms if (one := results.standing(arm)) and one.order]
    if not standings:
        return "Nobody was ranked."
    return f"{_best_of(standings)} {_between(results, results.arms)}"


def _best_of(standings: Sequence[Standing]) -> str:
    """Say who is best in how many arms, and who is never told from the best."""
    arms, winners = len(standings), [one.order[0] for one in standings]
    first, *others = sorted(set(winners), key=lambda name: (-winners.count(name), name))
    every = set.intersection(*({one.order[0], *one.ties_with_best} for one in standings))
    tied = [name for name in standings[0].order if name in every]
    if not others:
        rest = [name for name in tied if name != first]
        verb = "tie" if len(rest) > 1 else "ties"
        ties = (
            f"{listed(rest)} {verb} with it in all of them"
            if rest
            else "nobody ties with it in all of them"
        )
        every_arm = "both arms" if arms == 2 else f"all {arms} arms"
        return f"{first} is best by average precision in {every_arm}; {ties}."
    counts = listed([f"{name} in {winners.count(name)}" for name in (first, *others)])
    ties = f"best or tied with the best in all: {listed(tied)}" if tied else "nobody is that in all"
    return f"Best by average precision, of {arms} arms: {counts}; {ties}."


def arm_verdict(results: TrackResults, arm: str) -> str:
    """Return the verdict on one arm."""
    standing = results.standing(arm)
    if standing is None or not standing.order:
        return "Nobody was ranked."
    best = results.line(arm, standing.order[0])
    figure = None if best is None else best.estimate(HEADLINE)
    if best is None or figure is None:
        return "Nobody has an average precision."
    ties = listed(standing.ties_with_best)
    verb = "tie" if len(standing.ties_with_best) > 1 else "ties"
    tied = f"{ties} {verb} with it" if ties else "nobody ties with it"
    return (
        f"{best.name} is best by average precision, {written(figure, 'estimate')}; {tied}. "
        f"{_between(results, [arm])}{_beaten(results, arm)}"
    )


def _beaten(results: TrackResults, arm: str) -> str:
    """Say who loses to a floor, which nothing that learns should."""
    means = [(one, m) for one in results.of(arm) if (m := one.mean(HEADLINE)) is not None]
    bar = max((mean for one, mean in means if one.floor), default=0.0)
    below = [one.name for one, mean in means if mean < bar and not one.floor]
    return f" Below a floor: {listed(below)}." if below else ""


def _between(results: TrackResults, arms: Sequence[str]) -> str:
    """Say where floor and ceiling are: in one arm, or from the least to the most of several."""
    lines = [line for arm in arms for line in results.of(arm)]
    floor = _spread([line for line in lines if line.floor])
    ceiling = _spread([line for line in lines if line.ceiling])
    return f"Floor: {floor}; ceiling: {ceiling}."


def _spread(lines: Sequence[Line]) -> str:
    said = []
    for name in dict.fromkeys(line.name for line in lines):
        means = [
            m for line in lines if line.name == name and (m := line.mean(HEADLINE)) is not None
        ]
        low, high = min(means, default=None), max(means, default=None)
        ends = dict.fromkeys((written(low, "number"), written(high, "number")))
        said.append(f"{name} {' to '.join(ends)}")
    return ", ".join(said) or "not run"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence holds them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names or [""]
    return f"{', '.join(most)} and {last}" if most else last
