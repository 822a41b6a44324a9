"""Billers charge all who are due together, are refused at times, and try again."""

from datetime import timedelta

import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.integrity import ledger_problems
from fraudsim.scenario_files import load_scenario

WORLD = ("population.customers=600", "calendar.days=60", "attacks=[]")
RECURRING = (pl.col("channel") == "recurring") & (pl.col("tx_type") == "purchase")
REFUSED = ~pl.col("approved")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same world with every biller in runs, and with none, no old dates and no second try."""
    settings = {
        "runs": (
            "look_alikes.billing_run=1",
            "honest.outdated_card_share=0.2",
            "honest.charged_again_share=0.7",
        ),
        "none": (
            "look_alikes.billing_run=0",
            "honest.outdated_card_share=0",
            "honest.charged_again_share=0",
        ),
    }
    folder = tmp_path_factory.mktemp("runs")
    return {
        name: simulate(load_scenario("tiny", overrides=[*WORLD, *more]), 3, folder / name)
        for name, more in settings.items()
    }


def charges(world):
    """Charges of the largest biller by card, with their local time."""
    rows = world.transactions.filter(RECURRING).collect()
    largest = rows["merchant_id"].mode().sort()[0]
    local = pl.col("event_time").dt.convert_time_zone("Europe/London")
    return rows.filter(pl.col("merchant_id") == largest).with_columns(local=local)


def test_a_run_takes_an_hour_of_the_night(worlds):
    minute = charges(worlds["runs"])["local"].dt.time().cast(pl.Int64) / 60e9
    assert minute.max() - minute.min() < 61
    without = charges(worlds["none"])["local"].dt.time().cast(pl.Int64) / 60e9
    assert without.max() - without.min() > 180


def test_a_run_is_on_a_few_days_of_the_month(worlds):
    """Four at most, and four in five charges come on the very day."""
    for name, least, most in (("runs", 0.6, 1.0), ("none", 0.1, 0.4)):
        days = charges(worlds[name]).filter(pl.col("approved"))["local"].dt.day().value_counts()
        share = days["count"].sort(descending=True).head(4).sum() / days["count"].sum()
        assert least < share <= most


def test_old_dates_are_refused_with_54_as_often_as_asked(worlds):
    rows = worlds["runs"].transactions.filter(RECURRING).collect()
    expired = pl.col("response_code") == "54"
    # those that are refused are tried again, so they are more than a fifth
    assert 0.2 < rows.select(expired.mean()).item() < 0.6
    assert worlds["none"].transactions.filter(expired).collect().height == 0
    others = worlds["runs"].transactions.filter(~RECURRING & expired).collect()
    assert others.height == 0


def test_what_was_refused_is_tried_again_within_five_days(worlds):
    for name, share in (("runs", 0.7), ("none", 0.0)):
        rows = worlds[name].transactions.filter(RECURRING).sort("event_time", "tx_id").collect()
        following = pl.col("event_time").shift(-1).over("account_id", "merchant_id", "amount_minor")
        soon = following - pl.col("event_time") < timedelta(days=5, hours=2)
        end = rows["event_time"].max() - timedelta(days=6)
        refused = rows.with_columns(again=soon.fill_null(value=False)).filter(
            REFUSED & (pl.col("event_time") < end)
        )
        assert refused["again"].mean() == pytest.approx(share, abs=0.08)


def test_the_books_close(worlds):
    for world in worlds.values():
        assert ledger_problems(world) == []
