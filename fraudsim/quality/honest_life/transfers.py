"""Transfers of honest people: round sums to people they know, and orders that come every month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.amounts import amount_measurements
from fraudsim.quality.honest_life.purchases import enough
from fraudsim.quality.panel import codes, most_of_one, pairs, panel, seen_before, which_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.subject import Subject

LEAST_OF_AN_ACCOUNT = 10
"""Transfers of an account that show whom it knows (a choice)."""

MONTH_DAYS = (28, 31)
"""The shortest and the longest month: a monthly order comes as many days after the one before."""


def _person_to_person(subject: Subject) -> Iterator[Measurement]:
    rows = _transfers(subject, "online_banking")
    rows = enough(_to_persons(subject, rows), "transfers to persons")
    for measurement in amount_measurements(
        "person_to_person", "transfers to persons", rows["amount"]
    ):
        if not measurement.name.endswith(("_x99", "_x95")):  # next to none: whole says it
            yield measurement
    tens = (rows["amount"] * 100).round().cast(pl.Int64) % 1000
    share = float((tens == 0).mean())  # type: ignore[arg-type]  # a number
    yield Measurement(
        "person_to_person_tens", share, f"{share:.0%} of transfers to persons are whole tens"
    )


def _to_persons(subject: Subject, rows: pl.DataFrame) -> pl.DataFrame:
    """Return transfers to persons, where the data tell persons from firms; else all."""
    if subject.dataset is None:
        return rows
    persons = subject.dataset.payees.filter(pl.col("payee_type") == "person").select("payee_id")
    return rows.join(
        persons.collect(), left_on="payee", right_on="payee_id", how="semi", maintain_order="left"
    )


def _payees(subject: Subject) -> Iterator[Measurement]:
    account = which_account(subject)
    # standing orders too: the real figure is of all transfers out
    rows = enough(_transfers(subject, "online_banking", "batch"), "transfers")
    every = panel(rows, account)
    used = every.count >= LEAST_OF_AN_ACCOUNT
    if used.sum() < 30:
        raise CannotCheckError(f"too few accounts with {LEAST_OF_AN_ACCOUNT} transfers")
    of = every.of_holders(used)
    pair = pairs(of.holder, codes(of.frame["payee"]))
    rate = float(seen_before(pair).mean())
    detail = {"accounts": int(used.sum())}
    yield Measurement(
        "payees_repeat",
        rate,
        f"{rate:.0%} of transfers go to a payee that the account has paid before",
        detail=detail,
    )
    top = float(np.median(most_of_one(of.holder, pair) / of.count))
    yield Measurement(
        "payees_top_share",
        top,
        f"the first payee of the middle account has {top:.0%} of its transfers",
        detail=detail,
    )


def _standing_orders(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    account = which_account(subject)
    rows = _transfers(subject, "batch")
    order = rows.with_columns(order=pl.Series(pairs(codes(rows[account]), codes(rows["payee"]))))
    of = panel(order, "order")
    day = of.frame["local_time"].dt.date().cast(pl.Int32).to_numpy()
    gaps = np.diff(day, prepend=0)[of.follows]
    if len(gaps) < 100:
        raise CannotCheckError(f"too few standing orders that came twice: {len(gaps)}")
    monthly = float(((gaps >= MONTH_DAYS[0]) & (gaps <= MONTH_DAYS[1])).mean())
    yield Measurement(
        "standing_orders_monthly",
        monthly,
        f"{monthly:.0%} of standing orders come {MONTH_DAYS[0]} to {MONTH_DAYS[1]} days after the "
        "one before",
        detail={"gaps": len(gaps), "days": np.quantile(gaps, (0.05, 0.5, 0.95)).tolist()},
    )


def _transfers(subject: Subject, *channels: str) -> pl.DataFrame:
    """Return honest, approved transfers out of an account to a payee."""
    payments = subject.need("amount", "payee", "tx_type", "channel", which_account(subject))
    keep = (
        ~pl.col("is_fraud")
        & (pl.col("amount") > 0)
        & (pl.col("tx_type") == "transfer")
        & pl.col("channel").is_in(channels)
        & pl.col("payee").is_not_null()
    )
    if "direction" in payments.columns:
        keep &= pl.col("direction") == "debit"
    if "approved" in payments.columns:
        keep &= pl.col("approved")
    return payments.filter(keep)


CHECKS: tuple[Check, ...] = (
    Check(
        "honest_life",
        "person_to_person",
        "Are transfers to persons round sums (orders that come by themselves left out)?",
        _person_to_person,
    ),
    Check(
        "honest_life",
        "payees",
        "Do accounts pay the same payees again (standing orders included)?",
        _payees,
    ),
    Check(
        "honest_life",
        "standing_orders",
        "Do standing orders come every month?",
        _standing_orders,
    ),
)
