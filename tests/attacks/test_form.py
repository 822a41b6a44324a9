"""The forms that a fraudster's rows are held to are those of honest rows."""

from __future__ import annotations

import polars as pl
import pytest

from fraudsim import rows as codes
from fraudsim.attacks.kit.form import FIELDS, FORMS
from fraudsim.attacks.kit.rehearsal import answer_all, rehearse, small_world
from fraudsim.engine import simulate
from fraudsim.registry import ATTACKS, discover
from fraudsim.scenario_files import load_scenario
from fraudsim.schema import CHANNELS, CVV_RESULTS, ENTRY_MODES, TX_TYPES

SMALL = (
    *("calendar.days=30", "population.customers=150", "attacks=[]"),
    "population.block_size=50",
)


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """The payments of a month without fraud."""
    folder = tmp_path_factory.mktemp("honest") / "world"
    world = simulate(load_scenario("tiny", overrides=SMALL), 11, folder)
    merchants = world.merchants.select("merchant_id", "online", "category")
    return world.transactions.join(merchants, on="merchant_id", how="left").collect()


@pytest.mark.parametrize(
    ("kind", "channel"),
    [pair for pair in FORMS if pair[0] < codes.FIRST_EVENT and pair[0] != codes.BILL],
)
def test_honest_rows_have_the_form(honest, kind, channel):
    form = FORMS[kind, channel]
    rows = honest.filter(tx_type=TX_TYPES[kind], channel=CHANNELS[channel])
    assert len(rows) > 2, "a form that honest life does not have"
    filled = {
        name
        for name in FIELDS
        if not rows[name if name == "ip_country" else f"{name}_id"].is_null().any()
    }
    empty = {
        name
        for name in FIELDS
        if rows[name if name == "ip_country" else f"{name}_id"].is_null().all()
    }
    assert filled == set(form.filled)
    assert empty == set(FIELDS) - set(form.filled)
    read = {
        (ENTRY_MODES[entry], CVV_RESULTS[cvv]) for entry, cvvs in form.read.items() for cvv in cvvs
    }
    assert set(rows.select("entry_mode", "cvv_result").unique().rows()) <= read
    if form.whole:
        assert (rows["amount_minor"] % 100 == 0).all()
    if form.at:
        online, cash = {"a web shop": (True, False), "a cash machine": (False, True)}.get(
            form.at, (False, False)
        )
        assert (rows["online"] == online).all()
        assert ((rows["category"] == "cash") == cash).all()


def test_no_honest_amounts_end_alike_as_much_as_is_refused(honest):
    ending = pl.col("amount_minor") % 100
    shares = (
        honest.filter(ending != 0)
        .group_by("tx_type", "channel", ending.alias("ending"))
        .len()
        .join(honest.group_by("tx_type", "channel").agg(all=pl.len()), on=["tx_type", "channel"])
        .filter(pl.col("all") >= 30)
        .select(pl.col("len") / pl.col("all"))
    )
    assert shares.to_series().max() < 0.45


@pytest.mark.parametrize("name", discover(ATTACKS))
def test_nothing_is_answered_after_the_run(name):
    end_us = small_world(400, 7).calendar.end_us
    ends = set()
    for seed in range(10):
        run = rehearse(discover(ATTACKS)[name](), answer_all, seed, days=7, start_day=2)
        ends.add(run.ended)
        assert (run.rows["time_us"] < end_us).all()
    assert ends <= {"finished", "gave_up", "run_ended"}
