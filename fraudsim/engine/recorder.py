"""From settled rows to the tables ``transactions`` and ``events``, month by month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from fraudsim.agents.customers.people import card_key
from fraudsim.engine.frames import enum, times, where
from fraudsim.rows import (
    CARD_BLOCKED,
    CARD_ISSUED,
    CREDIT,
    DEPOSIT,
    FIRST_EVENT,
    ONLINE_BANKING,
    PAYEE_ADDED,
    PURCHASE,
    REFUND,
    REIMBURSEMENT,
    REPAYMENT_IN,
    ROW,
    TRANSFER,
    WITHDRAWAL,
)
from fraudsim.schema import (
    CHANNELS,
    CVV_RESULTS,
    DIRECTIONS,
    ENTRY_MODES,
    EVENT_TYPES,
    RAILS,
    RESPONSE_CODES,
    TABLES,
    THREE_DS,
    TX_TYPES,
    polars_schema,
)
from fraudsim.sinks.parquet import PartInfo, write_part

if TYPE_CHECKING:
    from pathlib import Path

    from fraudsim.engine.ids import PublicIds
    from fraudsim.world.world import World

# by kind of payment row, in the order of rows.PURCHASE ... rows.REIMBURSEMENT
_TX_TYPE = (
    "purchase", "withdrawal", "refund", "transfer", "bill",
    "deposit", "repayment", "repayment", "refund",
)  # fmt: skip
_RAIL = (
    "card", "card", "card", "transfer", "direct_debit",
    "deposit", "internal", "internal", "internal",
)  # fmt: skip
_INCOMING = (REFUND, DEPOSIT, REPAYMENT_IN, REIMBURSEMENT)
_ON_CARD = (PURCHASE, WITHDRAWAL, REFUND)


class Recorder:
    """Keeps the rows of one block until their month is over, then writes its part of the tables.

    Args:
        staging: the folder aside of the run.
        block: the number of the block: of its part files, too.
        world: for merchants and countries.
        ids: the public ids of the run.
    """

    def __init__(self, staging: Path, block: int, world: World, ids: PublicIds) -> None:
        self.parts: list[PartInfo] = []
        self._staging = staging
        self._block = block
        self._world = world
        self._ids = ids
        self._rows: list[np.ndarray] = []

    def add(self, rows: np.ndarray) -> None:
        """Take the settled rows of a day."""
        self._rows.append(rows)

    def write_until(self, time_us: int) -> None:
        """Write the rows of every month that ended at or before ``time_us``."""
        month = _month_start_us(time_us)
        if self._rows and any((rows["time_us"] < month).any() for rows in self._rows):
            self._write_before(month)

    def pending(self) -> np.ndarray:
        """Return the rows that are not written yet; ``add`` takes them up again."""
        return np.concatenate([np.empty(0, dtype=ROW), *self._rows])

    def close(self) -> None:
        """Write what is left."""
        self._write_before(np.iinfo(np.int64).max)

    def _write_before(self, time_us: int) -> None:
        rows = np.concatenate([np.empty(0, dtype=ROW), *self._rows])
        ready = rows["time_us"] < time_us
        self._rows = [rows[~ready]]
        rows = rows[ready]
        months = rows["time_us"].astype("datetime64[us]").astype("datetime64[M]")
        for month in np.unique(months):
            self._write_month(str(month), rows[months == month])

    def _write_month(self, month: str, rows: np.ndarray) -> None:
        is_event = rows["kind"] >= FIRST_EVENT
        tables = {
            "transactions": transactions_frame(rows[~is_event], self._world, self._ids),
            "events": events_frame(rows[is_event], self._world, self._ids),
        }
        for table, frame in tables.items():
            if frame.height:
                self.parts.append(
                    write_part(self._staging, table, frame, month=month, part=self._block)
                )


def _rails(rows: np.ndarray) -> npt.NDArray[np.int64]:
    """Return positions in ``RAILS``: what a customer sends himself to a bank at home is instant."""
    usual: npt.NDArray[np.int64] = np.array([RAILS.index(r) for r in _RAIL])[rows["kind"]]
    sent = (rows["kind"] == TRANSFER) & (rows["channel"] == ONLINE_BANKING)
    return np.where(sent & (rows["payee_abroad"] == 0), RAILS.index("instant"), usual)


def transactions_frame(rows: np.ndarray, world: World, ids: PublicIds) -> pl.DataFrame:
    """Return settled payment rows as the table ``transactions``, sorted by time and id."""
    tx_id = ids.serial("tx", rows["customer"], rows["serial"])
    order = np.lexsort((tx_id, rows["time_us"]))
    rows, tx_id = rows[order], tx_id[order]
    kind, customer = rows["kind"].astype(np.int64), rows["customer"].astype(np.int64)
    has_merchant = rows["merchant"] >= 0
    merchant = np.where(has_merchant, rows["merchant"], 0)
    on_card = np.isin(kind, _ON_CARD)
    columns = {
        "tx_id": tx_id,
        "event_time": times(rows["time_us"]),
        "rail": enum(_rails(rows), RAILS),
        "tx_type": enum(np.array([TX_TYPES.index(t) for t in _TX_TYPE])[kind], TX_TYPES),
        "direction": enum(np.isin(kind, _INCOMING).astype(np.int64), DIRECTIONS),
        "amount_minor": rows["amount_minor"],
        "currency": pl.repeat(world.scenario.population.currency, len(rows), eager=True),
        "customer_id": ids.of("customer", customer),
        "account_id": ids.account(customer, rows["slot"]),
        "card_id": where(on_card, pl.Series(ids.of("card", _card_keys(rows)))),
        "merchant_id": where(has_merchant, pl.Series(ids.of("merchant", merchant))),
        "terminal_id": where(
            rows["terminal"] >= 0, pl.Series(ids.of("terminal", np.maximum(rows["terminal"], 0)))
        ),
        "mcc": _looked_up(_mcc_names(world), merchant, has_merchant),
        "merchant_country": _looked_up(
            pl.Series(world.places.country), world.merchants.city[merchant], has_merchant
        ),
        "channel": enum(rows["channel"], CHANNELS),
        "entry_mode": enum(rows["entry"], ENTRY_MODES),
        "three_ds": enum(rows["three_ds"], THREE_DS),
        "cvv_result": enum(rows["cvv"], CVV_RESULTS),
        "device_id": where(rows["device"] > 0, pl.Series(ids.of("device", rows["device"]))),
        "ip_country": _countries(rows, world),
        "payee_id": where(rows["payee"] > 0, pl.Series(ids.of("payee", rows["payee"]))),
        "response_code": enum(rows["response"], tuple(RESPONSE_CODES)),
        "approved": rows["response"] == 0,
    }
    return pl.DataFrame(columns, schema=polars_schema(TABLES["transactions"]))


def events_frame(rows: np.ndarray, world: World, ids: PublicIds) -> pl.DataFrame:
    """Return settled event rows as the table ``events``, sorted by time and id."""
    event_id = ids.serial("event", rows["customer"], rows["serial"])
    order = np.lexsort((event_id, rows["time_us"]))
    rows, event_id = rows[order], event_id[order]
    kind = rows["kind"].astype(np.int64)
    on_card = (kind == CARD_BLOCKED) | (kind == CARD_ISSUED)
    columns = {
        "event_id": event_id,
        "event_time": times(rows["time_us"]),
        "event_type": enum(kind - FIRST_EVENT, EVENT_TYPES),
        "customer_id": ids.of("customer", rows["customer"]),
        "device_id": where(rows["device"] > 0, pl.Series(ids.of("device", rows["device"]))),
        "ip_country": _countries(rows, world),
        "card_id": where(on_card, pl.Series(ids.of("card", _card_keys(rows)))),
        "payee_id": where(kind == PAYEE_ADDED, pl.Series(ids.of("payee", rows["payee"]))),
    }
    return pl.DataFrame(columns, schema=polars_schema(TABLES["events"]))


def _card_keys(rows: np.ndarray) -> npt.NDArray[np.int64]:
    slot = (rows["slot"] == CREDIT).astype(np.int64)
    return card_key(rows["customer"].astype(np.int64), slot, rows["card_serial"])


def _looked_up(
    table: pl.Series, at: npt.NDArray[np.generic], present: npt.NDArray[np.bool_]
) -> pl.Series:
    values = table.gather(pl.Series(at).cast(pl.UInt32))
    return where(present, values)


def _mcc_names(world: World) -> pl.Series:
    return pl.Series(world.merchants.mcc).cast(pl.String).str.zfill(4)


def _countries(rows: np.ndarray, world: World) -> pl.Series:
    known = rows["ip_country"] >= 0
    return _looked_up(
        pl.Series(world.places.countries), np.where(known, rows["ip_country"], 0), known
    )


def _month_start_us(time_us: int) -> int:
    """Return the start of the UTC month that ``time_us`` lies in."""
    moment = datetime.fromtimestamp(time_us / 1e6, tz=UTC)
    first = datetime(moment.year, moment.month, 1, tzinfo=UTC)
    return round(first.timestamp()) * 1_000_000
