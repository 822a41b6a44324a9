"""Turn the tables of a run into the small aggregates that the report draws: one function a chart.

Every function takes a ``Run`` and returns a ``Chart``; every result is sorted by a total order and
amounts are added as integers, so the same dataset gives the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from fraudsim.report.chart import Chart, Column, money, share, written
from fraudsim.report.run import FRAUD, Run
from fraudsim.schema import RESPONSE_CODES

DAYS_DRAWN_SINGLY = 400
"""A longer run is drawn by week, which keeps the page small."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

BINS_PER_DECADE = 5
AMOUNT_EDGES_MINOR = sorted(
    {round(10 ** (k / BINS_PER_DECADE)) for k in range(9 * BINS_PER_DECADE + 1)}
)
"""From one minor unit to a billion; the first edges coincide after rounding and count once."""

DELAY_DAYS = (0, 0.25, 0.5, 1, 2, 3, 4, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365)

UNATTENDED = ("recurring", "batch")
"""Channels in which nobody chooses the hour."""

ALL_ATTACKS = "all attacks"
MICROSECONDS_PER_DAY = 86_400_000_000

NO_FRAUD = "No transaction of this run is labelled as fraud."
NO_PAYMENTS = "This run holds no payments."

Row = Mapping[str, Any]


def collected(frame: pl.LazyFrame) -> list[dict[str, Any]]:
    """Return the rows of a small result."""
    return frame.collect().to_dicts()


def count_of(condition: pl.Expr) -> pl.Expr:
    """Return how many rows fulfil ``condition``."""
    return condition.sum().cast(pl.Int64)


def minor_of(condition: pl.Expr) -> pl.Expr:
    """Return the sum of ``amount_minor`` where ``condition`` holds."""
    return pl.col("amount_minor").filter(condition).sum()


def bin_index(column: str, edges: Sequence[float]) -> pl.Expr:
    """Return the bin of ``column``: i holds ``edges[i - 1] <= value < edges[i]``."""
    # Expr.cut is deprecated in polars 2 and its successor is not in polars 1
    return pl.sum_horizontal((pl.col(column) >= edge).cast(pl.Int32) for edge in edges)


def per_ten_thousand(part: int, whole: int) -> float | None:
    """Return ``part / whole`` in basis points, or None when there is no whole."""
    return round(10_000 * part / whole, 2) if whole else None


def daily(run: Run) -> Chart:
    """Payments per day above, fraud per day below."""
    long = run.setting.calendar.days > DAYS_DRAWN_SINGLY
    every, word = ("1w", "week") if long else ("1d", "day")
    rows = collected(
        run.payments.group_by(day=pl.col("local").dt.date().dt.truncate(every))
        .agg(
            genuine=count_of(~FRAUD),
            fraud_approved=count_of(FRAUD & pl.col("approved")),
            fraud_declined=count_of(FRAUD & ~pl.col("approved")),
            taken_minor=minor_of(FRAUD & pl.col("approved")),
        )
        .sort("day")
    )
    return Chart(
        "daily",
        f"Payments and fraud by {word}",
        _daily_reading(rows, word),
        f"payments per {word}, approved or not, local dates; the two panels have their own scales",
        (
            Column("day", "Week from" if long else "Day", "date"),
            Column("genuine", "Genuine", "count"),
            Column("fraud_approved", "Fraud approved", "count"),
            Column("fraud_declined", "Fraud declined", "count"),
            Column("taken", f"Taken ({run.currency})", "money"),
        ),
        [
            (
                str(row["day"]),
                row["genuine"],
                row["fraud_approved"],
                row["fraud_declined"],
                money(row["taken_minor"], run.currency),
            )
            for row in rows
        ],
        absent=NO_PAYMENTS,
        extra={"every": word},
    )


def _daily_reading(rows: Sequence[Row], word: str) -> str:
    if not rows:
        return NO_PAYMENTS
    attempts = [row["fraud_approved"] + row["fraud_declined"] for row in rows]
    worst = max(range(len(rows)), key=lambda i: (attempts[i], -i))
    typical = sum(row["genuine"] for row in rows) // len(rows)
    if not attempts[worst]:
        return (
            f"A {word} has {written(typical, 'count')} genuine payments on average, and no fraud."
        )
    return (
        f"A {word} has {written(typical, 'count')} genuine payments on average; fraud was worst on "
        f"{rows[worst]['day']} with {written(attempts[worst], 'count')} attempts, of which "
        f"{written(rows[worst]['fraud_approved'], 'count')} were approved."
    )


def hours(run: Run) -> Chart:
    """Hour by weekday, genuine beside fraud, as a share of each.

    Only what somebody does at that hour: a batch runs when the bank likes.
    """
    found = {
        (row["weekday"], row["hour"]): row
        for row in collected(
            run.payments.filter(~pl.col("channel").cast(pl.String).is_in(UNATTENDED))
            .group_by(weekday=pl.col("local").dt.weekday(), hour=pl.col("local").dt.hour())
            .agg(genuine=count_of(~FRAUD), fraud=count_of(FRAUD))
        )
    }
    none = {"genuine": 0, "fraud": 0}
    rows = [
        (WEEKDAYS[day - 1], hour, cell["genuine"], cell["fraud"])
        for day in range(1, 8)
        for hour in range(24)
        for cell in [found.get((day, hour), none)]
    ]
    return Chart(
        "hours",
        "Hour of the day by weekday",
        _hours_reading(rows),
        "payments without recurring ones and batches, local time "
        f"({run.setting.calendar.timezone}); the stronger the colour, the larger the share of that "
        "kind's payments that falls in the hour",
        (
            Column("weekday", "Weekday", "text"),
            Column("hour", "Hour", "hour"),
            Column("genuine", "Genuine", "count"),
            Column("fraud", "Fraud", "count"),
        ),
        rows if found else [],
        absent=NO_PAYMENTS,
    )


def _hours_reading(rows: Sequence[tuple[str, int, int, int]]) -> str:
    night = range(6)
    honest = share(sum(r[2] for r in rows if r[1] in night), sum(r[2] for r in rows))
    fraud = share(sum(r[3] for r in rows if r[1] in night), sum(r[3] for r in rows))
    return (
        f"Between midnight and six fall {written(honest, 'share')} of genuine payments "
        f"and {written(fraud, 'share')} of fraudulent ones."
    )


def amounts(run: Run) -> Chart:
    """How large payments are, genuine against fraud, by channel."""
    found = collected(
        run.payments.filter(pl.col("amount_minor") > 0)
        .group_by(
            channel=pl.col("channel").cast(pl.String),
            bin=bin_index("amount_minor", AMOUNT_EDGES_MINOR),
        )
        .agg(genuine=count_of(~FRAUD), fraud=count_of(FRAUD))
        .sort("channel", "bin")
    )
    edges = [money(edge, run.currency) for edge in AMOUNT_EDGES_MINOR]
    rows = [
        (
            row["channel"],
            edges[row["bin"] - 1],
            edges[min(row["bin"], len(edges) - 1)],
            row["genuine"],
            row["fraud"],
        )
        for row in found
    ]
    return Chart(
        "amounts",
        "Amounts by channel",
        _amounts_reading(run),
        f"{run.currency} on a log scale; height is the share of the channel's genuine (or "
        "fraudulent) payments in the bin; requests for a zero amount are not shown",
        (
            Column("channel", "Channel", "text"),
            Column("low", f"From ({run.currency})", "money"),
            Column("high", f"Below ({run.currency})", "money"),
            Column("genuine", "Genuine", "count"),
            Column("fraud", "Fraud", "count"),
        ),
        rows,
        absent=NO_PAYMENTS,
    )


def _amounts_reading(run: Run) -> str:
    middle = (
        run.payments.filter(pl.col("amount_minor") > 0)
        .select(
            genuine=pl.col("amount_minor").filter(~FRAUD).quantile(0.5, "lower"),
            fraud=pl.col("amount_minor").filter(FRAUD).quantile(0.5, "lower"),
        )
        .collect()
        .row(0)
    )
    if middle[0] is None:
        return NO_PAYMENTS
    genuine = written(money(int(middle[0]), run.currency), "money")
    if middle[1] is None:
        return f"Half of the genuine payments are below {genuine} {run.currency}."
    fraud = written(money(int(middle[1]), run.currency), "money")
    return (
        f"The median genuine payment is {genuine} {run.currency}, "
        f"the median fraudulent one {fraud} {run.currency}."
    )


def attacks(run: Run) -> Chart:
    """What each attack pattern did: attempts, money, approvals, reports, delay."""
    delay = pl.col("reported_at") - pl.col("event_time")
    found = collected(
        run.frauds.group_by("attack")
        .agg(
            attempts=pl.len().cast(pl.Int64),
            approved=count_of(pl.col("approved")),
            taken_minor=minor_of(pl.col("approved") & (pl.col("direction") == "debit")),
            reported=pl.col("reported_at").count().cast(pl.Int64),
            victims=pl.col("customer_id").n_unique().cast(pl.Int64),
            median_us=delay.dt.total_microseconds().quantile(0.5, "lower"),
        )
        .sort(["attempts", "attack"], descending=[True, False])
    )
    rows = [
        (
            row["attack"],
            row["attempts"],
            money(row["taken_minor"], run.currency),
            row["victims"],
            share(row["approved"], row["attempts"]),
            share(row["reported"], row["attempts"]),
            _in_days(row["median_us"]),
        )
        for row in found
    ]
    return Chart(
        "attacks",
        "Fraud by attack pattern",
        _attacks_reading(rows, run.currency),
        f"labelled transactions; money is approved payments out of accounts, {run.currency}; each "
        "column has its own scale",
        (
            Column("attack", "Attack", "text"),
            Column("attempts", "Attempts", "count"),
            Column("taken", f"Taken ({run.currency})", "money"),
            Column("victims", "Victims", "count"),
            Column("approved", "Approved", "share"),
            Column("reported", "Ever reported", "share"),
            Column("delay", "Median days to report", "days"),
        ),
        rows,
        absent=NO_FRAUD,
    )


def _in_days(microseconds: float | None) -> float | None:
    return None if microseconds is None else round(microseconds / MICROSECONDS_PER_DAY, 2)


def _attacks_reading(rows: Sequence[Sequence[Any]], currency: str) -> str:
    if not rows:
        return NO_FRAUD
    most = rows[0]
    richest = max(rows, key=lambda row: row[2])
    if most == richest:
        return (
            f"{most[0]} makes the most attempts ({written(most[1], 'count')}) and takes the most "
            f"money ({written(most[2], 'money')} {currency})."
        )
    return (
        f"{most[0]} makes the most attempts ({written(most[1], 'count')}), {richest[0]} takes "
        f"the most money ({written(richest[2], 'money')} {currency})."
    )


def channels(run: Run) -> Chart:
    """Fraud rate of approved payments by channel, in count and in value."""
    ok = pl.col("approved")
    found = collected(
        run.payments.group_by(channel=pl.col("channel").cast(pl.String))
        .agg(
            payments=count_of(ok),
            frauds=count_of(ok & FRAUD),
            value_minor=minor_of(ok),
            taken_minor=minor_of(ok & FRAUD),
        )
        .sort(["payments", "channel"], descending=[True, False])
    )
    rows = [
        (
            row["channel"],
            row["payments"],
            row["frauds"],
            per_ten_thousand(row["frauds"], row["payments"]),
            per_ten_thousand(row["taken_minor"], row["value_minor"]),
        )
        for row in found
    ]
    return Chart(
        "channels",
        "Fraud by channel",
        _channels_reading(rows),
        "approved payments; basis points: frauds per 10,000 payments, and money taken per 10,000 "
        f"{run.currency} paid",
        (
            Column("channel", "Channel", "text"),
            Column("payments", "Approved payments", "count"),
            Column("frauds", "Approved frauds", "count"),
            Column("by_count", "Fraud by count (bps)", "bps"),
            Column("by_value", "Fraud by value (bps)", "bps"),
        ),
        rows,
        absent=NO_PAYMENTS,
    )


def _channels_reading(rows: Sequence[Sequence[Any]]) -> str:
    if not any(row[2] for row in rows):
        return "No fraudulent payment was approved."
    by_count = max(rows, key=lambda row: row[3] or 0)
    by_value = max(rows, key=lambda row: row[4] or 0)
    if by_count == by_value:
        return (
            f"{by_count[0]} is hit hardest, by count ({written(by_count[3], 'bps')} bps) "
            f"and by value ({written(by_value[4], 'bps')} bps)."
        )
    return (
        f"By count {by_count[0]} is hit hardest ({written(by_count[3], 'bps')} bps), "
        f"by value {by_value[0]} ({written(by_value[4], 'bps')} bps)."
    )


def responses(run: Run) -> Chart:
    """How the issuer answered genuine and fraudulent requests."""
    found = collected(
        run.payments.group_by(code=pl.col("response_code").cast(pl.String))
        .agg(genuine=count_of(~FRAUD), fraud=count_of(FRAUD))
        .sort("code")
    )
    genuine, fraud = (sum(row[key] for row in found) for key in ("genuine", "fraud"))
    rows = [
        (
            row["code"],
            RESPONSE_CODES[row["code"]],
            row["genuine"],
            row["fraud"],
            share(row["genuine"], genuine),
            share(row["fraud"], fraud),
        )
        for row in found
    ]
    return Chart(
        "responses",
        "Answers of the issuer",
        _responses_reading(rows),
        "share of genuine and of fraudulent requests by ISO 8583 response code; each column has "
        "its own scale; 00 is left out of the drawing, it would dwarf the rest",
        (
            Column("code", "Code", "text"),
            Column("meaning", "Meaning", "text"),
            Column("genuine", "Genuine", "count"),
            Column("fraud", "Fraud", "count"),
            Column("genuine_share", "Share of genuine", "share"),
            Column("fraud_share", "Share of fraud", "share"),
        ),
        rows,
        absent=NO_PAYMENTS,
    )


def _responses_reading(rows: Sequence[Sequence[Any]]) -> str:
    approved = next((row for row in rows if row[0] == "00"), None)
    if approved is None:
        return "Nothing was approved."
    if approved[5] is None:
        return f"The issuer approves {written(approved[4], 'share')} of genuine requests."
    return (
        f"The issuer approves {written(approved[4], 'share')} of genuine requests "
        f"and {written(approved[5], 'share')} of fraudulent ones."
    )


def delay(run: Run) -> Chart:
    """Share of fraud that the bank knows of, by days since the payment."""
    days = (pl.col("reported_at") - pl.col("event_time")).dt.total_microseconds()
    known = [
        count_of(days <= round(limit * MICROSECONDS_PER_DAY)).alias(str(i))
        for i, limit in enumerate(DELAY_DAYS)
    ]
    frauds = run.frauds.select("attack", "reported_at", "event_time")
    groups = collected(frauds.group_by("attack").agg(pl.len(), *known).sort("attack"))
    groups += [
        {"attack": ALL_ATTACKS, **row}
        for row in collected(frauds.select(pl.len(), *known))
        if row["len"]
    ]
    rows = [
        (group["attack"], limit, share(group[str(i)], group["len"]))
        for group in groups
        for i, limit in enumerate(DELAY_DAYS)
    ]
    return Chart(
        "delay",
        "How late the bank learns of fraud",
        _delay_reading(groups),
        "share of labelled transactions reported within so many days; what stays below 100 % is "
        "never reported; the scale of days is stretched at its start",
        (
            Column("attack", "Attack", "text"),
            Column("days", "Days since the payment", "number"),
            Column("known", "Reported", "share"),
        ),
        rows,
        absent=NO_FRAUD,
        extra={"all": ALL_ATTACKS},
    )


def _delay_reading(groups: Sequence[Row]) -> str:
    if not groups:
        return NO_FRAUD
    everything = groups[-1]
    day, week, month = (
        written(share(everything[str(DELAY_DAYS.index(days))], everything["len"]), "share")
        for days in (1, 7, 30)
    )
    return (
        f"A day after the payment the bank knows {day} of the fraud, after a week {week}, "
        f"after 30 days {month}."
    )
