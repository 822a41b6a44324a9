"""Whatever the world: keys fit, money is conserved, and no limit was overstepped."""

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraudsim.engine import simulate
from fraudsim.engine.entered import Entered
from fraudsim.engine.ids import PublicIds
from fraudsim.engine.local import LocalPopulation
from fraudsim.engine.model import PaymentModel
from fraudsim.engine.population import block_count
from fraudsim.registry import ATTACKS, discover
from fraudsim.scenario_attacks import check_attacks
from fraudsim.scenario_files import load_scenario
from fraudsim.sinks.local_place import LocalPlace
from fraudsim.streams import Streams
from fraudsim.world.world import build_world


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**63 - 1),
    customers=st.integers(1, 120),
    block=st.integers(1, 60),
    days=st.integers(1, 20),
    start=st.sampled_from(["2025-01-01", "2024-02-25", "2025-03-28", "2025-10-24"]),
)
def test_every_world_balances(tmp_path_factory, seed, customers, block, days, start):
    overrides = [
        f"population.customers={customers}",
        f"population.block_size={block}",
        f"calendar.days={days}",
        f"calendar.start={start}",
    ]
    overrides += [f"attacks.{k}.first_day=0" for k in range(8)]
    overrides += [f"attacks.{k}.last_day=null" for k in range(8)]
    world = simulate(
        load_scenario("tiny", overrides=overrides), seed, tmp_path_factory.mktemp("w") / "w"
    )
    assert world.check_keys() == []
    assert world.check_ledger() == []


def test_no_approved_payment_oversteps_the_account(busy_world):
    """Replay every account in time order from its opening balance."""
    payments = (
        busy_world.transactions.filter(pl.col("approved"))
        .join(busy_world.table("balances").select("account_id", "opening_minor"), on="account_id")
        .join(busy_world.table("accounts").select("account_id", "limit_minor"), on="account_id")
        .with_columns(
            signed=pl.when(pl.col("direction") == "debit")
            .then(-pl.col("amount_minor"))
            .otherwise(pl.col("amount_minor"))
        )
        .sort("account_id", "event_time", "tx_id")
        .with_columns(after=pl.col("opening_minor") + pl.col("signed").cum_sum().over("account_id"))
        .filter(pl.col("direction") == "debit")
        .collect()
    )
    assert payments.height > 10_000
    overdrawn = payments.filter(pl.col("after") < -pl.col("limit_minor"))
    assert overdrawn.height == 0, overdrawn.head()


def test_no_card_pays_before_it_is_issued_or_after_it_is_blocked(busy_world):
    uses = (
        busy_world.transactions.filter(
            pl.col("approved") & (pl.col("rail") == "card") & (pl.col("tx_type") != "refund")
        )
        .join(busy_world.table("cards").select("card_id", "issued_at", "expires_on"), on="card_id")
        .join(
            busy_world.table("events")
            .filter(pl.col("event_type") == "card_blocked")
            .group_by("card_id")
            .agg(blocked_at=pl.col("event_time").min()),
            on="card_id",
            how="left",
        )
        .collect()
    )
    assert uses["blocked_at"].is_not_null().sum() > 50
    assert uses.filter(pl.col("event_time") < pl.col("issued_at")).height == 0
    assert uses.filter(pl.col("event_time").dt.date() > pl.col("expires_on")).height == 0
    assert uses.filter(pl.col("event_time") >= pl.col("blocked_at")).height == 0


def test_merchants_received_what_customers_paid(tmp_path, tiny_world):
    """The merchants' own books, summed over blocks, agree with the transactions."""
    scenario, streams = load_scenario("tiny"), Streams(7)
    world = build_world(scenario, streams)
    entries = scenario.attacks
    chosen = check_attacks(scenario, discover(ATTACKS))
    patterns = [Entered(one, (), entry) for one, entry in zip(chosen, entries, strict=True)]
    blocks, place = range(block_count(scenario)), LocalPlace(tmp_path / "world")
    place.folder.mkdir()
    model = PaymentModel(
        world,
        streams,
        patterns,
        lambda m, merchants: LocalPopulation(m, world, streams, blocks, place, merchants),
    )
    for _ in range(scenario.calendar.days):
        model.step()
    model.close()
    signed = pl.when(pl.col("tx_type") == "refund").then(-1).otherwise(1) * pl.col("amount_minor")
    paid = (
        tiny_world.transactions.filter(
            pl.col("approved") & pl.col("tx_type").is_in(["purchase", "withdrawal", "refund"])
        )
        .drop_nulls("merchant_id")
        .group_by("merchant_id")
        .agg(paid=signed.sum())
        .sort("merchant_id")
        .collect()
    )
    received = pl.DataFrame(
        {
            "merchant_id": PublicIds(streams).of("merchant", np.arange(len(world.merchants))),
            "paid": model.merchants.received_minor,
        }
    )
    touched = received.join(paid.select("merchant_id"), on="merchant_id").sort("merchant_id")
    assert touched.equals(paid)
    assert model.merchants.received_minor.sum() == paid["paid"].sum()


@pytest.mark.parametrize("table", ["transactions", "events"])
def test_rows_stand_in_the_order_of_time(busy_world, table):
    """Row order is that of time, then id: it tells nothing else."""
    key = {"transactions": "tx_id", "events": "event_id"}[table]
    for path in sorted((busy_world.path / table).rglob("*.parquet")):
        frame = pl.read_parquet(path, hive_partitioning=False)
        assert frame.equals(frame.sort("event_time", key))
