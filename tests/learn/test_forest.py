"""The forest learns from a part of the genuine rows and speaks of all of them."""

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.forest import ForestClassifier

ROWS = 6_000


@pytest.fixture(scope="module")
def lesson():
    rng = np.random.default_rng(1)
    x = rng.normal(size=ROWS)
    fraud = rng.random(ROWS) < 1 / (1 + np.exp(-(1.5 * x - 4)))
    return pl.DataFrame({"x": x, "noise": rng.normal(size=ROWS)}), fraud


def mean_score(model, table):
    return float(model.predict_proba(table)[:, 1].mean())


def test_a_part_of_the_genuine_rows_gives_the_probabilities_of_all(lesson):
    table, fraud = lesson
    part = ForestClassifier(most_genuine=600, min_samples_leaf=20).fit(table, fraud)
    assert mean_score(part, table) == pytest.approx(fraud.mean(), rel=0.35)


def test_weights_stand_for_rows_that_are_not_there(lesson):
    table, fraud = lesson
    kept = np.flatnonzero(fraud | (np.arange(ROWS) % 5 == 0))
    weight = np.where(fraud[kept], 1.0, 5.0)
    weighted = ForestClassifier(min_samples_leaf=20).fit(
        table[kept], fraud[kept], sample_weight=weight
    )
    plain = ForestClassifier(min_samples_leaf=20).fit(table[kept], fraud[kept])
    assert mean_score(weighted, table) == pytest.approx(fraud.mean(), rel=0.35)
    assert mean_score(plain, table) > 2 * mean_score(weighted, table)
