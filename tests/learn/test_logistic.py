"""The logistic baseline: what it learns from where there are more rows than it uses."""

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.logistic import LogisticClassifier


def rows(count=40_000, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=count)
    fraud = rng.random(count) < 1 / (1 + np.exp(5 - 1.5 * x))
    return pl.DataFrame({"x": x, "noise": rng.normal(size=count)}), fraud


def mean_scores(classifier, frame):
    return classifier.predict_proba(frame)[:, 1]


def test_a_part_of_the_rows_gives_nearly_the_probabilities_of_all():
    frame, fraud = rows()
    all_rows = mean_scores(LogisticClassifier().fit(frame, fraud), frame)
    a_tenth = mean_scores(LogisticClassifier(most_per_class=4_000).fit(frame, fraud), frame)
    assert a_tenth.mean() == pytest.approx(fraud.mean(), rel=0.1)
    assert np.corrcoef(all_rows, a_tenth)[0, 1] > 0.995


def test_a_part_of_weighted_rows_weighs_as_much_as_all_of_them():
    frame, fraud = rows()
    weight = np.where(fraud, 10.0, 1.0)
    fitted = [
        LogisticClassifier(most_per_class=most).fit(frame, fraud, sample_weight=weight)
        for most in (10**6, 4_000)
    ]
    whole, part = (mean_scores(one, frame).mean() for one in fitted)
    assert part == pytest.approx(whole, rel=0.1)


def test_which_rows_are_used_depends_on_the_seed_alone():
    frame, fraud = rows(count=4_000)
    scores = [
        mean_scores(
            LogisticClassifier(most_per_class=500, random_state=seed).fit(frame, fraud), frame
        )
        for seed in (1, 1, 2)
    ]
    assert (scores[0] == scores[1]).all()
    assert (scores[0] != scores[2]).any()


def test_no_more_rows_than_said_reach_the_model():
    frame, fraud = rows(count=4_000)
    classifier = LogisticClassifier(most_per_class=300).fit(frame, fraud)
    used = classifier.model_["scale"].n_samples_seen_
    assert used == 300 + min(300, int(fraud.sum()))
