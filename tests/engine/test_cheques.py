"""Cheques are paid in as often as asked, and those that bounce are taken back for the same sum."""

from datetime import timedelta

import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.integrity import ledger_problems
from fraudsim.scenario_files import load_scenario

WORLD = ("population.customers=600", "calendar.days=60", "attacks=[]")
PER_YEAR, BOUNCED = 48.0, 0.2
DEPOSITS = pl.col("tx_type") == "deposit"
TAKEN_BACK = (pl.col("tx_type") == "bill") & pl.col("merchant_id").is_null()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same world with cheques and without."""
    settings = {
        "with": (f"honest.cheques_per_year={PER_YEAR}", f"honest.cheques_bounced_share={BOUNCED}"),
        "without": (),
    }
    folder = tmp_path_factory.mktemp("cheques")
    return {
        name: simulate(load_scenario("tiny", overrides=[*WORLD, *more]), 3, folder / name)
        for name, more in settings.items()
    }


def count(world, which):
    return world.transactions.filter(which).select(pl.len()).collect().item()


def test_cheques_come_as_often_as_asked_and_bounce_as_often(worlds):
    paid_in = count(worlds["with"], DEPOSITS) - count(worlds["without"], DEPOSITS)
    expected = 600 * PER_YEAR * 60 / 365
    assert paid_in == pytest.approx(expected, rel=0.1)  # five standard errors are 7 %
    assert count(worlds["with"], TAKEN_BACK) == pytest.approx(BOUNCED * paid_in, rel=0.25)
    assert count(worlds["without"], TAKEN_BACK) == 0


def test_what_bounces_was_paid_in_within_the_week_before(worlds):
    rows = worlds["with"].transactions.select("account_id", "amount_minor", "event_time", "tx_type")
    back = worlds["with"].transactions.filter(TAKEN_BACK)
    deposits = rows.filter(DEPOSITS).rename({"event_time": "paid_in"})
    pairs = back.join(deposits, on=["account_id", "amount_minor"], how="left").collect()
    age = pl.col("event_time") - pl.col("paid_in")
    found = pairs.filter(age.is_between(timedelta(0), timedelta(days=8)))["tx_id"].n_unique()
    assert found == back.collect().height > 0


def test_the_books_of_a_world_with_cheques_close(worlds):
    assert ledger_problems(worlds["with"]) == []
