"""Apps are set up as often as asked, on the phone that then pays, and pay soon afterwards."""

from datetime import timedelta

import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.integrity import ledger_problems
from fraudsim.scenario_files import load_scenario

WORLD = ("population.customers=900", "calendar.days=60", "attacks=[]")
YEARS = 900 * 60 / 365
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same world with new phones only, with apps set up again only, and with neither."""
    settings = {"phones": (3.0, 0.0), "apps": (0.0, 3.0), "neither": (0.0, 0.0)}
    folder = tmp_path_factory.mktemp("apps")
    return {
        name: simulate(
            load_scenario(
                "tiny",
                overrides=[
                    *WORLD,
                    f"look_alikes.new_phone={new}",
                    f"look_alikes.app_set_up_again={again}",
                ],
            ),
            3,
            folder / name,
        )
        for name, (new, again) in settings.items()
    }


def enrolled(world):
    events = world.table("events").filter(pl.col("event_type") == "device_enrolled")
    return events.select("customer_id", "device_id", enrolled="event_time").collect()


def on_enrolled(world):
    """Payments on an enrolled device, and their age since its last enrolment before."""
    rows = world.transactions.filter(pl.col("device_id").is_not_null()).collect()
    pairs = rows.join(enrolled(world), on=["customer_id", "device_id"])
    return pairs.with_columns(age=pl.col("event_time") - pl.col("enrolled"))


@pytest.mark.parametrize("name", ["phones", "apps"])
def test_they_are_enrolled_as_often_as_asked(worlds, name):
    expected = 3.0 * YEARS
    assert enrolled(worlds[name]).height == pytest.approx(expected, rel=0.25)  # 5 standard errors


def test_nothing_is_enrolled_without_them(worlds):
    assert enrolled(worlds["neither"]).height == 0


@pytest.mark.parametrize("name", ["phones", "apps"])
def test_more_than_half_of_them_pay_within_hours(worlds, name):
    rows = on_enrolled(worlds[name]).filter(
        (pl.col("tx_type") == "transfer") & pl.col("age").is_between(timedelta(0), 3 * HOUR)
    )
    paying = rows.select("customer_id", "enrolled").unique().height
    assert 0.4 < paying / enrolled(worlds[name]).height < 0.75  # .6 less those late in the evening


def test_a_new_phone_pays_only_once_it_is_enrolled_and_an_old_one_no_more(worlds):
    new = on_enrolled(worlds["phones"])
    assert new.filter(pl.col("age") < timedelta(0)).height == 0


def test_an_app_set_up_again_is_on_a_phone_that_has_paid_before(worlds):
    assert on_enrolled(worlds["apps"]).filter(pl.col("age") < timedelta(0)).height > 0


@pytest.mark.parametrize("name", ["phones", "apps"])
def test_some_come_with_a_new_password_and_a_new_number(worlds, name):
    events = worlds[name].table("events").collect()
    pairs = events.join(enrolled(worlds[name]), on=["customer_id", "device_id"])
    near = pairs.filter((pl.col("event_time") - pl.col("enrolled")).abs() < timedelta(minutes=10))
    share = {
        kind: near.filter(pl.col("event_type") == kind).height / enrolled(worlds[name]).height
        for kind in ("password_reset", "contact_changed")
    }
    assert share["password_reset"] == pytest.approx(0.25, abs=0.1)
    expected = 0.15 if name == "phones" else 0.0
    assert share["contact_changed"] == pytest.approx(expected, abs=0.08)


def test_the_books_close(worlds):
    for world in worlds.values():
        assert ledger_problems(world) == []
