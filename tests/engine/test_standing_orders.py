"""Standing orders run as many as asked, month after month, and large sums are tapped by phone."""

import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.integrity import key_problems, ledger_problems
from fraudsim.scenario_files import load_scenario

CUSTOMERS, RUNNING, WALLETS = 600, 0.4, 0.2
WORLD = (f"population.customers={CUSTOMERS}", "calendar.days=90", "attacks=[]")
BY_ORDER = (pl.col("tx_type") == "transfer") & (pl.col("channel") == "batch")
LARGE = (pl.col("channel") == "pos") & (pl.col("amount_minor") > 10_000)
TAPPED = pl.col("entry_mode") == "contactless"


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same world with such orders and wallets, and without."""
    settings = {
        "with": (
            f"honest.standing_orders_per_customer={RUNNING}",
            f"honest.wallet_share={WALLETS}",
        ),
        "without": (),
    }
    folder = tmp_path_factory.mktemp("orders")
    return {
        name: simulate(load_scenario("tiny", overrides=[*WORLD, *more]), 3, folder / name)
        for name, more in settings.items()
    }


def orders_of(world):
    """One row per customer and payee of a standing order: how often it was paid, and what."""
    return (
        world.transactions.filter(BY_ORDER, pl.col("direction") == "debit")
        .sort("event_time")
        .group_by("account_id", "payee_id")
        .agg(
            times=pl.len(),
            sums=pl.col("amount_minor").n_unique(),
            first=pl.col("event_time").first(),
            gap=pl.col("event_time").dt.date().diff().dt.total_days().median(),
        )
        .collect()
    )


def test_as_many_orders_run_as_asked(worlds):
    more = orders_of(worlds["with"]).height - orders_of(worlds["without"]).height
    # in three months an eighth of them is replaced; six standard errors are .12
    assert more / CUSTOMERS == pytest.approx(1.12 * RUNNING, abs=0.12)


def test_an_order_is_always_of_one_sum_and_mostly_monthly(worlds):
    orders = orders_of(worlds["with"])
    assert (orders["sums"] == 1).all()
    gaps = orders["gap"].drop_nulls()
    assert gaps.is_in([7.0, *range(28, 32), 29.5, 30.5]).all()
    assert (gaps > 7).mean() > 0.9


def test_some_payees_of_orders_were_added_in_the_week_before(worlds):
    orders = orders_of(worlds["with"])
    added = worlds["with"].events.filter(pl.col("event_type") == "payee_added").collect()
    pairs = orders.join(
        added.select("payee_id", added="event_time"), on="payee_id", how="inner"
    ).with_columns(days=(pl.col("first") - pl.col("added")).dt.total_days())
    assert pairs.height > 5
    assert pairs["days"].is_between(0, 12).all()


def test_large_sums_are_tapped_as_often_as_asked(worlds):
    shares = {
        name: world.transactions.filter(LARGE).select(TAPPED.mean()).collect().item()
        for name, world in worlds.items()
    }
    assert shares["without"] == 0
    assert shares["with"] == pytest.approx(WALLETS, abs=0.03)


def test_the_books_of_a_world_with_orders_close(worlds):
    assert key_problems(worlds["with"]) == []
    assert ledger_problems(worlds["with"]) == []
