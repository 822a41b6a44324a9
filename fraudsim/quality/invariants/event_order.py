"""The order of events: nothing happens before what it follows from.

Each check counts the rows that break its rule; one is too many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.subject import Subject


def _counted(name: str, broken: pl.LazyFrame, of: pl.LazyFrame, what: str) -> Measurement:
    """Return how many rows break a rule; ``what`` says the rule of them."""
    counts = pl.collect_all([broken.select(pl.len()), of.select(pl.len())])
    count, rows = (int(counted.item()) for counted in counts)
    return Measurement(name, count, f"{count:,} of {rows:,} {what}.")


def _card_valid(subject: Subject) -> Iterator[Measurement]:
    data = subject.need_dataset()
    used = data.transactions.filter("approved").join(
        data.cards.select("card_id", "issued_at", "expires_on"), on="card_id"
    )
    early = pl.col("event_time") < pl.col("issued_at")
    late = pl.col("event_time").dt.date() > pl.col("expires_on")
    yield _counted(
        "card_valid",
        used.filter((early | late) & (pl.col("tx_type") != "refund")),
        used,
        "approved card payments lie before the card was issued or after it expired",
    )


def _card_blocked(subject: Subject) -> Iterator[Measurement]:
    data = subject.need_dataset()
    blocked = (
        data.events.filter(pl.col("event_type") == "card_blocked")
        .group_by("card_id")
        .agg(blocked_at=pl.col("event_time").min())
    )
    later = data.transactions.join(blocked, on="card_id").filter(
        pl.col("event_time") > pl.col("blocked_at")
    )
    # money that a merchant gives back finds the account of a blocked card too
    asked = later.filter(pl.col("direction") == "debit")
    yield _counted(
        "card_blocked",
        asked.filter("approved"),
        asked,
        "payments with a blocked card were approved",
    )


def _report_after(subject: Subject) -> Iterator[Measurement]:
    payments = subject.need("reported_at").lazy().filter("is_fraud")
    reported = payments.drop_nulls("reported_at")
    yield _counted(
        "report_after",
        reported.filter(pl.col("reported_at") < pl.col("event_time")),
        reported,
        "reports of fraud came before the fraud",
    )


def _dispute_after(subject: Subject) -> Iterator[Measurement]:
    data = subject.need_dataset()
    disputes = data.disputes.join(data.transactions.select("tx_id", "event_time"), on="tx_id")
    wrong = (pl.col("opened_at") < pl.col("event_time")) | (
        pl.col("resolved_at") < pl.col("opened_at")
    )
    yield _counted(
        "dispute_after",
        disputes.filter(wrong),
        disputes,
        "disputes were opened before the payment or ended before they were opened",
    )


def _refund_after(subject: Subject) -> Iterator[Measurement]:
    frame = subject.need("tx_type", "merchant")
    payments = frame.lazy()
    who = next((name for name in ("account", "customer", "card") if name in frame.columns), None)
    if who is None:
        raise CannotCheckError("no column for account, customer or card")
    # what has no merchant is money that the bank itself gives back, for a fraud say
    refunds = payments.filter(pl.col("tx_type") == "refund").drop_nulls("merchant")
    bought = payments.filter(pl.col("tx_type") == "purchase")
    if "approved" in frame.columns:
        bought = bought.filter("approved")
    bought = bought.group_by(who, "merchant").agg(bought_at=pl.col("event_time").min())
    unfounded = refunds.join(bought, on=[who, "merchant"], how="left").filter(
        pl.col("bought_at").is_null() | (pl.col("bought_at") > pl.col("event_time"))
    )
    yield _counted(
        "refund_after", unfounded, refunds, "refunds have no purchase at that merchant before"
    )


def _payee_added(subject: Subject) -> Iterator[Measurement]:
    data = subject.need_dataset()
    added = (
        data.events.filter(pl.col("event_type") == "payee_added")
        .group_by("customer_id", "payee_id")
        .agg(added_at=pl.col("event_time").min())
    )
    paid = (
        data.transactions.filter(
            (pl.col("tx_type") == "transfer") & pl.col("payee_id").is_not_null()
        )
        .group_by("customer_id", "payee_id")
        .agg(paid_at=pl.col("event_time").min())
    )
    both = paid.join(added, on=["customer_id", "payee_id"])
    yield _counted(
        "payee_added",
        both.filter(pl.col("paid_at") < pl.col("added_at")),
        both,
        "payees added in the run were paid before they were added",
    )


def _account_open(subject: Subject) -> Iterator[Measurement]:
    data = subject.need_dataset()
    opened = data.accounts.select("account_id", "opened_on")
    used = data.transactions.select("account_id", "event_time").join(opened, on="account_id")
    # times are UTC and the day is local: the night in between is nobody's mistake
    early = used.filter(pl.col("event_time").dt.date().dt.offset_by("1d") < pl.col("opened_on"))
    yield _counted("account_open", early, used, "payments lie before the account was opened")


def _amount_positive(subject: Subject) -> Iterator[Measurement]:
    payments = subject.need("amount").lazy()
    wrong = pl.col("amount").is_null() | pl.col("amount").is_nan() | (pl.col("amount") < 0)
    yield _counted(
        "amount_positive", payments.filter(wrong), payments, "amounts are missing or negative"
    )


CHECKS = (
    Check("invariants", "card_valid", "Is every card valid when it is used?", _card_valid),
    Check("invariants", "card_blocked", "Does a blocked card stay blocked?", _card_blocked),
    Check("invariants", "report_after", "Is fraud reported after it happened?", _report_after),
    Check(
        "invariants", "dispute_after", "Are payments disputed after they were made?", _dispute_after
    ),
    Check(
        "invariants", "refund_after", "Does every refund follow a purchase there?", _refund_after
    ),
    Check("invariants", "payee_added", "Are payees added before they are paid?", _payee_added),
    Check("invariants", "account_open", "Is every account open when it is used?", _account_open),
    Check("invariants", "amount_positive", "Are amounts there and not negative?", _amount_positive),
)
