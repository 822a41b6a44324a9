"""Honest life, against what the scenario asks for; fixed seed, stated tolerances."""

import polars as pl
import pytest


@pytest.fixture(scope="module")
def honest(busy_world):
    return busy_world.labelled().filter(~pl.col("is_fraud")).collect()


def test_most_honest_payments_are_approved(honest):
    """96 to 99.5 % of what is asked for; refusals for want of money below 3 %."""
    asked = honest.filter(pl.col("rail").is_in(["card", "instant", "transfer"]))
    assert 0.96 < asked["approved"].mean() < 0.995
    assert (asked["response_code"] == "51").mean() < 0.03


def test_people_go_back_to_their_shops(honest):
    """Half to nine tenths of purchases after the tenth are at a shop seen before."""
    shops = honest.filter((pl.col("tx_type") == "purchase") & (pl.col("channel") == "pos"))
    seen = shops.with_columns(
        again=pl.col("merchant_id").is_first_distinct().over("customer_id").not_(),
        number=pl.int_range(pl.len()).over("customer_id"),
    )
    assert 0.5 < seen.filter(pl.col("number") >= 10)["again"].mean() < 0.9


def test_most_shopping_is_near_home(busy_world, honest):
    """The median distance from home to shop is below 20 km; trips make a long tail."""
    shops = busy_world.table("merchants").select("merchant_id", "lat", "lon").collect()
    homes = busy_world.table("customers").select("customer_id", "home_lat", "home_lon").collect()
    near = honest.filter(pl.col("channel") == "pos").join(shops, on="merchant_id")
    near = near.join(homes, on="customer_id")
    north = (near["lat"] - near["home_lat"]) * 111.2
    east = (near["lon"] - near["home_lon"]) * 111.2 * near["home_lat"].radians().cos()
    distance_km = (north**2 + east**2).sqrt()
    assert distance_km.median() < 20
    assert distance_km.quantile(0.99) > 100


def test_cash_comes_in_notes_and_transfers_in_round_sums(honest):
    cash = honest.filter(pl.col("tx_type") == "withdrawal")
    assert (cash["amount_minor"] % 1_000 == 0).all()
    persons = honest.filter(pl.col("channel") == "online_banking")
    assert (persons["amount_minor"] % 100 == 0).mean() > 0.6


def test_salaries_arrive_once_a_month(busy_world, honest):
    deposits = honest.filter((pl.col("tx_type") == "deposit") & (pl.col("amount_minor") > 30_000))
    per_person = deposits.height / busy_world.row_counts["customers"]
    assert 1.0 < per_person < 3.5  # 45 days


def test_frauds_are_reported_late_and_some_never(busy_world):
    labels = busy_world.table("labels").collect()
    reported = labels["reported_at"].is_not_null().mean()
    assert 0.6 < reported < 0.97
    frauds = busy_world.labelled().filter(pl.col("is_fraud") & pl.col("reported_at").is_not_null())
    delay = frauds.select(pl.col("reported_at") - pl.col("event_time")).collect().to_series()
    assert (delay.dt.total_seconds() >= 0).all()
    assert delay.dt.total_hours().median() > 12


def test_every_attack_has_labels(busy_world):
    labels = busy_world.table("labels").collect()
    assert set(labels["attack"]) == {
        "account_takeover",
        "authorised_push_payment",
        "bust_out",
        "card_not_present_spree",
        "card_testing",
        "counterfeit_cash_out",
        "lost_or_stolen_card",
        "mule_pass_through",
    }


def test_what_customers_send_at_home_is_instant_and_some_payees_are_abroad(busy_world):
    country = pl.col("payee_country") == busy_world.manifest.scenario["population"]["country"]
    rows = (
        busy_world.labelled()
        .filter(pl.col("tx_type") == "transfer")
        .join(busy_world.table("payees").select("payee_id", payee_country="country"), on="payee_id")
        .collect()
    )
    sent = pl.col("channel") == "online_banking"
    assert rows.filter(sent & country)["rail"].unique().to_list() == ["instant"]
    assert rows.filter(sent & ~country)["rail"].unique().to_list() == ["transfer"]
    assert rows.filter(~sent)["rail"].unique().to_list() == ["transfer"]
    # an account abroad says nothing by itself, even where there are far more frauds than usual
    abroad = rows.filter(~country)
    assert 0.005 < abroad.height / rows.height < 0.08
    assert (~abroad["is_fraud"]).sum() > 2 * abroad["is_fraud"].sum()
