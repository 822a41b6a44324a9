"""The story of a campaign in sentences, each with the rows that it was read from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.explain.told import Fact
from fraudsim.report.chart import money
from fraudsim.schema import RESPONSE_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from fraudsim.explain.evidence import Evidence

ENDS = {
    "finished": "its story was over",
    "gave_up": "it gave up",
    "run_ended": "the run ended",
}

CAME_BACK = ("refunded", "charged_back")
"""Outcomes of disputes that give the holder the money back: from the bank, from the merchant."""


def story(evidence: Evidence) -> tuple[Fact, ...]:
    """Return what happened, from how victims were come by to what came back."""
    return tuple(
        fact
        for tell in (_pattern, _time, _victims, _drawn, _stages, _refusals, _events)
        for fact in tell(evidence)
    ) + tuple(fact for tell in (_money, _purse, _reports, _disputes) for fact in tell(evidence))


def _pattern(evidence: Evidence) -> Iterator[Fact]:
    from fraudsim.registry import ATTACKS, discover

    name = evidence.campaign["attack"]
    known = discover(ATTACKS).get(name)
    if known is not None:
        yield _of_campaign(evidence, "pattern", f"{name}: {known.summary}.")
    parameters = json.loads(evidence.campaign["parameters"])
    if parameters:
        yield _of_campaign(evidence, "parameters", f"{_listed(parameters)}.")


def _time(evidence: Evidence) -> Iterator[Fact]:
    row = evidence.campaign
    began, ended = (_local(row[name], evidence) for name in ("started_at", "ended_at"))
    days = (row["ended_at"] - row["started_at"]).total_seconds() / 86_400
    why = ENDS.get(row["end"], row["end"]) + (f": {row['gave_up']}" if row["gave_up"] else "")
    yield _of_campaign(
        evidence,
        "time",
        f"From {began:%F %T} to {ended:%F %T}, {days:.1f} days; it ended because {why}.",
    )


def _victims(evidence: Evidence) -> Iterator[Fact]:
    for via, count in json.loads(evidence.campaign["obtained"]).items():
        yield _of_campaign(
            evidence, "victims", f"{count:,} come by through {via.replace('_', ' ')}."
        )
    if evidence.breached:
        yield Fact(
            "victims",
            f"It listened at the breached merchant {evidence.breached}.",
            "merchants",
            1,
            evidence.campaign["point_of_compromise"],
        )
    touched = evidence.payments["customer_id"].n_unique()
    yield _of_payments("victims", f"{touched:,} customers have payments of it.", evidence.payments)


def _drawn(evidence: Evidence) -> Iterator[Fact]:
    drawn = json.loads(evidence.campaign["drawn"])
    if drawn:
        yield _of_campaign(evidence, "drawn", f"This campaign drew: {_listed(drawn)}.")


def _stages(evidence: Evidence) -> Iterator[Fact]:
    for (stage,), rows in evidence.payments.group_by("stage", maintain_order=True):
        approved = rows.filter("approved")
        first, last = rows["local"][0], rows["local"][-1]  # in order of time
        yield _of_payments(
            f"step {stage}",
            f"{_count(rows, 'payment')} of {_distinct(rows, 'customer_id', 'customer')}"
            f"{_places(rows)} from {first:%F %T} to {last:%F %T}; {len(approved):,} approved with "
            f"{_sum(approved, evidence)}, {len(rows) - len(approved):,} refused.",
            rows,
        )


def _places(rows: pl.DataFrame) -> str:
    found = [
        _distinct(rows, column, word)
        for column, word in (("merchant_id", "merchant"), ("payee_id", "payee"))
        if rows[column].count()
    ]
    return f" at {' and '.join(found)}" if found else ""


def _refusals(evidence: Evidence) -> Iterator[Fact]:
    refused = evidence.payments.filter(~pl.col("approved"))
    for (code,), rows in refused.group_by("response_code", maintain_order=True):
        yield _of_payments(
            "refused",
            f"{_count(rows, 'payment')} refused with {code}, {RESPONSE_CODES[str(code)]}: "
            f"{_sum(rows, evidence)}.",
            rows,
        )


def _events(evidence: Evidence) -> Iterator[Fact]:
    for (kind,), rows in evidence.events.group_by("event_type", maintain_order=True):
        accounts = _distinct(rows, "customer_id", "account")
        said = f"{_count(rows, 'event')} of kind {kind} on {accounts}."
        yield Fact("events", said, "events", len(rows), rows["event_id"][0])


def _money(evidence: Evidence) -> Iterator[Fact]:
    moved = evidence.payments.filter("approved")
    for (direction, kind), rows in moved.group_by("direction", "tx_type", maintain_order=True):
        way = "left accounts" if direction == "debit" else "came to accounts"
        yield _of_payments(
            "money",
            f"{_sum(rows, evidence)} {way} by {kind}, in {_count(rows, 'payment')}.",
            rows,
        )


def _purse(evidence: Evidence) -> Iterator[Fact]:
    spent, earned = (evidence.campaign[name] for name in ("spent_minor", "earned_minor"))
    cost, left, rest = (_money_of(one, evidence) for one in (spent, earned, abs(earned - spent)))
    what = "gain" if earned >= spent else "loss"
    said = f"It cost the fraudster {cost} and left {left}: a {what} of {rest}."
    yield _of_campaign(evidence, "purse", said)


def _reports(evidence: Evidence) -> Iterator[Fact]:
    reported = evidence.payments.filter(pl.col("reported_at").is_not_null())
    for (source,), rows in reported.group_by("report_source", maintain_order=True):
        days = (rows["reported_at"] - rows["event_time"]).dt.total_seconds().to_numpy() / 86_400
        first = _local(rows["reported_at"].sort()[0], evidence)
        yield _of_payments(
            "noticed",
            f"{_count(rows, 'payment')} known by {str(source).replace('_', ' ')}: the first on "
            f"{first:%F %T}, half of them within {np.median(days):.1f} days.",
            rows,
        )
    never = evidence.payments.filter(pl.col("reported_at").is_null())
    if len(never):
        yield _of_payments("noticed", f"{_count(never, 'payment')} never reported.", never)


def _disputes(evidence: Evidence) -> Iterator[Fact]:
    rows = evidence.disputes
    lost = evidence.payments.filter("approved", direction="debit")
    if lost.is_empty():
        return
    back = rows.filter(pl.col("outcome").is_in(CAME_BACK))
    said = f"{_sum(back, evidence)} of {_sum(lost, evidence)} came back to the holders."
    yield Fact("came back", said, "disputes", len(back), _first(back, "dispute_id"))
    for (outcome,), rows in evidence.disputes.group_by("outcome", maintain_order=True):
        said = (
            f"{_count(rows, 'dispute')} {str(outcome).replace('_', ' ')}: {_sum(rows, evidence)}."
        )
        yield Fact("came back", said, "disputes", len(rows), rows["dispute_id"][0])


def _of_campaign(evidence: Evidence, about: str, says: str) -> Fact:
    return Fact(about, says, "campaigns", 1, evidence.campaign["campaign_id"])


def _of_payments(about: str, says: str, rows: pl.DataFrame) -> Fact:
    return Fact(about, says, "transactions", len(rows), _first(rows, "tx_id"))


def _first(rows: pl.DataFrame, key: str) -> int | None:
    return rows[key][0] if len(rows) else None


def _listed(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _count(rows: pl.DataFrame, word: str) -> str:
    return f"{len(rows):,} {word}{'' if len(rows) == 1 else 's'}"


def _distinct(rows: pl.DataFrame, column: str, word: str) -> str:
    count = rows[column].drop_nulls().n_unique()
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _sum(rows: pl.DataFrame, evidence: Evidence) -> str:
    return _money_of(int(rows["amount_minor"].sum()), evidence)


def _money_of(amount_minor: int, evidence: Evidence) -> str:
    return f"{money(amount_minor, evidence.currency):,.2f} {evidence.currency}"


def _local(moment: datetime, evidence: Evidence) -> datetime:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo(evidence.timezone))
