"""Frauds come in runs: after one, the account's next payment is likely to be another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.fraud_life.frauds import LEAST_FRAUDS, victims
from fraudsim.quality.intervals import (
    percentiles,
    ratio_interval,
    redrawn_quantiles,
    sums_by_holder,
)
from fraudsim.quality.panel import panel, which_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.subject import Subject


def _runs(subject: Subject) -> Iterator[Measurement]:
    account = which_account(subject)
    payments = subject.need(account)
    subject.need_frauds(LEAST_FRAUDS)
    touched = payments.filter(payments["is_fraud"])[account].unique()
    some = payments.select("event_time", "is_fraud", account)
    # only the accounts with a fraud matter here, and the rest is a thousand times as much
    of = panel(some.filter(some[account].is_in(touched.to_list())), account)
    fraud = of.frame["is_fraud"].to_numpy()
    after_fraud = of.follows & np.roll(fraud, 1)
    again = float(fraud[after_fraud].mean())
    flags = (each.astype(np.float64) for each in (fraud & after_fraud, after_fraud))
    followed = sums_by_holder(of.frame, account, *flags)
    base = float(payments["is_fraud"].to_numpy().mean())
    yield Measurement(
        "runs_after_fraud",
        again,
        f"after a fraud, the account's next payment is fraud in {again:.0%} of cases",
        detail={"followed": int(after_fraud.sum()), "base_rate": base},
        interval=ratio_interval(followed, subject.rng("runs")),
    )


def _gaps(subject: Subject) -> Iterator[Measurement]:
    of = victims(subject)
    days = np.diff(of.seconds(), prepend=0.0)[of.follows] / 86400
    if not len(days):
        raise CannotCheckError("no victim was hit twice")
    middle = float(np.median(days))
    redrawn = redrawn_quantiles(days, (0.5,), subject.rng("fraud_gaps"), of.holder[of.follows])
    yield Measurement(
        "fraud_gaps_median_days",
        middle,
        f"half of the frauds on a victim follow the one before within {middle:.2f} days",
        detail={"gaps": len(days)},
        interval=percentiles(redrawn[:, 0]),
    )


CHECKS: tuple[Check, ...] = (
    Check("fraud_life", "runs", "Does fraud follow fraud on an account?", _runs),
    Check("fraud_life", "fraud_gaps", "How soon does the next fraud come?", _gaps),
)
