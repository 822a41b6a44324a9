"""What was before: the last rows of an account, and a network that reads them."""

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.base import FeatureInfo
from fraudsim.detectors.kit.histories import EXTRA_COLUMNS, Histories
from fraudsim.registry import DETECTORS, get

KEYS = ("key_row", "key_time_us", "key_account")


def naive_window(account, i, keep):
    """The positions of the row and of those of its account before it, at most ``keep``."""
    if account[i] == -1:
        return [i]
    return [j for j in range(i + 1) if account[j] == account[i]][-keep - 1 :]


@pytest.mark.parametrize("cut", [1, 7, 60])
@pytest.mark.parametrize("keep", [0, 1, 3])
def test_windows_are_those_by_definition_however_days_are_cut(cut, keep):
    rng = np.random.default_rng(0)
    account = rng.integers(-1, 5, 60)
    time_us = np.sort(rng.integers(0, 10**9, 60))
    columns = np.arange(60, dtype=np.float32)[:, None]
    histories, seen = Histories(keep), []
    for start in range(0, 60, cut):
        part = slice(start, start + cut)
        rows, windows = histories.read(columns[part], account[part], time_us[part])
        assert rows.shape[1] == 1 + EXTRA_COLUMNS
        seen += [rows[one[one >= 0]][:, 0].astype(int).tolist() for one in windows]
    assert seen == [naive_window(account, i, keep) for i in range(60)]


def test_gaps_reach_over_days():
    histories = Histories(1)
    one, account = np.zeros((1, 1), np.float32), np.array([4])
    histories.read(one, account, np.array([0]))
    rows, windows = histories.read(one, account, np.array([9_000_000]))
    assert rows[windows[0, -1]][-1] == pytest.approx(np.log1p(9) / 10)


def in_sequence(seed, rows=6000):
    """Fraud follows a large amount of the same account, and nothing in the row itself tells."""
    rng = np.random.default_rng(seed)
    account = rng.integers(0, 300, rows)
    amount = rng.lognormal(0, 1, rows)
    fraud = np.zeros(rows, bool)
    last = {}
    for i, (who, much) in enumerate(zip(account.tolist(), amount.tolist(), strict=True)):
        fraud[i] = last.get(who, 0.0) > 3
        last[who] = much
    keys = pl.DataFrame(
        {
            "key_row": np.arange(rows) + seed * rows,
            "key_time_us": (np.arange(rows) + seed * rows) * 10**6,
            "key_account": account,
        }
    )
    return pl.DataFrame({"amount": amount}), keys, fraud


def test_the_network_finds_what_only_a_sequence_tells():
    pytest.importorskip("torch", reason="needs fraudsim[neural]")
    from sklearn.metrics import roc_auc_score

    features, keys, fraud = in_sequence(0)
    later, later_keys, truth = in_sequence(1)
    info = FeatureInfo(amount="amount", keys=KEYS)
    classifier = get(DETECTORS, "gru")().build(seed=1, info=info)
    classifier.fit(pl.concat([features, keys], how="horizontal"), fraud)
    scores = classifier.predict_proba(pl.concat([later, later_keys], how="horizontal"))[:, 1]
    assert roc_auc_score(truth, scores) > 0.95
    alone = get(DETECTORS, "lightgbm")().build(seed=1, info=info).fit(features, fraud)
    assert roc_auc_score(truth, alone.predict_proba(later)[:, 1]) < 0.6


def test_copies_of_a_row_count_as_its_weight():
    """A rebalancer's copies would otherwise look like payments one after the other."""
    pytest.importorskip("torch", reason="needs fraudsim[neural]")
    features, keys, fraud = in_sequence(0, rows=400)
    frame = pl.concat([features, keys], how="horizontal")
    detector = get(DETECTORS, "gru")()
    info = FeatureInfo(amount="amount", keys=KEYS)
    twice = np.concatenate([np.arange(400), np.flatnonzero(fraud)])
    copied = detector.build(seed=1, info=info).fit(frame[twice], fraud[twice])
    weighed = detector.build(seed=1, info=info).fit(
        frame, fraud, sample_weight=np.where(fraud, 2.0, 1.0)
    )
    assert (copied.predict_proba(frame) == weighed.predict_proba(frame)).all()


def test_without_accounts_it_says_that_every_payment_is_alone():
    detector = get(DETECTORS, "gru")()
    assert "sees every payment alone" in detector.notes(FeatureInfo(keys=KEYS[:2]))[0]
    assert detector.notes(FeatureInfo(keys=KEYS)) == ()
