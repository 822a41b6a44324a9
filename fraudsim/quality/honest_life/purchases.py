"""The payments that honest life is measured on: what honest people buy by card, of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.quality.check import CannotCheckError

if TYPE_CHECKING:
    from fraudsim.quality.subject import Subject

IN_PERSON = "pos"
ONLINE = "ecom"
BY_ITSELF = ("recurring", "batch")
"""Channels of payments that come without anybody acting."""

LEAST_ROWS = 300
"""Fewer purchases than this say nothing about a distribution (a choice): a share of .3 is then
known to about .05."""


def purchases(subject: Subject, *columns: str, with_recurring: bool = False) -> pl.DataFrame:
    """Return the honest, approved purchases, in the order of the payments.

    With the columns asked for, ``amount``, ``event_time`` and ``local_time``.

    Purchases are rows of ``tx_type`` purchase that were approved and leave the account. A table
    without those columns has no other kinds of rows, as far as it tells: all its rows are taken.
    An amount of nothing (an account check) is no purchase.

    Args:
        subject: what is audited.
        columns: what the check needs besides ``amount``.
        with_recurring: also subscriptions, which come by themselves.

    Raises:
        CannotCheckError: a column is missing, or there are too few purchases.
    """
    payments = subject.need("amount", *columns)
    wanted = list(dict.fromkeys(("event_time", "local_time", "amount", *columns)))
    keep = ~pl.col("is_fraud") & (pl.col("amount") > 0)
    if "tx_type" in payments.columns:
        keep &= pl.col("tx_type") == "purchase"
    if "direction" in payments.columns:
        keep &= pl.col("direction") == "debit"
    if "approved" in payments.columns:
        keep &= pl.col("approved")
    if "channel" in payments.columns and not with_recurring:
        keep &= ~pl.col("channel").is_in(BY_ITSELF)
    return enough(payments.lazy().filter(keep).select(wanted).collect(), "purchases")


def enough(rows: pl.DataFrame, what: str, least: int = LEAST_ROWS) -> pl.DataFrame:
    """Return the rows, or raise ``CannotCheckError`` when there are fewer than ``least``."""
    if rows.height < least:
        raise CannotCheckError(f"too few {what}: {rows.height}, at least {least} are needed")
    return rows
