"""Whatever a history looks like, one by one and at once give the same features."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraudsim import schema
from fraudsim.features import Online, build_features

START = datetime(2025, 3, 29, 22, tzinfo=UTC)  # the clocks change in the night
GAPS = (  # so that times collide and rows stand at the very edge of windows
    *(timedelta(microseconds=us) for us in (0, 0, 0, 1)),
    *(timedelta(hours=hours) for hours in (1, 24, 24 * 7, 24 * 30)),
    *(timedelta(hours=hours, microseconds=1) for hours in (1, 24, 24 * 30)),
    *(timedelta(minutes=minutes) for minutes in (3, 59, 700)),
)
CUSTOMERS, ACCOUNTS, CARDS = range(1, 3), range(11, 14), range(21, 24)
DEVICES, PAYEES, SHOPS = range(31, 34), range(41, 44), range(51, 55)


class Bank:
    """Tables in memory."""

    def __init__(self, frames: dict[str, pl.DataFrame]) -> None:
        self.frames = frames

    def table(self, name: str) -> pl.LazyFrame:
        return self.frames[name].lazy()


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A table of the schema; what the rows do not say is null."""
    types = schema.polars_schema(schema.TABLES[table])
    return pl.DataFrame([{**dict.fromkeys(types), **row} for row in rows], schema=types)


@st.composite
def on_file(draw):
    degrees = st.floats(-80, 80).map(lambda x: round(x, 3))
    country = st.sampled_from(["GB", "FR"])
    return {
        "customers": [
            {
                "customer_id": who,
                "birth_year": draw(st.integers(1930, 2007)),
                "home_country": draw(country),
                "home_lat": draw(degrees),
                "home_lon": draw(degrees),
                "income_minor": draw(st.sampled_from([0, 7, 250_000])),
            }
            for who in CUSTOMERS
        ],
        "accounts": [
            {
                "account_id": one,
                "account_type": draw(st.sampled_from(schema.ACCOUNT_TYPES)),
                "opened_on": draw(st.dates(date(1990, 1, 1), date(2026, 1, 1))),
            }
            for one in ACCOUNTS
        ],
        "cards": [
            {
                "card_id": one,
                "funding": draw(st.sampled_from(schema.FUNDINGS)),
                "issued_at": START + timedelta(seconds=draw(st.integers(-(10**8), 10**6)) / 7),
            }
            for one in CARDS
        ],
        "devices": [{"device_id": one, "device_type": "phone"} for one in DEVICES],
        "payees": [
            {
                "payee_id": one,
                "payee_type": "person",
                "country": draw(country),
                "account_id": draw(st.sampled_from([None, 11])),
            }
            for one in PAYEES
        ],
        "merchants": [
            {
                "merchant_id": one,
                "mcc": "5411",
                "lat": None if one == SHOPS[0] else draw(degrees),
                "lon": 0.1 * one,
            }
            for one in SHOPS
        ],
    }


PAYMENT = st.fixed_dictionaries(
    {
        "rail": st.sampled_from(schema.RAILS),
        "tx_type": st.sampled_from(schema.TX_TYPES),
        "direction": st.sampled_from(schema.DIRECTIONS),
        # the largest makes the sum of squares leave its 64 bits
        "amount_minor": st.integers(0, 30_000) | st.sampled_from([0, 7, 7, 10**9, 4 * 10**9]),
        "currency": st.just("GBP"),
        "customer_id": st.sampled_from(CUSTOMERS),
        "account_id": st.sampled_from(ACCOUNTS),
        "card_id": st.none() | st.sampled_from(CARDS),
        "merchant_id": st.sampled_from((None, *SHOPS)),
        "mcc": st.none() | st.sampled_from(["5411", "6011"]),
        "merchant_country": st.none() | st.sampled_from(["GB", "FR"]),
        "channel": st.sampled_from((*schema.CHANNELS, "pos", "pos", "atm")),
        "entry_mode": st.sampled_from(schema.ENTRY_MODES),
        "three_ds": st.sampled_from(schema.THREE_DS),
        "cvv_result": st.sampled_from(schema.CVV_RESULTS),
        "device_id": st.none() | st.sampled_from(DEVICES),
        "ip_country": st.none() | st.sampled_from(["GB", "FR"]),
        "payee_id": st.none() | st.sampled_from(PAYEES),
        "approved": st.booleans(),
    }
)
EVENT = st.fixed_dictionaries(
    {
        "event_type": st.sampled_from(schema.EVENT_TYPES),
        "customer_id": st.sampled_from(CUSTOMERS),
        "device_id": st.none() | st.sampled_from(DEVICES),
        "payee_id": st.none() | st.sampled_from(PAYEES),
    }
)


@st.composite
def histories(draw):
    """What is on file, and payments and events in an order that they may be told in."""
    kinds = st.tuples(st.just("transactions"), PAYMENT) | st.tuples(st.just("events"), EVENT)
    happened = draw(st.lists(st.tuples(st.sampled_from(GAPS), kinds), min_size=2, max_size=40))
    ids = draw(st.permutations(range(100, 100 + len(happened))))
    time, told = START, []
    for (gap, (table, row)), number in zip(happened, ids, strict=True):
        time += gap
        key = schema.TABLES[table].key
        told.append((table, {**row, "event_time": time, key: number}))
    # payments of one moment come by their id; an event may come anywhere among them
    told.sort(key=lambda one: (one[1]["event_time"], one[1].get("tx_id") or one[1]["event_id"]))
    return draw(on_file()), told


def bank_of(facts, told, random) -> Bank:
    """The tables of a history, their rows in any order."""
    tables = {**facts, "transactions": [], "events": []}
    for table, row in told:
        tables[table] = [*tables[table], row]
    frames = {}
    for name, rows in tables.items():
        random.shuffle(rows)
        frames[name] = frame(name, rows)
    return Bank(frames)


@given(histories(), st.randoms(use_true_random=False))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_one_by_one_is_at_once(history, random):
    facts, told = history
    bank = bank_of(facts, told, random)
    zone = "Europe/London"
    online = Online(bank, timezone=zone)
    found = []
    for table, row in told:
        if table == "events":
            online.observe_event(row)
            continue
        full = {"terminal_id": None, **row}
        found.append({"tx_id": row["tx_id"], **online.features(full)})
        online.observe(full, approved=row["approved"])
    wanted = build_features(bank, timezone=zone).to_dicts()
    assert [differing(*rows) for rows in zip(found, wanted, strict=True)] == [{}] * len(wanted)


def differing(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    assert list(found) == list(wanted)
    return {name: (found[name], wanted[name]) for name in found if found[name] != wanted[name]}
