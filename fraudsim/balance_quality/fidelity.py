"""Whether made frauds are like real ones, column by column and pair by pair.

The measures are those of SDMetrics' quality report (MIT licence; DataCebo 2020-2026), written here
for polars: SDMetrics brings pandas and plotly. Held-out frauds are the yardstick, and what the
training frauds reach against them says what can be reached at all with so few rows.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.quality.check import Band, Measurement
from fraudsim.rebalancers.kit.numbers import as_numbers, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from fraudsim.balance_quality.made_rows import MadeRows

BINS = 5
"""Bins of a number beside a category: as many as a few dozen frauds fill."""

PASSES, FAILS = 0.03, 0.1
"""How far below what real frauds reach a score may lie to pass, and to warn (assumptions: nobody
has published what a detector needs)."""

WORST = 8
"""Columns or pairs that the detail names."""


def column_shapes(rows: MadeRows) -> Iterator[Measurement]:
    """Compare each column's distribution: Kolmogorov-Smirnov, or total variation of categories."""
    score, worst = _mean(_shapes(rows.made, rows.held_out))
    reach, _ = _mean(_shapes(rows.train, rows.held_out))
    yield Measurement(
        "column_shapes",
        score,
        f"Columns of made frauds are {score:.0%} like those of real ones; other real frauds are "
        f"{reach:.0%} like them.",
        _below(reach),
        {"reach": round(reach, 4), "least_alike": worst},
    )


def pair_trends(rows: MadeRows) -> Iterator[Measurement]:
    """Compare how columns go together: rank correlation, or the table of both categories."""
    score, worst = _mean(_trends(rows.made, rows.held_out))
    reach, _ = _mean(_trends(rows.train, rows.held_out))
    if np.isnan(score):
        return
    yield Measurement(
        "pair_trends",
        score,
        f"Pairs of columns go together {score:.0%} as in real frauds; in other real frauds "
        f"{reach:.0%}.",
        _below(reach),
        {"reach": round(reach, 4), "least_alike": worst},
    )


def _below(reach: float) -> Band:
    return Band(
        reach - FAILS,
        None,
        "what training frauds reach against held-out ones; how far below is an assumption",
        warn_low=reach - PASSES,
    )


def _mean(scores: dict[str, float]) -> tuple[float, dict[str, float]]:
    """Return the mean score, and the least ones by name."""
    worst = sorted(scores.items(), key=lambda each: (each[1], each[0]))[:WORST]
    mean = float(np.mean(list(scores.values()))) if scores else float("nan")
    return mean, {name: round(score, 4) for name, score in worst}


def _shapes(made: pl.DataFrame, real: pl.DataFrame) -> dict[str, float]:
    return {
        column.name: 1.0
        - (
            kolmogorov_smirnov(_below_all(column), _below_all(real[column.name]))
            if is_number(column.dtype)
            else total_variation(column, real[column.name])
        )
        for column in made
    }


def _below_all(column: pl.Series) -> NDArray[np.float64]:
    """Return numbers, null below them all."""
    return np.nan_to_num(as_numbers(column), nan=-np.inf, posinf=None, neginf=None)


def kolmogorov_smirnov(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Return the largest difference of the shares of values up to any point."""
    left, right = np.sort(left), np.sort(right)
    both = np.concatenate([left, right])
    upto = [np.searchsorted(one, both, "right") / max(1, len(one)) for one in (left, right)]
    return float(np.abs(upto[0] - upto[1]).max())


def total_variation(left: pl.Series, right: pl.Series) -> float:
    """Return half the sum of the differences of the shares of each value; null is a value."""
    shares = [
        dict(one.cast(pl.String).value_counts(normalize=True).iter_rows()) for one in (left, right)
    ]
    values = set(shares[0]) | set(shares[1])
    gaps = (abs(shares[0].get(value, 0.0) - shares[1].get(value, 0.0)) for value in values)
    return float(sum(gaps)) / 2


def _trends(made: pl.DataFrame, real: pl.DataFrame) -> dict[str, float]:
    """Return how alike each pair of columns is in both tables, by the names of the columns."""
    numbers = [name for name, dtype in real.schema.items() if is_number(dtype)]
    of_numbers = [_rank_correlation(frame, numbers) for frame in (made, real)]
    scores = {
        f"{a} and {b}": 1.0 - abs(float(of_numbers[0][i, j] - of_numbers[1][i, j])) / 2
        for (i, a), (j, b) in combinations(enumerate(numbers), 2)
    }
    coded = {name: _coded(real[name]) for name in real.columns}
    codes = [{name: coded[name](frame[name]) for name in real.columns} for frame in (made, real)]
    for a, b in combinations(real.columns, 2):
        if a not in numbers or b not in numbers:
            scores[f"{a} and {b}"] = 1.0 - _of_both(codes, a, b)
    return scores


def _rank_correlation(frame: pl.DataFrame, names: list[str]) -> NDArray[np.float64]:
    """Return Spearman's correlations; null is in the middle, and a constant goes with nothing."""
    ranks = np.column_stack(
        [np.empty((frame.height, 0))] + [_centred_ranks(frame[name]) for name in names]
    )
    spread = np.sqrt((ranks**2).sum(axis=0))
    unit = ranks / np.where(spread > 0, spread, 1.0)
    correlation: NDArray[np.float64] = unit.T @ unit
    return correlation


def _centred_ranks(column: pl.Series) -> NDArray[np.float64]:
    ranks = column.rank()
    return (
        (ranks - ranks.mean()).fill_null(0.0).to_numpy() if ranks.count() else np.zeros(len(ranks))
    )


def _coded(real: pl.Series) -> Callable[[pl.Series], NDArray[Any]]:
    """Return what gives each value of a column a text: itself, or its bin among the real ones."""
    if not is_number(real.dtype):
        return lambda column: column.cast(pl.String).fill_null("\0null").to_numpy()
    known = as_numbers(real)
    known = known[~np.isnan(known)]
    inner = np.arange(1, BINS) / BINS
    edges = np.unique(np.quantile(known, inner)) if known.size else np.empty(0)

    def binned(column: pl.Series) -> NDArray[Any]:
        values = as_numbers(column)
        return np.where(np.isnan(values), -1, np.searchsorted(edges, values)).astype(str)

    return binned


def _of_both(codes: list[dict[str, NDArray[Any]]], a: str, b: str) -> float:
    left, right = (
        pl.select(pl.concat_str(pl.Series(one[a]), pl.Series(one[b]), separator="\0")).to_series()
        for one in codes
    )
    return total_variation(left, right)
