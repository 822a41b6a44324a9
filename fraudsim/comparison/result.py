"""What a comparison of rebalancers gives back, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.metrics import rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fraudsim.comparison.paired import Difference
    from fraudsim.comparison.trial import Trial

FORMAT = "fraudsim.rebalance_comparison/1"


@dataclass(frozen=True)
class MethodResult:
    """What came of one method.

    Attributes:
        method: its name, with `` by KIND`` where frauds were told apart.
        parameters: of the rebalancer, without its seed.
        metrics: mean over the seeds, by name; ``None`` where one does not exist.
        per_seed: the same of each seed.
        to_none: differences to the rows as they are, by metric; empty for ``none`` itself.
        to_class_weight: differences to ``class_weight``; empty for itself, or if it was not run.
        rows: training rows, mean over the seeds.
        frauds: of those, fraud.
        made: of those, not a row of the data itself.
        seconds_rebalance: by the clock; not part of what is reproducible.
        seconds_fit: same.
    """

    method: str
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    per_seed: Sequence[Mapping[str, float | None]]
    to_none: Mapping[str, Difference]
    to_class_weight: Mapping[str, Difference]
    rows: int
    frauds: int
    made: int
    seconds_rebalance: float
    seconds_fit: float

    @classmethod
    def of(
        cls,
        method: str,
        parameters: Mapping[str, Any],
        trials: Sequence[Trial],
        to_none: Mapping[str, Difference],
        to_class_weight: Mapping[str, Difference],
    ) -> MethodResult:
        """Put the trials of one method together."""

        def mean(name: str) -> float:
            return float(np.mean([getattr(trial, name) for trial in trials]))

        return cls(
            method=method,
            parameters=parameters,
            metrics=_means([trial.metrics for trial in trials]),
            per_seed=[trial.metrics for trial in trials],
            to_none=to_none,
            to_class_weight=to_class_weight,
            rows=round(mean("rows")),
            frauds=round(mean("frauds")),
            made=round(mean("made")),
            seconds_rebalance=round(mean("seconds_rebalance"), 3),
            seconds_fit=round(mean("seconds_fit"), 3),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "method": self.method,
            "parameters": dict(self.parameters),
            "metrics": dict(self.metrics),
            "per_seed": [dict(one) for one in self.per_seed],
            "to_none": {name: one.as_dict() for name, one in self.to_none.items()},
            "to_class_weight": {n: one.as_dict() for n, one in self.to_class_weight.items()},
            "rows": self.rows,
            "frauds": self.frauds,
            "made": self.made,
            "seconds_rebalance": self.seconds_rebalance,
            "seconds_fit": self.seconds_fit,
        }


@dataclass(frozen=True)
class ComparisonResult:
    """What came of a comparison.

    Attributes:
        source: what the data is, as JSON values.
        detector: what was fitted behind every method.
        seeds: of the trials.
        split: the cuts and how many rows are on each side.
        budget: alerts a day, and how that was chosen.
        costs: what alerts cost, and where that is from.
        methods: what came of each; ``none`` and ``class_weight`` first, then by average precision.
        failed: why, of each method that failed.
        verdict: one sentence.
        notes: what a reader should know before trusting a figure.
        path: the file written, if one was asked for.
    """

    source: Mapping[str, Any]
    detector: str
    seeds: tuple[int, ...]
    split: Mapping[str, Any]
    budget: Mapping[str, Any]
    costs: Mapping[str, Any]
    methods: tuple[MethodResult, ...]
    failed: Mapping[str, str]
    verdict: str
    notes: tuple[str, ...]
    path: Path | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the format ``fraudsim.rebalance_comparison/1``."""
        return {
            "format": FORMAT,
            "source": dict(self.source),
            "detector": self.detector,
            "seeds": list(self.seeds),
            "split": dict(self.split),
            "budget": dict(self.budget),
            "costs": dict(self.costs),
            "methods": [one.as_dict() for one in self.methods],
            "failed": dict(self.failed),
            "verdict": self.verdict,
            "notes": list(self.notes),
        }


def _means(trials: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return the mean of each metric; ``None`` if a trial lacks it."""
    names = dict.fromkeys(name for one in trials for name in one)
    found: dict[str, float | None] = {}
    for name in names:
        values = [one[name] for one in trials if one.get(name) is not None]
        whole = len(values) == len(trials)
        found[name] = rounded(float(np.mean(values))) if whole else None  # type: ignore[arg-type]  # no None is left
    return found
