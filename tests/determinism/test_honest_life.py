"""Adding an attack leaves the honest rows of untouched customers as they were.

The issuer's reaction can touch others: it challenges everybody who pays online where frauds were
reported (``issuer.flag_after_reports``). The worlds here have an issuer who does not, but for the
last test, which shows that this is all that its reaction changes.
"""

import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.scenario_files import load_scenario

NO_REACTION = "issuer.flag_after_reports=1000000"


@pytest.fixture(scope="module")
def attacked_world(tmp_path_factory):
    scenario = load_scenario("tiny", overrides=[NO_REACTION])
    return simulate(scenario, 7, tmp_path_factory.mktemp("worlds") / "attacked-7")


@pytest.fixture(scope="module")
def quiet_world(tmp_path_factory):
    scenario = load_scenario("tiny", overrides=["attacks=[]", NO_REACTION])
    return simulate(scenario, 7, tmp_path_factory.mktemp("worlds") / "quiet-7")


def touched_customers(world) -> set[int]:
    """Victims, those whose online banking was tampered with, and whoever they sent money to."""
    frauds = world.transactions.join(world.table("labels").select("tx_id"), on="tx_id")
    touched = set(frauds.select("customer_id").collect()["customer_id"])
    sent = (
        world.transactions.filter(pl.col("payee_id").is_not_null())
        .join(world.table("payees").select("payee_id", receiver="account_id"), on="payee_id")
        .join(
            world.table("accounts").select(receiver="account_id", friend="customer_id"),
            on="receiver",
        )
        .select("customer_id", "friend")
        .collect()
    )
    while True:
        friends = set(sent.filter(pl.col("customer_id").is_in(list(touched)))["friend"])
        if friends <= touched:
            return touched
        touched |= friends


def rows_of_others(world, touched, table):
    frame = world.table(table).filter(~pl.col("customer_id").is_in(list(touched))).collect()
    return frame.sort(frame.columns)


def tampered_with(world, quiet) -> set[int]:
    """Customers with events that a fraudster made, though no payment came of it."""
    made = world.table("events").join(quiet.table("events"), on="event_id", how="anti")
    return set(made.select("customer_id").collect()["customer_id"])


@pytest.mark.parametrize("table", ["transactions", "events"])
def test_untouched_customers_live_the_same_rows(attacked_world, quiet_world, table):
    touched = touched_customers(attacked_world) | tampered_with(attacked_world, quiet_world)
    assert len(touched) < 150, "nearly everybody was touched: the test would say nothing"
    mine = rows_of_others(attacked_world, touched, table)
    assert mine.height > 1_000
    assert mine.equals(rows_of_others(quiet_world, touched, table))


def test_victims_do_live_otherwise(attacked_world, quiet_world):
    """The comparison above can fail: it does for those whom it leaves out."""
    labels = attacked_world.table("labels").select("tx_id")
    frauds = attacked_world.transactions.join(labels, on="tx_id").collect()
    everybody = attacked_world.table("customers").select("customer_id").collect()["customer_id"]
    bystanders = set(everybody) - set(frauds["customer_id"])
    mine = rows_of_others(attacked_world, bystanders, "transactions")
    assert not mine.equals(rows_of_others(quiet_world, bystanders, "transactions"))


def test_the_issuers_reaction_only_challenges(tiny_world, attacked_world):
    touched = touched_customers(tiny_world) | touched_customers(attacked_world)
    alert = rows_of_others(tiny_world, touched, "transactions")
    calm = rows_of_others(attacked_world, touched, "transactions")
    other = alert.join(calm, on=alert.columns, how="anti", nulls_equal=True)
    # what follows from a payment that failed (money left, another card) can differ as well
    first = other.sort("event_time", "tx_id").unique(
        "customer_id", keep="first", maintain_order=True
    )
    assert set(first["channel"]) <= {"ecom"}
    assert set(first["three_ds"]) <= {"challenged", "failed"}
