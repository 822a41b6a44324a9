"""What explain tells of a campaign is what the tables hold, figure by figure."""

from __future__ import annotations

import json
import re
from datetime import datetime

import polars as pl
import pytest

from fraudsim import cli
from fraudsim.dataset import open_dataset
from fraudsim.engine import simulate
from fraudsim.errors import UsageError
from fraudsim.explain import explain_campaign, list_campaigns
from fraudsim.explain.plot import text_plot
from fraudsim.explain.shown import points, text_lines
from fraudsim.scenario_files import load_scenario

KEYS = {
    "transactions": "tx_id",
    "events": "event_id",
    "disputes": "dispute_id",
    "campaigns": "campaign_id",
    "merchants": "merchant_id",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain") / "tiny"
    return simulate(load_scenario("tiny"), 7, folder)


@pytest.fixture(scope="module")
def all_told(world):
    ids = world.campaigns.collect()["campaign_id"].to_list()
    return {one: explain_campaign(world, one) for one in ids}


def of(told, about):
    return [fact for fact in told.facts if fact.about == about]


def figures(text, pattern):
    return [int(one.replace(",", "")) for one in re.findall(pattern, text)]


def money(text):
    return [round(100 * float(one.replace(",", ""))) for one in re.findall(r"([\d,.]+) GBP", text)]


def mine(world, campaign):
    return world.labelled().filter(pl.col("campaign_id") == campaign).collect()


def test_every_row_of_every_campaign_is_in_its_timeline(world, all_told):
    for campaign, told in all_told.items():
        payments = [act.id for act in told.acts if act.table == "transactions"]
        events = [act.id for act in told.acts if act.table == "events"]
        caused = world.table("campaign_events").filter(campaign_id=campaign).collect()
        assert sorted(payments) == mine(world, campaign)["tx_id"].sort().to_list()
        assert sorted(events) == caused["event_id"].sort().to_list()
        assert [act.time for act in told.acts] == sorted(act.time for act in told.acts)
    assert sum(len(told.acts) for told in all_told.values()) > 100


def test_the_example_of_every_fact_is_a_row_of_the_table_it_names(world, all_told):
    keys = {table: set(world.table(table).collect()[key]) for table, key in KEYS.items()}
    for told in all_told.values():
        for fact in told.facts:
            assert (fact.example is None) == (fact.rows == 0), fact
            assert fact.example is None or fact.example in keys[fact.table], fact


def test_steps_and_refusals_count_and_add_up(world, all_told):
    for campaign, told in all_told.items():
        rows = mine(world, campaign)
        steps = [fact for fact in told.facts if fact.about.startswith("step ")]
        assert sum(fact.rows for fact in steps) == len(rows)
        for fact in steps:
            step = rows.filter(stage=fact.about.removeprefix("step "))
            approved = step.filter("approved")
            assert figures(fact.says, r"^([\d,]+) payment") == [len(step)]
            assert figures(fact.says, r"([\d,]+) approved") == [len(approved)]
            assert figures(fact.says, r"([\d,]+) refused") == [len(step) - len(approved)]
            assert money(fact.says) == [approved["amount_minor"].sum()]
        refused = of(told, "refused")
        assert sum(fact.rows for fact in refused) == len(rows.filter(~pl.col("approved")))
        for fact in refused:
            (code,) = re.findall(r"with (\d\d),", fact.says)
            assert fact.rows == len(rows.filter(pl.col("response_code") == code))


def test_money_out_is_what_the_campaign_took(world, all_told):
    for row in world.campaigns.collect().to_dicts():
        told = all_told[row["campaign_id"]]
        out = [fact for fact in of(told, "money") if "left accounts" in fact.says]
        assert sum(money(fact.says)[0] for fact in out) == row["taken_minor"]
        (purse,) = of(told, "purse")
        spent, earned = row["spent_minor"], row["earned_minor"]
        assert money(purse.says) == [spent, earned, abs(earned - spent)]
        assert ("gain" in purse.says) == (earned >= spent)


def test_noticed_and_came_back_are_from_labels_and_disputes(world, all_told):
    disputes = world.disputes.collect()
    for campaign, told in all_told.items():
        rows = mine(world, campaign)
        never = [fact for fact in of(told, "noticed") if "never reported" in fact.says]
        assert sum(fact.rows for fact in never) == rows["reported_at"].null_count()
        assert sum(fact.rows for fact in of(told, "noticed")) == len(rows)
        ours = disputes.filter(pl.col("tx_id").is_in(rows["tx_id"].implode()))
        back = ours.filter(pl.col("outcome").is_in(["refunded", "charged_back"]))
        if of(told, "came back"):
            lost = rows.filter("approved", direction="debit")["amount_minor"].sum()
            said = of(told, "came back")[0]
            assert money(said.says) == [back["amount_minor"].sum(), lost]
            assert said.rows == len(back)
            assert sum(fact.rows for fact in of(told, "came back")[1:]) == len(ours)
        else:
            assert ours.is_empty()


def test_the_campaigns_own_words_are_told(world, all_told):
    gave_up = world.campaigns.filter(pl.col("gave_up") != "").collect().to_dicts()
    assert gave_up
    for row in gave_up:
        (time,) = of(all_told[row["campaign_id"]], "time")
        assert time.says.endswith(f"it gave up: {row['gave_up']}.")
    for row in world.campaigns.collect().to_dicts():
        told = all_told[row["campaign_id"]]
        for via, count in json.loads(row["obtained"]).items():
            said = f"{count:,} come by through {via.replace('_', ' ')}."
            assert said in [fact.says for fact in of(told, "victims")]
        if row["point_of_compromise"] is not None:
            breached = [fact for fact in of(told, "victims") if fact.table == "merchants"]
            assert [fact.example for fact in breached] == [row["point_of_compromise"]]


def test_times_are_those_of_the_banks_clock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zone") / "world"
    small = ("calendar.timezone=America/New_York", "calendar.days=20", "population.customers=100")
    attacks = 'attacks=[{"pattern": "lost_or_stolen_card", "campaigns": 2, "last_day": 3}]'
    world = simulate(load_scenario("tiny", overrides=(*small, attacks)), 3, folder)
    told = explain_campaign(world, list_campaigns(world)[0]["campaign_id"])
    act = next(act for act in told.acts if act.table == "transactions")
    (when,) = world.transactions.filter(tx_id=act.id).collect()["event_time"].to_list()
    assert (when.replace(tzinfo=None) - datetime.fromisoformat(act.time)).seconds // 3600 == 5


def test_the_list_has_the_largest_first_and_can_be_narrowed(world):
    taken = [one["taken_minor"] for one in list_campaigns(world)]
    assert taken == sorted(taken, reverse=True)
    assert len(taken) == world.row_counts["campaigns"]
    some = list_campaigns(world, attack="bust_out")
    assert {one["attack"] for one in some} == {"bust_out"}
    with pytest.raises(UsageError, match="did you mean 'bust_out'"):
        list_campaigns(world, attack="bust_oud")


def test_an_unknown_campaign_is_refused_with_the_nearest(world):
    known = list_campaigns(world)[0]["campaign_id"]
    with pytest.raises(UsageError, match=f"did you mean '{known}'"):
        explain_campaign(world, known + 1)
    with pytest.raises(UsageError, match=r"has no campaign 5; fraudsim explain .* has all"):
        explain_campaign(open_dataset(world.path), 5)


def test_the_command_prints_story_timeline_and_plot(world, capsys):
    first = list_campaigns(world, attack="card_testing")[0]
    campaign = str(first["campaign_id"])
    assert cli.main(["explain", str(world.path), "--campaign", campaign, "--rows", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"card_testing, campaign {campaign}"
    assert any(line.startswith("  step probe") for line in lines)
    assert any(line.endswith(f"--rows {first['attempts']} prints all") for line in lines)
    assert any(line.startswith("amount (GBP, log scale)") for line in lines)
    assert cli.main(["explain", str(world.path), "--campaign", campaign, "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["campaign_id"], len(value["acts"])) == (first["campaign_id"], first["attempts"])
    assert cli.main(["explain", str(world.path), "--attack", "card_testing"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["campaign", "attack"]
    assert [row.split()[0] for row in rows] == [campaign]
    assert cli.main(["explain", str(world.path), "--campaign", "7"]) == 2


def test_a_campaign_without_payments_has_a_story_and_no_timeline(world, all_told):
    idle = world.campaigns.filter(attempts=0).collect()["campaign_id"].to_list()
    assert idle
    for campaign in idle:
        lines = list(text_lines(all_told[campaign], most=10))
        assert not all_told[campaign].acts
        assert any("0 customers have payments of it." in line for line in lines)


def test_the_plot_puts_the_first_left_and_the_largest_on_top(all_told):
    lines = list(text_plot([(0, 1, True), (5, 10, False), (10, 100, True)], unit="EUR"))
    body = [line[12:] for line in lines[1:13]]
    assert body[0].rstrip().endswith("o")
    assert body[-1].startswith("o")
    assert sum(row.count("x") for row in body) == 1
    assert lines[1].split(" |")[0].strip() == "100"
    assert lines[-1].strip().endswith("10.0 days")
    both = list(text_plot([(0, 1, True), (0, 1, False)], unit="EUR"))
    assert sum(line.count("#") for line in both[1:]) == 1
    assert list(text_plot([], unit="EUR")) == []
    for told in all_told.values():
        assert len(points(told)) == sum(act.table == "transactions" for act in told.acts)
