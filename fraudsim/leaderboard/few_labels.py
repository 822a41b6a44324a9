"""The chart of few labels: what is found by a detector that learnt from so many frauds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fraudsim.leaderboard.drawings import curves
from fraudsim.leaderboard.track_results import HEADLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.leaderboard.track_results import TrackResults
    from fraudsim.report.chart import Chart


def few_labels(results: TrackResults) -> list[Chart]:
    """Return the chart, of arms whose names say a number."""
    numbers = numbers_of(results.arms)
    return [
        curves(
            results,
            "labels",
            "Average precision by known frauds",
            reading="The higher a line on its left, the fewer known frauds a detector needs; grey "
            "are the others, dashed the floors and the ceiling.",
            unit="average precision; frauds that were known when it was fitted, at most",
            labels=("Curve", "Known frauds", "Average precision"),
            kinds=("count", "number"),
            rows=[
                (name, "this detector", number, value)
                for name in results.order
                for arm, number in numbers.items()
                if (line := results.line(arm, name)) and (value := line.mean(HEADLINE)) is not None
            ],
            absent="No arm is named by a number of frauds.",
            log=True,
            ticks=list(numbers.values()),
        )
    ]


def numbers_of(arms: Sequence[str]) -> dict[str, int]:
    """Return the number that the name of an arm begins with, the least first.

    >>> numbers_of(["30 frauds", "10 frauds", "all"])
    {'10 frauds': 10, '30 frauds': 30}
    """
    found = {arm: match for arm in arms if (match := re.match(r"[1-9][0-9]{0,8}\b", arm, re.ASCII))}
    numbers = {arm: int(match.group()) for arm, match in found.items()}
    return dict(sorted(numbers.items(), key=lambda item: item[1]))
