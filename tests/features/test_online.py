"""One payment at a time gives what the whole history gives, and says what is wrong with a row."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from fraudsim.errors import UsageError
from fraudsim.features import FAMILIES, Online, build_features, describe, online
from fraudsim.features.amount import log_ratio, mean_and_sd
from fraudsim.features.base import ENTITY_COLUMNS
from fraudsim.features.context import hour_of_day
from fraudsim.features.online import replay
from fraudsim.features.online.local_time import LocalTime
from fraudsim.features.online.recent import Recent, RecentOf
from fraudsim.features.online.scorer import STATES
from fraudsim.features.place import great_circle_km, trip_hours

FACTS = ("customers", "accounts", "cards", "devices", "payees", "merchants")
DAY_US = 86_400_000_000


def asked_one_by_one(online: Online, happenings) -> list[dict[str, Any]]:
    """The features of every payment of a history, each asked before its answer was known."""
    found = []
    for table, row in happenings:
        if table == "events":
            online.observe_event(row)
        else:
            request = {k: v for k, v in row.items() if k not in ("approved", "response_code")}
            found.append({"tx_id": row["tx_id"], **online.features(request)})
            online.observe(request, approved=row["approved"])
    return found


def differing(found, wanted) -> set[str]:
    """The names of the features that differ anywhere, in value or in type."""
    assert len(found) == len(wanted)
    assert list(found[0]) == list(wanted[0])
    return {
        name
        for one, other in zip(found, wanted, strict=True)
        for name in one
        if type(one[name]) is not type(other[name]) or one[name] != other[name]
    }


@pytest.fixture(scope="module")
def wanted(world) -> list[dict[str, Any]]:
    return build_features(world, timezone=world.timezone).to_dicts()


@pytest.fixture
def scorer(world) -> Online:
    return Online(world, timezone=world.timezone)


@pytest.fixture(scope="module")
def payments(world) -> list[dict[str, Any]]:
    return world.frames["transactions"].sort("event_time", "tx_id").to_dicts()


def emptied(world):
    return world.but(**{name: world.frames[name].clear() for name in FACTS})


# ---- the same numbers ---------------------------------------------------------------------------


def test_a_world_one_by_one_is_the_world_at_once(world, scorer, wanted):
    found = asked_one_by_one(scorer, replay(world))
    assert differing(found, wanted) == set()


@pytest.mark.parametrize(
    ("formula", "caught"),
    [
        ("amount.mean_and_sd", {"amount_mean_30d", "amount_log_ratio_30d", "amount_z_30d"}),
        ("place.trip_hours", {"previous_place_kmh"}),
        ("context.in_days", {"card_age_days", "account_age_days"}),
    ],
)
def test_a_formula_that_is_a_little_off_is_caught(world, wanted, monkeypatch, formula, caught):
    module = getattr(online, formula.partition(".")[0])
    name = formula.partition(".")[2]
    right = getattr(module, name)

    def a_little_off(*arguments):
        given = right(*arguments)
        return tuple(x * (1 + 1e-6) for x in given) if isinstance(given, tuple) else given * 1.001

    monkeypatch.setattr(module, name, a_little_off)
    first = list(replay(world))[:600]
    found = asked_one_by_one(Online(world, timezone=world.timezone), first)
    assert differing(found, wanted[: len(found)]) == caught


def test_chosen_families_come_alone_and_in_that_order(world, wanted):
    chosen = ["recency", "context"]
    first = list(replay(world))[:100]
    found = asked_one_by_one(Online(world, chosen, timezone=world.timezone), first)
    offline = build_features(world, chosen, timezone=world.timezone).to_dicts()
    assert differing(found, offline[: len(found)]) == set()


def test_names_are_those_that_are_described(scorer):
    assert scorer.names == tuple(describe()["name"])


def test_every_family_has_its_file_and_its_state():
    files = {path.stem for path in Path(online.__file__).parent.glob("*.py")}
    assert set(FAMILIES) <= files
    assert list(STATES) == list(FAMILIES)
    assert {make("UTC").__class__.__name__.lower() for make in STATES.values()} == set(FAMILIES)


def test_to_ask_changes_nothing(world, scorer, wanted):
    """A payment may be asked for twice, and need not be asked for at all."""
    found = []
    for number, (table, row) in enumerate(list(replay(world))[:800]):
        if table == "events":
            scorer.observe_event(row)
            continue
        if number % 3:
            given = scorer.features(row)
            assert scorer.features(row) == given
            found.append({"tx_id": row["tx_id"], **given})
        scorer.observe(row, approved=row["approved"])
    asked = {one["tx_id"] for one in found}
    assert differing(found, [one for one in wanted if one["tx_id"] in asked]) == set()


def test_the_answer_is_not_looked_at(scorer, payments):
    known = scorer.features(payments[0])
    other = {**payments[0], "approved": not payments[0]["approved"], "response_code": "59"}
    assert scorer.features(other) == known


def test_before_the_answer_a_challenge_is_asked(scorer, payments):
    row = {**payments[0], "three_ds": "challenged"}
    assert scorer.features(row) == scorer.features({**row, "three_ds": "asked"})


def test_a_scorer_goes_on_where_it_was_saved(world, scorer, wanted):
    history = list(replay(world))[:600]
    found = asked_one_by_one(scorer, history[:300])
    again = pickle.loads(pickle.dumps(scorer))  # noqa: S301 -- our own bytes
    found += asked_one_by_one(again, history[300:])
    assert differing(found, wanted[: len(found)]) == set()


# ---- what is on file ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_facts_changes_nothing(world, wanted, seed):
    facts = [(name, row) for name in FACTS for row in world.frames[name].to_dicts()]
    scorer = Online(emptied(world), timezone=world.timezone)
    for number in np.random.default_rng(seed).permutation(len(facts)):
        scorer.fact(*facts[number])
    first = list(replay(world))[:400]
    found = asked_one_by_one(scorer, first)
    assert differing(found, wanted[: len(found)]) == set()


def test_facts_may_come_as_late_as_they_are_needed(world, wanted):
    facts = {
        name: {row[f"{name[:-1]}_id"]: row for row in world.frames[name].to_dicts()}
        for name in FACTS
    }
    scorer = Online(emptied(world), timezone=world.timezone)

    def told_late():
        for table, row in list(replay(world))[:400]:
            for name, rows in facts.items():
                key = row.get(f"{name[:-1]}_id")
                if key is not None:
                    scorer.fact(name, rows[key])  # again and again: the same row is no error
            yield table, row

    found = asked_one_by_one(scorer, told_late())
    assert differing(found, wanted[: len(found)]) == set()


@pytest.mark.parametrize(
    ("column", "table"),
    [("customer_id", "customers"), ("account_id", "accounts"), ("merchant_id", "merchants")],
)
def test_who_is_not_on_file_is_named(scorer, payments, column, table):
    row = {**payments[0], column: 77}
    with pytest.raises(UsageError) as raised:
        scorer.features(row)
    assert str(raised.value) == (
        f"{table}: {column} 77 of tx_id {row['tx_id']} is not on file; put it there first: "
        f'fact("{table}", {{"{column}": 77, ...}})'
    )


def test_an_event_of_somebody_not_on_file(world, scorer):
    event = world.frames["events"].sort("event_time").row(0, named=True)
    with pytest.raises(UsageError, match="customers: customer_id 5 of the event is not on file"):
        scorer.observe_event({**event, "customer_id": 5})


def test_another_row_under_a_known_key(world, scorer):
    row = world.frames["devices"].row(0, named=True)
    other = {"phone": "tablet"}.get(row["device_type"], "phone")
    with pytest.raises(UsageError, match=r"devices: device_id \d+ is on file already, as device_t"):
        scorer.fact("devices", {**row, "device_type": other})


def test_an_unknown_table_of_facts(scorer):
    with pytest.raises(UsageError, match=r"'card' is no table of facts; did you mean 'cards'\?"):
        scorer.fact("card", {})


# ---- rows that do not fit -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"amount": 5}, r"transactions: unknown column 'amount'; did you mean 'amount_minor'\?"),
        ({"channel": "eccom"}, r"channel has no value 'eccom'; did you mean 'ecom'\?"),
        ({"amount_minor": 12.5}, "amount_minor is 12.5, of type float, and must be int"),
        ({"amount_minor": True}, "amount_minor is True, of type bool, and must be int"),
        ({"amount_minor": -1}, "amount_minor is -1, and an amount is from 0"),
        ({"amount_minor": 2**63}, "an amount is from 0 to 9223372036854775807"),
        ({"customer_id": None}, "customer_id is None, and it is never null"),
        ({"mcc": 5411}, "mcc is 5411, of type int, and must be str"),
        ({"event_time": "2025-01-01"}, "event_time is '2025-01-01', of type str"),
        (
            {"event_time": datetime(2025, 1, 1)},  # noqa: DTZ001 -- what must be refused
            "event_time is 2025-01-01 00:00:00, without a timezone; times are UTC",
        ),
    ],
)
def test_a_payment_that_does_not_fit(scorer, payments, change, says):
    with pytest.raises(UsageError, match=says):
        scorer.features({**payments[0], **change})
    with pytest.raises(UsageError, match=says):
        scorer.observe({**payments[0], **change}, approved=True)


@pytest.mark.parametrize("column", ["tx_id", "event_time", "payee_id", "three_ds"])
def test_a_missing_column_is_named(scorer, payments, column):
    row = {name: value for name, value in payments[0].items() if name != column}
    with pytest.raises(UsageError, match=f"transactions: the row has no column '{column}'; needed"):
        scorer.features(row)


def test_columns_that_no_feature_looks_at_may_be_left_out(scorer, payments):
    left_out = ("currency", "terminal_id", "response_code", "approved")
    row = {name: value for name, value in payments[0].items() if name not in left_out}
    assert scorer.features(row) == scorer.features(payments[0])


def test_an_event_that_does_not_fit(world, scorer):
    event = world.frames["events"].row(0, named=True)
    with pytest.raises(UsageError, match=r"'log_in'; did you mean 'login'\?"):
        scorer.observe_event({**event, "event_type": "log_in"})


def test_an_unknown_timezone_and_an_unknown_family(world):
    with pytest.raises(UsageError, match="unknown timezone 'Europe/Lundon'; an IANA name"):
        Online(world, timezone="Europe/Lundon")
    with pytest.raises(UsageError, match=r"'velocty'; did you mean 'velocity'\?"):
        Online(world, ["velocty"])


# ---- the order ----------------------------------------------------------------------------------


def later(row, **by) -> dict[str, Any]:
    return {**row, "event_time": row["event_time"] + timedelta(**by)}


def test_a_payment_before_the_past_is_refused(scorer, payments):
    scorer.observe(payments[1], approved=True)
    for early in (payments[0], {**payments[1], "tx_id": payments[1]["tx_id"] - 1}):
        with pytest.raises(UsageError, match=r"comes too late: tx_id \d+ of \S+ \S+ is past"):
            scorer.features(early)
        with pytest.raises(UsageError, match=r"ask and observe in the order of event_time and tx_"):
            scorer.observe(early, approved=True)


def test_a_payment_before_one_that_was_asked_for_is_refused(scorer, payments):
    scorer.features(payments[1])
    with pytest.raises(UsageError, match=r"comes too late: tx_id \d+ .* was given its features"):
        scorer.observe(payments[0], approved=True)


def test_a_payment_is_observed_once(scorer, payments):
    scorer.observe(payments[0], approved=True)
    with pytest.raises(UsageError, match="was observed already"):
        scorer.observe(payments[0], approved=True)


def test_an_event_before_the_past_is_refused(world, scorer, payments):
    event = {**world.frames["events"].row(0, named=True), "event_time": payments[5]["event_time"]}
    scorer.features(payments[5])
    with pytest.raises(UsageError, match=r"events: the event of .* comes too late: the features"):
        scorer.observe_event(later(event, microseconds=-1))
    scorer.observe_event(event)  # of the same moment: no part of that payment's past
    scorer.observe_event(later(event, days=1))
    with pytest.raises(UsageError, match=r"tx_id \d+ of .* comes too late: an event of .* is past"):
        scorer.features(payments[6])


def test_what_was_refused_left_no_trace(world, scorer, payments, wanted):
    for number in range(40):
        row = payments[number]
        for bad in (
            {**row, "customer_id": 1},
            {**row, "channel": "x"},
            payments[max(0, number - 9)],
        ):
            if bad is not row:
                with pytest.raises(UsageError):
                    scorer.observe(bad, approved=False)
        scorer.observe(row, approved=row["approved"])
    asked = scorer.features(payments[40])
    events = {
        name
        for name, family in describe().select("name", "family").iter_rows()
        if family == "events"
    }
    assert {name for name in asked if asked[name] != wanted[40][name]} <= events


# ---- memory -------------------------------------------------------------------------------------


def test_windows_are_dropped_when_nothing_happens(world, scorer):
    history = list(replay(world))
    asked_one_by_one(scorer, history)
    recent = [
        one
        for state in scorer._states
        for kept in vars(state).values()
        for one in (kept.values() if isinstance(kept, dict) else [kept])
        if isinstance(one, RecentOf)
    ]
    assert len(recent) == len(ENTITY_COLUMNS) + 1 + 2  # velocity, amount, two kinds of logins
    assert min(map(len, recent)) > 3
    last = next(row for table, row in reversed(history) if table == "transactions")
    scorer.observe(later(last, days=31), approved=True)
    present = sum(last[column] is not None for column in ENTITY_COLUMNS.values())
    assert sum(map(len, recent)) == present + (last["direction"] == "debit")


def test_a_busy_entity_keeps_at_most_twice_the_rows_of_its_window():
    recent = Recent(1)
    for second in range(10_000):
        recent.add(second, (1,), longest_us=50)
        assert len(recent.time_us) <= 2 * 51
        assert recent.sum_from(0, recent.since(second - 50)) == min(second + 1, 51)


# ---- formulas: arrays and numbers give the same bits --------------------------------------------


def test_formulas_give_the_same_bits_for_numbers_and_arrays():
    rng = np.random.default_rng(7)
    count, total = rng.integers(1, 900, 5000), rng.integers(0, 10**9, 5000)
    squares = rng.integers(0, 2**62, 5000)
    places = [rng.uniform(-bound, bound, 5000) for bound in (90, 180, 90, 180)]
    elapsed_us = rng.integers(0, 10**13, 5000)
    for formula, arrays in (
        (lambda *a: mean_and_sd(*a)[0], (count, total, squares)),
        (lambda *a: mean_and_sd(*a)[1], (count, total, squares)),
        (log_ratio, (total.astype(np.float64), squares / 7)),
        (great_circle_km, places),
        (trip_hours, (elapsed_us,)),
    ):
        one_by_one = [formula(*row) for row in zip(*(a.tolist() for a in arrays), strict=True)]
        assert formula(*arrays).tolist() == one_by_one


@pytest.mark.parametrize(
    ("timezone", "begin"),
    [
        ("Europe/London", "2025-03-29"),
        ("Europe/London", "2025-10-25"),
        ("Australia/Lord_Howe", "2025-04-05"),  # half an hour, at half past by UTC
        ("Asia/Kathmandu", "2024-12-31"),
        ("America/St_Johns", "2006-10-28"),  # at a minute past midnight
        ("Africa/Monrovia", "1972-01-06"),  # by 44 minutes and 30 seconds
    ],
)
def test_local_time_is_that_of_polars(timezone, begin):
    time = pl.Series([begin]).str.to_datetime(time_unit="us", time_zone="UTC")
    first_us = time.dt.timestamp("us").item()
    moments = pl.Series([first_us + k * 420_000_123 for k in range(3 * 206)])
    utc = moments.cast(pl.Datetime("us", "UTC"))
    there = utc.dt.convert_time_zone(timezone)
    local = LocalTime(timezone)
    found = [local.at(moment) for moment in moments]
    assert [one.hour for one in found] == hour_of_day(there).to_list()
    assert [one.weekday for one in found] == there.dt.weekday().to_list()
    assert [one.year_utc for one in found] == utc.dt.year().to_list()
