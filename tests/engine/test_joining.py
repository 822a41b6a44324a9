"""Who joins during the run: nothing before that day, nobody behind a name applied for."""

from datetime import timedelta
from typing import ClassVar

import polars as pl
import pytest

from fraudsim.attacks.kit.pattern import AttackPattern, Campaign
from fraudsim.attacks.kit.scene import Scene
from fraudsim.attacks.kit.taxonomy import Taxonomy
from fraudsim.engine import simulate
from fraudsim.integrity import key_problems, ledger_problems
from fraudsim.scenario_files import load_scenario

DAYS = load_scenario("tiny").calendar.days


class Applicant(AttackPattern):
    """Open an account in a made-up name, move money in, repay a card, and take cash away."""

    name: ClassVar[str] = "applicant"
    summary: ClassVar[str] = "opens an account"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(f3=("F1012",))
    sources: ClassVar[tuple[str, ...]] = ("a test",)
    look_alike: ClassVar[str] = "a new customer"
    stages: ClassVar[tuple[str, ...]] = ("in", "repaid", "out")

    def run(self, scene: Scene) -> Campaign:
        who = scene.applicants(1, credit=True)
        if not len(who):
            scene.give_up("nobody to be")
            return
        device = scene.device()
        yield scene.open_account(who, after_s=60.0, device=device)
        yield scene.receive(who, amount_minor=50_000, after_s=600.0, stage="in", case="first_party")
        yield scene.repay(who, amount_minor=1_000, after_s=60.0, stage="repaid")
        to = scene.payee()
        yield scene.add_payee(who, payee=to, after_s=60.0, device=device)
        yield scene.transfer(
            who, to=to, amount_minor=20_000, after_s=90.0, stage="out", case="first_party"
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    scenario = load_scenario("tiny").model_dump(mode="json")
    scenario["population"] |= {"customers": 900, "joining_per_year": 0.5}
    scenario["attacks"] = [{"pattern": "applicant", "campaigns": 8, "last_day": 15}]
    scenario = load_scenario("tiny").model_validate(scenario)
    out = tmp_path_factory.mktemp("joining") / "world"
    return simulate(scenario, 7, out, extra_patterns=[Applicant])


@pytest.fixture(scope="module")
def joined(world):
    first = world.transactions.select(pl.col("event_time").min().dt.date()).collect().item()
    return world.accounts.filter(
        (pl.col("opened_on") >= first) & (pl.col("account_type") == "current")
    ).collect()


def test_the_share_asked_for_joins(world, joined):
    expected = 900 * 0.5 * DAYS / 365
    assert joined.height == pytest.approx(expected, rel=0.3)


def test_each_opens_the_account_on_that_day(world, joined):
    opened = world.events.filter(pl.col("event_type") == "account_opened").collect()
    both = joined.join(opened, on="customer_id", how="left")
    assert both.height == joined.height
    assert (both["event_time"].dt.date() - both["opened_on"]).abs().max() <= timedelta(days=1)


def test_nothing_moves_before(world, joined):
    moved = world.transactions.collect().join(joined, on="customer_id")
    assert moved.height > 100
    assert (moved["event_time"].dt.date() - moved["opened_on"]).min() >= timedelta(days=-1)
    early = world.transactions.collect().join(joined, on="account_id")
    first = early.group_by("account_id").agg(pl.col("event_time").min())
    opened = world.events.filter(pl.col("event_type") == "account_opened").collect()
    both = first.join(joined.select("account_id", "customer_id"), on="account_id").join(
        opened.select("customer_id", opened_at="event_time"), on="customer_id"
    )
    assert (both["event_time"] > both["opened_at"]).all()


def test_who_joins_is_nobodys_payee(world, joined):
    made = world.transactions.filter(pl.col("tx_type") == "transfer").collect()
    paid = made.join(world.payees.collect().select("payee_id", to="account_id"), on="payee_id")
    assert not set(paid["to"].drop_nulls()) & set(joined["account_id"])


def test_nobody_lives_behind_a_name_applied_for(world):
    labels = world.labels.select("tx_id").collect()
    frauds = world.transactions.collect().join(labels, on="tx_id")
    assert set(frauds["tx_type"]) == {"deposit", "repayment", "transfer"}
    theirs = world.transactions.collect().join(
        frauds.select("customer_id").unique(), on="customer_id"
    )
    honest = theirs.join(labels, on="tx_id", how="anti")
    # the other side of a repayment is no act of anybody
    assert set(honest["tx_type"].unique()) <= {"repayment"}
    campaigns = world.campaigns.collect()
    assert (campaigns["received_minor"] == 50_000).sum() == campaigns.filter(gave_up="").height


def test_keys_and_books_hold(world):
    assert key_problems(world) == []
    assert ledger_problems(world) == []
