"""Two benchmarks side by side: which figures moved by more than they may."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from fraudsim.errors import UsageError, nearest
from fraudsim.tracks.run import TIDY
from fraudsim.tracks.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEYS = ("track", "arm", "detector", "rebalancer", "metric")

TOLERANCES: Mapping[str, float] = {
    "average_precision": 0.005,
    "roc_auc": 0.002,
    "recall_at_0.1pct_fpr": 0.01,
    "recall_at_1pct_fpr": 0.01,
    "recall_at_5pct_fpr": 0.01,
    "victims_alerted": 0.01,
    "lost_before_alert_share": 0.01,
    "expected_calibration_error": 0.0005,
    "brier": 0.0001,
}
"""How far the mean of a metric may move, absolutely (choices: about what another seed of a fit
moves it)."""

ELSE = 0.05
"""For all other metrics: relative to the larger of the two."""


@dataclass(frozen=True)
class Change:
    """A figure that differs between two benchmarks by more than it may.

    Attributes:
        track: name; so are ``arm``, ``detector``, ``rebalancer`` and ``metric``.
        before: mean over worlds and fits; ``None`` where it is missing.
        after: the same in the other.
        tolerance: how far it may move, absolutely.
    """

    track: str
    arm: str
    detector: str
    rebalancer: str
    metric: str
    before: float | None
    after: float | None
    tolerance: float


@dataclass(frozen=True)
class BenchmarkComparison:
    """What differs between two benchmarks.

    Attributes:
        compared: how many figures.
        changes: those that moved by more than they may, or are missing in one.
    """

    compared: int
    changes: Sequence[Change]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"compared": self.compared, "changes": [asdict(one) for one in self.changes]}


def compare_benchmarks(
    before: str | Path, after: str | Path, *, tolerances: Sequence[str] = ()
) -> BenchmarkComparison:
    """Compare two folders of results, figure by figure; costs are not compared.

    Args:
        before: folder of results.
        after: another.
        tolerances: ``METRIC=VALUE`` each, in the place of the defaults.

    Raises:
        UsageError: a folder has no results, or a tolerance is no number or of no metric.
    """
    old, new = (_means(Path(folder)) for folder in (before, after))
    both = old.join(new, on=KEYS, how="full", coalesce=True, suffix="_after").sort(KEYS)
    allowed = {**TOLERANCES, **_parsed(tolerances, set(both["metric"]))}
    changes = [one for row in both.iter_rows() if (one := _change(row, allowed)) is not None]
    return BenchmarkComparison(both.height, changes)


def _means(folder: Path) -> pl.DataFrame:
    Store.opened(folder)
    path = folder / TIDY
    if not path.is_file():
        raise UsageError(f"{folder}: the benchmark did not come to its end: {TIDY} is missing")
    whole = pl.col("round").is_null() & pl.col("attack").is_null() & (pl.col("kind") == "quality")
    return (
        pl.read_parquet(path)
        .filter(whole)
        .group_by(KEYS)
        .agg(pl.col("value").sort_by("world", "world_seed", "fit_seed", "left_out").mean())
    )


def _parsed(texts: Sequence[str], metrics: set[str]) -> dict[str, float]:
    found = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in metrics:
            raise UsageError(f"tolerance {text}: no metric '{name}'{nearest(name, metrics)}")
        try:
            found[name] = float(value)
        except ValueError:
            raise UsageError(f"tolerance {text}: should be METRIC=NUMBER") from None
    return found


def _change(row: tuple[Any, ...], allowed: Mapping[str, float]) -> Change | None:
    track, arm, detector, rebalancer, metric, before, after = row
    tolerance = 0.0
    if before is not None and after is not None:
        tolerance = allowed.get(metric, ELSE * max(abs(before), abs(after)))
        if abs(after - before) <= tolerance:
            return None
    elif before is None and after is None:
        return None
    return Change(track, arm, detector, rebalancer, metric, before, after, tolerance)
