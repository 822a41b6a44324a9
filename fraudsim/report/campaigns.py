"""Timelines of a few campaigns: the one place where single transactions are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from fraudsim.report.chart import Chart, Column, money, written
from fraudsim.report.gather import NO_FRAUD

if TYPE_CHECKING:
    from fraudsim.report.run import Run

PER_ATTACK = 2
VICTIMS_DRAWN = 20
ROWS_DRAWN = 50
"""Of one campaign. Both limits keep a timeline readable and the page small."""

CAMPAIGNS_DRAWN = 24
"""In all: a scenario with many patterns shows the first campaigns of fewer of them."""

MICROSECONDS_PER_MINUTE = 60_000_000


def campaigns(run: Run) -> Chart:
    """The story of up to two campaigns of every attack, victim by victim."""
    chosen = _chosen(run)
    acts = _acts(run, chosen)
    rows = [_row(act, run.currency) for act in acts]
    return Chart(
        "campaigns",
        "Stories of single campaigns",
        _reading(chosen),
        f"one row a victim; a dot is a transaction, its area the amount ({run.currency}), filled "
        "when approved, hollow when declined, its colour the stage; local time; up to "
        f"{PER_ATTACK} campaigns an attack, {VICTIMS_DRAWN} victims and {ROWS_DRAWN} transactions "
        "each; ids are shortened",
        (
            Column("attack", "Attack", "text"),
            Column("campaign", "Campaign", "text"),
            Column("victim", "Victim", "text"),
            Column("time", "Local time", "text"),
            Column("stage", "Stage", "text"),
            Column("amount", f"Amount ({run.currency})", "money"),
            Column("approved", "Approved", "flag"),
        ),
        rows,
        absent=NO_FRAUD,
    )


def _chosen(run: Run) -> pl.DataFrame:
    """Return the campaigns with the most victims, then attempts: those have a story to tell."""
    return (
        run.frauds.group_by("attack", "campaign_id")
        .agg(victims=pl.col("customer_id").n_unique(), attempts=pl.len())
        .sort(
            ["attack", "victims", "attempts", "campaign_id"],
            descending=[False, True, True, False],
        )
        .group_by("attack", maintain_order=True)
        .head(PER_ATTACK)
        .with_columns(rank=pl.int_range(pl.len()).over("attack"))
        .sort("rank", "attack")
        .head(CAMPAIGNS_DRAWN)
        .sort("attack", "rank")
        .collect()
    )


def _acts(run: Run, chosen: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the transactions of the chosen campaigns, in order, cut to what is drawn."""
    first = pl.col("event_time").min().over("campaign_id", "customer_id")
    acts = (
        run.frauds.join(chosen.lazy().select("campaign_id", "rank"), on="campaign_id", how="inner")
        .with_columns(first=first)
        .with_columns(
            ordinal=pl.struct("first", "customer_id")
            .rank("dense")
            .over("campaign_id")
            .cast(pl.Int64)
        )
        .filter(pl.col("ordinal") <= VICTIMS_DRAWN)
        .sort("attack", "rank", "event_time", "tx_id")
        .group_by("campaign_id", maintain_order=True)
        .head(ROWS_DRAWN)
        .sort("attack", "rank", "event_time", "tx_id")
    )
    return acts.collect().to_dicts()


def _row(act: dict[str, Any], currency: str) -> tuple[Any, ...]:
    return (
        act["attack"],
        shortened(act["campaign_id"]),
        f"{act['ordinal']:>2} {shortened(act['customer_id'])}",
        act["local"].replace(tzinfo=None).isoformat(" ", "minutes"),
        act["stage"],
        money(act["amount_minor"], currency),
        act["approved"],
    )


def shortened(number: int) -> str:
    """Return the last four digits of an id.

    >>> shortened(3141592653589793)
    '…9793'
    """
    return f"…{number % 10_000:04d}"


def _reading(chosen: pl.DataFrame) -> str:
    if chosen.is_empty():
        return NO_FRAUD
    largest = chosen.sort(["attempts", "campaign_id"], descending=[True, False]).row(0, named=True)
    attempts, victims = (written(largest[key], "count") for key in ("attempts", "victims"))
    return (
        f"The largest campaign shown is one of {largest['attack']}, with {attempts} attempts "
        f"on {victims} victims."
    )
