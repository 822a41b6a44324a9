"""A campaign in the terminal: its story, its timeline, and its amounts as a plot."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fraudsim.explain.plot import text_plot
from fraudsim.report.campaigns import shortened
from fraudsim.report.chart import money
from fraudsim.schema import RESPONSE_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fraudsim.explain.told import Act, Told

HEAD = ("time", "what", "step", "customer", "where", "device", "amount", "answer", "id")
LIST_HEAD = (
    "campaign",
    "attack",
    "started",
    "end",
    "victims",
    "payments",
    "approved",
    "taken_minor",
)


def text_lines(told: Told, *, most: int) -> Iterator[str]:
    """Yield the story, at most so many rows of the timeline, and the plot."""
    yield f"{told.attack}, campaign {told.campaign_id}"
    yield ""
    width = max(len(fact.about) for fact in told.facts)
    said = ""
    for fact in told.facts:
        about = "" if fact.about == said else fact.about
        said = fact.about
        source = f"{fact.rows:,} of {fact.table}"
        source += "" if fact.example is None else f", such as {fact.example}"
        yield f"  {about:<{width}}  {fact.says} [{source}]"
    if not told.acts:
        return
    yield ""
    yield from _columns([HEAD, *(_cells(act, told.currency) for act in told.acts[:most])])
    if len(told.acts) > most:
        yield f"... {len(told.acts) - most:,} rows more; --rows {len(told.acts)} prints all"
    yield ""
    yield from text_plot(points(told), unit=told.currency)


def points(told: Told) -> list[tuple[float, float, bool]]:
    """Return (days since the first payment, amount in major units, approved) of each payment."""
    paid = [act for act in told.acts if act.amount_minor is not None]
    times = [datetime.fromisoformat(act.time) for act in paid]
    return [
        (
            (time - times[0]).total_seconds() / 86_400,
            money(act.amount_minor or 0, told.currency),
            act.answer == "00",
        )
        for act, time in zip(paid, times, strict=True)
    ]


def listed(campaigns: Sequence[dict[str, Any]], *, most: int) -> list[tuple[object, ...]]:
    """Return the rows of a list of campaigns."""
    rows: list[tuple[object, ...]] = [LIST_HEAD]
    for one in campaigns[:most]:
        started = f"{one['started_at']:%F %R}"
        counts = (one["victims"], one["attempts"], one["approved"], one["taken_minor"])
        rows.append((str(one["campaign_id"]), one["attack"], started, one["end"], *counts))
    return rows


def _cells(act: Act, currency: str) -> tuple[str, ...]:
    amount = "" if act.amount_minor is None else f"{money(act.amount_minor, currency):,.2f}"
    answer = f"{act.answer} {RESPONSE_CODES[act.answer].partition(' (')[0]}" if act.answer else ""
    return (
        act.time,
        act.what,
        act.stage,
        shortened(act.customer_id),
        act.where,
        "" if act.device_id is None else shortened(act.device_id),
        amount.rjust(10),
        answer,
        str(act.id),
    )


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield line.rstrip()
