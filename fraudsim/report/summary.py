"""The head of the page: which run this is, how large, and how much fraud is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from fraudsim.report.chart import money, written
from fraudsim.report.gather import count_of, minor_of, per_ten_thousand
from fraudsim.report.run import FRAUD, Run


@dataclass(frozen=True)
class Fact:
    """One figure of the head, with what it counts."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Summary:
    """The head of the page."""

    name: str
    seed: int
    digest: str
    scenario_digest: str
    period: str
    facts: tuple[Fact, ...]
    tables: tuple[tuple[str, int], ...]
    command: str


def summary(run: Run) -> Summary:
    """Return what stands above the charts."""
    manifest = run.data.manifest
    calendar = run.setting.calendar
    return Summary(
        name=manifest.scenario_name,
        seed=manifest.seed,
        digest=manifest.digest,
        scenario_digest=manifest.scenario_digest,
        period=f"{calendar.start} to {calendar.last_day} ({calendar.days} days, "
        f"{calendar.timezone})",
        facts=_facts(run),
        tables=tuple((name, entry.rows) for name, entry in sorted(manifest.tables.items())),
        command=f"fraudsim simulate {manifest.scenario_name} --seed {manifest.seed} -o DIR",
    )


def _facts(run: Run) -> tuple[Fact, ...]:
    paid, lost = _totals(run), _losses(run)
    currency = run.currency
    by_count = per_ten_thousand(paid["frauds"], paid["payments"])
    by_value = per_ten_thousand(paid["taken_minor"], paid["value_minor"])
    customers = run.data.manifest.tables["customers"].rows
    return (
        Fact("Payments", written(paid["requests"], "count"), "out of accounts, approved or not"),
        Fact("Fraud by count", f"{written(by_count, 'bps')} bps", "of approved payments"),
        Fact("Fraud by value", f"{written(by_value, 'bps')} bps", "of approved payments"),
        Fact(
            f"Taken ({currency})",
            written(round(money(paid["taken_minor"], currency)), "count"),
            "approved fraudulent payments",
        ),
        Fact(
            "Fraud attempts",
            written(lost["attempts"], "count"),
            f"{written(lost['approved'], 'count')} approved",
        ),
        Fact(
            "Victims",
            written(lost["victims"], "count"),
            f"of {customers:,} customers, mules included",
        ),
        Fact(
            "Campaigns",
            written(run.data.manifest.tables["campaigns"].rows, "count"),
            f"{lost['campaigns']} of them made payments",
        ),
    )


def _totals(run: Run) -> dict[str, Any]:
    ok = pl.col("approved")
    return (
        run.payments.select(
            requests=pl.len(),
            payments=count_of(ok),
            frauds=count_of(ok & FRAUD),
            value_minor=minor_of(ok),
            taken_minor=minor_of(ok & FRAUD),
        )
        .collect()
        .row(0, named=True)
    )


def _losses(run: Run) -> dict[str, Any]:
    return (
        run.frauds.select(
            attempts=pl.len(),
            approved=count_of(pl.col("approved")),
            victims=pl.col("customer_id").n_unique(),
            campaigns=pl.col("campaign_id").n_unique(),
        )
        .collect()
        .row(0, named=True)
    )
