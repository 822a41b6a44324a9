"""What the shortcut checks look at: requests, their raw features as bins, and a split by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError
from fraudsim.quality.once import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

ONLINE = "ecom"
"""The channel that is looked at on its own: where card fraud mostly is."""

TRAIN_SHARE = 0.7
"""The first part of the time is learnt from, the rest is judged (users-and-realism R1)."""

LEAST_FRAUDS = 50
"""On each side of the split. With 20 features that mean nothing the best still reaches an AUC of
.647 with 50 frauds, .558 with 300 (99th percentile): fewer say nothing at all."""

BINS = 64
MOST_VALUES = 200
"""Values of a category that get a bin of their own; the rarer ones share one."""


@dataclass(frozen=True)
class Stream:
    """The requests of one channel or of all.

    Attributes:
        name: ``online`` or ``all``.
        rows: positions in ``Subject.payments``, in order of time.
        fraud: the truth of each.
        train: whether each is of the part that is learnt from.
        channel: code of the channel of each; all 0 where there is none.
    """

    name: str
    rows: NDArray[np.int64]
    fraud: NDArray[np.bool_]
    train: NDArray[np.bool_]
    channel: NDArray[np.int64]


@dataclass(frozen=True)
class Feature:
    """A raw feature of the rows of a stream, in bins.

    Attributes:
        name: the column.
        codes: int64, the bin of each row; 0 is missing.
        count: how many bins there are.
        numbers: the values themselves; ``None`` for categories.
        is_category: whether the bins are values without order.
        labels: what each bin holds.
    """

    name: str
    codes: NDArray[np.int64]
    count: int
    numbers: NDArray[np.float64] | None
    labels: tuple[str, ...]

    @property
    def is_category(self) -> bool:
        """Whether the bins are values without order."""
        return self.numbers is None


@once
def streams(subject: Subject) -> list[Stream]:
    """Return all requests, then the online ones if they have frauds enough.

    Raises:
        CannotCheckError: there are too few frauds on a side of the split.
    """
    requests = np.flatnonzero(subject.is_request)
    whole = _stream(subject, "all", requests)
    _need_frauds(whole)
    found = [whole]
    if "channel" in subject.payments.columns:
        online = (subject.payments["channel"] == ONLINE).fill_null(value=False).to_numpy()
        part = _stream(subject, "online", requests[online[requests]])
        if part.rows.size < whole.rows.size and min(_frauds(part)) >= LEAST_FRAUDS:
            found.append(part)
    return found


def raw_features(subject: Subject, stream: Stream) -> list[Feature]:
    """Return what stands in the requests of a stream: their fields, hour and weekday.

    Raises:
        CannotCheckError: no column is such a field.
    """
    return _all_raw_features(subject)[stream.name]


@once
def _all_raw_features(subject: Subject) -> dict[str, list[Feature]]:
    return {stream.name: _raw_features(subject, stream) for stream in streams(subject)}


def _raw_features(subject: Subject, stream: Stream) -> list[Feature]:
    fields = [name for name in subject.request_columns if name not in subject.derived]
    table = subject.raw.select(fields)[stream.rows]
    columns = list(table)
    if subject.has_dates:
        local = subject.payments["local_time"][stream.rows]
        columns += [local.dt.hour().alias("hour"), local.dt.weekday().alias("weekday")]
    features = [_feature(column) for column in columns]
    kept = [feature for feature in features if feature.count > 2]
    if not kept:
        raise CannotCheckError("no raw feature: every column says who or when, or is computed")
    return kept


def _stream(subject: Subject, name: str, rows: NDArray[np.int64]) -> Stream:
    time_us = subject.payments["event_time"].dt.timestamp("us").to_numpy()[rows]
    start, end = (time_us[0], time_us[-1]) if rows.size else (0, 0)
    channel = np.zeros(rows.size, np.int64)
    if "channel" in subject.payments.columns:
        ranks = subject.payments["channel"].rank("dense").fill_null(0)
        channel = ranks.cast(pl.Int64).to_numpy()[rows]
    return Stream(
        name=name,
        rows=rows,
        fraud=subject.payments["is_fraud"].to_numpy()[rows],
        train=time_us < start + TRAIN_SHARE * (end - start),
        channel=channel,
    )


def _frauds(stream: Stream) -> tuple[int, int]:
    return int(stream.fraud[stream.train].sum()), int(stream.fraud[~stream.train].sum())


def _need_frauds(stream: Stream) -> None:
    learnt, judged = _frauds(stream)
    if min(learnt, judged) < LEAST_FRAUDS:
        raise CannotCheckError(
            f"too few frauds: {learnt} in the first {TRAIN_SHARE:.0%} of the time and {judged} "
            f"after it, at least {LEAST_FRAUDS} are needed in each"
        )


def _feature(column: pl.Series) -> Feature:
    if column.dtype.is_numeric() and column.dtype != pl.Boolean:
        return _numbers(column)
    texts = column.cast(pl.String)
    counts = texts.drop_nulls().value_counts(sort=False)
    counts = counts.sort("count", column.name, descending=[True, False]).head(MOST_VALUES)
    values = counts[column.name].to_list()
    codes = texts.replace_strict(
        values, list(range(1, len(values) + 1)), default=len(values) + 1, return_dtype=pl.Int64
    )
    codes = pl.select(pl.when(texts.is_null()).then(0).otherwise(codes)).to_series()
    labels = ("missing", *values, "any other")
    return Feature(column.name, codes.cast(pl.Int64).to_numpy(), len(labels), None, labels)


def _numbers(column: pl.Series) -> Feature:
    """Cut numbers into bins of about equal size; values that come often get one of their own."""
    numbers = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    there = np.isfinite(numbers)
    steps = np.linspace(0, 1, BINS + 1)
    edges = np.unique(np.quantile(numbers[there], steps)) if there.any() else np.empty(0)
    codes = np.zeros(numbers.size, np.int64)
    codes[there] = 1 + np.searchsorted(edges[:-1], numbers[there], side="right")
    labels = ("missing", *(f"from {edge:g}" for edge in edges))
    return Feature(column.name, codes, len(edges) + 2, numbers, (*labels, "more"))
