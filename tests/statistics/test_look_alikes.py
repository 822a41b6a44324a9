"""Each look-alike of honest life sets off a rule for fraud; without it the rule is seldom wrong.

A rule finds the same frauds with or without a look-alike, so fewer false alarms are an easier
detection. Same seed, so all else is equal; every rate is of honest rows only.
"""

import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.scenario import LookAlikes
from fraudsim.scenario_files import load_scenario

WORLD = (
    "population.customers=1500",
    "population.block_size=500",
    "calendar.days=75",
    "attacks=[]",
    "honest.card_payments_per_day=1.0",
)


LONG_DAYS = 160
"""Growth takes months; everything else shows in the world's 75 days."""


def honest_world(folder, *overrides):
    return simulate(load_scenario("tiny", overrides=[*WORLD, *overrides]), 5, folder)


@pytest.fixture(scope="module")
def full_world(tmp_path_factory):
    return honest_world(tmp_path_factory.mktemp("alike") / "full")


def payments(world):
    kinds = ["purchase", "withdrawal", "transfer"]
    rows = world.transactions.filter(
        pl.col("tx_type").is_in(kinds) & (pl.col("channel") != "recurring")
    )
    return rows.sort("event_time", "tx_id").collect()


def online(world):
    return payments(world).filter(pl.col("channel") == "ecom")


def first_time(*columns):
    return pl.struct(*columns).is_first_distinct()


def new_device_share(world):
    """Online payments from a device that the account has not used before."""
    rows = online(world).filter(pl.col("device_id").is_not_null())
    return rows.select(first_time("account_id", "device_id").mean()).item()


def shared_device_share(world):
    """Online payments from a device that another customer uses too."""
    rows = online(world).filter(pl.col("device_id").is_not_null())
    users = rows.group_by("device_id").agg(users=pl.col("customer_id").n_unique())
    return rows.join(users, on="device_id").select((pl.col("users") > 1).mean()).item()


def crowded_device_share(world):
    """Online payments from a device that three customers or more use."""
    rows = online(world).filter(pl.col("device_id").is_not_null())
    users = rows.group_by("device_id").agg(users=pl.col("customer_id").n_unique())
    return rows.join(users, on="device_id").select((pl.col("users") > 2).mean()).item()


def enrolments(world):
    """Devices enrolled per customer."""
    events = world.table("events").filter(pl.col("event_type") == "device_enrolled")
    return events.select(pl.len()).collect().item() / world.row_counts["customers"]


def paid_on_what_was_just_enrolled(world):
    """Transfers within an hour of the enrolment of their device."""
    events = world.table("events").filter(pl.col("event_type") == "device_enrolled")
    enrolled = events.select("customer_id", "device_id", enrolled="event_time").collect()
    rows = payments(world).filter(pl.col("tx_type") == "transfer")
    pairs = rows.join(enrolled, on=["customer_id", "device_id"])
    age = pl.col("event_time") - pl.col("enrolled")
    return pairs.filter(age.is_between(pl.duration(), pl.duration(hours=1))).height


def refused_together(world):
    """Hours of a merchant with four refusals or more."""
    hour = pl.col("event_time").dt.truncate("1h")
    refused = world.transactions.filter(~pl.col("approved") & pl.col("merchant_id").is_not_null())
    return (refused.group_by("merchant_id", hour).len().collect()["len"] >= 4).sum()


def unanswered_in_a_row(world):
    """Payments whose request did not arrive, as that of the payment before at the merchant."""
    rows = payments(world).filter(pl.col("merchant_id").is_not_null())
    lost = pl.col("response_code") == "91"
    before = lost.shift(fill_value=False).over("merchant_id")
    return rows.select((lost & before).sum()).item()


def abroad_share(world):
    """Payments with the card present in another country."""
    rows = payments(world).filter(pl.col("channel").is_in(["pos", "atm"]))
    return rows.select((pl.col("merchant_country") != "GB").mean()).item()


def far_share(world):
    """Payments in the home country a hundred kilometres and more from home."""
    shops = world.table("merchants").select("merchant_id", "lat", "lon").collect()
    homes = world.table("customers").select("customer_id", "home_lat", "home_lon").collect()
    rows = payments(world).filter(
        (pl.col("channel") == "pos") & pl.col("merchant_country").eq("GB")
    )
    rows = rows.join(shops, on="merchant_id").join(homes, on="customer_id")
    north = (pl.col("lat") - pl.col("home_lat")) * 111.2
    east = (pl.col("lon") - pl.col("home_lon")) * 68.0  # at 52 degrees north
    return rows.select(((north**2 + east**2).sqrt() > 100).mean()).item()


def new_payees_and_contacts(world):
    """Weeks with two payees added or contact details changed; one payee is everyday life."""
    events = world.table("events").filter(
        pl.col("event_type").is_in(["payee_added", "contact_changed"])
    )
    week = (pl.col("event_time").dt.epoch("d") // 7).alias("week")
    weeks = events.group_by("customer_id", week).len().collect()
    return (weeks["len"] >= 2).sum() / world.row_counts["customers"]


def bursts(world):
    """Customer-days with four purchases or more at shops never visited before."""
    rows = payments(world).filter(pl.col("tx_type") == "purchase")
    new = rows.filter(
        first_time("customer_id", "merchant_id") & (pl.col("event_time").dt.ordinal_day() > 20)
    )
    days = new.group_by("customer_id", pl.col("event_time").dt.date()).len()
    return (days["len"] >= 4).sum() / world.row_counts["customers"]


def token_share(world):
    """Online payments of one unit or less at a shop that the card has not met."""
    rows = online(world)
    new = first_time("card_id", "merchant_id") & (pl.col("amount_minor") <= 100)
    return rows.select(new.mean()).item()


def pass_through(world):
    """Accounts that get three sums and more in a week and send money on in it."""
    rows = world.transactions.filter(
        pl.col("rail").is_in(["deposit", "instant", "transfer"])
    ).collect()
    weeks = rows.group_by("account_id", pl.col("event_time").dt.truncate("1w")).agg(
        came=(pl.col("direction") == "credit").sum(),
        left=((pl.col("direction") == "debit") & (pl.col("channel") == "online_banking")).sum(),
    )
    return weeks.filter((pl.col("came") >= 3) & (pl.col("left") >= 1)).height


def doubled(world):
    """Customers who pay much more often in the last six weeks than in the first six."""
    rows = payments(world).with_columns(day=pl.col("event_time").dt.ordinal_day())
    counts = rows.group_by("customer_id").agg(
        early=(pl.col("day") <= 42).sum(), late=(pl.col("day") > LONG_DAYS - 42).sum()
    )
    return counts.filter((pl.col("early") >= 20) & (pl.col("late") > 1.6 * pl.col("early"))).height


RULES = {
    "new_phone": enrolments,
    "app_set_up_again": paid_on_what_was_just_enrolled,
    "billing_run": refused_together,
    "checkout_outage": unanswered_in_a_row,
    "fresh_browser": new_device_share,
    "holiday_abroad": abroad_share,
    "house_move": new_payees_and_contacts,
    "gift_season": bursts,
    "student_away": far_share,
    "shared_family_device": shared_device_share,
    "office_address": crowded_device_share,
    "subscription_trial": token_share,
    "payroll_and_rent": pass_through,
    "genuine_growth": doubled,
}


def test_every_look_alike_has_a_rule():
    assert set(RULES) == set(LookAlikes.model_fields)


@pytest.mark.parametrize("name", [name for name in RULES if name != "genuine_growth"])
def test_without_it_its_rule_raises_fewer_false_alarms(full_world, tmp_path, name):
    """A tenth fewer at the least."""
    without = honest_world(tmp_path / name, f"look_alikes.{name}=0")
    assert RULES[name](without) < 0.9 * RULES[name](full_world)


def test_without_genuine_growth_fewer_customers_double(tmp_path):
    """A tenth fewer at the least, over months."""
    long = f"calendar.days={LONG_DAYS}"
    grown = honest_world(tmp_path / "full", long)
    steady = honest_world(tmp_path / "steady", long, "look_alikes.genuine_growth=0")
    assert RULES["genuine_growth"](steady) < 0.9 * RULES["genuine_growth"](grown)
