"""How a case goes: from compromise to use, the small test at the start, the amounts, the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.fraud_life.frauds import (
    FIRST_PARTY,
    LEAST_FRAUDS,
    LEAST_VICTIMS,
    SCAMS,
    done,
)
from fraudsim.quality.intervals import (
    holder_column,
    percentiles,
    ratio_interval,
    redrawn_quantiles,
    sums_by_holder,
    with_holder,
)
from fraudsim.quality.panel import panel, which_account, who_pays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

SMALL = 5.0
"""A first amount below this is a test. ULB: a quarter of all frauds is 1.00 or less; card testing
stays below the price of a coffee (a choice)."""

NIGHT_HOURS = 6
"""Night is from midnight to six, local time, as in the real figures."""


def _compromise(subject: Subject) -> Iterator[Measurement]:
    dataset = subject.need_dataset()
    points = dataset.campaigns.filter(pl.col("point_of_compromise").is_not_null()).select(
        campaign="campaign_id", merchant="point_of_compromise"
    )
    payments = subject.need("campaign", "card", "merchant")
    used = (
        payments.lazy()
        .filter(pl.col("is_fraud") & pl.col("card").is_not_null())
        .join(points.rename({"merchant": "point"}), on="campaign")
        .group_by("campaign", "card", "point")
        .agg(used_at=pl.col("event_time").min())
    )
    visits = (
        payments.lazy()
        .filter(~pl.col("is_fraud"))
        .select("card", point=pl.col("merchant"), visited_at=pl.col("event_time"))
    )
    days = (
        used.join(visits, on=["card", "point"])
        .filter(pl.col("visited_at") < pl.col("used_at"))
        .group_by("campaign", "card")
        .agg((pl.col("used_at").first() - pl.col("visited_at").max()).alias("wait"))
        .sort("campaign", "card")
        .select(pl.col("wait").dt.total_seconds() / 86400)
        .collect()["wait"]
        .to_numpy()
    )
    if len(days) < LEAST_VICTIMS:
        raise CannotCheckError(
            f"too few cards whose point of compromise is known: {len(days)}, "
            f"at least {LEAST_VICTIMS} are needed"
        )
    middle, late = (float(value) for value in np.quantile(days, (0.5, 0.9)))
    redrawn = redrawn_quantiles(days, (0.5,), subject.rng("compromise"))
    yield Measurement(
        "compromise_median_days",
        middle,
        f"half of the stolen cards are first abused within {middle:.1f} days of the last visit to "
        "where they were stolen",
        detail={"cards": len(days), "p90_days": late},
        interval=percentiles(redrawn[:, 0]),
    )


def _small_tests(subject: Subject) -> Iterator[Measurement]:
    account = which_account(subject)
    payments = subject.need("amount", "channel", account)
    frauds = payments.filter(pl.col("is_fraud") & (pl.col("channel") == "ecom"))
    if "attack" in frauds.columns:
        frauds = frauds.filter(~pl.col("attack").is_in(FIRST_PARTY))
    case = [account, "campaign"] if "campaign" in frauds.columns else [account]
    first = frauds.group_by(case).agg(pl.col("amount").first())  # payments are in order of time
    if first.height < LEAST_VICTIMS:
        raise CannotCheckError(
            f"too few online cases: {first.height}, at least {LEAST_VICTIMS} are needed"
        )
    is_small = (first["amount"] < SMALL).to_numpy().astype(np.float64)
    share = float(is_small.mean())
    yield Measurement(
        "small_tests_share",
        share,
        f"{share:.0%} of online cases start with less than {SMALL:.0f}",
        detail={"cases": first.height},
        interval=ratio_interval(
            sums_by_holder(first, account, is_small, np.ones(first.height)),
            subject.rng("small_tests"),
        ),
    )


def _night(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    acted = pl.lit(value=True)
    if "channel" in subject.payments.columns:  # what comes by itself has no hour
        acted = pl.col("channel").is_in(["pos", "atm", "ecom", "online_banking"])
    columns = with_holder(subject, "local_time", "is_fraud")
    rows = subject.payments.lazy().filter(acted).select(columns).collect()
    subject.need_frauds(LEAST_FRAUDS, rows)
    night = rows["local_time"].dt.hour() < NIGHT_HOURS
    fraud = rows["is_fraud"]
    of_fraud, of_honest = _mean(night.filter(fraud)), _mean(night.filter(~fraud))
    if not of_honest:
        raise CannotCheckError("no honest payment is made at night")
    lift = of_fraud / of_honest
    at_night = night.filter(fraud).to_numpy().astype(np.float64)
    yield Measurement(
        "night_lift",
        lift,
        f"{of_fraud:.1%} of fraud and {of_honest:.1%} of honest payments are at night: "
        f"{lift:.1f} times",
        detail={"fraud": of_fraud, "honest": of_honest},
        # honest nights are so many that they do not waver
        interval=ratio_interval(
            sums_by_holder(
                rows.filter(fraud), holder_column(subject), at_night, np.ones(len(at_night))
            ),
            subject.rng("night"),
            times=1 / of_honest,
        ),
    )


def _mean(flags: pl.Series) -> float:
    return float(flags.to_numpy().mean()) if flags.len() else 0.0


def _amounts(subject: Subject) -> Iterator[Measurement]:
    payments = subject.need("amount")
    keep = pl.lit(value=True)
    if "channel" in payments.columns:
        keep &= pl.col("channel") == "ecom"
    if "tx_type" in payments.columns:
        keep &= pl.col("tx_type") == "purchase"
    columns = with_holder(subject, "amount", "is_fraud")
    rows = payments.lazy().filter(keep).select(columns).collect()
    subject.need_frauds(LEAST_FRAUDS, rows)
    frauds = rows.filter(pl.col("is_fraud"))
    fraud = frauds["amount"].to_numpy().astype(np.float64)
    honest = rows.filter(~pl.col("is_fraud"))["amount"].to_numpy()
    ratio = float(fraud.mean() / honest.mean())
    detail = {"fraud_mean": float(fraud.mean()), "honest_mean": float(honest.mean())}
    yield Measurement(
        "amounts_mean_ratio",
        ratio,
        f"the mean fraud costs {ratio:.2f} times the mean honest purchase (online, tried)",
        detail=detail,
        interval=ratio_interval(
            sums_by_holder(frauds, holder_column(subject), fraud, np.ones(len(fraud))),
            subject.rng("amounts"),
            times=1 / float(honest.mean()),
        ),
    )
    spread = float(_log_sd(fraud) / _log_sd(honest))
    yield Measurement(
        "amounts_spread_ratio",
        spread,
        f"amounts of fraud spread {spread:.2f} times as widely as honest ones (logarithms)",
        detail=detail,
    )


def _log_sd(amounts: NDArray[np.float64]) -> float:
    return float(np.log(amounts[amounts > 0]).std())  # an account check costs nothing


def _losses(subject: Subject) -> Iterator[Measurement]:
    account = which_account(subject)
    rows = done(subject, "amount", "channel", "attack", account)
    frauds = rows.filter(pl.col("is_fraud") & (pl.col("channel") == "ecom"))
    frauds = frauds.filter(~pl.col("attack").is_in(FIRST_PARTY))
    if frauds[account].n_unique() < LEAST_VICTIMS:
        raise CannotCheckError(f"too few victims of online card fraud, {LEAST_VICTIMS} are needed")
    of = panel(frauds.with_columns(event_time=pl.lit(None)), account)
    loss = np.bincount(of.holder, of.frame["amount"].to_numpy()).astype(np.float64)
    mean = float(loss.mean())
    yield Measurement(
        "loss_online_case",
        mean,
        f"the mean victim of online card fraud loses {mean:.0f}",
        detail={"victims": len(loss), "median": float(np.median(loss))},
        interval=_mean_interval(loss, subject.rng("loss")),
    )


def _scams(subject: Subject) -> Iterator[Measurement]:
    rows = done(subject, "amount", "tx_type", "attack", "campaign", who_pays(subject))
    scams = rows.filter(
        pl.col("is_fraud") & pl.col("attack").is_in(SCAMS) & (pl.col("tx_type") == "transfer")
    )
    lost = scams.group_by("campaign", who_pays(subject)).agg(
        # in whole cents, so that the order of summing changes nothing
        (pl.col("amount") * 100).round().cast(pl.Int64).sum() / 100
    )
    if lost.height < LEAST_VICTIMS:
        raise CannotCheckError(
            f"too few authorised scams: {lost.height}, at least {LEAST_VICTIMS} are needed"
        )
    amounts = np.sort(lost["amount"].to_numpy())
    mean = float(amounts.mean())
    median, p99 = np.quantile(amounts, (0.5, 0.99))
    detail = {"cases": len(amounts), "median": float(median)}
    yield Measurement(
        "scams_mean_loss",
        mean,
        f"the mean authorised scam takes {mean:.0f}",
        detail=detail,
        interval=_mean_interval(amounts, subject.rng("scams_mean_loss")),
    )
    if len(amounts) >= 200:  # two cases above the 99th percentile
        redrawn = redrawn_quantiles(amounts, (0.5, 0.99), subject.rng("scams_tail"))
        yield Measurement(
            "scams_tail",
            float(p99 / median),
            f"one scam in a hundred takes {p99 / median:.0f} times the median or more",
            detail=detail,
            interval=percentiles(redrawn[:, 1] / redrawn[:, 0]),
        )


def _mean_interval(losses: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float]:
    return ratio_interval(np.column_stack([losses, np.ones(len(losses))]), rng)


CHECKS: tuple[Check, ...] = (
    Check(
        "fraud_life",
        "compromise",
        "How long do stolen cards lie before they are used?",
        _compromise,
    ),
    Check("fraud_life", "small_tests", "Do online cases start with a small test?", _small_tests),
    Check("fraud_life", "night", "Is fraud more at night, but not only?", _night),
    Check("fraud_life", "amounts", "Does fraud online cost about what shopping costs?", _amounts),
    Check("fraud_life", "loss", "Does a case of online card fraud cost what it does?", _losses),
    Check("fraud_life", "scams", "Do authorised scams cost what they do?", _scams),
)
