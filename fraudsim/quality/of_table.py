"""Anybody's table of labelled payments as the subject of an audit."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.errors import UsageError, nearest
from fraudsim.manifest import sha256_of_file
from fraudsim.own_table import fraud_of, read_table, refuse_unusable
from fraudsim.quality.column_map import TRUTH, VOCABULARY, ColumnMap, load_map
from fraudsim.quality.subject import COLUMNS, Subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_CATEGORIES = 200
"""A text column with more values than this says who, not what (a choice)."""

NUMBERS = ("amount", "merchant_lat", "merchant_lon", "home_lat", "home_lon")
WHO = ("tx_id", "customer", "account", "card", "merchant", "terminal", "device", "payee")
ANSWERS = ("approved", "response_code")
"""What the bank says is not known when it is asked."""

UNITS_S = {
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3600.0,
    "days": 86400.0,
    "months": 30 * 86400.0,
}


def subject_of_table(
    path: Path,
    map: str | Path,  # noqa: A002 -- named after the option
    *,
    profile: str | None = None,
    seed: int = 1,
) -> Subject:
    """Return the payments of a CSV or Parquet file under our names.

    Raises:
        UsageError: one line that says what is wrong with the file, the map or a column.
    """
    meaning = load_map(map)
    frame = read_table(path)
    refuse_unusable(path, frame)
    absent = _absent(path, frame, meaning)
    there = {ours: theirs for ours, theirs in meaning.columns.items() if ours not in absent}
    payments = _payments(path, frame, meaning, there)
    keys = ["event_time", *(["tx_id"] if "tx_id" in there else []), "row"]
    order = payments.with_row_index("row").select(
        pl.arg_sort_by(keys, nulls_last=True, maintain_order=True)
    )["event_time"]
    raw = frame.drop(
        *{there[ours] for ours in TRUTH if ours in there},
        *_matching(frame, meaning.ignore),
        strict=False,
    )
    derived = _matching(raw, meaning.derived)
    who = {there[ours] for ours in (*WHO, *ANSWERS, "event_time") if ours in there}
    fields, notes = _request_columns(raw, {*who, *_matching(raw, meaning.identifiers)})
    return Subject(
        name=f"{path.name} ({meaning.name})",
        profile=profile or meaning.profile,
        payments=payments[order],
        raw=raw[order],
        position=pl.select(
            file=pl.repeat(0, frame.height, dtype=pl.Int64),
            row=pl.int_range(frame.height, dtype=pl.Int64),
        )[order],
        has_dates=meaning.time.unit == "text" or meaning.time.start is not None,
        derived=tuple(derived),
        request_columns=fields,
        timezone=meaning.timezone,
        seed=seed,
        source={"kind": "table", "name": path.name, "sha256": sha256_of_file(path)},
        notes=(
            *meaning.notes,
            *(f"the table has no column '{meaning.columns[ours]}' ({ours})" for ours in absent),
            *notes,
        ),
    )


def _absent(path: Path, frame: pl.DataFrame, meaning: ColumnMap) -> list[str]:
    """Return our columns that the table may lack and does; refuse the others."""
    absent = [ours for ours, theirs in meaning.columns.items() if theirs not in frame.columns]
    for ours in absent:
        if ours not in meaning.optional:
            theirs = meaning.columns[ours]
            raise UsageError(
                f"{path} has no column '{theirs}', which the map '{meaning.name}' takes for "
                f"{ours}{nearest(theirs, frame.columns)}"
            )
    return absent


def _payments(
    path: Path, frame: pl.DataFrame, meaning: ColumnMap, there: dict[str, str]
) -> pl.DataFrame:
    """Return our columns, in the order of the table."""
    event_time = _times(path, frame[there["event_time"]], meaning)
    columns = {
        "event_time": event_time,
        "is_fraud": pl.Series(fraud_of(path, frame[there["is_fraud"]])),
    }
    for ours, theirs in there.items():
        if ours not in columns:
            columns[ours] = _column(path, frame[theirs], ours, meaning)
    for ours, value in meaning.constants.items():
        columns[ours] = _column(path, pl.repeat(value, frame.height, eager=True), ours, meaning)
    columns["local_time"] = event_time.dt.convert_time_zone(meaning.timezone).dt.replace_time_zone(
        None
    )
    payments = pl.DataFrame({name: columns[name] for name in COLUMNS if name in columns})
    hidden = [name for name in ("attack", "campaign", "stage") if name in columns]
    return payments.with_columns(
        pl.when("is_fraud").then(pl.col(name)).alias(name) for name in hidden
    )


def _column(path: Path, column: pl.Series, ours: str, meaning: ColumnMap) -> pl.Series:
    where = f"{path}: the column '{column.name}' ({ours})"
    if ours in NUMBERS:
        if not column.dtype.is_numeric():
            raise UsageError(f"{where} is of type {column.dtype}; numbers were expected")
        scale = 100 if ours == "amount" and meaning.amount_unit == "minor" else 1
        return column.cast(pl.Float64) / scale
    if ours == "reported_at":
        return _times(path, column, meaning)
    if ours in WHO or ours == "campaign":
        return column if column.dtype.is_integer() else column.cast(pl.String)
    texts = _translated(where, column.cast(pl.String), ours, meaning)
    return texts == "true" if ours == "approved" else texts


def _translated(where: str, texts: pl.Series, ours: str, meaning: ColumnMap) -> pl.Series:
    """Return texts in our words, where the map or the vocabulary has any."""
    words = dict(meaning.values.get(ours, {}))
    other = words.pop("*", None)
    if words or other is not None:
        default = pl.lit(other) if other is not None else pl.col("theirs")
        translated = pl.DataFrame({"theirs": texts}).select(
            pl.col("theirs").replace_strict(words, default=default, return_dtype=pl.String)
        )
        texts = translated.to_series()
    known = VOCABULARY.get(ours)
    if known is not None:
        if ours == "approved":
            texts = texts.str.to_lowercase().replace({"1": "true", "0": "false"})
        odd = sorted(set(texts.drop_nulls().unique()) - set(known))
        if odd:
            raise UsageError(
                f"{where} has the value '{odd[0]}'; say in the map under values: {ours} which of "
                f"{', '.join(known)} it is"
            )
    return texts


def _times(path: Path, column: pl.Series, meaning: ColumnMap) -> pl.Series:
    """Return times as Datetime(us, UTC); counted ones without a start count from 1970."""
    where = f"{path}: the time column '{column.name}'"
    if column.null_count():
        raise UsageError(f"{where} has {column.null_count()} empty cells; every row needs its time")
    time = meaning.time
    if time.unit != "text":
        if not column.dtype.is_numeric():
            raise UsageError(f"{where} is of type {column.dtype}; {time.unit} were expected")
        microseconds = np.rint(column.cast(pl.Float64).to_numpy() * UNITS_S[time.unit] * 1e6)
        if not np.isfinite(microseconds).all() or np.abs(microseconds).max() > 1e17:
            raise UsageError(f"{where} has values that are no {time.unit} since a start")
        since = pl.Series(microseconds.astype(np.int64)).cast(pl.Duration("us"))
        start = pl.select(pl.lit(time.start or "1970-01-01").cast(pl.String).str.to_date())
        counted: pl.Series = start.to_series().cast(pl.Datetime("us"))[0] + since
        return counted.dt.replace_time_zone("UTC")
    return _dates(where, column, time.format, meaning.timezone)


def _dates(where: str, column: pl.Series, pattern: str | None, timezone: str) -> pl.Series:
    if column.dtype == pl.String:
        try:
            column = column.str.to_datetime(pattern, time_unit="us")
        except pl.exceptions.PolarsError as error:
            raise UsageError(
                f"{where} is text that is no date throughout (the first is '{column[0]}'); "
                "say in the map under time: format how it is written"
            ) from error
    if column.dtype == pl.Date:
        column = column.cast(pl.Datetime("us"))
    if not isinstance(column.dtype, pl.Datetime):
        raise UsageError(
            f"{where} is of type {column.dtype}; dates were expected, or say in the map under "
            "time: unit what is counted"
        )
    column = column.cast(pl.Datetime("us", column.dtype.time_zone))
    if column.dtype.time_zone is None:  # type: ignore[attr-defined]  # a Datetime by now
        # hours that a change of the clock repeats or leaves out: the earlier, an hour later
        column = column.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        column = column.fill_null(strategy="forward")
    return column.dt.convert_time_zone("UTC")


def _request_columns(raw: pl.DataFrame, who: set[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return the columns that a detector may see as they stand, and why others are not."""
    fields, notes = [], []
    for column in raw:
        if column.name in who:
            continue
        if column.dtype.is_numeric() or column.dtype == pl.Boolean:
            fields.append(column.name)
        elif column.dtype in (pl.String, pl.Categorical, pl.Enum):
            values = column.n_unique()
            if values <= MOST_CATEGORIES:
                fields.append(column.name)
            else:
                notes.append(
                    f"column '{column.name}' is no feature: it has {values:,} different texts"
                )
    return tuple(fields), notes


def _matching(frame: pl.DataFrame, patterns: Sequence[str]) -> list[str]:
    """Return the columns that one of the patterns matches."""
    return [
        name for name in frame.columns if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
