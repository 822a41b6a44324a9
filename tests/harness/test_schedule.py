"""What may be learnt from and what is judged, round by round; and the ways to know more or less."""

import numpy as np
import pytest

from fraudsim.errors import UsageError
from fraudsim.examples import NEVER_US
from fraudsim.harness.schedule import Schedule, judged_rows
from fraudsim.harness.variants import (
    dealt_at_random,
    few_frauds,
    labels_at_once,
    part_of_genuine,
    part_of_test,
    without_attack,
)
from fraudsim.streams import Streams
from fraudsim.training_set import refuse_the_future

DAY_US = 86_400_000_000
STREAMS = Streams(3)


@pytest.fixture
def rounds(examples):
    return Schedule(first_test_day=20, test_days=5, rounds=3, delay_days=4).apply(examples)


def test_rounds_follow_each_other_and_nothing_of_later_is_learnt(examples, rounds):
    for number, one in enumerate(rounds):
        split = one.split
        refuse_the_future(examples, split)
        starts = (20 + 5 * number) * DAY_US
        assert split.fitted_at_us == starts
        assert examples.time_us[split.train].max() < starts - 4 * DAY_US
        assert examples.time_us[split.test].min() >= starts
        assert examples.time_us[split.test].max() < starts + 5 * DAY_US
        known = examples.fraud[split.train] & (examples.known_at_us[split.train] < starts)
        assert (split.known_fraud == known).all()
    rows, of_round = judged_rows(rounds)
    assert (np.diff(rows) > 0).all()
    assert sorted(set(of_round)) == [0, 1, 2]


def test_accounts_that_are_known_as_compromised_are_not_tested(examples, rounds):
    for one in rounds:
        known = examples.fraud & (examples.known_at_us < one.split.fitted_at_us)
        assert not np.isin(examples.account[one.split.test], examples.account[known]).any()
        assert one.split.removed > 0
    kept = Schedule(20, 5, remove_known_compromised=False).apply(examples)
    assert kept[0].split.removed == 0


def test_fitted_once_means_for_the_first_round(examples):
    rounds = Schedule(20, 5, 3, refit="first").apply(examples)
    assert [one.refit for one in rounds] == [True, False, False]


def test_a_test_after_the_end_is_refused(examples):
    with pytest.raises(UsageError, match=r"test 3 of 3 begins after the data ends: .* 40 days"):
        Schedule(20, 10, 3).apply(examples)


def test_labels_at_once_are_known_when_it_happens(examples):
    changed = labels_at_once(examples)
    split = Schedule(20, 5).apply(changed)[0].split
    assert (split.known_fraud == examples.fraud[split.train]).all()
    assert split.unknown_frauds == 0


def test_a_random_split_keeps_every_row_together(examples):
    dealt = dealt_at_random(examples, STREAMS)
    assert (dealt.time_us == examples.time_us).all()
    back = np.argsort(dealt.row_id)
    assert (dealt.row_id[back] == examples.row_id).all()
    assert (dealt.fraud[back] == examples.fraud).all()
    assert (dealt.account[back] == examples.account).all()
    assert dealt.features[back].equals(examples.features)
    assert dealt.attack.gather(back).equals(examples.attack)
    assert dealt.keys[back].equals(examples.keys)
    assert ((dealt.known_at_us == NEVER_US) == ~dealt.fraud).all()


def test_an_attack_left_out_is_not_among_the_training_rows(examples, rounds):
    one = rounds[0]
    left = without_attack(one, examples, "a")
    attacks = examples.attack.gather(left.split.train)
    assert "a" not in attacks.to_list()
    assert "b" in attacks.to_list()
    assert attacks.null_count() == examples.attack.gather(one.split.train).null_count()
    assert (left.split.test == one.split.test).all()
    assert left.split.known_fraud.size == left.split.train.size


def test_few_frauds_leaves_the_others_away(examples, rounds):
    few = few_frauds(rounds[0], examples, 5, STREAMS)
    assert few.split.known_fraud.sum() == 5
    assert (~few.split.known_fraud).sum() == (~rounds[0].split.known_fraud).sum()
    all_of_them = few_frauds(rounds[0], examples, 10**6, STREAMS).split
    assert all_of_them.train.size == rounds[0].split.train.size
    assert not few.split.told.any()


def test_nothing_is_told_later_of_an_attack_left_out(examples, rounds):
    told = without_attack(rounds[0], examples, "a").split.told
    assert not told[(examples.attack == "a").fill_null(value=False).to_numpy()].any()
    assert told[(examples.attack == "b").fill_null(value=False).to_numpy()].all()
    assert told[examples.attack.is_null().to_numpy()].all()


def test_of_what_is_told_later_the_share_of_genuine_rows_is_that_learnt_from(examples, rounds):
    one = rounds[0]
    part = part_of_genuine(one, examples, 200, STREAMS).split
    reported = examples.known_at_us < NEVER_US
    assert part.told[reported].all()
    later = ~reported
    later[: one.split.train[-1] + 1] = False
    share = 200 / (~one.split.known_fraud).sum()
    assert part.told[later].mean() == pytest.approx(share, rel=0.25)
    both = without_attack(part_of_genuine(one, examples, 200, STREAMS), examples, "a").split.told
    assert not (both & ~part.told).any()
    assert both.sum() < part.told.sum()


def test_part_of_the_genuine_rows_keeps_all_frauds_and_the_same_rows_in_later_rounds(
    examples, rounds
):
    parts = [part_of_genuine(one, examples, 200, STREAMS) for one in rounds]
    for one, part in zip(rounds, parts, strict=True):
        assert part.split.known_fraud.sum() == one.split.known_fraud.sum()
        assert (~part.split.known_fraud).sum() == 200
        assert np.isin(part.split.train, one.split.train).all()


def test_part_of_the_test_keeps_all_frauds(examples, rounds):
    part = part_of_test(rounds[0], examples, 50, STREAMS).split.test
    fraud = examples.fraud[part]
    assert (~fraud).sum() == 50
    assert fraud.sum() == examples.fraud[rounds[0].split.test].sum()
    assert (np.diff(part) > 0).all()


def test_nothing_left_to_learn_from_is_said(examples):
    only_a = Schedule(20, 5).apply(examples)[0]
    gone = without_attack(only_a, examples, "a")
    with pytest.raises(UsageError, match="no known fraud"):
        without_attack(gone, examples, "b")
