"""Labels go on: no month is without fraud where some are to be expected (R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.subject import Subject

EXPECTED = 20
"""Months in which so many frauds are expected; with 20 none at all comes once in 5e8 by chance."""


def _months_with_labels(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    payments = subject.payments
    rate = float(payments["is_fraud"].mean() or 0.0)  # type: ignore[arg-type]  # of booleans
    months = (
        payments.filter(pl.Series(subject.is_request))
        .group_by(month=pl.col("local_time").dt.strftime("%Y-%m"))
        .agg(rows=pl.len(), frauds=pl.col("is_fraud").sum())
        .sort("month")
        .with_columns(expected=pl.col("rows") * rate)
        .filter(pl.col("expected") >= EXPECTED)
    )
    if not months.height:
        raise CannotCheckError(f"too few frauds: no month where {EXPECTED} are expected")
    empty = months.filter(pl.col("frauds") == 0)["month"].to_list()
    said = f", the first is {empty[0]}" if empty else ""
    yield Measurement(
        "months_with_labels",
        len(empty),
        f"{len(empty)} of {months.height} months have no fraud where {EXPECTED} or more are "
        f"expected{said}.",
        detail={"frauds_by_month": dict(zip(months["month"], months["frauds"], strict=True))},
    )


CHECKS = (
    Check(
        "invariants", "months_with_labels", "Are there labels all the time?", _months_with_labels
    ),
)
