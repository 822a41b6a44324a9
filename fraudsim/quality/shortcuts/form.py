"""The form of a row: everything about it that should mean nothing.

Each function gives the features of one family, one value per payment, in the order of the subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

    Features = Iterator[tuple[str, NDArray[np.float64]]]

MOST_DECIMALS = 8
CURRENCY_DECIMALS = 2
"""Cents are behaviour: people pay 9.99 and round sums. Digits beyond them are form."""

OWN_TEXT_SHARE = 0.5
"""A column whose texts differ in more than this share of the rows has a text of each row's own."""


def order(subject: Subject) -> Features:
    """Where the row stands in the file, beyond what its time says."""
    file, row = (subject.position[name].to_numpy() for name in ("file", "row"))
    yield "row_odd", (row % 2).astype(np.float64)
    yield "row_seventh", (row % 7).astype(np.float64)
    yield "row_tenth", (row % 10).astype(np.float64)
    yield from _against_time(subject, row, file, "row")


def ids(subject: Subject) -> Features:
    """The id of the row."""
    if "tx_id" not in subject.payments.columns:
        return
    column = subject.payments["tx_id"]
    numbers = numbers_in(column)
    yield "id", numbers
    yield "id_odd", numbers % 2
    yield "id_tenth", numbers % 10
    yield "id_seventh", numbers % 7
    yield from shape_of_ids(column)
    yield from _against_time(subject, numbers, np.zeros(numbers.size), "id")


def files(subject: Subject) -> Features:
    """The file that the row stands in, where the rows of a day stand in several."""
    file = subject.position["file"]
    day = subject.payments["event_time"].dt.truncate("1d")
    usual = pl.DataFrame({"file": file, "day": day}).select(
        pl.col("file") - pl.col("file").median().over("day")
    )
    yield "file_beside_its_day", usual.to_series().cast(pl.Float64).to_numpy()


def seconds(subject: Subject) -> Features:
    """The time below a minute."""
    time_us = subject.payments["event_time"].dt.timestamp("us").to_numpy()
    yield "second", (time_us // 1_000_000 % 60).astype(np.float64)
    yield "microsecond", (time_us % 1_000_000).astype(np.float64)
    yield "last_three_digits", (time_us % 1000).astype(np.float64)
    yield "whole_second", (time_us % 1_000_000 == 0).astype(np.float64)
    yield "whole_minute", (time_us % 60_000_000 == 0).astype(np.float64)


def decimals(subject: Subject) -> Features:
    """How many decimals numbers have, beyond those of a currency."""
    for column in subject.raw:
        if column.dtype.is_float():
            yield f"decimals_of_{column.name}", _decimals(column)


def nulls(subject: Subject) -> Features:
    """Which fields are empty."""
    count = np.zeros(subject.raw.height)
    for column in subject.raw:
        empty = column.is_null()
        if column.dtype == pl.String:
            empty = empty | (column.str.strip_chars() == "").fill_null(value=False)
        missing = empty.to_numpy().astype(np.float64)
        if missing.any() and not missing.all():
            count += missing
            yield f"no_{column.name}", missing
    yield "empty_fields", count


def texts(subject: Subject) -> Features:
    """How texts are written: of texts of the row's own everything, of others only the spaces."""
    for column in subject.raw:
        if column.dtype != pl.String:
            continue
        if column.n_unique() > OWN_TEXT_SHARE * column.len():
            yield from text_shape(column, column.name)
        else:
            spaced = (column != column.str.strip_chars()).fill_null(value=False)
            yield f"spaces_in_{column.name}", spaced.to_numpy().astype(np.float64)


FAMILIES: Mapping[str, tuple[str, Callable[[Subject], Features]]] = {
    "ids": ("the id of a row", ids),
    "order": ("the place of a row in the file", order),
    "files": ("the file that a row stands in", files),
    "seconds": ("the seconds and their fractions", seconds),
    "decimals": ("how many decimals numbers have", decimals),
    "nulls": ("which fields are empty", nulls),
    "texts": ("how texts are written", texts),
}
"""Name of a family -> what it is, and its features."""


def text_shape(column: pl.Series, name: str) -> Features:
    """Return length, digits, capitals and the ends of texts."""
    frame = pl.DataFrame({"text": column})
    text = pl.col("text")
    shapes = frame.select(
        text.str.len_chars().alias(f"length_of_{name}"),
        text.str.count_matches(r"\d").alias(f"digits_of_{name}"),
        text.str.count_matches(r"[A-Z]").alias(f"capitals_of_{name}"),
        text.str.len_bytes().sub(text.str.len_chars()).alias(f"accents_of_{name}"),
        text.str.head(1).rank("dense").alias(f"first_of_{name}"),
        text.str.tail(1).rank("dense").alias(f"last_of_{name}"),
    )
    for shape in shapes:
        yield shape.name, shape.fill_null(-1).cast(pl.Float64).to_numpy()


def shape_of_ids(column: pl.Series) -> Features:
    """Return how ids are written: of numbers the length and the first digit."""
    if not column.dtype.is_integer():
        yield from text_shape(column.cast(pl.String), "id")
        return
    size = np.maximum(np.abs(numbers_in(column)), 1.0)
    power = np.floor(np.log10(size))
    yield "length_of_id", power
    yield "first_of_id", np.floor(size / 10**power)


def numbers_in(column: pl.Series) -> NDArray[np.float64]:
    """Return ids as numbers: integers as they are, of texts their first digits, else -1."""
    if column.dtype.is_integer():
        return column.cast(pl.Float64).fill_null(-1).to_numpy()
    digits = column.cast(pl.String).str.extract(r"(\d{1,15})")
    return digits.cast(pl.Float64).fill_null(-1).to_numpy()


def _against_time(
    subject: Subject, key: NDArray[np.generic], file: NDArray[np.generic], name: str
) -> Features:
    """Return how far a row lies in the order of ``key`` from where the time puts it.

    Both orders are within a file. Also where it stands among the rows of its own moment.
    """
    time_us = subject.payments["event_time"].dt.timestamp("us").to_numpy()
    late = _places(np.lexsort((time_us, key, file))) - _places(np.lexsort((key, time_us, file)))
    yield f"{name}_too_late", late
    yield f"{name}_out_of_place", np.abs(late)
    expected = _places(np.lexsort((key, time_us)))
    _, tie, size = np.unique(time_us, return_inverse=True, return_counts=True)
    first = np.cumsum(size) - size
    yield f"{name}_among_equal_times", (expected - first[tie] + 0.5) / size[tie]


def _places(order: NDArray[np.int64]) -> NDArray[np.float64]:
    places = np.empty(order.size)
    places[order] = np.arange(order.size)
    return places


def _decimals(column: pl.Series) -> NDArray[np.float64]:
    values = column.cast(pl.Float64).fill_null(0).to_numpy()
    found = np.full(values.size, float(MOST_DECIMALS))
    for digits in range(MOST_DECIMALS - 1, CURRENCY_DECIMALS - 1, -1):
        scaled = values * 10**digits
        found[np.abs(scaled - np.rint(scaled)) < 1e-6] = digits
    return found
