"""What the rows of each rebalancer are, beyond the contract that all share."""

import numpy as np
import polars as pl
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from polars.testing import assert_frame_equal
from sklearn.base import BaseEstimator

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import make_rebalancer

PRESENT = 40 / 360
WITH_RATIO = ("random_under", "random_over", "smotenc", "class_weight")


def training_rows(*, rows=400, frauds=40, seed=5):
    """Numbers with nulls and categories; frauds are larger and online."""
    rng = np.random.default_rng(seed)
    fraud = np.zeros(rows, np.bool_)
    fraud[rng.choice(rows, frauds, replace=False)] = True
    gap_s = pl.Series(rng.exponential(3600, rows))
    frame = pl.DataFrame(
        {
            "amount": rng.lognormal(3, 1, rows) * np.where(fraud, 6, 1),
            "count_1d": pl.Series(rng.poisson(3, rows), dtype=pl.Int32),
            "gap_s": gap_s.set(pl.Series(rng.random(rows) < np.where(fraud, 0.4, 0.1)), None),
            "channel": np.where(fraud, "ecom", rng.choice(["pos", "atm"], rows)),
        }
    )
    return frame, fraud


def rebalanced(name, frame, fraud, *, ratio=0.5, seed=1):
    return make_rebalancer(name, ratio=ratio, seed=seed).rebalance(frame, fraud)


@pytest.mark.parametrize("name", WITH_RATIO)
def test_the_present_ratio_leaves_the_rows_as_they_are(name):
    frame, fraud = training_rows()
    made = rebalanced(name, frame, fraud, ratio=PRESENT)
    assert_frame_equal(made.features, frame)
    assert (made.origin == "real").all()
    np.testing.assert_allclose(made.weight, 1.0)


@pytest.mark.parametrize("name", WITH_RATIO)
def test_a_ratio_just_above_the_present_one_is_reached_or_nearly(name):
    """One fraud more is asked for than there is: nothing may fail at the edge."""
    frame, fraud = training_rows()
    made = rebalanced(name, frame, fraud, ratio=41 / 360 + 1e-12)
    odds = made.weight[made.fraud].sum() / made.weight[~made.fraud].sum()
    assert odds == pytest.approx(41 / 360, rel=0.01)


def test_under_sampling_keeps_every_fraud_and_copies_nothing():
    frame, fraud = training_rows()
    made = rebalanced("random_under", frame, fraud)
    assert made.fraud.sum() == fraud.sum()
    assert (made.origin == "real").all()


@pytest.mark.parametrize("name", ["random_over", "smotenc"])
def test_over_sampling_keeps_every_row_and_adds_frauds_only(name):
    frame, fraud = training_rows()
    made = rebalanced(name, frame, fraud)
    real = (made.origin == "real").to_numpy()
    assert sorted(made.source[real].tolist()) == list(range(fraud.size))
    assert (~real).any()
    assert made.fraud[~real].all()


@pytest.mark.parametrize("name", ["random_under", "random_over", "smotenc"])
def test_another_seed_gives_other_rows(name):
    frame, fraud = training_rows()
    one, two = (rebalanced(name, frame, fraud, seed=seed).features for seed in (1, 2))
    assert not one.equals(two)


@pytest.mark.parametrize("name", WITH_RATIO)
def test_numpys_own_seed_is_neither_read_nor_moved(name):
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 -- the global state is the question
    rebalanced(name, *training_rows())
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002 -- same


def test_class_weight_adds_weight_and_no_row():
    frame, fraud = training_rows()
    made = rebalanced("class_weight", frame, fraud, ratio=1.0)
    assert_frame_equal(made.features, frame)
    assert set(made.weight[~fraud].tolist()) == {1.0}
    assert set(made.weight[fraud].tolist()) == {360 / 40}


# SMOTENC


def test_smotenc_gives_the_rows_of_imbalanced_learns_smote_on_numbers():
    """Where the frauds are of one scale already, ours does nothing else than theirs."""
    rng = np.random.default_rng(3)
    matrix, fraud = rng.normal(size=(300, 4)), np.arange(300) < 30
    matrix[fraud] -= matrix[fraud].mean(axis=0)
    matrix[fraud] /= matrix[fraud].std(axis=0)
    made = rebalanced("smotenc", matrix, fraud, ratio=0.2, seed=4)
    theirs, _ = SMOTE(sampling_strategy=0.2, random_state=4).fit_resample(matrix, fraud)
    ours = made.features.filter(made.origin == "interpolated").to_numpy()
    np.testing.assert_allclose(ours, theirs[300:], rtol=1e-9, atol=1e-12)


def test_smotenc_makes_points_between_a_fraud_and_another_whatever_the_units():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200) * 1e6})
    fraud = np.arange(200) < 20
    made = rebalanced("smotenc", frame, fraud)
    new = (made.origin == "interpolated").to_numpy()
    frauds = frame.filter(fraud).to_numpy()
    scale = frauds.std(axis=0)
    nearest = []
    for point, source in zip(made.features.filter(new).to_numpy(), made.source[new], strict=True):
        ways = (frauds - frame.row(source)) / scale
        step = (point - frame.row(source)) / scale
        # step = share * way, with one share from 0 to 1, for the way to at least one fraud
        share = (ways @ step) / np.maximum((ways**2).sum(axis=1), 1e-30)
        along = (np.abs(ways * share[:, None] - step).max(axis=1) < 1e-9) & (share > -1e-9)
        assert (along & (share < 1 + 1e-9)).any()
        nearest.append(np.sort((ways**2).sum(axis=1))[5])
        assert ((ways[along] ** 2).sum(axis=1) <= nearest[-1] + 1e-9).any(), "among the 5 nearest"


def test_smotenc_makes_nulls_as_often_as_frauds_have_them():
    frame, fraud = training_rows(rows=2000, frauds=200)
    made = rebalanced("smotenc", frame, fraud)
    new = made.features.filter(made.origin == "interpolated")
    among_frauds = frame.filter(fraud)["gap_s"].is_null().mean()
    assert new["gap_s"].is_null().mean() == pytest.approx(among_frauds, abs=0.15)


def test_smotenc_does_not_use_the_genuine_rows():
    frame, fraud = training_rows()
    others = frame.with_columns(
        amount=pl.when(pl.Series(fraud)).then("amount").otherwise(pl.col("amount") * 100)
    )
    new = [
        made.features.filter(made.origin == "interpolated")
        for made in (rebalanced("smotenc", rows, fraud) for rows in (frame, others))
    ]
    assert_frame_equal(new[0], new[1])


def test_smotenc_wants_more_frauds_than_neighbours():
    frame, fraud = training_rows(frauds=5)
    with pytest.raises(UsageError, match=r"more than 5 known frauds .* the training rows have 5"):
        rebalanced("smotenc", frame, fraud)


def test_smotenc_wants_a_column_of_numbers():
    frame, fraud = training_rows()
    with pytest.raises(UsageError, match="needs a column of numbers"):
        rebalanced("smotenc", frame.select("channel"), fraud)


# In a pipeline


class _Remembers(BaseEstimator):
    """A last step that keeps what it was fitted with."""

    def fit(self, rows, labels):
        self.rows_, self.labels_ = rows, labels
        return self

    def predict(self, rows):
        return np.zeros(len(rows))


@pytest.mark.parametrize("name", ["none", "random_under", "random_over", "smotenc"])
def test_a_pipeline_fits_on_the_resampled_rows_and_predicts_on_those_given(name):
    frame, fraud = training_rows()
    made = make_rebalancer(name, ratio=0.5, seed=1)
    pipeline = Pipeline([("rebalance", made), ("last", _Remembers())]).fit(frame, fraud)
    assert_frame_equal(pipeline[-1].rows_, made.rebalance(frame, fraud).features)
    assert len(pipeline.predict(frame[:7])) == 7


def test_an_unknown_rebalancer_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'smotenc'"):
        make_rebalancer("smotnec", ratio=None, seed=1)
