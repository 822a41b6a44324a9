"""A comparison in plain text: the verdict, then what ranks, what is probable, and what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fraudsim.comparison.paired import Difference
    from fraudsim.comparison.result import ComparisonResult, MethodResult


def text_lines(result: ComparisonResult) -> Iterator[str]:
    """Yield the lines of a comparison."""
    split = result.split
    yield result.verdict
    yield ""
    yield f"learnt from {split['train_rows']:,} rows, frauds: {split['train_known_frauds']:,}"
    yield f"judged on {split['test_rows']:,} later rows, frauds: {split['test_frauds']:,}"
    yield f"detector: {result.detector}; seeds: {', '.join(map(str, result.seeds))}"
    yield f"alert budget: {result.budget['alerts_per_day']:,} a day ({result.budget['source']})"
    yield ""
    yield "ranking, mean over seeds; [..] is the difference to none, 95 % for all methods at once"
    yield from _aligned([RANKING_HEAD, *map(_ranking, result.methods)])
    yield ""
    yield "probabilities: as they come > after prior correction > and isotonic recalibration"
    yield from _aligned([COST_HEAD, *map(_cost, result.methods)])
    for method, reason in result.failed.items():
        yield f"failed: {method}: {reason}"
    yield from (f"note: {note}" for note in result.notes)


RANKING_HEAD = (
    *("method", "AP", "AP - none", "verdict"),
    *("recall@1%FPR", "recall@budget", "saved"),
)


def _ranking(one: MethodResult) -> Sequence[str]:
    difference = one.to_none.get("average_precision")
    return (
        one.method,
        _number(one.metrics["average_precision"]),
        "" if difference is None else _interval(difference),
        "" if difference is None else difference.verdict,
        _with_verdict(one, "recall_at_1pct_fpr"),
        _with_verdict(one, "recall_in_budget"),
        _money(one),
    )


COST_HEAD = ("method", "Brier", "log loss", "rows", "frauds", "made", "rebalance s", "fit s")


def _cost(one: MethodResult) -> Sequence[str]:
    return (
        one.method,
        _three(one, "brier", ".2e"),
        _three(one, "log_loss", ".2e"),
        f"{one.rows:,}",
        f"{one.frauds:,}",
        f"{one.made:,}",
        f"{one.seconds_rebalance:.2f}",
        f"{one.seconds_fit:.1f}",
    )


def _three(one: MethodResult, name: str, form: str) -> str:
    values = [one.metrics.get(key) for key in (f"{name}_raw", name, f"{name}_isotonic")]
    return " > ".join("-" if value is None else format(value, form) for value in values)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(one: Difference) -> str:
    return f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"


MARKS = {"better": " +", "worse": " -", "tie": ""}


def _with_verdict(one: MethodResult, name: str) -> str:
    """Return a metric, marked where it is better or worse than that of ``none``."""
    difference = one.to_none.get(name)
    return _number(one.metrics[name]) + ("" if difference is None else MARKS[difference.verdict])


def _money(one: MethodResult) -> str:
    value = one.metrics["money_saved"]
    if value is None:
        return "-"
    difference = one.to_none.get("money_saved")
    return f"{value:,.0f}" + ("" if difference is None else MARKS[difference.verdict])


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
