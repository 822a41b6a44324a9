"""What a campaign did, payment by payment and event by event, in order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.explain.told import Act
from fraudsim.report.campaigns import shortened

if TYPE_CHECKING:
    from fraudsim.explain.evidence import Evidence


def timeline(evidence: Evidence) -> tuple[Act, ...]:
    """Return every act of the campaign; events come before payments of the same second."""
    acts = [_event(row) for row in evidence.events.to_dicts()]
    acts += [_payment(row) for row in evidence.payments.to_dicts()]
    return tuple(sorted(acts, key=lambda act: (act.time, act.table, act.id)))


def _payment(row: dict[str, Any]) -> Act:
    return Act(
        time=_clock(row),
        what=f"{row['tx_type']}/{row['channel']}",
        stage=row["stage"],
        customer_id=row["customer_id"],
        where=_where(row),
        device_id=row["device_id"],
        amount_minor=row["amount_minor"],
        answer=row["response_code"],
        table="transactions",
        id=row["tx_id"],
    )


def _event(row: dict[str, Any]) -> Act:
    return Act(
        time=_clock(row),
        what=row["event_type"],
        stage="",
        customer_id=row["customer_id"],
        where="" if row["payee_id"] is None else f"payee {shortened(row['payee_id'])}",
        device_id=row["device_id"],
        amount_minor=None,
        answer="",
        table="events",
        id=row["event_id"],
    )


def _where(row: dict[str, Any]) -> str:
    if row["name"] is not None:
        return f"{row['name']} ({row['category']}, {row['merchant_country']})"
    if row["payee_id"] is not None:
        return f"payee {shortened(row['payee_id'])} ({row['payee_type']}, {row['payee_country']})"
    return ""


def _clock(row: dict[str, Any]) -> str:
    clock: str = row["local"].replace(tzinfo=None).isoformat(" ", "seconds")
    return clock
