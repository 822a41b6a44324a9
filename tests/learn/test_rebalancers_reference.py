"""Rows beside those of imbalanced-learn's own classes, on the same points."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from imblearn import over_sampling, under_sampling
from sklearn.metrics import pairwise_distances

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import NOWHERE, make_rebalancer
from fraudsim.rebalancers.kit.neighbours import have_nearer, nearest_rows
from fraudsim.rebalancers.kit.numbers import NULL, Numbers, Pairs, between
from fraudsim.rebalancers.kit.shares import equal_shares

ROWS, FRAUDS = 600, 60


def points(seed=0, rows=ROWS, columns=4):
    """Numbers of one scale, so that scaling changes the last digits only; frauds lie apart."""
    rng = np.random.default_rng(seed)
    fraud = np.zeros(rows, np.bool_)
    fraud[rng.choice(rows, rows // 10, replace=False)] = True
    matrix = rng.normal(size=(rows, columns)) + 0.9 * fraud[:, None]
    return (matrix - matrix.mean(axis=0)) / matrix.std(axis=0), fraud


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("borderline_smote", over_sampling.BorderlineSMOTE),
        ("adasyn", over_sampling.ADASYN),
    ],
)
def test_what_interpolates_makes_their_rows(name, theirs, seed):
    matrix, fraud = points(seed)
    made = make_rebalancer(name, ratio=0.5, seed=seed).rebalance(matrix, fraud)
    wanted = int(0.5 * (~fraud).sum())
    rows, _ = theirs(sampling_strategy={True: wanted}, random_state=seed).fit_resample(
        matrix.astype(np.float32), fraud
    )
    ours = made.features.filter(made.origin == "interpolated").to_numpy()
    np.testing.assert_allclose(ours, rows[ROWS:], atol=1e-5)


def test_svm_smote_makes_their_rows_where_all_genuine_rows_are_used():
    matrix, fraud = points(5)
    made = make_rebalancer("svm_smote", ratio=0.5, seed=2).rebalance(matrix, fraud)
    wanted = int(0.5 * (~fraud).sum())
    rows, _ = over_sampling.SVMSMOTE(sampling_strategy={True: wanted}, random_state=2).fit_resample(
        matrix.astype(np.float32), fraud
    )
    low, high = matrix[fraud].min(axis=0), matrix[fraud].max(axis=0)
    ours = made.features.filter(made.origin == "interpolated").to_numpy()
    np.testing.assert_allclose(ours, np.clip(rows[ROWS:], low, high), atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("columns", [3, 30])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("tomek_links", under_sampling.TomekLinks),
        ("edited_nearest_neighbours", under_sampling.EditedNearestNeighbours),
        ("one_sided_selection", under_sampling.OneSidedSelection),
        ("near_miss", under_sampling.NearMiss),
    ],
)
def test_what_leaves_out_rows_leaves_out_theirs(name, theirs, seed, columns):
    matrix, fraud = points(seed, columns=columns)
    settings = {"random_state": seed} if name == "one_sided_selection" else {}
    if name == "near_miss":
        settings["sampling_strategy"] = {False: 120}
    sampler = theirs(**settings)
    sampler.fit_resample(matrix, fraud)
    made = make_rebalancer(name, ratio=0.5 if name == "near_miss" else None, seed=seed).rebalance(
        matrix, fraud
    )
    assert made.source.tolist() == sorted(sampler.sample_indices_.tolist())
    assert made.source.size < ROWS or (name, columns) == ("tomek_links", 30)  # no links so far out


def test_smoten_takes_the_categories_that_theirs_takes():
    rng = np.random.default_rng(2)
    fraud = np.arange(400) < 40
    table = rng.choice(["a", "b", "c", "d"], (400, 5))
    table[fraud] = rng.choice(["a", "a", "b", "c"], (40, 5))
    frame = pl.DataFrame(table, schema=[f"x{i}" for i in range(5)])
    made = make_rebalancer("smoten", ratio=0.5, seed=3).rebalance(frame, fraud)
    theirs, _ = over_sampling.SMOTEN(sampling_strategy=0.5, random_state=3).fit_resample(
        table.astype(object), fraud
    )
    ours = made.features.filter(made.origin == "interpolated").to_numpy()
    assert (ours == theirs[400:]).all()


# SMOTENC: ours is not theirs inside, so the distributions are compared


def mixed_frauds(seed=1):
    rng = np.random.default_rng(seed)
    fraud = np.arange(3000) < 300
    kind = rng.integers(0, 3, 3000)
    frame = pl.DataFrame(
        {
            "amount": rng.lognormal(3, 1, 3000) * (1 + kind),
            "score": rng.normal(size=3000) + kind,
            "channel": np.array(["atm", "ecom", "pos"])[
                np.where(rng.random(3000) < 0.8, kind, rng.integers(0, 3, 3000))
            ],
            "country": rng.choice(
                ["GB", "FR", "RO", "US", "DE"], 3000, p=[0.5, 0.2, 0.1, 0.1, 0.1]
            ),
        }
    )
    return frame, fraud


def test_smotenc_has_the_column_distributions_of_imbalanced_learns():
    frame, fraud = mixed_frauds()
    made = make_rebalancer("smotenc", ratio=1.0, seed=1).rebalance(frame, fraud)
    ours = made.features.filter(made.origin == "interpolated")
    numbers = frame.select("amount", "score").to_numpy()
    scaled = frame.to_pandas()
    scaled[["amount", "score"]] = (numbers - numbers[fraud].mean(axis=0)) / numbers[fraud].std(
        axis=0
    )
    theirs, _ = over_sampling.SMOTENC(
        categorical_features=["channel", "country"], sampling_strategy=1.0, random_state=1
    ).fit_resample(scaled, fraud)
    theirs = pl.from_pandas(theirs[3000:])
    for name in ("amount", "score"):  # the same neighbours and steps, so the same numbers
        column = frame[name].filter(fraud)
        back = theirs[name] * column.std(ddof=0) + column.mean()
        np.testing.assert_allclose(ours[name], back, rtol=1e-9, atol=1e-9)
    for name in ("channel", "country"):  # ties are broken by other draws
        shares = [
            dict(one[name].value_counts(normalize=True).sort(name).iter_rows())
            for one in (ours, theirs)
        ]
        assert shares[0] == pytest.approx(shares[1], abs=0.03)  # 2,400 rows: 3 standard errors
    joint = [
        one.group_by("channel", "country").len().sort("channel", "country")["len"].to_numpy()
        for one in (ours, theirs)
    ]
    assert joint[0] == pytest.approx(joint[1], abs=0.03 * 2400)


# The search beneath, beside all distances


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_nearest_rows_are_the_nearest_of_all_distances(dtype):
    matrix = points(7, columns=37)[0].astype(dtype)
    distances = pairwise_distances(matrix.astype(np.float64), metric="sqeuclidean")
    np.fill_diagonal(distances, np.inf)
    among = np.flatnonzero(np.arange(ROWS) % 3 > 0)
    nearest, found = nearest_rows(matrix, np.arange(ROWS), among)
    assert (nearest == among[distances[:, among].argmin(axis=1)]).all()
    np.testing.assert_allclose(found, distances[:, among].min(axis=1), rtol=1e-9)
    bar = np.full(ROWS, np.median(distances))
    for count in (1, 3, 200):
        has = have_nearer(matrix, np.arange(ROWS), among, bar, count)
        assert (has == ((distances[:, among] < bar[0]).sum(axis=1) >= count)).all()


# Into numbers and back


TABLE = pl.DataFrame(
    {
        "number": [0.0, 10.0, None, 4.0],
        "whole": [1, 4, 2, 8],
        "day": pl.Series([0, 10, 20, 30], dtype=pl.Int32).cast(pl.Date),
        "kind": pl.Series(["a", "b", None, "a"], dtype=pl.Enum(["a", "b", "unused"])),
        "flag": [True, None, False, True],
        "list": [[1], [2], [3], [4]],
    }
)


def made(first, second, step):
    pairs = Pairs(np.array([first]), np.array([second]), np.array([step]))
    return between(TABLE, pairs).row(0, named=True)


def test_a_row_between_two_has_numbers_between_and_the_rest_of_the_nearer():
    near, far = made(0, 1, 0.3), made(0, 1, 0.7)
    assert (near["number"], far["number"]) == (3.0, 7.0)
    assert (near["whole"], far["whole"]) == (2, 3)
    assert (near["day"].toordinal(), far["day"].toordinal()) == (719166, 719170)
    assert (near["kind"], near["flag"], near["list"]) == ("a", True, [1])
    assert (far["kind"], far["flag"], far["list"]) == ("b", None, [2])


def test_nulls_are_those_of_the_first_row():
    assert made(2, 0, 0.9)["number"] is None
    assert made(0, 2, 0.9)["number"] == 0.0  # there is nothing to go to


def test_a_step_away_stays_within_the_range_of_the_column():
    assert made(0, 1, -0.5)["number"] == 0.0
    assert made(1, 0, -0.5)["whole"] == 6


def test_types_are_kept():
    pairs = Pairs(np.array([0, 1]), np.array([1, 2]), np.array([0.2, 0.9]))
    assert between(TABLE, pairs).schema == TABLE.schema


def test_two_rows_that_differ_in_a_category_or_a_null_are_one_apart():
    columns = {
        "three": pl.Series(["a", "b", "c", None]),
        "flag": pl.Series([True, False, True, True]),
        "gap": pl.Series([1.0, None, 1.0, 1.0]),
    }
    for name, column in columns.items():
        frame = column.to_frame(name)
        matrix = Numbers(frame).points(frame, np.float64)
        assert np.linalg.norm(matrix[0] - matrix[1]) == pytest.approx(1.0), name
        assert np.linalg.norm(matrix[0] - matrix[2]) == pytest.approx(float(name == "three")), name


def test_of_many_categories_the_rare_ones_share_a_column():
    frame = pl.DataFrame({"mcc": [f"{i:04d}" for i in range(300) for _ in range(1 + (i < 16))]})
    matrix = Numbers(frame).points(frame)
    assert matrix.shape[1] == 17
    assert (matrix[-1] == matrix[-2]).all()
    seen = Numbers(frame)
    unseen = pl.DataFrame({"mcc": ["never seen"]})
    assert (seen.points(unseen)[0] == matrix[-1]).all()


def test_columns_that_are_null_together_share_a_mark():
    gap = pl.Series([1.0, None, 3.0, None])
    frame = pl.DataFrame({"a": gap, "b": gap * 2, "c": [None, 1.0, 2.0, 3.0]})
    assert Numbers(frame).points(frame).shape[1] == 3 + 2


def test_infinite_values_are_refused():
    frame = pl.DataFrame({"a": [1.0, float("inf")]})
    with pytest.raises(UsageError, match="'a' has infinite values"):
        Numbers(frame)


def test_no_text_is_taken_for_null():
    assert NULL not in {"", "null", "None"}


# Shares of kinds


@pytest.mark.parametrize(
    ("known", "total", "shares"),
    [
        ({"a": 60, "b": 10, "c": 1}, 100, {"a": 60, "b": 20, "c": 20}),
        ({"a": 5, "b": 5}, 100, {"a": 50, "b": 50}),
        ({"a": 90, "b": 50, "c": 1}, 150, {"a": 90, "b": 50, "c": 10}),
        ({"a": 7}, 7, {"a": 7}),
    ],
)
def test_kinds_keep_what_they_have_and_share_the_rest(known, total, shares):
    assert equal_shares(known, total) == shares


def test_a_kind_with_fewer_frauds_than_neighbours_is_copied():
    frame = pl.DataFrame({"x": np.random.default_rng(0).normal(size=300)})
    fraud = np.arange(300) < 33
    kind = pl.Series(np.where(np.arange(300) < 30, "common", "rare"))
    made_ = make_rebalancer("smote", ratio=0.5, seed=1).rebalance(frame, fraud, by=kind)
    of_rare = (made_.source >= 30) & (made_.source < 33) & (made_.origin != "real").to_numpy()
    assert set(made_.origin.filter(pl.Series(of_rare)).to_list()) == {"copied"}
    assert (made_.second[of_rare] == NOWHERE).all()
    assert set(made_.origin.to_list()) == {"real", "copied", "interpolated"}


# Weights by amount


def test_amount_weight_weighs_frauds_in_proportion_and_none_by_nothing():
    frame = pl.DataFrame({"paid": [100.0, 300.0, 0.0, None, *[50.0] * 96]})
    fraud = np.arange(100) < 4
    sampler = make_rebalancer("amount_weight", ratio=0.5, seed=1, amount="paid")
    weight = sampler.rebalance(frame, fraud).weight
    assert weight[:4].sum() == pytest.approx(0.5 * 96)
    assert weight[1] == pytest.approx(3 * weight[0])
    assert weight[2] == weight[3] == pytest.approx(0.1 * 100 / 100 * weight[0])
    assert (weight[4:] == 1).all()


def test_amount_weight_names_the_column_that_it_lacks():
    frame = pl.DataFrame({"amounts": [1.0] * 40, "text": ["x"] * 40})
    fraud = np.arange(40) < 3
    with pytest.raises(UsageError, match="no 'amount_minor'; did you mean 'amounts'"):
        make_rebalancer("amount_weight", ratio=None, seed=1).rebalance(frame, fraud)
    with pytest.raises(UsageError, match="'text' is of type String; numbers were expected"):
        make_rebalancer("amount_weight", ratio=None, seed=1, amount="text").rebalance(frame, fraud)
