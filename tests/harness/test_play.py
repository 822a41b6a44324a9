"""What a detector is given, and when."""

from dataclasses import replace

import numpy as np
import pytest

from fraudsim.detectors.base import Detector, FraudClassifier
from fraudsim.detectors.kit.resolve import resolve
from fraudsim.errors import UsageError
from fraudsim.harness.groups import groups_of
from fraudsim.harness.judge import Answers, judge
from fraudsim.harness.play import Contender, play
from fraudsim.harness.schedule import Schedule
from fraudsim.harness.variants import part_of_genuine
from fraudsim.streams import Streams

DAY_US = 86_400_000_000


class Recorder(FraudClassifier):
    """Writes down what it is given."""

    def __init__(self, log):
        self.log = log

    def _fit(self, frame, fraud, weight):  # noqa: ARG002 -- weights are all 1
        self.log.append(("fit", frame, fraud))

    def _score(self, frame):
        self.log.append(("score", frame, None))
        return np.zeros(frame.height) + 0.5

    def hear(self, X, y):  # noqa: N803 -- scikit-learn's names
        self.log.append(("hear", X, y))


def building(classifier, log=None, **says):
    """A detector that builds such a classifier."""

    def build(self, *, seed, info):
        return classifier([] if log is None else log)

    return type("Made", (Detector,), {"name": "made", "summary": "", "build": build, **says})()


def recorded(examples, rounds, **says):
    log = []
    return play(examples, rounds, Contender(building(Recorder, log, **says)), seed=1), log


@pytest.fixture
def rounds(examples):
    return Schedule(first_test_day=20, test_days=5, rounds=2, delay_days=4).apply(examples)


def test_a_stateless_detector_is_fitted_and_asked_once_a_round(examples, rounds):
    played, log = recorded(examples, rounds)
    assert [what for what, *_ in log] == ["fit", "score", "fit", "score"]
    assert log[0][1].columns == examples.features.columns
    assert log[1][1].equals(examples.features[rounds[0].split.test])
    assert (played.rows == np.concatenate([one.split.test for one in rounds])).all()
    assert played.fits == 2


def test_one_in_order_lives_through_the_delay_and_then_day_by_day(examples, rounds):
    _, log = recorded(examples, rounds[:1], in_order=True, wants_keys=True)
    times = [frame["key_time_us"].to_numpy() for what, frame, _ in log if what == "score"]
    assert all(len(set(one // DAY_US)) == 1 for one in times)
    lived = np.concatenate(times)
    assert (np.diff(lived) >= 0).all()
    assert lived.min() >= rounds[0].split.train_until_us
    assert len(times) == 4 + 5


def test_one_fitted_once_does_not_live_the_first_test_again(examples):
    rounds = Schedule(20, 5, 2, delay_days=4, refit="first").apply(examples)
    _, log = recorded(examples, rounds, in_order=True, wants_keys=True)
    rows = np.concatenate([f["key_row"].to_numpy() for what, f, _ in log if what == "score"])
    assert len(set(rows)) == rows.size
    assert [what for what, *_ in log].count("fit") == 1


def test_labels_are_heard_when_they_are_known_and_not_before(examples, rounds):
    _, log = recorded(examples, rounds[:1], listens=True, wants_keys=True)
    known_at = dict(zip(examples.row_id, examples.known_at_us, strict=True))
    now_us, heard_fraud = 0, []
    for what, frame, y in log:
        if what == "score":
            now_us = int(frame["key_time_us"][0]) // DAY_US * DAY_US
        if what == "hear":
            for row, fraud, time_us in zip(frame["key_row"], y, frame["key_time_us"], strict=True):
                if fraud:
                    assert known_at[row] < now_us + DAY_US
                    heard_fraud.append(row)
                else:
                    assert time_us < now_us + DAY_US - 4 * DAY_US + 1
    assert heard_fraud
    assert len(set(heard_fraud)) == len(heard_fraud)


def test_of_rows_that_must_not_be_learnt_from_nothing_is_heard(examples, rounds):
    one = part_of_genuine(rounds[0], examples, 150, Streams(1))
    _, log = recorded(examples, [one], listens=True, wants_keys=True)
    heard = [row for what, frame, _ in log if what == "hear" for row in frame["key_row"]]
    assert heard
    assert set(heard) <= set(examples.row_id[one.split.told].tolist())
    _, log = recorded(examples, rounds[:1], listens=True, wants_keys=True)
    assert sum(frame.height for what, frame, _ in log if what == "hear") > 2 * len(heard)


def test_one_that_listens_and_is_not_in_order_is_asked_of_the_test_alone(examples, rounds):
    _, log = recorded(examples, rounds[:1], listens=True, wants_keys=True)
    asked = [row for what, frame, _ in log if what == "score" for row in frame["key_row"]]
    assert asked == examples.row_id[rounds[0].split.test].tolist()


def test_what_a_detector_is_given_is_its_own(examples, rounds):
    class Vandal(Recorder):
        def _fit(self, frame, fraud, weight):  # noqa: ARG002 -- spoils what it is given
            fraud[:] = True
            if weight is not None:
                weight[:] = 7

    known = rounds[0].split.known_fraud.copy()

    play(examples, rounds[:1], Contender(building(Vandal)), seed=1)
    assert (rounds[0].split.known_fraud == known).all()


def test_probabilities_are_those_of_all_rows_though_some_were_left_away(examples):
    one = Schedule(20, 20, delay_days=4).apply(examples)[0]
    part = part_of_genuine(one, examples, 150, Streams(1))
    odds = one.split.known_fraud.sum() / (~one.split.known_fraud).sum()
    few = play(examples, [part], Contender(resolve("logistic")), seed=1, true_odds=[odds])
    assert few.score.mean() > 2 * few.probability.mean()
    assert few.probability.mean() == pytest.approx(odds, rel=0.6)


def test_a_wrong_shape_or_no_number_is_refused(examples, rounds):
    class Wrong(Recorder):
        def predict_proba(self, X):  # noqa: N803, ARG002 -- scikit-learn's names
            return np.zeros(3)

    class Nothing(Recorder):
        def _score(self, frame):
            return np.full(frame.height, np.nan)

    for classifier, message in ((Wrong, "an array of shape"), (Nothing, "not finite")):
        with pytest.raises(UsageError, match=message):
            play(examples, rounds[:1], Contender(building(classifier)), seed=1)


def test_the_oracle_is_the_ceiling_and_chance_is_not(examples):
    rounds = Schedule(20, 10, 2, delay_days=4).apply(examples)
    found = {}
    for name in ("oracle", "random", "amount", "logistic"):
        played = play(examples, rounds, Contender(resolve(name)), seed=1)
        answers = Answers(played.rows, played.round, played.score, played.probability)
        found[name] = judge(examples, answers, groups={}, probabilities=name != "oracle").metrics
    assert found["oracle"]["average_precision"] == 1
    assert found["oracle"]["recall_at_0.1pct_fpr"] == 1
    for name in ("recall_in_budget_100", "money_saved_share_100", "victims_alerted"):
        assert found["oracle"][name] >= max(one[name] for one in found.values())
    assert found["logistic"]["average_precision"] > 2 * found["random"]["average_precision"]
    assert "brier" in found["logistic"]
    assert "brier" not in found["oracle"]


def test_a_judgement_counts_by_round_and_by_attack(examples):
    rounds = Schedule(20, 10, 2, delay_days=4).apply(examples)
    played = play(examples, rounds, Contender(resolve("logistic")), seed=1)
    answers = Answers(played.rows, played.round, played.score, played.probability)
    found = judge(examples, answers, groups={}, probabilities=True)
    frauds = int(examples.fraud[played.rows].sum())
    assert sum(one["frauds"] for one in found.by_round) == frauds
    assert sum(one["frauds"] for one in found.by_attack.values()) == frauds
    assert set(found.by_attack) == {"a", "b"}
    recall = sum(one["recall"] * one["frauds"] for one in found.by_attack.values()) / frauds
    assert recall == pytest.approx(found.metrics["recall_at_1pct_fpr"], abs=1e-5)
    assert all(len(values) == 100 for values in found.replicates.values())


def test_a_table_of_ones_own_has_no_groups(examples):
    assert groups_of(examples) == {}
    assert groups_of(replace(examples, look_back=True)) == {}
