"""The chart of drift: what becomes of a detector from round to round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.leaderboard.drawings import curves, styles_of
from fraudsim.leaderboard.track_results import HEADLINE

if TYPE_CHECKING:
    from fraudsim.leaderboard.track_results import TrackResults
    from fraudsim.report.chart import Chart


def drift(results: TrackResults) -> list[Chart]:
    """Return the chart."""
    rows = [
        (line.name, arm, number, value)
        for arm in results.arms
        for line in results.of(arm)
        if not line.ceiling
        for number, values in enumerate(line.by_round, 1)
        if (value := values.get(HEADLINE)) is not None
    ]
    return [
        curves(
            results,
            "rounds",
            "Average precision by round",
            reading="A line that falls is a detector that ages; dashed is fitted once, solid is "
            "fitted anew before each round.",
            unit="average precision in each round, mean over worlds",
            labels=("Arm", "Round", "Average precision"),
            kinds=("count", "number"),
            rows=rows,
            absent="The file holds no rounds.",
            styles=styles_of(results.arms),
            ticks=sorted({row[2] for row in rows}),
        )
    ]
