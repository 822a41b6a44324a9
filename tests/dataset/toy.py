"""A dataset small enough to check by hand, written through the public writer.

Ann (current account 11, credit account 12) and Bob (current account 21). In January Ann is paid,
shops, sends Bob 40.00; in February she repays her card and somebody spends on it online.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl

from fraudsim.scenario import Scenario
from fraudsim.schema import TABLES, polars_schema
from fraudsim.sinks.parquet import DatasetWriter, PartInfo, write_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from fraudsim.dataset import Dataset
    from fraudsim.manifest import AttackSource
    from fraudsim.sinks.place import Place

SCENARIO = Scenario(name="toy")
SEED = 7

Rows = dict[str, list[tuple]]


def at(month: int, day: int, hour: int) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


def _tx(tx_id, event_time, amount, account, customer, **other):
    row = {
        "tx_id": tx_id,
        "event_time": event_time,
        "rail": "card",
        "tx_type": "purchase",
        "direction": "debit",
        "amount_minor": amount,
        "currency": "GBP",
        "customer_id": customer,
        "account_id": account,
        "channel": "pos",
        "entry_mode": "chip",
        "three_ds": "none",
        "cvv_result": "not_provided",
        "response_code": "00",
        "approved": True,
    } | other
    return tuple(row.get(name) for name in TABLES["transactions"].column_names)


SHOP = {
    "merchant_id": 41,
    "terminal_id": 42,
    "mcc": "5411",
    "merchant_country": "GB",
}
WEB = {
    "merchant_id": 43,
    "terminal_id": 44,
    "mcc": "5732",
    "merchant_country": "US",
    "channel": "ecom",
    "entry_mode": "ecom",
    "three_ds": "frictionless",
    "cvv_result": "match",
    "device_id": 51,
    "ip_country": "GB",
}
BANKING = {"rail": "transfer", "channel": "online_banking", "entry_mode": "none"}
INSIDE = {"rail": "internal", "tx_type": "repayment", "channel": "batch", "entry_mode": "none"}
CREDIT = {"direction": "credit"}
DECLINED = {"response_code": "51", "approved": False}


def toy_rows() -> Rows:
    """Return the rows of every table; transactions stand in order of time."""
    return {
        "customers": [
            (1, "worker", 1985, "Leeds", "GB", 53.796, -1.548, 210_000),
            (2, "retired", 1950, "York", "GB", 53.958, -1.080, 150_000),
        ],
        "identities": [
            (1, "Ann", "O'Hara", "ann.ohara.1@example.org", "+447700900001", "Elm Road", 4,
             "ZZ1 1AA", "Leeds", "GB", "100.64.0.1"),
            (2, "Bob", "Żak", "bob.zak.2@example.org", "+447700900002", "=Ash Grove", 7,
             "ZZ2 2BB", "York", "GB", "2001:db8::2"),
        ],
        "accounts": [
            (11, 1, "current", "GBP", date(2019, 5, 1), 50_000, "GB76XXXX00000000000011"),
            (12, 1, "credit", "GBP", date(2020, 5, 1), 300_000, "GB49XXXX00000000000012"),
            (21, 2, "current", "GBP", date(2010, 1, 1), 0, None),
        ],
        "cards": [
            (31, 11, 1, "debit", "400000", "400000******0001", at(1, 1, 0), date(2028, 1, 31)),
            (32, 12, 1, "credit", "555555", "555555******0002", at(1, 1, 0), date(2027, 6, 30)),
        ],
        "devices": [(51, "laptop", "windows")],
        "merchants": [
            (41, "Green Grocers", "5411", "grocery", False, "Leeds", "GB", 53.8, -1.55),
            (43, "Volt & Wire", "5732", "electronics", True, "Austin", "US", 30.267, -97.743),
        ],
        "terminals": [(42, 41, "pos"), (44, 43, "ecom")],
        "payees": [
            (61, "person", "GB", 21, "Bob Żak", None),
            (62, "business", "FR", None, "Dubois, Fils", "FR7699998000000000000000062"),
        ],
        "transactions": [
            _tx(901, at(1, 2, 9), 210_000, 11, 1, rail="deposit", tx_type="deposit",
                channel="batch", entry_mode="none", **CREDIT),
            _tx(905, at(1, 3, 12), 2_550, 11, 1, card_id=31, **SHOP),
            _tx(902, at(1, 3, 12), 1_000, 12, 1, card_id=32, **SHOP),
            _tx(903, at(1, 5, 18), 4_000, 11, 1, tx_type="transfer", payee_id=61, device_id=51,
                ip_country="GB", **BANKING),
            _tx(907, at(1, 5, 18), 4_000, 21, 2, rail="transfer", tx_type="deposit",
                channel="batch", entry_mode="none", **CREDIT),
            _tx(904, at(1, 9, 18), 900_000, 11, 1, tx_type="transfer", payee_id=62, device_id=51,
                ip_country="GB", **BANKING, **DECLINED),
            _tx(908, at(2, 1, 3), 1_000, 11, 1, **INSIDE),
            _tx(906, at(2, 1, 3), 1_000, 12, 1, **INSIDE, **CREDIT),
            _tx(910, at(2, 3, 2), 100, 12, 1, card_id=32, **WEB),
            _tx(909, at(2, 3, 4), 64_900, 12, 1, card_id=32, **WEB),
            _tx(911, at(2, 9, 4), 64_900, 12, 1, card_id=32, tx_type="refund", **WEB, **CREDIT),
        ],
        "events": [
            (71, at(1, 5, 17), "login", 1, 51, "GB", None, None),
            (72, at(1, 5, 18), "payee_added", 1, 51, "GB", None, 61),
            (74, at(2, 3, 1), "login_failed", 1, None, "US", None, None),
            (73, at(2, 5, 9), "card_blocked", 1, None, None, 32, None),
        ],
        "disputes": [(81, 909, 1, at(2, 5, 9), "10.4", 64_900, "charged_back", at(2, 9, 4))],
        "labels": [
            (909, "card_testing", 91, "spend", at(2, 5, 9), "customer_report"),
            (910, "card_testing", 91, "probe", None, None),
        ],
        "campaigns": [
            (91, "card_testing", 99, at(2, 3, 2), at(2, 3, 4), "finished", 1, 2, 2, 65_000, 0,
             1_504, 26_000, '{"breach": 1}', "{}", "{}", "", None),
        ],
        "campaign_events": [(74, 91)],
        "balances": [
            (11, 10_000, 212_450),  # + 210 000 - 2 550 - 4 000 - 1 000
            (12, 0, -100),  # - 1 000 + 1 000 - 100 - 64 900 + 64 900
            (21, 500, 4_500),  # + 4 000
        ],
    }  # fmt: skip


def frame_of(table: str, rows: list[tuple]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=polars_schema(TABLES[table]), orient="row")
    return frame.sort("event_time", TABLES[table].key) if TABLES[table].partitioned else frame


def write_tables(place: Place, rows: Rows) -> list[PartInfo]:
    parts = []
    for table, spec in TABLES.items():
        frame = frame_of(table, rows[table])
        if spec.partitioned:
            for month in ("2025-01", "2025-02"):
                inside = frame.filter(pl.col("event_time").dt.strftime("%Y-%m") == month)
                parts.append(write_part(place, table, inside, month=month))
        else:
            parts.append(write_part(place, table, frame))
    return parts


def write_toy(
    out: Path | str,
    rows: Rows | None = None,
    *,
    overwrite: bool = False,
    before_commit: Callable[[Path, list[PartInfo]], list[PartInfo] | None] | None = None,
    attacks_from: Iterable[AttackSource] = (),
) -> Dataset:
    """Write the dataset; ``before_commit(folder, parts)`` may spoil it on the way."""
    with DatasetWriter(out, overwrite=overwrite) as writer:
        parts = write_tables(writer.place, toy_rows() if rows is None else rows)
        if before_commit is not None:
            parts = before_commit(writer.place.folder, parts) or parts
        return writer.commit(parts, scenario=SCENARIO, seed=SEED, attacks_from=attacks_from)


def edited(rows: Rows, table: str, key: int, **changes: object) -> Rows:
    """Return the rows with some columns of one row changed."""
    names = TABLES[table].column_names
    at_key = names.index(TABLES[table].key)

    def change(row: tuple) -> tuple:
        if row[at_key] != key:
            return row
        return tuple(changes.get(name, value) for name, value in zip(names, row, strict=True))

    return rows | {table: [change(row) for row in rows[table]]}


def without(rows: Rows, table: str, key: int) -> Rows:
    at_key = TABLES[table].column_names.index(TABLES[table].key)
    return rows | {table: [row for row in rows[table] if row[at_key] != key]}
