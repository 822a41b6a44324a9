"""How much fraud there is: basis points of payments and of value, by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.fraud_life.frauds import FIRST_PARTY, done
from fraudsim.quality.intervals import (
    holder_column,
    interval,
    ratio_interval,
    sums_by_holder,
    with_holder,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fraudsim.quality.subject import Subject

BPS = 1e4

CARD_CHANNELS = ("pos", "atm", "ecom", "recurring")
REMOTE_CHANNELS = ("ecom", "recurring")

LEAST_FRAUDS_OF_A_RATE = 10
"""A rate of fewer frauds than this is known no better than to a third (a choice)."""

LEAST_PAYMENTS = 1000
"""A channel with fewer payments has no rate (a choice)."""


def _rates(subject: Subject) -> Iterator[Measurement]:
    rows = _on_victims(done(subject, "channel", "amount", *_beside(subject)))
    made = False
    for name, channels, words in (
        ("online", ("ecom",), "online card payments"),
        ("in_person", ("pos",), "card payments in person"),
        ("cash", ("atm",), "cash withdrawals"),
        ("cards", CARD_CHANNELS, "card payments and withdrawals"),
    ):
        for measurement in _rate(subject, rows, f"rate_{name}", channels, words):
            made = True
            yield measurement
    if not made:
        raise CannotCheckError("no channel of cards has payments and frauds enough for a rate")


def _transfer_rates(subject: Subject) -> Iterator[Measurement]:
    rows = _on_victims(done(subject, "channel", "amount", "tx_type", *_beside(subject)))
    rows = rows.filter(pl.col("tx_type") == "transfer")
    channels = ("online_banking", "batch")
    measurements = list(_rate(subject, rows, "transfer_rate", channels, "transfers"))
    if not measurements:
        raise CannotCheckError("transfers have not payments and frauds enough for a rate")
    yield from measurements


def _rate(
    subject: Subject, rows: pl.DataFrame, name: str, channels: Sequence[str], words: str
) -> Iterator[Measurement]:
    some = rows.filter(pl.col("channel").is_in(channels))
    frauds = some.filter(pl.col("is_fraud"))
    if some.height < LEAST_PAYMENTS or frauds.height < LEAST_FRAUDS_OF_A_RATE:
        return
    detail = {"payments": some.height, "frauds": frauds.height}
    count = BPS * frauds.height / some.height
    value = BPS * _sum(frauds) / _sum(some)
    amounts = frauds["amount"].to_numpy().astype(np.float64)
    of_victims = sums_by_holder(frauds, holder_column(subject), np.ones(frauds.height), amounts)
    rng, paid = subject.rng(name), _sum(some)
    yield Measurement(
        f"{name}_count",
        count,
        f"{count:.2f} of 10,000 {words} are fraudulent",
        detail=detail,
        interval=interval(of_victims, lambda drawn: BPS * drawn[:, 0] / some.height, rng),
    )
    yield Measurement(
        f"{name}_value",
        value,
        f"{value:.2f} of 10,000 units paid in {words} are fraudulent",
        detail=detail,
        interval=interval(of_victims, lambda drawn: BPS * drawn[:, 1] / paid, rng),
    )


def _remote_share(subject: Subject) -> Iterator[Measurement]:
    rows = _on_victims(done(subject, "channel", "amount", *_beside(subject)))
    frauds = rows.filter(pl.col("is_fraud") & pl.col("channel").is_in(CARD_CHANNELS))
    subject.need_frauds(LEAST_FRAUDS_OF_A_RATE * 3, frauds)
    is_remote = pl.col("channel").is_in(REMOTE_CHANNELS)
    remote = _sum(frauds.filter(is_remote)) / _sum(frauds)
    amounts = frauds["amount"].to_numpy().astype(np.float64)
    remotely = frauds.select(pl.col("amount") * is_remote).to_series().to_numpy()
    yield Measurement(
        "remote_share",
        remote,
        f"{remote:.0%} of the value of card fraud is remote",
        detail={"frauds": frauds.height},
        interval=ratio_interval(
            sums_by_holder(frauds, holder_column(subject), remotely, amounts),
            subject.rng("remote_share"),
        ),
    )


def _beside(subject: Subject) -> tuple[str, ...]:
    """Return the columns that are wanted, too, where they are there."""
    return with_holder(subject, *(("attack",) if "attack" in subject.payments.columns else ()))


def _on_victims(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows without frauds by the holder of the account: no statistic counts them."""
    if "attack" not in rows.columns:
        return rows
    return rows.filter(~pl.col("attack").is_in(FIRST_PARTY) | pl.col("attack").is_null())


def _sum(rows: pl.DataFrame) -> float:
    return float((rows["amount"] * 100).round().cast(pl.Int64).sum()) / 100


CHECKS: tuple[Check, ...] = (
    Check(
        "fraud_life",
        "rate",
        "Is there as much card fraud as there is, among payments that went through?",
        _rates,
    ),
    Check(
        "fraud_life",
        "transfer_rate",
        "Is there as much transfer fraud as there is, among transfers that went through?",
        _transfer_rates,
    ),
    Check("fraud_life", "remote_share", "Is most card fraud remote?", _remote_share),
)
