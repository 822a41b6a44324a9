"""Features of who shares what: as defined, from the past alone, and without a row's own label."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from fraudsim.detectors.base import FeatureInfo
from fraudsim.detectors.kit.entity_graph import SMOOTHING, Snapshot, out_of_fold
from fraudsim.registry import DETECTORS, get

ENTITIES = ("key_account", "key_device", "key_payee")
KEYS = ("key_row", "key_time_us", *ENTITIES)


def payments(seed, rows=4000, accounts=400, things=60):
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {
            "amount": rng.lognormal(3, 1, rows),
            "key_row": np.arange(rows) + seed * rows,
            "key_time_us": (np.arange(rows) + seed * rows) * 10**6,
            "key_account": rng.integers(0, accounts, rows),
            "key_device": rng.integers(-1, things, rows),
            "key_payee": rng.integers(-1, things, rows),
        }
    )
    return frame, rng


def by_definition(past, fraud, asked):
    """The features of one payment, counted one by one."""
    n, share = past.height, (fraud.sum() + 1) / (past.height + 2)
    columns = {name: past[name].to_numpy() for name in ENTITIES}

    def size(count):
        return np.log1p(count * 1e6 / n)

    def smoothed(frauds, rows):
        return (frauds + SMOOTHING * share) / (rows + SMOOTHING)

    values = {}
    for name in ENTITIES:
        here = columns[name] == asked[name]
        short = name.removeprefix("key_")
        known = asked[name] != -1
        values[f"graph_{short}_payments"] = size(here.sum()) if known else None
        values[f"graph_{short}_fraud"] = smoothed(fraud[here].sum(), here.sum()) if known else None
        users = np.unique(columns["key_account"][here]).size
        values[f"graph_{short}_accounts"] = size(users) if known else None
    mine = columns["key_account"] == asked["key_account"]
    others, rows, frauds = 0, 0, 0
    for name in ENTITIES[1:]:
        for code in np.unique(columns[name][mine]):
            if code == -1:
                continue
            theirs = (columns[name] == code) & ~mine
            others += np.unique(columns["key_account"][theirs]).size
            rows += theirs.sum()
            frauds += fraud[theirs].sum()
    values["graph_neighbours"] = size(others)
    values["graph_neighbours_fraud"] = smoothed(frauds, rows)
    return values


def test_the_features_are_those_by_definition():
    past, rng = payments(0, rows=300, accounts=20, things=15)
    fraud = rng.random(300) < 0.2
    later, _ = payments(1, rows=40, accounts=25, things=20)
    features = Snapshot(past, fraud, ENTITIES).features(later)
    for i, row in enumerate(features.iter_rows(named=True)):
        assert row == pytest.approx(by_definition(past, fraud, later.row(i, named=True)))


def test_a_row_is_not_told_its_own_label():
    """Labels are by chance, so no feature of a training row may say anything about its own."""
    past, rng = payments(0)
    fraud = rng.random(past.height) < 0.1
    fold = np.arange(past.height) * 5 // past.height
    honest = out_of_fold(past, fraud, fold, ENTITIES)
    leaking = Snapshot(past, fraud, ENTITIES).features(past)
    for name in ("graph_device_fraud", "graph_account_fraud", "graph_neighbours_fraud"):
        assert roc_auc_score(fraud, honest[name].fill_null(0)) == pytest.approx(0.5, abs=0.06)
    assert roc_auc_score(fraud, leaking["graph_account_fraud"]) > 0.7  # the test can fail


def test_labels_by_chance_are_not_believed():
    past, rng = payments(0)
    later, later_rng = payments(1)
    fraud, truth = (one.random(past.height) < 0.1 for one in (rng, later_rng))
    classifier = get(DETECTORS, "graph")().build(seed=1, info=FeatureInfo(keys=KEYS))
    scores = classifier.fit(past, fraud).predict_proba(later)[:, 1]
    assert roc_auc_score(truth, scores) == pytest.approx(0.5, abs=0.05)
    # one that leaks is sure of fraud where it learnt that the feature tells the label
    assert scores.mean() == pytest.approx(0.1, abs=0.02)


def test_it_finds_rings_that_share_a_payee():
    """Accounts of a ring pay into few payees; the payment itself tells nothing."""
    past, rng = payments(0)
    later, later_rng = payments(1)

    def with_ring(frame, stream):
        ring = stream.random(frame.height) < 0.05
        payee = np.where(ring, stream.integers(100, 103, frame.height), frame["key_payee"])
        return frame.with_columns(key_payee=pl.Series(payee)), ring

    past, fraud = with_ring(past, rng)
    later, truth = with_ring(later, later_rng)
    info = FeatureInfo(amount="amount", keys=KEYS)
    graph = get(DETECTORS, "graph")().build(seed=1, info=info).fit(past, fraud)
    assert roc_auc_score(truth, graph.predict_proba(later)[:, 1]) > 0.99
    alone = get(DETECTORS, "lightgbm")().build(seed=1, info=info)
    alone.fit(past.select("amount"), fraud)
    assert roc_auc_score(truth, alone.predict_proba(later.select("amount"))[:, 1]) < 0.6


def test_the_order_of_training_rows_changes_nothing():
    past, rng = payments(0, rows=1000)
    fraud = rng.random(1000) < 0.2
    shuffled = rng.permutation(1000)
    detector, info = get(DETECTORS, "graph")(), FeatureInfo(keys=KEYS)
    first = detector.build(seed=1, info=info).fit(past, fraud)
    second = detector.build(seed=1, info=info).fit(past[shuffled], fraud[shuffled])
    assert second.predict_proba(past) == pytest.approx(first.predict_proba(past), abs=1e-9)


def test_without_entities_it_says_so():
    detector = get(DETECTORS, "graph")()
    assert "is lightgbm" in detector.notes(FeatureInfo(keys=KEYS[:2]))[0]
    assert detector.notes(FeatureInfo(keys=KEYS)) == ()
