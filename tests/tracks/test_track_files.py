"""Track files: what they say, and what is wrong in one that is wrong."""

import pytest

from fraudsim.errors import UsageError
from fraudsim.registry import ATTACKS, discover
from fraudsim.scenario_files import load_scenario
from fraudsim.tracks.plan import planned, specs_of
from fraudsim.tracks.track import LeaveOut, load_track, parsed_track, track_names, world_file

SEVEN = {
    "standard", "unseen-attack", "new-attack", "drift", "few-labels", "label-delay", "scale",
}  # fmt: skip


def test_the_seven_tracks_are_there_with_their_versions():
    assert {name.rpartition("-v")[0] for name in track_names()} == SEVEN


@pytest.mark.parametrize("name", track_names())
def test_a_track_is_called_like_its_file_and_its_worlds_exist(name):
    track = load_track(name)
    assert track.name == name
    for arm in track.arms:
        scenario = load_scenario(str(world_file(track.world_of(arm))))
        assert scenario.name == track.world_of(arm)
        rounds = track.schedule
        assert rounds.first_test_day + rounds.rounds * rounds.test_days <= scenario.calendar.days
        patterns = {entry.pattern for entry in scenario.attacks}
        if arm.leave_out is not None:
            assert set(arm.leave_out.attacks) <= patterns
            assert len(arm.leave_out.attacks) >= 20
        for newcomer in track.newcomers:
            days = [one.first_day for one in scenario.attacks if one.pattern == newcomer]
            assert min(days) >= rounds.first_test_day


@pytest.mark.parametrize("name", sorted(set(track_names()) - {"scale-v1"}))
def test_five_worlds_at_least(name):
    assert len(load_track(name).world_seeds) >= 5


def test_attacks_are_those_of_the_catalogue():
    known = discover(ATTACKS)
    for name in ("bench-v1", "newcomers-v1", "camouflage-v1", "seasons-v1", "admission-v1"):
        for entry in load_scenario(str(world_file(name))).attacks:
            assert entry.pattern in known


def test_every_attack_is_left_out_of_as_many_worlds_as_asked():
    leave_out = LeaveOut(attacks=tuple("abcdefg"), worlds=2)
    turns = [leave_out.of_world(place, 5) for place in range(5)]
    counts = {attack: sum(attack in one for one in turns) for attack in "abcdefg"}
    assert set(counts.values()) == {2}
    assert leave_out.of_world(0, 1) == tuple("abcdefg")


def test_unknown_names_say_the_nearest():
    with pytest.raises(UsageError, match="unknown track 'standard-v2'; did you mean 'standard-v1'"):
        load_track("standard-v2")
    with pytest.raises(UsageError, match="unknown world 'bench-v2'; did you mean 'bench-v1'"):
        world_file("bench-v2")
    with pytest.raises(UsageError, match="unknown rebalancer 'smot'; did you mean 'smote'"):
        specs_of(["logistic+smot"])
    with pytest.raises(UsageError, match="unknown detector 'logstic'; did you mean 'logistic'"):
        specs_of(["logstic"])


GOOD = """
name: mine-v1
question: what?
world: bench-v1
schedule: {first_test_day: 10, test_days: 5}
arms: [{name: one}]
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("mine-v1", "mine"), "name"),
        (("arms: [{name: one}]", "arms: []"), "arms"),
        (("arms: [{name: one}]", "arms: [{name: one}, {name: one}]"), "two arms are called 'one'"),
        (("test_days: 5", "test_day: 5"), "schedule.test_day.*did you mean 'test_days'"),
        (("first_test_day: 10", "first_test_day: soon"), "first_test_day: .*whole number"),
        (("{name: one}", "{name: one, labels: never}"), "labels"),
        (("question: what?", "question: !!python/object:os.system x"), "mine.yaml"),
    ],
)
def test_a_mistake_says_where_it_is(change, message):
    assert parsed_track(GOOD, "mine.yaml").name == "mine-v1"
    with pytest.raises(UsageError, match=message):
        parsed_track(GOOD.replace(*change), "mine.yaml")


def test_floors_and_the_oracle_always_run_and_nothing_runs_twice():
    specs = specs_of(["random", "logistic", "logistic", "logistic+smote"])
    names = [one.contender_name for one in specs]
    assert names == ["random", "amount", "oracle", "logistic", "logistic+smote"]


def test_trials_of_one_track_and_world_stand_together_and_have_names_of_their_own():
    groups = planned([load_track(name) for name in track_names()], specs_of(["logistic"]))
    for group in groups:
        assert {(one.world, one.world_seed) for one in group.trials} == {
            (group.world, group.world_seed)
        }
        assert len({one.track for one in group.trials}) == 1
    trials = [trial for group in groups for trial in group.trials]
    assert len({trial.id for trial in trials}) == len(trials)
    one = planned([load_track("unseen-attack-v1")], specs_of([]), worlds=1)
    assert len(one) == 1
    assert len(one[0].trials) == (1 + 10) * 3  # each of 25 attacks in two of five worlds
