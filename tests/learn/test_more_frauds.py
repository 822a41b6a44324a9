"""Further frauds come from the dataset's own world, before the cut, and are like its own rows."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

from fraudsim.engine import simulate
from fraudsim.errors import UsageError
from fraudsim.examples import open_examples
from fraudsim.more_frauds import more_frauds
from fraudsim.scenario import AttackEntry
from fraudsim.scenario_files import load_scenario

WANTED = {"lost_or_stolen_card": 12, "counterfeit_cash_out": 8}


@pytest.fixture(scope="module")
def cut_us(tiny_world):
    """A moment with two thirds of the payments before it."""
    return _quantile(tiny_world, 0.66)


def _quantile(world, share):
    times = open_examples(world).time_us
    return int(times[int(times.size * share)])


@pytest.fixture(scope="module")
def further(tiny_world, cut_us):
    return more_frauds(tiny_world, WANTED, before_us=cut_us, seed=1)


def test_as_many_come_as_are_wanted_with_the_columns_of_the_dataset(tiny_world, further):
    counts = dict(further.attack.value_counts().rows())
    assert counts == WANTED
    assert further.missing == {}
    assert further.features.schema == open_examples(tiny_world).features.schema
    assert further.campaign.size == further.features.height == sum(WANTED.values())


def test_they_are_not_those_of_the_dataset(tiny_world, further):
    theirs = tiny_world.campaigns.collect()["campaign_id"]
    assert not set(further.campaign.tolist()) & set(theirs.to_list())


def test_the_same_seed_gives_the_same_and_another_gives_others(tiny_world, cut_us, further):
    again = more_frauds(tiny_world, WANTED, before_us=cut_us, seed=1, workers=2)
    assert_frame_equal(again.features, further.features)
    other = more_frauds(tiny_world, WANTED, before_us=cut_us, seed=2)
    assert not other.features.equals(further.features)


def test_nothing_comes_from_behind_the_cut(tiny_world):
    """Its first night is over before the first campaign of this seed has begun."""
    start = _quantile(tiny_world, 0.0)
    early = more_frauds(tiny_world, WANTED, before_us=start, seed=1)
    assert early.features.height == 0
    assert early.missing == WANTED
    assert early.runs == 1


def test_the_campaigns_that_were_there_begin_as_before(tiny_world, tmp_path):
    scenario = load_scenario("tiny")
    entry = AttackEntry.model_validate({"pattern": "bust_out", "campaigns": 2, "series": 77})
    more = scenario.model_copy(update={"attacks": (*scenario.attacks, entry)})
    again = simulate(more, 7, tmp_path / "more").campaigns.collect()
    before = tiny_world.campaigns.collect()
    kept = ["campaign_id", "attack", "drawn", "parameters"]
    both = before.select(kept).join(again.select(kept), on=kept, how="semi")
    assert both.height == before.height
    assert again.height == before.height + 2


def test_an_attack_that_the_dataset_does_not_have_can_be_asked_for(tiny_world, cut_us):
    found = more_frauds(tiny_world, {"enumeration": 5}, before_us=cut_us, seed=1)
    assert found.attack.to_list() == ["enumeration"] * 5


def test_parameters_go_before_those_of_the_scenario(tiny_world, cut_us):
    with pytest.raises(UsageError, match="nights"):
        more_frauds(
            tiny_world,
            {"lost_or_stolen_card": 3},
            before_us=cut_us,
            seed=1,
            parameters={"lost_or_stolen_card": {"nights": 3}},
        )


def test_an_unknown_pattern_is_refused_with_the_nearest(tiny_world, cut_us):
    with pytest.raises(UsageError, match="no attack pattern 'bust_uot'; did you mean 'bust_out'"):
        more_frauds(tiny_world, {"bust_uot": 3}, before_us=cut_us, seed=1)
