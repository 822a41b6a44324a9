"""Every rebalancer that the registry finds keeps the same promises."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from imblearn.pipeline import Pipeline
from polars.testing import assert_frame_equal, assert_series_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import NOWHERE, Rebalancer, make_rebalancer
from fraudsim.rebalancers.kit.generating import Generates
from fraudsim.registry import REBALANCERS, discover

EVERY = sorted(
    (name, cls)
    for name, cls in discover(REBALANCERS).items()
    if not cls.needs_world and not issubclass(cls, Generates)
)
"""Those that need a world keep the same promises in tests/learn/test_simulate.py, those that train
a model in tests/generated, with few steps."""

CLEANED_AFTERWARDS = {"smoteenn", "smotetomek"}
"""They take out rows after the ratio is reached."""

WITH_A_RATIO = [(name, cls) for name, cls in EVERY if "ratio" in cls().get_params()]
every = pytest.mark.parametrize(("name", "cls"), EVERY, ids=[name for name, _ in EVERY])
with_a_ratio = pytest.mark.parametrize(
    ("name", "cls"), WITH_A_RATIO, ids=[name for name, _ in WITH_A_RATIO]
)


def by_kind(cls) -> bool:
    """Whether it can tell kinds of fraud apart."""
    return cls._rebalance_by is not Rebalancer._rebalance_by


def mixed(rows: int = 400, frauds: int = 12) -> tuple[pl.DataFrame, np.ndarray]:
    """Columns of every type, with nulls, and labels."""
    rng = np.random.default_rng(4)
    y = np.zeros(rows, bool)
    y[rng.choice(rows, frauds, replace=False)] = True
    gap = pl.Series(rng.exponential(100, rows))
    kind = pl.Series(rng.choice(["ecom", "pos", "atm"], rows))
    frame = pl.DataFrame(
        {
            "amount": rng.lognormal(3, 1, rows).astype(np.float32),
            "count": pl.Series(rng.integers(0, 9, rows)).cast(pl.Int32),
            "gap": gap.set(pl.Series(rng.random(rows) < 0.3), None),
            "new": pl.Series(rng.random(rows) < 0.5).set(pl.Series(rng.random(rows) < 0.2), None),
            "kind": kind.set(pl.Series(rng.random(rows) < 0.2), None).cast(
                pl.Enum(["atm", "ecom", "moto", "pos"])
            ),
            "shade": pl.Series(rng.choice(["a", "b"], rows)).cast(pl.Categorical),
            "text": rng.choice(["x", "y"], rows),
            "day": pl.Series(rng.integers(19_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date),
        }
    )
    return frame, y


def numbers(rows: int = 300, frauds: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    y = np.zeros(rows, int)
    y[rng.choice(rows, frauds, replace=False)] = 1
    return rng.normal(size=(rows, 4)) + y[:, None], y


@every
def test_the_same_seed_gives_the_same_rows(name, cls):
    frame, y = mixed()
    first, second = (
        make_rebalancer(name, ratio=None, seed=3).rebalance(frame, y) for _ in range(2)
    )
    assert_frame_equal(first.features, second.features)
    assert (first.source == second.source).all()
    assert (first.weight == second.weight).all()


@every
def test_types_and_columns_are_kept_and_what_was_given_is_not_changed(name, cls):
    frame, y = mixed()
    frame_before, y_before = frame.clone(), y.copy()
    made = cls().rebalance(frame, y)
    assert made.features.schema == frame.schema
    assert_frame_equal(frame, frame_before)
    assert (y == y_before).all()


@every
def test_provenance_tells_where_each_row_is_from(name, cls):
    frame, y = mixed()
    made = cls().rebalance(frame, y)
    rows = made.features.height
    assert made.fraud.size == made.weight.size == made.origin.len() == rows
    assert made.source.size == made.second.size == rows
    as_given = made.origin.is_in(["real", "copied"]).to_numpy()
    assert_frame_equal(made.features.filter(as_given), frame[made.source[as_given]])
    known = made.source != NOWHERE
    assert (made.fraud[known] == y[made.source[known]]).all()  # fraud comes from fraud
    assert made.fraud[~known].all()
    once = made.source[(made.origin == "real").to_numpy()]
    assert np.unique(once).size == once.size
    assert (made.weight > 0).all()
    mixed_with = made.second[made.second != NOWHERE]
    assert y[mixed_with].all()
    assert (made.origin.filter(made.second != NOWHERE) == "interpolated").all()


@every
def test_an_interpolated_row_lies_between_the_two_rows_named(name, cls):
    """On the line through both; beyond the first only where the method says so."""
    frame, y = mixed()
    made = cls().rebalance(frame, y)
    rows = np.flatnonzero(made.second != NOWHERE)
    new, first, second = made.features[rows], frame[made.source[rows]], frame[made.second[rows]]
    for column in ("amount", "gap"):
        a, b, x = (one[column].cast(pl.Float64).to_numpy() for one in (first, second, new))
        assert (np.isnan(a) == np.isnan(x)).all()
        b = np.where(np.isnan(b), a, b)
        beyond = 0.5 * np.abs(b - a) if name == "svm_smote" else 0.0
        inside = (x >= np.minimum(a, b) - beyond - 1e-4) & (x <= np.maximum(a, b) + beyond + 1e-4)
        assert inside[~np.isnan(a)].all()


@every
def test_kinds_of_fraud_get_equal_shares_or_it_says_that_it_cannot(name, cls):
    frame, y = mixed(frauds=60)
    kind = np.where(np.cumsum(y) <= 42, "common", "rare")
    sampler = make_rebalancer(name, ratio=0.4 if "ratio" in cls().get_params() else None, seed=2)
    if not by_kind(cls):
        with pytest.raises(UsageError, match=f"{name} adds no fraud and weighs none"):
            sampler.rebalance(frame, y, by=kind)
        return
    made = sampler.rebalance(frame, y, by=kind)
    of = kind[made.source]
    common, rare = (made.weight[made.fraud & (of == one)].sum() for one in ("common", "rare"))
    if name in CLEANED_AFTERWARDS:
        assert rare > 0
    else:
        assert rare == pytest.approx(common, rel=0.15)  # adasyn rounds


@every
def test_a_fraud_without_a_kind_is_refused(name, cls):
    frame, y = mixed()
    with pytest.raises(UsageError, match="12 of 12 frauds have no kind"):
        cls().rebalance(frame, y, by=pl.Series([None] * y.size, dtype=pl.String))


@every
def test_made_values_lie_within_those_of_the_frauds(name, cls):
    frame, y = mixed()
    made = cls().rebalance(frame, y)
    new = made.features.filter(made.origin == "interpolated")
    frauds = frame.filter(y)
    for column in new.columns:
        given = frauds[column]
        if given.dtype.is_numeric() or given.dtype.is_temporal():
            values = new[column].drop_nulls().cast(pl.Float64)
            low, high = given.cast(pl.Float64).min(), given.cast(pl.Float64).max()
            assert ((values >= low - 1e-4) & (values <= high + 1e-4)).all(), column
        else:
            assert set(new[column].to_list()) <= set(given.to_list()), column


@every
def test_one_class_is_refused(name, cls):
    frame, y = mixed()
    for labels in (np.zeros_like(y), np.ones_like(y)):
        with pytest.raises(UsageError, match="both classes"):
            cls().rebalance(frame, labels)


@every
def test_a_column_of_the_truth_is_refused(name, cls):
    frame, y = mixed()
    with pytest.raises(UsageError, match="'is_fraud', which is the truth"):
        cls().rebalance(frame.with_columns(is_fraud=pl.Series(y)), y)


@every
def test_labels_of_another_length_are_refused(name, cls):
    frame, y = mixed()
    with pytest.raises(UsageError, match="400 rows but 399 labels"):
        cls().rebalance(frame, y[:-1])


@every
def test_scikit_learn_can_clone_it_and_read_its_parameters(name, cls):
    made = cls()
    assert clone(made).get_params() == made.get_params()
    for parameter, value in made.get_params().items():
        made.set_params(**{parameter: value})


@every
def test_matrices_and_pandas_tables_come_back_as_such(name, cls):
    pandas = pytest.importorskip("pandas", reason="pandas is not a dependency of ours")
    frame, y = numbers()
    if cls.weighs:
        pytest.skip(f"{name} makes weights, not rows: the test below")
    frame_made, y_made = cls().fit_resample(frame, y)
    assert isinstance(frame_made, np.ndarray)
    assert y_made.dtype == y.dtype
    table = pandas.DataFrame(frame, columns=list("abcd"))
    table_made, y_table = cls().fit_resample(table, pandas.Series(y))
    assert isinstance(table_made, pandas.DataFrame)
    assert table_made.columns.to_list() == list("abcd")
    assert (table_made.to_numpy() == frame_made).all()
    assert (np.asarray(y_table) == y_made).all()


@every
def test_a_polars_series_of_labels_comes_back_as_one(name, cls):
    frame, y = mixed()
    if cls.weighs:
        pytest.skip(f"{name} makes weights, not rows: the test below")
    labels = pl.Series("Class", y).cast(pl.Int8)
    _, made = cls().fit_resample(frame, labels)
    assert_series_equal(made.head(0), labels.head(0))


@every
def test_in_a_pipeline_it_resamples_in_fit_only_or_says_that_it_cannot(name, cls):
    frame, y = numbers()
    steps = Pipeline([("rebalance", cls()), ("classify", LogisticRegression())])
    if not cls.weighs:
        assert steps.fit(frame, y).predict_proba(frame).shape == (frame.shape[0], 2)
    else:
        with pytest.raises(UsageError, match="a pipeline would lose the weights"):
            steps.fit(frame, y)


@with_a_ratio
def test_the_ratio_asked_for_is_the_ratio_made(name, cls):
    frame, y = mixed()
    made = cls(ratio=0.25).rebalance(frame, y)
    frauds, genuine = made.weight[made.fraud].sum(), made.weight[~made.fraud].sum()
    if name in CLEANED_AFTERWARDS:
        assert frauds / genuine == pytest.approx(0.25, abs=0.1)
    else:
        assert frauds / genuine == pytest.approx(0.25, abs=0.01)


@with_a_ratio
@pytest.mark.parametrize("ratio", [0.0, -0.1, 1.5, float("nan")])
def test_a_ratio_that_is_none_is_refused(name, cls, ratio):
    with pytest.raises(UsageError, match="above 0 and at most 1"):
        cls(ratio=ratio).rebalance(*mixed())


@with_a_ratio
def test_a_ratio_below_the_present_one_is_refused(name, cls):
    with pytest.raises(UsageError, match=r"ratio 0\.01 is below the present one: 12 frauds"):
        cls(ratio=0.01).rebalance(*mixed())


def test_the_registry_finds_those_that_must_exist():
    assert {
        *("none", "class_weight", "amount_weight", "random_over", "random_under"),
        *("smote", "smotenc", "smoten", "borderline_smote", "adasyn", "kmeans_smote", "svm_smote"),
        *("smoteenn", "smotetomek", "near_miss", "tomek_links", "edited_nearest_neighbours"),
        "one_sided_selection",
    } <= dict(EVERY).keys()


@every
def test_it_says_what_it_does_and_where_it_is_from(name, cls):
    assert cls.summary
    assert not cls.summary.endswith(".")
    assert cls.reference


@every
def test_what_does_not_look_at_the_features_depends_on_the_labels_alone(name, cls):
    frame, y = mixed()
    rows = [cls().rebalance(one, y) for one in (frame, frame.reverse())]
    same = rows[0].source.tolist() == rows[1].source.tolist() and (
        rows[0].weight.tolist() == rows[1].weight.tolist()
    )
    assert same or cls.looks
    matrix, labels = numbers()
    if not cls.weighs:
        made, _ = cls().fit_resample(matrix, labels)
        assert (made == cls().rebalance(matrix, labels).features.to_numpy()).all()
