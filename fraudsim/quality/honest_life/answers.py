"""What comes back: refunds, and the bank's noes to honest people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.purchases import BY_ITSELF, IN_PERSON, LEAST_ROWS, ONLINE, enough
from fraudsim.quality.panel import codes, pairs, panel, seen_before, who_pays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.subject import Subject

RETRY_S = 1800.0
"""Another try within half an hour is a retry (a choice)."""

LEAST_DECLINES = 50
"""Declines without which nothing is said of what follows them (a choice)."""


def _refunds(subject: Subject) -> Iterator[Measurement]:
    payments = subject.need("amount")
    has = set(payments.columns)
    keep = ~pl.col("is_fraud")
    if "tx_type" in has:
        keep &= pl.col("tx_type").is_in(["purchase", "refund"])
        back = pl.col("tx_type") == "refund"
        if "merchant" in has:
            keep &= pl.col("merchant").is_not_null()  # not refunds by the bank
    elif (payments["amount"] < 0).any():
        back = pl.col("amount") < 0
    else:
        raise CannotCheckError(
            "no column for tx_type, and no amount is negative: no refund is seen"
        )
    if "approved" in has:
        keep &= pl.col("approved")
    who = [name for name in ("merchant", "account") if name in has]
    rows = payments.lazy().filter(keep).select("event_time", *who, back=back).collect()
    rows = enough(rows, "purchases and refunds")
    share = float(rows["back"].mean() or 0.0)  # type: ignore[arg-type]  # a number
    yield Measurement(
        "refunds_share",
        share,
        f"{share:.1%} of purchases and refunds are refunds",
        detail={"refunds": int(rows["back"].sum())},
    )
    if len(who) < 2 or not rows["back"].any():
        return
    of = panel(rows, "account")
    known = seen_before(pairs(of.holder, codes(of.frame["merchant"])))
    known_share = float(known[of.frame["back"].to_numpy()].mean())
    yield Measurement(
        "refunds_known",
        known_share,
        f"{known_share:.0%} of refunds come from a merchant that the account has used before",
    )


def _declines(subject: Subject) -> Iterator[Measurement]:
    rows = _asked(subject)
    made = False
    for name, channel, words in (
        ("in_person", IN_PERSON, "in person"),
        ("online", ONLINE, "online"),
    ):
        some = rows.filter(pl.col("channel") == channel)
        if some.height < LEAST_ROWS:
            continue
        made = True
        share = 1 - float(some["approved"].mean())  # type: ignore[arg-type]  # a number
        yield Measurement(
            f"declines_{name}",
            share,
            f"{share:.1%} of honest purchases {words} are declined",
            detail={"purchases": some.height},
        )
    if not made:
        raise CannotCheckError(f"fewer than {LEAST_ROWS} honest purchases in person and online")


def _reasons(subject: Subject) -> Iterator[Measurement]:
    rows = _asked(subject, "response_code")
    declined = rows.filter(~pl.col("approved"))
    _need_declines(declined.height)
    short = float((declined["response_code"].cast(pl.String) == "51").mean())  # type: ignore[arg-type]  # a number
    yield Measurement(
        "decline_reasons_funds",
        short,
        f"{short:.0%} of honest declines are for lack of funds",
        detail={
            str(code): count
            for code, count in declined.group_by("response_code").len().sort("response_code").rows()
        },
    )


def _retries(subject: Subject) -> Iterator[Measurement]:
    person = who_pays(subject)  # who may try with another card
    of = panel(_asked(subject, person, "merchant"), person)
    merchant = codes(of.frame["merchant"])
    declined = ~of.frame["approved"].to_numpy()[:-1]
    _need_declines(int(declined.sum()))
    soon = np.diff(of.seconds()) <= RETRY_S
    again = declined & soon & of.follows[1:] & (np.diff(merchant) == 0)
    share = float(again.sum() / declined.sum())
    yield Measurement(
        "retries_share",
        share,
        f"{share:.0%} of honest declines are followed by another try within half an hour",
        detail={"declines": int(declined.sum())},
    )


def _asked(subject: Subject, *columns: str) -> pl.DataFrame:
    """Return the honest purchases that people asked for, approved or not."""
    payments = subject.need("channel", "approved", *columns)
    wanted = list(dict.fromkeys(("event_time", "channel", "approved", *columns)))
    keep = ~pl.col("is_fraud") & ~pl.col("channel").is_in(BY_ITSELF)
    if "tx_type" in payments.columns:
        keep &= pl.col("tx_type") == "purchase"
    return enough(payments.lazy().filter(keep).select(wanted).collect(), "honest purchases")


def _need_declines(declines: int) -> None:
    if declines < LEAST_DECLINES:
        raise CannotCheckError(
            f"too few honest declines: {declines}, at least {LEAST_DECLINES} are needed"
        )


CHECKS: tuple[Check, ...] = (
    Check("honest_life", "refunds", "Do people bring things back (refunds by card)?", _refunds),
    Check(
        "honest_life", "declines", "Are honest people declined, in person and online?", _declines
    ),
    Check(
        "honest_life", "decline_reasons", "Are honest people declined for lack of funds?", _reasons
    ),
    Check("honest_life", "retries", "Do honest people try again?", _retries),
)
