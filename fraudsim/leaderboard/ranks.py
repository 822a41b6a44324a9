"""The critical-difference diagram: mean ranks, and bars over those that do not differ.

Source: Demsar 2006, Statistical Comparisons of Classifiers over Multiple Data Sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.leaderboard.track_results import HEADLINE, SECOND
from fraudsim.report.chart import Chart, Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.leaderboard.results import Standing
    from fraudsim.leaderboard.track_results import TrackResults

METRICS = {HEADLINE: "average precision", SECOND: "recall with 100 alerts"}


def ranks(results: TrackResults) -> Chart:
    """Return the diagrams of a track: of both headlines where it has one arm, of one otherwise."""
    metrics = tuple(METRICS) if len(results.arms) == 1 else (HEADLINE,)
    shown = {
        f"{arm}, by {METRICS[metric]}": standing
        for arm in results.arms
        for metric in metrics
        if (standing := results.standing(arm, metric)) and standing.critical_difference is not None
    }
    left_out = [arm for arm in results.arms if not any(p.startswith(f"{arm}, by ") for p in shown)]
    return Chart(
        f"ranks.{results.track.name}",
        "Who differs from whom",
        "The further left, the better; detectors under one bar cannot be told apart.",
        "mean rank over the worlds, 1 is best; CD is the critical difference of Nemenyi at 5 %: "
        "mean ranks closer than that do not differ"
        + (f"; not drawn, for want of a second world: {'; '.join(left_out)}" if left_out else ""),
        (
            Column("panel", "Arm and metric", "text"),
            Column("detector", "Detector", "text"),
            Column("rank", "Mean rank", "number"),
            Column("groups", "Groups", "text"),
        ),
        [row for panel, standing in shown.items() for row in _rows(panel, standing)],
        f"Mean ranks need at least two worlds; this track was run on {results.worlds}.",
        {"differences": {panel: one.critical_difference for panel, one in shown.items()}},
    )


def _rows(panel: str, standing: Standing) -> Iterator[tuple[str, str, float, str]]:
    """Yield every detector with its rank and the numbers of the groups that it is in."""
    for name, rank in sorted(standing.ranks.items(), key=lambda item: (item[1], item[0])):
        groups = (str(n) for n, clique in enumerate(standing.cliques, 1) if name in clique)
        yield panel, name, rank, " ".join(groups)
