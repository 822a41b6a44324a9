"""For an hour now and then nobody is answered at a merchant, and outages are as long as asked."""

from datetime import timedelta

import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.scenario_files import load_scenario

WORLD = ("population.customers=600", "calendar.days=30", "attacks=[]")
PER_YEAR = 60.0
LOST = pl.col("response_code") == "91"


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same world with outages and without; no other request is lost."""
    folder = tmp_path_factory.mktemp("outages")
    return {
        name: simulate(
            load_scenario(
                "tiny",
                overrides=[
                    *WORLD,
                    "honest.unavailable_share=0",
                    f"look_alikes.checkout_outage={rate}",
                ],
            ),
            3,
            folder / name,
        )
        for name, rate in (("with", PER_YEAR), ("without", 0.0))
    }


def by_card(world):
    rows = world.transactions.filter(pl.col("tx_type").is_in(["purchase", "withdrawal"]))
    return rows.sort("event_time", "tx_id").collect()


def test_the_share_that_is_lost_is_that_of_the_time(worlds):
    """Nine tenths of an hour, more for the second tries, which are lost too."""
    assert 0.7 < by_card(worlds["with"]).select(LOST.mean()).item() / (PER_YEAR / 365 / 24) < 2.0
    assert by_card(worlds["without"]).filter(LOST).height == 0


def test_what_is_lost_at_a_merchant_is_lost_together(worlds):
    """Of what lies between two lost requests within half an hour most is lost."""
    rows = by_card(worlds["with"])
    lost = rows.filter(LOST).select("merchant_id", "event_time", lost_at="event_time")
    near = rows.sort("event_time").join_asof(
        lost.sort("event_time"), on="event_time", by="merchant_id", allow_exact_matches=False
    )
    soon = pl.col("event_time") - pl.col("lost_at") < timedelta(minutes=20)
    assert near.filter(soon).select(LOST.mean()).item() > 0.4
