"""The chart of label delay: what would be found if labels came at once, or times were mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.leaderboard.drawings import dots
from fraudsim.leaderboard.track_results import HEADLINE

if TYPE_CHECKING:
    from fraudsim.leaderboard.track_results import TrackResults
    from fraudsim.report.chart import Chart


def label_delay(results: TrackResults) -> list[Chart]:
    """Return the chart."""
    return [
        dots(
            results,
            "arms",
            "Average precision by what was known",
            reading="A dot to the right of the others is what a detector would find if that much "
            "were known; lines are 95 % intervals.",
            unit="average precision; a random split learns from the future and from the victims "
            "that it is tested on",
            labels=("Panel", "Labels", "Average precision"),
            kind="estimate",
            rows=[
                ("", line.name, arm, line.estimate(HEADLINE))
                for arm in results.arms
                for line in results.of(arm)
            ],
            absent="The file holds no average precision.",
        )
    ]
