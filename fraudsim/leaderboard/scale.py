"""The charts of scale: what a detector takes with more rows. Measured by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.leaderboard.drawings import dots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fraudsim.leaderboard.track_results import TrackResults
    from fraudsim.report.chart import Chart

SPENT = {
    "seconds_fit": "Fitting, seconds",
    "peak_memory_mb": "Memory, MB",
    "batch_us_per_row": "In batches, microseconds a payment",
}
PERCENTILES = {"p50": "half", "p99": "99 %", "p99.9": "99.9 %"}
WAYS = {"latency": "one by one", "latency_under_load": "under load"}


def scale(results: TrackResults) -> list[Chart]:
    """Return the charts; the ceiling is not measured."""
    measured = "measured on the machine that ran the benchmark; "
    return [
        dots(
            results,
            "spent",
            "Time and memory",
            reading="The further left a dot, the less it takes; the scale is logarithmic.",
            unit=f"{measured}memory is the growth at its peak",
            labels=("Measure", "Learnt from", "Value"),
            kind="number",
            rows=list(_rows(results, {title: {"": cost} for cost, title in SPENT.items()})),
            absent="No time or memory was measured.",
            log=True,
            own_scales=True,
        ),
        dots(
            results,
            "latency",
            "Time for one payment",
            reading="So many milliseconds are enough for half, for 99 % and for 99.9 % of "
            "payments; the further left, the better; the scale is logarithmic.",
            unit=f"{measured}under load: one queue that is offered 20 payments a second at random "
            "times; absent where it would grow without end",
            labels=("Way", "Payments", "Milliseconds"),
            kind="number",
            rows=list(
                _rows(
                    results,
                    {
                        title: {said: f"{way}_{p}_ms" for p, said in PERCENTILES.items()}
                        for way, title in WAYS.items()
                    },
                )
            ),
            absent="No latency was measured.",
            log=True,
        ),
    ]


def _rows(
    results: TrackResults, panels: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str, Any]]:
    """Yield costs, by panel and series; those that are not above 0 have no logarithm."""
    for panel, series in panels.items():
        for arm in results.arms:
            for line in results.of(arm):
                for said, cost in series.items():
                    value = line.costs.get(cost)
                    if value is not None and value > 0:
                        where = f"{panel}, {arm}" if said else panel
                        yield where, line.name, said or arm, value
