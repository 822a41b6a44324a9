"""The results of one track, as the page asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.leaderboard.results import Line, Results, Standing, Track

HEADLINE = "average_precision"
SECOND = "recall_in_budget_100"

TITLES: Mapping[str, str] = {
    "standard": "Standard",
    "unseen-attack": "Unseen attacks",
    "new-attack": "New attacks",
    "drift": "Drift",
    "few-labels": "Few labels",
    "label-delay": "Label delay",
    "scale": "Scale",
}
"""Kind of track -> its title, in the order of the page."""


def kind_of(track: str) -> str:
    """Return the name of a track without its version.

    >>> kind_of("unseen-attack-v1")
    'unseen-attack'
    """
    return track.rpartition("-v")[0]


@dataclass(frozen=True)
class TrackResults:
    """One track with its lines and standings.

    Attributes:
        track: what it is.
        lines: of all arms.
        standings: of all arms.
    """

    track: Track
    lines: Sequence[Line]
    standings: Sequence[Standing]

    @property
    def kind(self) -> str:
        """The name without the version."""
        return kind_of(self.track.name)

    @property
    def title(self) -> str:
        """What its section is called; tracks that we do not know are called by their names."""
        version = self.track.name.rpartition("-v")[2]
        title = TITLES.get(self.kind, self.track.name)
        return title if version == "1" or title == self.track.name else f"{title} {version}"

    @cached_property
    def arms(self) -> list[str]:
        """The arms that have lines, in the order of the track."""
        there = {line.arm for line in self.lines}
        return [arm for arm in self.track.arms if arm in there]

    def of(self, arm: str) -> list[Line]:
        """Return the lines of an arm, the best average precision first."""
        return sorted((line for line in self.lines if line.arm == arm), key=_place)

    def line(self, arm: str, name: str) -> Line | None:
        """Return the line of a detector in an arm, if there is one."""
        return next((one for one in self.lines if (one.arm, one.name) == (arm, name)), None)

    def standing(self, arm: str, metric: str = HEADLINE) -> Standing | None:
        """Return who is where in an arm, if it is known."""
        found = (one for one in self.standings if (one.arm, one.metric) == (arm, metric))
        return next(found, None)

    @cached_property
    def order(self) -> list[str]:
        """All detectors, in the order of the first arm that has them."""
        return list(dict.fromkeys(line.name for arm in self.arms for line in self.of(arm)))

    @cached_property
    def references(self) -> list[str]:
        """The floors and ceilings: what the others stand between."""
        marked = {line.name for line in self.lines if line.floor or line.ceiling}
        return [name for name in self.order if name in marked]

    @property
    def worlds(self) -> int:
        """How many worlds were run."""
        return max((one.worlds for one in self.standings), default=0)


def _place(line: Line) -> tuple[float, str]:
    mean = line.mean(HEADLINE)
    return (float("inf") if mean is None else -mean, line.name)


def by_track(results: Results) -> list[TrackResults]:
    """Return the tracks that have lines: those we know first, in our order."""
    found = [
        TrackResults(
            track,
            [line for line in results.lines if line.track == track.name],
            [one for one in results.standings if one.track == track.name],
        )
        for track in results.tracks
    ]
    ranks = {kind: place for place, kind in enumerate(TITLES)}
    return sorted(
        (one for one in found if one.lines),
        key=lambda one: (ranks.get(one.kind, len(ranks)), one.track.name),
    )
