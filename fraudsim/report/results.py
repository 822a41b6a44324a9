"""The results of a benchmark, read from a ``fraudsim.benchmark/1`` file, as charts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fraudsim.errors import UsageError
from fraudsim.report.chart import Chart, Column, written
from fraudsim.validation import first_mistake

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CURVE_POINTS = 80
POINTS_DRAWN = 1200
"""Points of one precision-recall curve, and of all together: many curves get fewer each."""

FORMAT = "fraudsim.benchmark/1"
HEADLINE = "average_precision"


class _Part(BaseModel):
    # the benchmark may say more than the report draws
    model_config = ConfigDict(frozen=True, extra="ignore")


class Curve(_Part):
    """A precision-recall curve: two columns of one length, in order of threshold."""

    recall: list[float] = Field(description="recall at each threshold, 0 to 1")
    precision: list[float] = Field(description="precision at each threshold, 0 to 1")

    @model_validator(mode="after")
    def _columns_are_of_one_length(self) -> Self:
        if len(self.recall) != len(self.precision):
            raise ValueError(
                f"recall has {len(self.recall)} points, precision {len(self.precision)}"
            )
        return self


class Result(_Part):
    """One detector behind one rebalancer."""

    detector: str = Field(description="name of the detector")
    rebalancer: str = Field(description="name of the rebalancer")
    metrics: dict[str, float | None] = Field(description="value by name of the metric")
    intervals: dict[str, tuple[float | None, float | None]] = Field(
        default_factory=dict, description="interval by name of the metric"
    )
    per_attack: dict[str, float | None] = Field(
        default_factory=dict, description="recall by attack"
    )
    curve: Curve | None = Field(None, description="precision-recall curve")

    @property
    def label(self) -> str:
        """Detector and rebalancer in one name."""
        return f"{self.detector} + {self.rebalancer}"


class Source(_Part):
    """What the benchmark was run on."""

    digest: str | None = Field(None, description="digest of the dataset")


class Results(_Part):
    """A file of results."""

    source: Source | str = Field("", description="what the benchmark was run on")
    format: Literal["fraudsim.benchmark/1"] = Field(description=f"must be {FORMAT}")
    rows: tuple[Result, ...] = Field(description="one per detector and rebalancer")


def read_results(path: Path) -> Results:
    """Return the results in ``path``.

    Raises:
        UsageError: it cannot be read, is no JSON, or is not of the format.
    """
    try:
        value = json.loads(path.read_bytes(), parse_constant=lambda _: None)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # ValueError: JSON and UTF-8 errors both
        raise UsageError(f"{path}: not JSON: {error}") from error
    try:
        return Results.model_validate(value)
    except ValidationError as error:
        keys, sentence = first_mistake(error, Results)
        raise UsageError(
            f"{path}: not a {FORMAT} file: {'.'.join(keys) or 'the whole'}: {sentence}; "
            "`fraudsim benchmark` writes one with --out"
        ) from error


def check_source(path: Path, results: Results, digest: str) -> None:
    """Refuse results of another dataset: the page would show one beside the other.

    Raises:
        UsageError: the results name the digest of their dataset, and it is not ``digest``.
    """
    source = results.source
    if isinstance(source, Source) and source.digest not in (None, digest):
        raise UsageError(
            f"{path}: these are results on another dataset: its digest is {source.digest}, "
            f"that of the dataset to report is {digest}; run `fraudsim benchmark` on this one"
        )


def result_charts(results: Results) -> list[Chart]:
    """Return the charts of a benchmark."""
    return [metrics(results), curves(results), recalls(results)]


def metrics(results: Results) -> Chart:
    """Every metric of every result, best average precision first."""
    ordered = sorted(results.rows, key=lambda row: (-(row.metrics.get(HEADLINE) or 0.0), row.label))
    names = list(dict.fromkeys(name for row in results.rows for name in row.metrics))
    rows = [
        (row.detector, row.rebalancer, *(_estimate(row, name) for name in names)) for row in ordered
    ]
    return Chart(
        "metrics",
        "Detectors side by side",
        _metrics_reading(ordered),
        "one row per detector and rebalancer, best average precision first; each metric has its "
        "own scale; lines across the ends are intervals",
        (
            Column("detector", "Detector", "text"),
            Column("rebalancer", "Rebalancer", "text"),
            *(Column(f"metric_{name}", _in_words(name), "estimate") for name in names),
        ),
        rows,
        absent="The benchmark file holds no results.",
    )


def _estimate(row: Result, name: str) -> tuple[float | None, ...] | None:
    """Return value and interval of a metric, or None where the result does not have it."""
    value = row.metrics.get(name)
    if value is None:
        return None
    low, high = row.intervals.get(name, (None, None))
    return _rounded(value), _rounded(low), _rounded(high)


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _metrics_reading(ordered: Sequence[Result]) -> str:
    if not ordered or ordered[0].metrics.get(HEADLINE) is None:
        return "The benchmark gives no average precision."
    best = ordered[0]
    return (
        f"The best average precision is {written(best.metrics[HEADLINE], 'number')}, "
        f"of {best.detector} with rebalancer {best.rebalancer}."
    )


def curves(results: Results) -> Chart:
    """Precision against recall, a panel per detector, a line per rebalancer."""
    points = min(CURVE_POINTS, POINTS_DRAWN // max(len(results.rows), 1))
    rows = [
        (row.detector, row.rebalancer, recall, precision)
        for row in results.rows
        if row.curve is not None
        for recall, precision in _thinned(row.curve, max(points, 10))
    ]
    return Chart(
        "curves",
        "Precision against recall",
        "The further a line reaches to the upper right, the more fraud is found per false alarm.",
        "recall: share of fraud found; precision: share of alerts that are fraud; future payments "
        "that no detector was trained on",
        (
            Column("detector", "Detector", "text"),
            Column("rebalancer", "Rebalancer", "text"),
            Column("recall", "Recall", "share"),
            Column("precision", "Precision", "share"),
        ),
        rows,
        absent="The benchmark file holds no curves.",
    )


def _thinned(curve: Curve, count: int) -> list[tuple[float, float]]:
    """Return at most ``count`` points, spread evenly over recall, with both ends."""
    points = sorted(
        zip(curve.recall, curve.precision, strict=True), key=lambda point: (point[0], -point[1])
    )
    slots: dict[int, tuple[float, float]] = {}
    for recall, precision in points:
        slots.setdefault(round(recall * (count - 2)), (recall, precision))
    kept = [*slots.values(), *points[-1:]]
    return [(round(recall, 5), round(precision, 5)) for recall, precision in dict.fromkeys(kept)]


def recalls(results: Results) -> Chart:
    """Recall of every detector for every attack."""
    rows = [
        (row.detector, row.rebalancer, attack, _rounded(value))
        for row in results.rows
        for attack, value in sorted(row.per_attack.items())
    ]
    return Chart(
        "recalls",
        "Recall by attack",
        _recalls_reading(rows),
        "share of the attack's transactions found, in percent; the stronger the colour, the more; "
        "empty where the attack does not occur in the test period",
        (
            Column("detector", "Detector", "text"),
            Column("rebalancer", "Rebalancer", "text"),
            Column("attack", "Attack", "text"),
            Column("recall", "Recall", "share"),
        ),
        rows,
        absent="The benchmark file holds no recall by attack.",
    )


def _recalls_reading(rows: Sequence[Sequence[Any]]) -> str:
    best: dict[str, float] = {}
    for _, _, attack, value in rows:
        if value is not None:
            best[attack] = max(best.get(attack, 0.0), value)
    if not best:
        return "The benchmark gives no recall by attack."
    hardest = min(best, key=lambda attack: (best[attack], attack))
    return (
        f"{hardest} is the hardest to find: the best detector finds "
        f"{written(best[hardest], 'share')} of it."
    )
