"""The few kinds of drawing that the page knows, as charts; ``leaderboard.js`` draws each.

The name of a chart is its kind, its track and what it shows, with dots between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.report.chart import Chart, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.leaderboard.track_results import TrackResults
    from fraudsim.report.chart import Kind


def dots(
    results: TrackResults,
    what: str,
    title: str,
    *,
    reading: str,
    unit: str,
    labels: tuple[str, str, str],
    kind: Kind,
    rows: Sequence[tuple[str, str, str, Any]],
    absent: str,
    log: bool = False,
    own_scales: bool = False,
) -> Chart:
    """Return a chart with a line per detector and a dot per series, in panels.

    Args:
        results: the track.
        what: it shows, one word.
        title: of the chart.
        reading: how to read it, one sentence.
        unit: what is measured.
        labels: what panels, series and values are called.
        kind: of the values; ``estimate`` draws intervals.
        rows: panel, detector, series and value.
        absent: why there are no rows, if there are none.
        log: whether the scale is logarithmic.
        own_scales: whether panels are of different things, so that each has its own scale.
    """
    panel, series, value = labels
    return Chart(
        f"dots.{results.track.name}.{what}",
        title,
        reading,
        unit,
        (
            Column("panel", panel, "text"),
            Column("detector", "Detector", "text"),
            Column("series", series, "text"),
            Column("value", value, kind),
        ),
        [row for row in rows if row[3] is not None],
        absent,
        {"log": log, "own_scales": own_scales, "detectors": _in_order(results, rows)},
    )


def _in_order(results: TrackResults, rows: Sequence[tuple[str, str, str, Any]]) -> list[str]:
    """Return who is in the rows, also those without a value: that is told by an empty line."""
    there = {name for _, name, _, _ in rows}
    return [name for name in results.order if name in there]


def curves(
    results: TrackResults,
    what: str,
    title: str,
    *,
    reading: str,
    unit: str,
    labels: tuple[str, str, str],
    kinds: tuple[Kind, Kind],
    rows: Sequence[tuple[str, str, Any, Any]],
    absent: str,
    **extra: Any,
) -> Chart:
    """Return a chart with a panel per detector: its lines, before those of all others.

    Args:
        results: the track.
        what: it shows, one word.
        title: of the chart.
        reading: how to read it, one sentence.
        unit: what is measured.
        labels: what the series, x and y are called.
        kinds: of x and y.
        rows: detector, series, x and y.
        absent: why there are no rows, if there are none.
        extra: ``log`` (of x), ``step``, ``unit_square``, ``ticks`` (of x) or ``styles`` (series ->
            number of its colour, and whether it is dashed).
    """
    series, x, y = labels
    return Chart(
        f"curves.{results.track.name}.{what}",
        title,
        reading,
        unit,
        (
            Column("detector", "Detector", "text"),
            Column("series", series, "text"),
            Column("x", x, kinds[0]),
            Column("y", y, kinds[1]),
        ),
        rows,
        absent,
        {"references": results.references, "order": results.order, **extra},
    )


def styles_of(arms: Sequence[str]) -> Mapping[str, tuple[int, bool]]:
    """Return a colour for what stands before the comma in an arm's name, dashes for what follows.

    >>> styles_of(["sudden, fitted once", "sudden, fitted anew"])
    {'sudden, fitted once': (0, True), 'sudden, fitted anew': (0, False)}
    """
    heads = list(dict.fromkeys(arm.partition(", ")[0] for arm in arms))
    return {arm: (heads.index(arm.partition(", ")[0]), arm.endswith("once")) for arm in arms}
