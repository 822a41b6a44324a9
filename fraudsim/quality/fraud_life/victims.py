"""Victims: how many there are in a year, and how often each is hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.fraud_life.frauds import (
    FIRST_PARTY,
    LEAST_FRAUDS,
    days_of,
    persons_of,
    victims,
)
from fraudsim.quality.honest_life.counts import top_share
from fraudsim.quality.intervals import interval, percentiles, ratio_interval, redrawn_quantiles
from fraudsim.quality.panel import who_pays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

DAYS_PER_YEAR = 365.25

LEAST_VICTIMS_OF_A_HUNDREDTH = 300
"""Below this the top hundredth is one or two accounts (a choice)."""


def _frauds_per_victim(subject: Subject) -> Iterator[Measurement]:
    of = victims(subject)
    counts = of.count
    median, p90 = (float(value) for value in np.quantile(counts, (0.5, 0.9)))
    detail = {"victims": len(counts), "frauds": int(counts.sum()), "most": int(counts.max())}
    redrawn = redrawn_quantiles(
        counts.astype(np.float64), (0.5, 0.9), subject.rng("frauds_per_victim")
    )
    yield Measurement(
        "per_victim_median",
        median,
        f"the middle victim has {median:.0f} frauds, refused ones included",
        detail=detail,
        interval=percentiles(redrawn[:, 0]),
    )
    yield Measurement(
        "per_victim_p90",
        p90,
        f"one victim in ten has {p90:.0f} frauds or more",
        detail=detail,
        interval=percentiles(redrawn[:, 1]),
    )
    if len(counts) >= LEAST_VICTIMS_OF_A_HUNDREDTH:
        top = top_share(counts, 0.01)
        yield Measurement(
            "per_victim_top_hundredth",
            top,
            f"the hundredth of the victims that is hit most has {top:.0%} of the frauds",
            detail=detail,
        )


def _victim_share(subject: Subject) -> Iterator[Measurement]:
    subject.need_frauds(LEAST_FRAUDS)
    person = who_pays(subject)
    frauds = subject.payments.filter(pl.col("is_fraud"))
    if "attack" in frauds.columns:
        frauds = frauds.filter(~pl.col("attack").is_in(FIRST_PARTY))
    hit, days, persons = frauds[person].n_unique(), days_of(subject), persons_of(subject)
    if days < 28:
        raise CannotCheckError(f"{days:.0f} days of data say nothing about a year")

    # chance of a case within the data, turned into that of a year as if cases came by chance
    def in_a_year(within: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 - (1 - np.minimum(within, 1.0)) ** (DAYS_PER_YEAR / days)

    year = float(in_a_year(np.array([hit / persons]))[0])
    yield Measurement(
        "victims_share",
        year,
        f"{year:.1%} of customers would be victims within a year",
        detail={"victims": hit, "persons": persons, "days": round(days, 1)},
        interval=interval(
            np.ones((hit, 1)),
            lambda drawn: in_a_year(drawn[:, 0] / persons),
            subject.rng("victims_share"),
        ),
    )


def _card_days(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    card = "card" if "card" in subject.payments.columns else who_pays(subject)
    frauds = subject.payments.filter(pl.col("is_fraud") & pl.col(card).is_not_null())
    if "channel" in frauds.columns:
        frauds = frauds.filter(pl.col("channel") == "ecom")
    subject.need_frauds(LEAST_FRAUDS, frauds)
    days = frauds.select(card, day=pl.col("local_time").dt.date()).n_unique()
    mean = frauds.height / days
    of_cards = (
        frauds.group_by(card)
        .agg(pl.len(), pl.col("local_time").dt.date().n_unique().alias("days"))
        .sort(card)
        .select(pl.col("len", "days").cast(pl.Float64))
        .to_numpy()
    )
    yield Measurement(
        "card_days_frauds",
        mean,
        f"on a day on which a card is abused online it is abused {mean:.1f} times",
        detail={"card_days": days, "frauds": frauds.height},
        interval=ratio_interval(of_cards, subject.rng("card_days")),
    )


CHECKS: tuple[Check, ...] = (
    Check("fraud_life", "per_victim", "How often is a victim hit?", _frauds_per_victim),
    Check("fraud_life", "victims", "How many customers are victims within a year?", _victim_share),
    Check("fraud_life", "card_days", "How often is a card abused online in a day?", _card_days),
)
