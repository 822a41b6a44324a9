"""What single detectors promise beyond the contract."""

import sys

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from fraudsim.detectors.kit.resolve import detector_of
from fraudsim.errors import UsageError
from fraudsim.registry import DETECTORS, discover, get

EXTRAS = {"gru": "torch", "hbos": "pyod", "online_logistic": "river", "xgboost": "xgboost"}


@pytest.mark.parametrize(("name", "package"), EXTRAS.items())
def test_one_of_an_extra_is_listed_and_says_what_to_install(name, package, past, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    detector = discover(DETECTORS)[name]()
    expected = (
        rf"'{name}' needs the package {package}, .* pip install 'fraudsim\[{detector.extra}\]'"
    )
    with pytest.raises(UsageError, match=expected):
        detector.build(seed=1, info=past.info)


def test_only_those_have_an_extra():
    assert {name for name, cls in discover(DETECTORS).items() if cls.extra} == set(EXTRAS)


def oracle(past):
    classifier = get(DETECTORS, "oracle")().build(seed=1, info=past.info)
    return classifier.fit(past.features, past.fraud)


def test_the_oracle_is_the_ceiling(past, future):
    classifier = oracle(past)
    money = np.where(future.fraud, future.features["amount"].to_numpy(), 0.0)
    classifier.tell(future.fraud, money)
    scores = classifier.predict_proba(future.features)[:, 1]
    assert average_precision_score(future.fraud, scores) == 1.0
    frauds = np.flatnonzero(future.fraud)
    by_score = frauds[np.argsort(-scores[frauds], kind="stable")]
    assert (money[by_score] == np.sort(money[frauds])[::-1]).all()
    assert scores[frauds].min() >= 0.5
    assert (scores[~future.fraud] == 0).all()


def test_an_oracle_that_was_told_nothing_says_so(past, future):
    classifier = oracle(past)
    with pytest.raises(UsageError, match="has not been told"):
        classifier.predict_proba(future.features)
    classifier.tell(future.fraud[:10])
    with pytest.raises(UsageError, match=r"told of 10 rows but is asked about 1,500"):
        classifier.predict_proba(future.features)
    with pytest.raises(UsageError, match="2 labels but 3 amounts"):
        classifier.tell([True, False], [1, 2, 3])
    with pytest.raises(UsageError, match="0 or more"):
        classifier.tell([True], [np.nan])


def test_a_shallow_tree_is_shallow(past):
    classifier = get(DETECTORS, "shallow_tree")().build(seed=1, info=past.info)
    assert classifier.fit(past.features, past.fraud).model_.get_depth() <= 4


def test_the_default_is_that_of_lightgbm(past):
    """If LightGBM changes its defaults, ours are to follow."""
    from lightgbm import LGBMClassifier

    ours = get(DETECTORS, "lightgbm_default")().build(seed=1, info=past.info).get_params()
    theirs = LGBMClassifier().get_params()
    same = ("learning_rate", "n_estimators", "num_leaves", "reg_lambda", "min_child_samples")
    assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    assert not ours["extra_trees"]
    assert ours["feature_fraction_bynode"] == 1.0


@pytest.mark.parametrize("name", ["isolation_forest", "hbos"])
def test_anomaly_detectors_look_at_no_label(name, past, future):
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name], reason="needs an extra")
    one, other = (
        get(DETECTORS, name)().build(seed=1, info=past.info).fit(past.features, labels)
        for labels in (past.fraud, ~past.fraud)
    )
    assert (one.predict_proba(future.features) == other.predict_proba(future.features)).all()
    far = future.features[:1].with_columns(amount=pl.lit(1e7), gap=pl.lit(1e12))
    scores = one.predict_proba(pl.concat([future.features, far.cast(future.features.schema)]))
    assert scores[-1, 1] > np.quantile(scores[:-1, 1], 0.99)


@pytest.mark.parametrize("name", ["online_logistic", "plugged in"])
def test_an_online_learner_follows_a_change(name, past, future):
    """What was fraud is genuine from one day on, and the other way round."""
    pytest.importorskip("river", reason="needs an extra")
    if name == "plugged in":
        from river.compose import SelectType
        from river.linear_model import LogisticRegression
        from river.preprocessing import OneHotEncoder, StandardScaler

        numbers = SelectType(float) | StandardScaler()
        model = (numbers + (SelectType(str) | OneHotEncoder())) | LogisticRegression()
        detector = detector_of(model, "river_model")
    else:
        detector = get(DETECTORS, name)()
    classifier = detector.build(seed=1, info=past.info).fit(past.with_keys, past.fraud)
    before = classifier.predict_proba(future.with_keys)[:, 1]
    for _ in range(5):
        classifier.hear(past.with_keys, ~past.fraud)
    after = classifier.predict_proba(future.with_keys)[:, 1]
    assert before[future.fraud].mean() > before[~future.fraud].mean() + 0.03
    assert after[future.fraud].mean() < after[~future.fraud].mean() - 0.03


def test_a_river_tree_draws_from_the_seed(past, future):
    forest = pytest.importorskip("river.forest", reason="needs an extra")
    detector = detector_of(forest.ARFClassifier(n_models=2, seed=7), "river_forest")
    classifiers = [
        detector.build(seed=seed, info=past.info).fit(past.with_keys[:300], past.fraud[:300])
        for seed in (1, 1, 2)
    ]
    first, same, other = (one.predict_proba(future.with_keys[:200]) for one in classifiers)
    assert (first == same).all()
    assert (first != other).any()


def test_training_rows_are_learnt_in_the_order_of_time(past, future):
    pytest.importorskip("river", reason="needs an extra")
    shuffled = np.random.default_rng(0).permutation(past.fraud.size)
    detector = get(DETECTORS, "online_logistic")()
    first = detector.build(seed=1, info=past.info).fit(past.with_keys, past.fraud)
    second = detector.build(seed=1, info=past.info).fit(
        past.with_keys[shuffled], past.fraud[shuffled]
    )
    assert (first.predict_proba(future.with_keys) == second.predict_proba(future.with_keys)).all()
