"""Fit detectors on the past, score the future, and say what each is worth.

The data is split by time first; only then is the training past rebalanced. The future keeps its own
share of fraud, and every detector is judged on the same rows, beside two floors (by chance, by
amount).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.errors import UsageError
from fraudsim.progress import SilentProgress
from fraudsim.sinks.whole_file import check_target, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.dataset import Dataset
    from fraudsim.detectors.base import Detector, FeatureInfo
    from fraudsim.examples import Examples
    from fraudsim.harness.play import Contender
    from fraudsim.metrics import Costs, Order, Scored
    from fraudsim.own_table import OwnTable
    from fraudsim.progress import Progress
    from fraudsim.splits import Split, TimeSplit

FORMAT = "fraudsim.benchmark/1"
FLOORS = ("random", "amount")
DETECTORS = ("rules", "logistic", "lightgbm")


@dataclass(frozen=True)
class BenchmarkRow:
    """One detector behind one rebalancer.

    Attributes:
        detector: its name.
        rebalancer: its name.
        floor: whether the detector is there to be beaten.
        metrics: value by name; ``None`` where it does not exist.
        intervals: low and high of the 95 % interval, by name of the metric.
        per_attack: recall at 1 % false positives by attack; empty if attacks are not known.
        curve: ``recall`` and ``precision``, at most 200 points.
        seconds_fit: how long fitting took, by the clock; not part of what is reproducible.
        seconds_score: how long scoring the test took.
    """

    detector: str
    rebalancer: str
    floor: bool
    metrics: Mapping[str, float | None]
    intervals: Mapping[str, tuple[float, float]]
    per_attack: Mapping[str, float]
    curve: Mapping[str, list[float]]
    seconds_fit: float
    seconds_score: float

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "detector": self.detector,
            "rebalancer": self.rebalancer,
            "floor": self.floor,
            "metrics": dict(self.metrics),
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "per_attack": dict(self.per_attack),
            "curve": dict(self.curve),
            "seconds_fit": round(self.seconds_fit, 3),
            "seconds_score": round(self.seconds_score, 3),
        }


@dataclass(frozen=True)
class BenchmarkResult:
    """What came out of a benchmark; ``rows`` has the floors first.

    Attributes:
        source: what the data is, as JSON values.
        seed: of everything random.
        split: the cuts and how many rows are on each side.
        budget: alerts a day, and how that was chosen.
        costs: what alerts cost, and where that is from.
        rows: one per detector and rebalancer.
        warnings: what a reader should know before trusting a figure.
        path: the file written, if one was asked for.
    """

    source: Mapping[str, Any]
    seed: int
    split: Mapping[str, Any]
    budget: Mapping[str, Any]
    costs: Mapping[str, Any]
    rows: tuple[BenchmarkRow, ...]
    warnings: tuple[str, ...]
    path: Path | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the format ``fraudsim.benchmark/1``."""
        return {
            "format": FORMAT,
            "source": dict(self.source),
            "seed": self.seed,
            "split": dict(self.split),
            "budget": dict(self.budget),
            "costs": dict(self.costs),
            "rows": [row.as_dict() for row in self.rows],
            "warnings": list(self.warnings),
        }


def benchmark(
    data: str | Path | Dataset | OwnTable,
    *,
    detectors: Sequence[str] = DETECTORS,
    rebalancers: Sequence[str] = ("none",),
    label: str | None = None,
    time: str | None = None,
    amount: str | None = None,
    entity: Sequence[str] = (),
    ratio: float | None = None,
    split: TimeSplit | None = None,
    budget: int | None = None,
    costs: Costs | None = None,
    seed: int = 1,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> BenchmarkResult:
    """Fit every detector behind every rebalancer on the past and judge it on the future.

    Args:
        data: a dataset, or somebody's own table as CSV or Parquet.
        detectors: what ``fraudsim.detectors.kit.resolve`` takes: names, ``module:object``, files,
            ...; the floors are always there.
        rebalancers: names of rebalancers.
        label: of an own table: the column that is 1 for fraud.
        time: of an own table: the column that says when.
        amount: of an own table: the column of amounts, in units of the currency.
        entity: of an own table: columns that say who; alerts count the first.
        ratio: frauds per genuine row for the rebalancers that have a ratio; their own by default.
        split: how to split; by default what suits the kind of data (``default_split``).
        budget: alerts a day; by default 100 per 100,000 rows a day, at least 1.
        costs: what alerts cost.
        seed: of everything random.
        out: where to write the result as JSON; an earlier file is replaced when all is done.
        progress: where to show how far it is, in fits.

    Raises:
        UsageError: the data, a name or a number is wrong, or a side of the split has one class.
    """
    from fraudsim.examples import open_examples
    from fraudsim.registry import REBALANCERS, get
    from fraudsim.splits import default_split

    if out is not None:
        check_target(Path(out))
    makers = _detectors(detectors)
    names = _unique(rebalancers)
    for name in names:
        get(REBALANCERS, name)  # says the nearest before anything is read
    _refuse_budget(budget)
    examples = open_examples(data, label=label, time=time, amount=amount, entity=entity)
    parts = (split or default_split(examples)).apply(examples)
    result = _judge(
        _Course.of(examples, parts, seed=seed, budget=budget, costs=costs),
        makers,
        names,
        ratio,
        progress or SilentProgress(),
    )
    if out is None:
        return result
    write_json(Path(out), result.as_dict())
    return replace(result, path=Path(out))


@dataclass(frozen=True)
class _Course:
    """What every detector has to run: the split rows and how they are judged."""

    examples: Examples
    split: Split
    info: FeatureInfo
    seed: int
    budget: int
    budget_given: bool
    costs: Costs

    @classmethod
    def of(
        cls,
        examples: Examples,
        split: Split,
        *,
        seed: int,
        budget: int | None,
        costs: Costs | None,
    ) -> _Course:
        from fraudsim.harness.judge import scored_rows
        from fraudsim.harness.play import info_of
        from fraudsim.metrics import Costs, daily_budget

        rows = scored_rows(examples, split.test, examples.fraud[split.test].astype(float))
        return cls(
            examples=examples,
            split=split,
            info=info_of(examples),
            seed=seed,
            budget=daily_budget(rows) if budget is None else budget,
            budget_given=budget is not None,
            costs=costs or Costs(),
        )


def _judge(
    course: _Course,
    makers: Sequence[Detector],
    rebalancers: Sequence[str],
    ratio: float | None,
    progress: Progress,
) -> BenchmarkResult:
    from fraudsim.harness.play import Contender

    contenders = [Contender(maker) for maker in _floors(course.info, makers)]
    contenders += [Contender(maker, name, ratio) for name in rebalancers for maker in makers]
    rows: list[BenchmarkRow] = []
    with progress.task("benchmark", total=len(contenders)) as task:
        for contender in contenders:
            rows.append(_row(course, contender))
            task.advance()
    return BenchmarkResult(
        source={
            **course.examples.source,
            "rows": course.examples.size,
            "frauds": int(course.examples.fraud.sum()),
            "features": course.examples.features.width,
        },
        seed=course.seed,
        split=course.split.describe(course.examples),
        budget={
            "alerts_per_day": course.budget,
            "source": "given" if course.budget_given else "100 per 100,000 rows a day, at least 1",
        },
        costs=course.costs.describe(),
        rows=tuple(rows),
        warnings=_warnings(course, makers, rows),
    )


def _row(course: _Course, contender: Contender) -> BenchmarkRow:
    from fraudsim import metrics
    from fraudsim.harness.judge import scored_rows
    from fraudsim.harness.play import play
    from fraudsim.harness.schedule import Round
    from fraudsim.streams import Streams

    played = play(course.examples, [Round(course.split)], contender, seed=course.seed)
    rows = scored_rows(course.examples, played.rows, played.score)
    order = metrics.Order.of(rows.score)
    values: dict[str, float | None] = {
        **metrics.ranking_metrics(rows, order),
        **metrics.budget_metrics(rows, course.budget, course.costs),
    }
    if contender.detector.probabilities:
        values |= metrics.calibration_metrics(played.probability, rows.fraud)
    intervals = metrics.ranking_intervals(rows, order, Streams(course.seed))
    return BenchmarkRow(
        detector=contender.detector.name,
        rebalancer=contender.rebalancer,
        floor=contender.detector.floor,
        metrics={name: metrics.rounded(value) for name, value in values.items()},
        intervals={
            name: (float(f"{low:.6g}"), float(f"{high:.6g}"))
            for name, (low, high) in intervals.items()
        },
        per_attack=_per_attack(course, rows, order),
        curve=metrics.precision_recall_curve(rows, order),
        seconds_fit=played.seconds_fit,
        seconds_score=played.seconds_score,
    )


def _per_attack(course: _Course, rows: Scored, order: Order) -> dict[str, float]:
    from fraudsim.metrics import recall_per_attack

    attack = course.examples.attack
    if attack is None:
        return {}
    found = recall_per_attack(rows, order, attack[course.split.test])
    return {name: float(f"{value:.6g}") for name, value in found.items()}


# What a reader should know


def _warnings(
    course: _Course, makers: Sequence[Detector], rows: Sequence[BenchmarkRow]
) -> tuple[str, ...]:
    found = list(course.examples.notes)
    if course.info.amount is None:
        found.append("no column of amounts was named: no money is counted, no floor by amount")
    for maker in makers:
        found += maker.notes(course.info)
    frauds = int(course.examples.fraud[course.split.test].sum())
    if frauds < 100:
        found.append(f"the test has {frauds} frauds only: the intervals are wide")
    precision = {
        (row.detector, row.rebalancer): row.metrics["average_precision"] or 0.0 for row in rows
    }
    floor = max(precision[row.detector, row.rebalancer] for row in rows if row.floor)
    found += _lost_to_simpler(rows)
    for (detector, rebalancer), value in precision.items():
        if detector not in FLOORS and value <= floor:
            found.append(f"{detector} behind {rebalancer} does not beat the floors")
    return tuple(dict.fromkeys(found))


def _lost_to_simpler(rows: Sequence[BenchmarkRow]) -> list[str]:
    """Return where boosting, which should not, ranks below a simpler detector."""
    from fraudsim.harness.diverged import lost_to_simpler

    name = "average_precision"
    found: list[str] = []
    for rebalancer in dict.fromkeys(row.rebalancer for row in rows):
        behind = {row.detector: row for row in rows if row.rebalancer == rebalancer}
        precision = {detector: row.metrics[name] or 0.0 for detector, row in behind.items()}
        for boosted, simple in lost_to_simpler(precision):
            low = behind[simple].intervals.get(name, (precision[simple], 0.0))[0]
            diverged = precision[boosted] < low
            why = "boosting may have diverged" if diverged else f"within the interval of {simple}"
            found.append(
                f"{boosted} loses to {simple} behind {rebalancer} "
                f"(average precision {precision[boosted]:.3g} to {precision[simple]:.3g}): {why}"
            )
    return found


# Names and numbers


def _detectors(names: Sequence[str]) -> list[Detector]:
    from fraudsim.detectors.kit.resolve import resolve_all

    return list(resolve_all(_unique(names)))


def _floors(info: FeatureInfo, makers: Sequence[Detector]) -> list[Detector]:
    """Return the floors that the data allows and that were not asked for anyway."""
    asked = {maker.name for maker in makers}
    usable = [name for name in FLOORS if name == "random" or info.amount is not None]
    return _detectors([name for name in usable if name not in asked]) if usable else []


def _unique(names: Sequence[str]) -> list[str]:
    if isinstance(names, str):
        raise UsageError(f"a list of names was expected, not the text '{names}': use ['{names}']")
    return list(dict.fromkeys(names))


def _refuse_budget(budget: int | None) -> None:
    if budget is not None and budget < 1:
        raise UsageError(f"budget must be at least 1 alert a day, not {budget}")


# Writing and showing


COLUMNS: Mapping[str, str] = {
    "average_precision": "AP",
    "roc_auc": "AUC",
    "recall_at_1pct_fpr": "recall@1%FPR",
    "precision_in_budget": "prec@budget",
    "recall_in_budget": "recall@budget",
    "money_saved": "saved",
    "money_saved_share": "saved/perfect",
    "brier": "Brier",
}


def render_table(result: BenchmarkResult) -> str:
    """Return the result as a table in plain text, with the split above and warnings below."""
    split = result.split
    head = ["detector", "rebalancer", *COLUMNS.values(), "fit s"]
    body = [
        [
            row.detector,
            row.rebalancer,
            *(_cell(row, name) for name in COLUMNS),
            f"{row.seconds_fit:.1f}",
        ]
        for row in result.rows
    ]
    return "\n".join(
        [
            f"learnt from {split['train_rows']:,} rows, frauds: {split['train_known_frauds']:,}",
            f"judged on {split['test_rows']:,} later rows, frauds: {split['test_frauds']:,}",
            f"alert budget: {result.budget['alerts_per_day']:,} a day ({result.budget['source']})",
            "",
            *_aligned([head, *body]),
            *_attacks(result),
            *(f"warning: {text}" for text in result.warnings),
        ]
    )


def _cell(row: BenchmarkRow, name: str) -> str:
    value = row.metrics.get(name)
    if value is None:
        return "-"
    if name == "money_saved":
        return f"{value:,.0f}"
    if name == "brier":
        return f"{value:.2e}"
    if name == "average_precision" and name in row.intervals:
        low, high = row.intervals[name]
        return f"{value:.3f} [{low:.3f}, {high:.3f}]"
    return f"{value:.3f}"


def _attacks(result: BenchmarkResult) -> list[str]:
    names = sorted({name for row in result.rows for name in row.per_attack})
    if not names:
        return []
    shown = [row for row in result.rows if not row.floor]
    head = ["recall at 1% FPR", *(f"{row.detector}+{row.rebalancer}" for row in shown)]
    body = [[name, *(f"{row.per_attack[name]:.2f}" for row in shown)] for name in names]
    return ["", *_aligned([head, *body]), ""]


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
