"""Somebody's own table of labelled payments, as CSV or Parquet, in the shape the rest works on."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

MOST_CATEGORIES = 1000
"""A text column with more values than this says who, not what: it is dropped (a choice)."""

ID_LIKE_SHARE = 0.5
"""So is one whose values differ in more than this share of the rows (a choice)."""

ROWS_TO_JUDGE = 100
"""In fewer rows, values that all differ prove nothing."""

PROVENANCE = ("origin", "source_id", "weight")
"""The columns that ``fraudsim.rebalance`` adds: a table that has them is no test of anything."""

SECOND_SOURCE = "second_source_id"
"""The column that it adds for rows made from two."""

LATEST_S = 1e11
"""Seconds until the year 5138. Larger numbers are milli- or nanoseconds since 1970."""


@dataclass(frozen=True)
class OwnTable:
    """An opened table, sorted by time; rows of one time keep the order of the file.

    Attributes:
        path: the file, as given.
        sha256: of the file.
        row_number: int64, where each row stands in the file, from 0.
        time_us: int64, microseconds; since 1970 if ``has_dates``.
        has_dates: whether the times are dates rather than seconds since some start.
        fraud: bool.
        amount: float64, as in the table; ``None`` if no column was named.
        amount_name: the column of the amount.
        entities: the columns that say who, by name.
        features: the other columns: numbers, booleans, and categories (Enum).
        notes: what was left out and why.
    """

    path: Path
    sha256: str
    row_number: NDArray[np.int64]
    time_us: NDArray[np.int64]
    has_dates: bool
    fraud: NDArray[np.bool_]
    amount: pl.Series | None
    amount_name: str | None
    entities: Mapping[str, pl.Series]
    features: pl.DataFrame
    notes: tuple[str, ...]


def open_own_table(
    path: str | Path,
    *,
    label: str,
    time: str,
    amount: str | None = None,
    entity: Sequence[str] = (),
) -> OwnTable:
    """Read a table of labelled payments.

    Args:
        path: a ``.csv`` or ``.parquet`` file.
        label: column that is 1 or true for fraud, 0 or false for genuine.
        time: column of dates, ISO 8601 texts, or seconds since some start.
        amount: column of amounts, in units of the currency (not minor units).
        entity: columns that say who: account, card, device, ...

    The other columns become features: numbers and booleans as they are, texts as categories.
    Columns that look like ids, and dates other than ``time``, are left out and named in ``notes``.

    Raises:
        UsageError: one line that says what is wrong with the file or with a column.
    """
    file = Path(path)
    frame = read_table(file)
    refuse_unusable(file, frame)
    named = {"label": label, "time": time, "amount": amount}
    for role, column in named.items():
        if column is not None:
            _refuse_unknown(file, frame, column, role)
    for column in entity:
        _refuse_unknown(file, frame, column, "entity")
    _refuse_twice(file, [label, time, *([amount] if amount else []), *entity])

    time_us, has_dates = _times(file, frame[time])
    order = np.argsort(time_us, kind="stable")
    fraud = fraud_of(file, frame[label])[order]
    sorted_frame = frame[order]
    features, notes = _features(sorted_frame.drop(label, time, *entity), amount)
    return OwnTable(
        path=file,
        sha256=_sha256(file),
        row_number=order.astype(np.int64),
        time_us=time_us[order],
        has_dates=has_dates,
        fraud=fraud,
        amount=None if amount is None else _amounts(file, sorted_frame[amount]),
        amount_name=amount,
        entities={column: sorted_frame[column] for column in entity},
        features=features,
        notes=tuple(notes),
    )


# Reading


def read_table(file: Path) -> pl.DataFrame:
    """Return the rows of a CSV or Parquet file as they stand; refuse what is neither."""
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".csv": _read_csv,
        ".parquet": pl.read_parquet,
        ".pq": pl.read_parquet,
    }
    if not file.exists():
        raise UsageError(f"{file} does not exist; give a .csv or .parquet file")
    if file.is_dir():
        raise UsageError(f"{file} is a folder; give a .csv or .parquet file")
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise UsageError(
            f"{file}: '{file.suffix}' is not a table that can be read; give .csv or .parquet"
        )
    try:
        return reader(file)
    except pl.exceptions.NoDataError:
        raise UsageError(f"{file} is empty; a header and rows were expected") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        kind = "CSV" if reader is _read_csv else "Parquet"
        reason = str(error).strip().partition("\n")[0]
        raise UsageError(f"{file} cannot be read as {kind}: {reason}") from error


def _read_csv(file: Path) -> pl.DataFrame:
    # the types of all rows, not of the first: "100000" is followed by "1e+05" in real tables
    return pl.read_csv(file, infer_schema_length=None)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


# Refusing


def refuse_unusable(file: Path, frame: pl.DataFrame) -> None:
    """Refuse a table without rows, and one that a rebalancer made."""
    if frame.height == 0:
        raise UsageError(f"{file} has no rows")
    if all(name in frame.columns for name in PROVENANCE):
        raise UsageError(
            f"{file} was made by a rebalancer (it has the columns {', '.join(PROVENANCE)}): "
            "splitting after resampling puts copies of training rows into the test; "
            "give the table that it was made from"
        )


def _refuse_unknown(file: Path, frame: pl.DataFrame, column: str, role: str) -> None:
    if column not in frame.columns:
        raise UsageError(
            f"{file} has no column '{column}' (--{role}){nearest(column, frame.columns)}"
        )


def _refuse_twice(file: Path, columns: Sequence[str]) -> None:
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise UsageError(f"{file}: the column '{twice[0]}' is given two roles; each needs its own")


# Columns with a role


def fraud_of(file: Path, column: pl.Series) -> NDArray[np.bool_]:
    """Return a column of labels as booleans; refuse one that has gaps or one class only."""
    where = f"{file}: the label column '{column.name}'"
    if column.null_count():
        raise UsageError(
            f"{where} has {column.null_count()} empty cells; leave out rows without a label"
        )
    texts = column.cast(pl.String).str.to_lowercase().str.strip_chars()
    meaning = {"0": False, "0.0": False, "false": False, "1": True, "1.0": True, "true": True}
    others = sorted(set(texts.unique()) - set(meaning))
    if others:
        raise UsageError(f"{where} must be 0 or 1 (or false, true), but has '{others[0]}'")
    fraud = texts.replace_strict(meaning, return_dtype=pl.Boolean).to_numpy()
    if fraud.all() or not fraud.any():
        only, missing = ("fraud", "genuine") if fraud.any() else ("genuine", "fraud")
        raise UsageError(f"{where} has one class only: all rows are {only}, none is {missing}")
    return fraud


def _times(file: Path, column: pl.Series) -> tuple[NDArray[np.int64], bool]:
    where = f"{file}: the time column '{column.name}'"
    if column.null_count():
        raise UsageError(f"{where} has {column.null_count()} empty cells; every row needs its time")
    if column.dtype == pl.String:
        column = _parsed_dates(where, column)
    if column.dtype == pl.Date:
        column = column.cast(pl.Datetime("us"))
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.timestamp("us").to_numpy().copy(), True
    if not column.dtype.is_numeric():
        raise UsageError(
            f"{where} is of type {column.dtype}; dates, ISO 8601 texts or seconds were expected"
        )
    seconds = column.cast(pl.Float64).to_numpy()
    if not np.isfinite(seconds).all():
        raise UsageError(f"{where} has values that are not finite; rows cannot be put in order")
    if np.abs(seconds).max() > LATEST_S:
        raise UsageError(
            f"{where} reaches {np.abs(seconds).max():.4g}, too large for seconds; "
            "give seconds or dates"
        )
    return np.rint(seconds * 1e6).astype(np.int64), False


def _parsed_dates(where: str, column: pl.Series) -> pl.Series:
    try:
        return column.str.to_datetime(time_unit="us", time_zone="UTC")
    except pl.exceptions.PolarsError as error:
        example = column[0]
        raise UsageError(
            f"{where} is text that is no ISO 8601 date throughout (the first is '{example}'); "
            "write it like 2025-01-31T18:05:00 or as seconds"
        ) from error


def _amounts(file: Path, column: pl.Series) -> pl.Series:
    where = f"{file}: the amount column '{column.name}'"
    if not column.dtype.is_numeric():
        raise UsageError(f"{where} is of type {column.dtype}; numbers were expected")
    amounts = column.cast(pl.Float64)
    bad = amounts.null_count() + int((~amounts.is_finite()).sum())
    if bad:
        raise UsageError(f"{where} has {bad} cells that are empty or not finite")
    return amounts


# The other columns


def _features(frame: pl.DataFrame, amount: str | None) -> tuple[pl.DataFrame, list[str]]:
    kept: list[pl.Series] = []
    notes: list[str] = []
    for column in frame:
        reason = None if column.name == amount else _reason_to_drop(column)
        if reason is not None:
            notes.append(f"left out column '{column.name}': {reason}")
        elif column.dtype.is_numeric() or column.dtype == pl.Boolean:
            kept.append(column)
        else:
            texts = column.cast(pl.String)
            kept.append(texts.cast(pl.Enum(texts.drop_nulls().unique().sort())))
    return pl.DataFrame(kept), notes


def _reason_to_drop(column: pl.Series) -> str | None:
    dtype = column.dtype
    if column.null_count() == column.len():
        return "it is empty"
    if dtype.is_integer():
        all_differ = column.n_unique() == column.len() >= ROWS_TO_JUDGE
        return "every row has a value of its own, like an id" if all_differ else None
    if dtype.is_numeric() or dtype == pl.Boolean:
        return None
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return _reason_to_drop_text(column.n_unique(), column.len())
    return f"its type {dtype} is neither number, boolean nor text"


def _reason_to_drop_text(values: int, rows: int) -> str | None:
    if values > MOST_CATEGORIES:
        return f"it has {values:,} different texts, like an id"
    if rows >= ROWS_TO_JUDGE and values > ID_LIKE_SHARE * rows:
        return f"{values:,} of {rows:,} texts differ, like an id"
    return None
