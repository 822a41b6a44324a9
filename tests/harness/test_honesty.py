"""Detectors that cheat are caught, each by what it does; honest ones are not."""

import sys

import numpy as np
import pytest

from fraudsim.detectors.base import Detector, FraudClassifier
from fraudsim.detectors.kit.resolve import resolve
from fraudsim.harness.honesty import check_honesty


class AmountOnly(FraudClassifier):
    """Honest: scores by the amount in its row."""

    def _fit(self, frame, fraud, weight):  # noqa: ARG002 -- learns nothing
        self.most = float(frame["amount"].max())

    def _score(self, frame):
        return np.clip(frame["amount"].to_numpy() / self.most, 0, 1)


class ReadsLabels(AmountOnly):
    """Walks up the stack to whoever holds the truth."""

    def _score(self, frame):
        here = sys._getframe()
        while here is not None:
            held = here.f_locals.get("examples")
            if held is not None and hasattr(held, "fraud"):
                truth = dict(zip(held.amount.tolist(), held.fraud.tolist(), strict=True))
                return np.array([truth[one] for one in frame["amount"]], float)
            here = here.f_back
        return super()._score(frame)


class PeeksAhead(AmountOnly):
    """Compares a row with the row after it."""

    def _score(self, frame):
        amount = frame["amount"].to_numpy()
        return np.clip(np.append(amount[1:], 0) / self.most, 0, 1)


class RanksWithinTheBatch(AmountOnly):
    """Scores by the rank among all rows, later ones too."""

    def _score(self, frame):
        return frame["amount"].rank().to_numpy() / frame.height


SEEN = []


class CountsItsRuns(AmountOnly):
    """Remembers how often it was asked, in whatever run."""

    def _score(self, frame):
        SEEN.append(frame.height)
        return super()._score(frame) / len(SEEN)


KNOWN = set()


class KeepsState(AmountOnly):
    """Remembers across seeds and worlds which accounts had fraud."""

    def _fit(self, frame, fraud, weight):
        super()._fit(frame, fraud, weight)
        KNOWN.update(frame["key_account"].filter(fraud))

    def _score(self, frame):
        return np.where(frame["key_account"].is_in(KNOWN), 1, super()._score(frame))


class DrawsFromTheClock(AmountOnly):
    """Random with a generator of its own."""

    def _score(self, frame):
        return np.random.default_rng().random(frame.height)


class KeepsStateInOrder(AmountOnly):
    """Honest: an account that was seen before counts for less; goes by rows before."""

    def _fit(self, frame, fraud, weight):
        super()._fit(frame, fraud, weight)
        self.met = set()

    def _score(self, frame):
        scores = super()._score(frame)
        for i, account in enumerate(frame["key_account"]):
            scores[i] *= 0.5 if account in self.met else 1.0
            self.met.add(account)
        return scores


class Listens(KeepsStateInOrder):
    """Honest: learns from labels as they are told."""

    def hear(self, X, y):  # noqa: N803, ARG002 -- scikit-learn's names
        self.most *= 1 + y.sum() / 100


def detector(classifier, **says):
    def build(self, *, seed, info):
        return classifier()

    return type("Made", (Detector,), {"name": "made", "summary": "", "build": build, **says})()


@pytest.mark.parametrize(
    ("classifier", "says", "caught"),
    [
        (ReadsLabels, {}, "reads_labels"),
        (PeeksAhead, {}, "peeks_ahead"),
        (RanksWithinTheBatch, {}, "peeks_ahead"),
        (KeepsState, {"wants_keys": True}, "keeps_state"),
        (CountsItsRuns, {}, "not_repeatable"),
        (DrawsFromTheClock, {}, "not_repeatable"),
    ],
)
def test_a_cheating_detector_is_caught(classifier, says, caught, examples):
    found = check_honesty(detector(classifier, **says), examples)
    assert [one.name for one in found] == [caught]
    assert all(one.sentence for one in found)


@pytest.mark.parametrize(
    ("classifier", "says"),
    [
        (AmountOnly, {}),
        (KeepsStateInOrder, {"wants_keys": True, "in_order": True}),
        (Listens, {"wants_keys": True, "listens": True}),
    ],
)
def test_an_honest_detector_is_not(classifier, says, examples):
    assert check_honesty(detector(classifier, **says), examples) == ()


@pytest.mark.parametrize("name", ["random", "amount", "rules", "logistic", "shallow_tree"])
def test_detectors_of_ours_are_honest(name, examples):
    assert check_honesty(resolve(name), examples) == ()
