"""The rows of a dataset that a campaign is behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from fraudsim.report.run import Run


@dataclass(frozen=True)
class Evidence:
    """What the tables hold of one campaign.

    Attributes:
        campaign: its row of ``campaigns``.
        payments: its labelled transactions in order of time, with ``local`` time, the label, the
            merchant's name and category, and the country of the payee.
        events: the events that it caused, in order of time, with ``local`` time.
        disputes: of its payments, in order of time.
        breached: name and category of the merchant where it listened; empty if it did not.
        currency: of all amounts.
        timezone: of local times.
    """

    campaign: dict[str, Any]
    payments: pl.DataFrame
    events: pl.DataFrame
    disputes: pl.DataFrame
    breached: str
    currency: str
    timezone: str


def gather(run: Run, campaign_id: int) -> Evidence | None:
    """Return the rows of a campaign, or None where there is no such campaign."""
    mine = pl.col("campaign_id") == campaign_id
    campaign = run.data.campaigns.filter(mine).collect()
    if campaign.is_empty():
        return None
    row = campaign.row(0, named=True)
    timezone = run.setting.calendar.timezone
    merchants = run.data.merchants.select("merchant_id", "name", "category")
    payees = run.data.payees.select("payee_id", "payee_type", payee_country="country")
    payments = (
        run.frauds.filter(mine)
        .join(merchants, on="merchant_id", how="left")
        .join(payees, on="payee_id", how="left")
        .sort("event_time", "tx_id")
        .collect()
    )
    events = (
        run.data.events.join(run.data.table("campaign_events").filter(mine), on="event_id")
        .with_columns(local=pl.col("event_time").dt.convert_time_zone(timezone))
        .sort("event_time", "event_id")
        .collect()
    )
    disputes = (
        run.data.disputes.join(payments.lazy().select("tx_id"), on="tx_id", how="semi")
        .sort("opened_at", "dispute_id")
        .collect()
    )
    breached = _breached(run, row["point_of_compromise"])
    return Evidence(row, payments, events, disputes, breached, run.currency, timezone)


def _breached(run: Run, merchant_id: int | None) -> str:
    if merchant_id is None:
        return ""
    at = run.data.merchants.filter(merchant_id=merchant_id).collect().row(0, named=True)
    return f"{at['name']} ({at['category']})"
