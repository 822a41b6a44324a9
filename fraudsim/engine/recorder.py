"""From settled rows to the tables ``transactions`` and ``events``, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from fraudsim.engine.columns import (
    NONE,
    NOWHERE,
    IdKeys,
    RailCodes,
    break_ties,
    new_devices,
)
from fraudsim.engine.frames import enum, times
from fraudsim.engine.month import event_columns, payment_columns
from fraudsim.engine.pending import PendingRows, most_rows
from fraudsim.moments import DAY_US
from fraudsim.rows import DEPOSIT, FIRST_EVENT, REFUND, REIMBURSEMENT, REPAYMENT_IN, ROW
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
    from fraudsim.engine.ids import PublicIds
    from fraudsim.sinks.place import Place
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
_NEVER_US = np.iinfo(np.int64).max
_DEVICES_AT_HAND = 1 << 14
"""Devices that are known to have been seen without a search; a power of two."""


class Writing:
    """What turning rows into tables takes, the same for all blocks of a process."""

    def __init__(self, world: World, ids: PublicIds, blocks: int) -> None:
        """Look up what does not change during a run of so many blocks."""
        self.blocks = blocks
        self.most_rows = most_rows(blocks)
        kinds = ("customer", "account", "card", "merchant", "terminal", "device", "payee")
        keys = [ids.rounds(kind) for kind in kinds]
        self.payment_keys = IdKeys(ids.rounds("tx"), *keys)
        self.event_keys = IdKeys(ids.rounds("event"), *keys)
        self.rails = RailCodes(
            np.array([RAILS.index(rail) for rail in _RAIL], np.uint8), RAILS.index("instant")
        )
        self.tx_type = np.array([TX_TYPES.index(kind) for kind in _TX_TYPE], np.uint8)
        self.incoming = np.isin(np.arange(len(_TX_TYPE)), _INCOMING).astype(np.uint8)
        self.mcc = pl.Series(world.merchants.mcc).cast(pl.String).str.zfill(4)
        self.merchant_country = pl.Series(world.places.country).gather(
            pl.Series(world.merchants.city).cast(pl.UInt32)
        )
        self.countries = pl.Series(world.places.countries)
        self.currency = world.scenario.population.currency


class Recorder:
    """Keeps the rows of one block until their month is over, then writes its part of the tables.

    Earlier, if they are too many: a month of a large run has several files per block.

    Args:
        place: where the run is written.
        block: the number of the block: of its part files, too.
        writing: what the blocks share.

    Attributes:
        parts: the files written.
        devices: keys of the devices seen in rows that are written, rising; 0 is none.
    """

    def __init__(self, place: Place, block: int, writing: Writing) -> None:
        self.parts: list[PartInfo] = []
        self.devices: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._place = place
        self._block = block
        self._writing = writing
        self._pending = PendingRows()

    def add(self, rows: np.ndarray) -> None:
        """Take the settled rows of a day, in any order; they are the recorder's from now on."""
        if len(rows):
            self._pending.add(in_time_order(rows, self._writing))

    def write_until(self, time_us: int) -> None:
        """Write every month that ended by ``time_us``, a midnight; and the rest if it is much."""
        month = _start_us(_month_of(time_us))
        if len(self._pending) and self._earliest_us() < month:
            self._write_before(month, part=self._block)
        if len(self._pending) >= self._writing.most_rows:
            day = 1 + int((time_us - month) // DAY_US)  # no two files of a month have one
            self._write_before(time_us, part=self._block + self._writing.blocks * day)

    def pending(self) -> np.ndarray:
        """Return the rows that are not written yet; ``add`` takes them up again."""
        return self._pending.rows

    def close(self) -> None:
        """Write what is left, and let the room go."""
        self._write_before(_NEVER_US, part=self._block)
        self._pending = PendingRows()

    def _earliest_us(self) -> int:
        moments = self._pending.rows["time_us"]
        return int(moments[0] if self._pending.follow else moments.min())

    def _write_before(self, time_us: int, *, part: int) -> None:
        if not self._pending.follow:
            self._pending.put_in_order(in_time_order(self._pending.rows, self._writing))
        pending = self._pending.rows
        ready = pending[: _first_from(pending, time_us)]
        self.devices = with_more(self.devices, devices_in(ready))
        begin = 0
        while begin < len(ready):
            month = _month_of(int(ready[begin]["time_us"]))
            end = _first_from(ready, _start_us(month + 1))
            self._write_month(ready[begin:end], str(month), part)
            begin = end
        self._pending.drop(len(ready))

    def _write_month(self, rows: np.ndarray, month: str, part: int) -> None:
        """Write rows of one month, in the order of time."""
        tables = {
            "transactions": transactions_frame(rows, self._writing),
            "events": events_frame(rows, self._writing),
        }
        for table, frame in tables.items():
            if frame.height:
                self.parts.append(write_part(self._place, table, frame, month=month, part=part))


def in_time_order(rows: np.ndarray, writing: Writing) -> np.ndarray:
    """Return ``rows`` by time, those of one moment by public id; in place if they are by time."""
    moments = rows["time_us"]
    if (moments[1:] < moments[:-1]).any():
        rows = rows.take(np.argsort(moments))
    spare = np.empty(1, dtype=ROW)
    break_ties(rows, spare, writing.payment_keys.serial, writing.event_keys.serial)
    return rows


def devices_in(rows: np.ndarray) -> npt.NDArray[np.int64]:
    """Return the keys of the devices in ``rows``, rising; 0 where there is none."""
    seen = np.full(_DEVICES_AT_HAND, -1, dtype=np.int64)
    found = np.empty(len(rows), dtype=np.int64)
    return np.unique(found[: new_devices(rows, seen, found)])


def with_more(known: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the keys of both, each once and rising, as both are; ``np.union1d`` would sort again.

    >>> with_more(np.array([2, 5]), np.array([1, 5, 7])).tolist()
    [1, 2, 5, 7]
    """
    places = np.searchsorted(known, found)
    is_new = np.searchsorted(known, found, side="right") == places
    more: npt.NDArray[np.int64] = np.insert(known, places[is_new], found[is_new])
    return more


def _first_from(rows: np.ndarray, time_us: int) -> int:
    """Return the position of the first row from a moment on, in rows by time."""
    return int(np.searchsorted(rows["time_us"], time_us))


def transactions_frame(rows: np.ndarray, writing: Writing) -> pl.DataFrame:
    """Return the payments among settled rows as the table ``transactions``, in their order."""
    shared, paid = payment_columns(rows, writing.payment_keys, writing.rails)
    merchant = _position(paid.merchant)
    columns = {
        "tx_id": shared.serial_id,
        "event_time": times(shared.time_us),
        "rail": enum(paid.rail, RAILS),
        "tx_type": enum(writing.tx_type[shared.kind], TX_TYPES),
        "direction": enum(writing.incoming[shared.kind], DIRECTIONS),
        "amount_minor": paid.amount_minor,
        "currency": pl.repeat(writing.currency, len(paid.merchant), eager=True),
        "customer_id": shared.customer_id,
        "account_id": paid.account_id,
        "card_id": _id(shared.card_id),
        "merchant_id": _id(paid.merchant_id),
        "terminal_id": _id(paid.terminal_id),
        "mcc": writing.mcc.gather(merchant),
        "merchant_country": writing.merchant_country.gather(merchant),
        "channel": enum(paid.channel, CHANNELS),
        "entry_mode": enum(paid.entry, ENTRY_MODES),
        "three_ds": enum(paid.three_ds, THREE_DS),
        "cvv_result": enum(paid.cvv, CVV_RESULTS),
        "device_id": _id(shared.device_id),
        "ip_country": writing.countries.gather(_position(shared.ip_country)),
        "payee_id": _id(shared.payee_id),
        "response_code": enum(paid.response, tuple(RESPONSE_CODES)),
        "approved": paid.response == 0,
    }
    return pl.DataFrame(columns, schema=polars_schema(TABLES["transactions"]))


def events_frame(rows: np.ndarray, writing: Writing) -> pl.DataFrame:
    """Return the events among settled rows as the table ``events``, in their order."""
    shared = event_columns(rows, writing.event_keys)
    columns = {
        "event_id": shared.serial_id,
        "event_time": times(shared.time_us),
        "event_type": enum(shared.kind - FIRST_EVENT, EVENT_TYPES),
        "customer_id": shared.customer_id,
        "device_id": _id(shared.device_id),
        "ip_country": writing.countries.gather(_position(shared.ip_country)),
        "card_id": _id(shared.card_id),
        "payee_id": _id(shared.payee_id),
    }
    return pl.DataFrame(columns, schema=polars_schema(TABLES["events"]))


def _id(ids: npt.NDArray[np.int64]) -> pl.Series:
    """Return public ids, null where there is nothing."""
    series = pl.Series(ids)
    return series.set(series == NONE, None)


def _position(positions: npt.NDArray[np.uint32]) -> pl.Series:
    """Return positions to gather at, null where there is nothing."""
    series = pl.Series(positions)
    return series.set(series == NOWHERE, None)


def _month_of(time_us: int) -> np.datetime64:
    """Return the UTC month that ``time_us`` lies in."""
    month: np.datetime64 = np.datetime64(time_us, "us").astype("datetime64[M]")
    return month


def _start_us(month: np.datetime64) -> int:
    return int(month.astype("datetime64[us]").astype(np.int64))
