"""Frauds and their victims, as the fraud checks count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.quality.check import CannotCheckError
from fraudsim.quality.panel import Panel, panel, which_account, who_pays

if TYPE_CHECKING:
    from fraudsim.quality.subject import Subject

LEAST_FRAUDS = 50
"""Frauds without which a share of .2 is not known to .1 (two standard errors)."""

LEAST_VICTIMS = 30
"""Victims without which no median is known (a choice)."""

FIRST_PARTY = (
    *("application_fraud", "bust_out", "bust_out_with_merchant", "cheque_kiting"),
    *("friendly_fraud", "promotion_abuse", "refund_abuse", "synthetic_identity"),
    *("mule_pass_through", "bipartite", "fan_in", "fan_out", "gather_scatter", "random_walk"),
    *("scatter_gather", "simple_cycle", "stack", "structuring"),
)
"""Attacks by the holder of the account: nobody is robbed of it, so it is no victim."""

SCAMS = (
    *("authorised_push_payment", "advance_fee_scam", "impersonation_scam", "investment_scam"),
    *("invoice_redirection", "purchase_scam", "romance_scam"),
)
"""Attacks in which the victim is talked into paying."""


def victims(subject: Subject, *columns: str) -> Panel:
    """Return the frauds on victims, sorted by account, then in the order they came in.

    Refused attempts count: the victim's account was tried. Frauds by the holder are left out where
    the data name the attack.

    Raises:
        CannotCheckError: there are too few frauds or victims.
    """
    account = which_account(subject)
    payments = subject.need(account, *columns)
    frauds = payments.filter(pl.col("is_fraud"))
    if "attack" in payments.columns:
        frauds = frauds.filter(~pl.col("attack").is_in(FIRST_PARTY))
    if "direction" in payments.columns:
        frauds = frauds.filter(pl.col("direction") == "debit")
    of = panel(frauds, account)
    subject.need_frauds(LEAST_FRAUDS, of.frame)
    if len(of.count) < LEAST_VICTIMS:
        raise CannotCheckError(
            f"too few victims: {len(of.count)}, at least {LEAST_VICTIMS} are needed"
        )
    return of


def done(subject: Subject, *columns: str) -> pl.DataFrame:
    """Return the payments out of accounts that went through, honest or not.

    As the statistics of regulators count them: executed, not tried.
    """
    payments = subject.need(*columns)
    wanted = list(dict.fromkeys(("is_fraud", *columns)))
    keep = pl.lit(value=True)
    if "direction" in payments.columns:
        keep &= pl.col("direction") == "debit"
    if "approved" in payments.columns:
        keep &= pl.col("approved")
    return payments.lazy().filter(keep).select(wanted).collect()


def persons_of(subject: Subject) -> int:
    """Return how many persons there are: the customers, or those who are seen to pay."""
    if subject.dataset is not None:
        return subject.dataset.row_counts["customers"]
    return subject.payments[who_pays(subject)].n_unique()


def days_of(subject: Subject) -> float:
    """Return the length of the data, days."""
    time = subject.payments["event_time"]
    return float((time[-1] - time[0]).total_seconds()) / 86400
