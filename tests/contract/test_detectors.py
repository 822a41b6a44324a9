"""Every detector that the registry finds keeps the same promises."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from fraudsim.detectors.base import FeatureInfo
from fraudsim.errors import UsageError
from fraudsim.registry import DETECTORS, discover

EVERY = sorted(discover(DETECTORS).items())
LEARNERS = [(name, cls) for name, cls in EVERY if not cls.floor and name != "rules"]
every = pytest.mark.parametrize(("name", "cls"), EVERY, ids=[name for name, _ in EVERY])
learners = pytest.mark.parametrize(("name", "cls"), LEARNERS, ids=[name for name, _ in LEARNERS])
INFO = FeatureInfo(amount="amount", look_back=False)


def payments(seed: int = 0, rows: int = 800) -> tuple[pl.DataFrame, np.ndarray]:
    """Rows of every type with nulls, of which large ones online are often fraud."""
    rng = np.random.default_rng(seed)
    online = rng.random(rows) < 0.4
    amount = rng.lognormal(3, 1, rows)
    y = rng.random(rows) < np.where(online & (amount > 30), 0.5, 0.01)
    frame = pl.DataFrame(
        {
            "amount": amount,
            "count": pl.Series(rng.integers(0, 9, rows)).cast(pl.Int32),
            "gap": pl.Series(rng.exponential(1e5, rows)).set(
                pl.Series(rng.random(rows) < 0.3), None
            ),
            "new": pl.Series(rng.random(rows) < 0.5).set(pl.Series(rng.random(rows) < 0.2), None),
            "channel": pl.Series(np.where(online, "ecom", "pos")).cast(
                pl.Enum(["atm", "ecom", "pos"])
            ),
            "empty": pl.Series([None] * rows, dtype=pl.Float64),
            "constant": np.ones(rows),
        }
    )
    return frame, y


def built(cls, seed: int = 1):
    return cls().build(seed=seed, info=INFO)


@every
def test_the_same_seed_gives_the_same_scores(name, cls):
    frame, y = payments()
    later, _ = payments(seed=9)
    first, second = (built(cls).fit(frame, y).predict_proba(later) for _ in range(2))
    assert (first == second).all()


@every
def test_probabilities_are_probabilities(name, cls):
    frame, y = payments()
    scores = built(cls).fit(frame, y).predict_proba(frame)
    assert scores.shape == (frame.height, 2)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert np.allclose(scores.sum(axis=1), 1)


@every
def test_what_was_given_is_not_changed(name, cls):
    frame, y = payments()
    frame_before, y_before = frame.clone(), y.copy()
    weight = np.ones(y.size)
    built(cls).fit(frame, y, sample_weight=weight).predict_proba(frame)
    assert frame.equals(frame_before)
    assert (y == y_before).all()
    assert (weight == 1).all()


@every
def test_scores_do_not_depend_on_the_other_rows_scored(name, cls):
    """A detector that peeks at the next row, or ranks within the batch, fails here."""
    if name == "random":
        pytest.skip("chance goes by the position of a row and nothing else")
    frame, y = payments()
    later, _ = payments(seed=9)
    classifier = built(cls).fit(frame, y)
    whole = classifier.predict_proba(later)[:, 1]
    alone = np.concatenate([classifier.predict_proba(later[i : i + 1])[:, 1] for i in range(30)])
    assert alone == pytest.approx(whole[:30], abs=1e-12)


@every
def test_categories_and_nulls_that_were_never_learnt_from_are_scored(name, cls):
    frame, y = payments()
    later = payments(seed=9)[0].with_columns(
        channel=pl.lit("atm").cast(frame.schema["channel"]), count=pl.lit(None, pl.Int32)
    )
    assert np.isfinite(built(cls).fit(frame, y).predict_proba(later)).all()


@every
def test_one_class_is_refused(name, cls):
    frame, y = payments()
    with pytest.raises(UsageError, match="both classes"):
        built(cls).fit(frame, np.zeros_like(y))


@every
def test_a_column_of_the_truth_is_refused(name, cls):
    frame, y = payments()
    with pytest.raises(UsageError, match="'attack', which is the truth"):
        built(cls).fit(frame.with_columns(attack=pl.lit("x")), y)


@every
def test_scoring_before_fitting_is_refused(name, cls):
    with pytest.raises(NotFittedError):
        built(cls).predict_proba(payments()[0])


@every
def test_scikit_learn_can_clone_what_it_builds(name, cls):
    classifier = built(cls)
    assert clone(classifier).get_params() == classifier.get_params()
    frame, y = payments()
    again = clone(classifier.fit(frame, y))
    with pytest.raises(NotFittedError):
        again.predict_proba(frame)


@learners
def test_other_columns_than_those_learnt_from_are_refused(name, cls):
    frame, y = payments()
    with pytest.raises(UsageError, match="count"):
        built(cls).fit(frame, y).predict_proba(frame.drop("count"))


@learners
def test_weights_count(name, cls):
    frame, y = payments()
    plain = built(cls).fit(frame, y).predict_proba(frame)[:, 1].mean()
    heavy = (
        built(cls)
        .fit(frame, y, sample_weight=np.where(y, 20.0, 1.0))
        .predict_proba(frame)[:, 1]
        .mean()
    )
    assert heavy > plain + 0.02


@learners
def test_it_learns_what_is_there_to_learn(name, cls):
    from sklearn.metrics import roc_auc_score

    frame, y = payments(rows=3000)
    later, truth = payments(seed=9, rows=3000)
    scores = built(cls).fit(frame, y).predict_proba(later)[:, 1]
    assert roc_auc_score(truth, scores) > 0.85


def test_the_registry_finds_those_that_must_exist():
    assert {"rules", "logistic", "lightgbm", "random", "amount"} <= dict(EVERY).keys()
