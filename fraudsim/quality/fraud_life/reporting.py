"""When the bank learns of fraud, and when it never does; and disputes where there was none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.fraud_life.frauds import LEAST_FRAUDS
from fraudsim.quality.intervals import (
    holder_column,
    percentiles,
    ratio_interval,
    redrawn_quantiles,
    sums_by_holder,
)
from fraudsim.quality.panel import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.subject import Subject

FRAUD_REASONS = ("10.1", "10.4", "10.5")
"""Visa dispute conditions that say fraud; the 13s say that the goods were the matter."""


def _delay(subject: Subject) -> Iterator[Measurement]:
    rows = _went_through(subject).filter(pl.col("reported_at").is_not_null())
    delay = (
        rows.select((pl.col("reported_at") - pl.col("event_time")).dt.total_seconds() / 86400)
        .to_series()
        .to_numpy()
    )
    if len(delay) < LEAST_FRAUDS:
        raise CannotCheckError(f"too few reported frauds: {len(delay)}")
    median, p95 = (float(value) for value in np.quantile(delay, (0.5, 0.95)))
    detail = {"reported": len(delay), "p10": float(np.quantile(delay, 0.1))}
    holder = holder_column(subject)
    who = codes(rows[holder]) if holder else None
    redrawn = redrawn_quantiles(delay, (0.5, 0.95), subject.rng("delay"), who)
    yield Measurement(
        "delay_median_days",
        median,
        f"half of the reported frauds are known within {median:.1f} days",
        detail=detail,
        interval=percentiles(redrawn[:, 0]),
    )
    yield Measurement(
        "delay_p95_days",
        p95,
        f"one reported fraud in twenty is known only after {p95:.0f} days",
        detail=detail,
        interval=percentiles(redrawn[:, 1]),
    )
    early = float((delay < 0).mean())
    yield Measurement(
        "delay_before",
        early,
        f"{early:.1%} of the reports come before the fraud",
        detail=detail,
    )


def _unreported(subject: Subject) -> Iterator[Measurement]:
    rows = _went_through(subject)
    is_never = rows["reported_at"].is_null().to_numpy().astype(np.float64)
    never = float(is_never.mean())
    of_victims = sums_by_holder(rows, holder_column(subject), is_never, np.ones(rows.height))
    yield Measurement(
        "unreported_share",
        never,
        f"the bank never learns of {never:.0%} of the frauds that went through",
        detail={"frauds": rows.height},
        interval=ratio_interval(of_victims, subject.rng("unreported_share")),
    )


def _went_through(subject: Subject) -> pl.DataFrame:
    payments = subject.need("reported_at")
    rows = payments.filter(pl.col("is_fraud"))
    if "approved" in payments.columns:
        rows = rows.filter(pl.col("approved"))
    subject.need_frauds(LEAST_FRAUDS, rows)
    return rows


def _friendly(subject: Subject) -> Iterator[Measurement]:
    dataset = subject.need_dataset()
    disputes = dataset.disputes.filter(pl.col("reason").cast(pl.String).is_in(FRAUD_REASONS))
    told = disputes.join(
        dataset.labels.select("tx_id", fraud=pl.lit(value=True)), on="tx_id", how="left"
    ).collect()
    if told.height < LEAST_FRAUDS:
        raise CannotCheckError(f"too few disputes over fraud: {told.height}")
    share = float(told["fraud"].is_null().to_numpy().mean())
    yield Measurement(
        "friendly_share",
        share,
        f"{share:.0%} of the card payments disputed as fraud were none",
        detail={"disputes": told.height},
    )


CHECKS: tuple[Check, ...] = (
    Check("fraud_life", "delay", "When does the bank learn of fraud?", _delay),
    Check("fraud_life", "unreported", "How much fraud is never reported?", _unreported),
    Check("fraud_life", "friendly", "Do customers dispute what was no fraud?", _friendly),
)
