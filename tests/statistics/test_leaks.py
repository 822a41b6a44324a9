"""Ids, order, null patterns, sub-seconds and the way numbers are written tell nothing of fraud.

A model is fitted to exactly those on half of the customers and scored on the other half, channel
by channel (a transfer has no card, and transfers have a fraud rate of their own: that is no leak).
Its AUC must lie inside the band that the same model reaches on labels moved to other rows.

Ids of merchants and devices come back in many rows, and frauds share them: they are tested once
per merchant and device, not per row.
"""

import math

import lightgbm
import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from fraudsim.schema import TRANSACTIONS

PERMUTATIONS = 19
LEAST_FRAUDS = 20
MARGIN = 0.05
"""Frauds of one victim lie together in time, permuted labels do not: room for that."""


def scored_payments(world) -> pl.DataFrame:
    """Return payments that a detector scores, with the truth, in the order of the files."""
    kinds = ["purchase", "withdrawal", "transfer"]
    rows = world.labelled().filter(pl.col("tx_type").is_in(kinds))
    return rows.sort("event_time", "tx_id").collect()


def formal_features(rows: pl.DataFrame) -> np.ndarray:
    """Return everything about a row that should be void of meaning, shape (rows, features)."""
    time_us = pl.col("event_time").dt.epoch("us")
    ids = pl.col([name for name in TRANSACTIONS.column_names if name.endswith("_id")])
    columns = [
        pl.col("tx_id").alias("id"),
        (pl.col("tx_id") % 2).alias("id_odd"),
        (pl.col("tx_id") % 10).alias("id_digit"),
        ids.cast(pl.String).str.len_chars().is_between(13, 16).name.suffix("_length"),
        pl.col(TRANSACTIONS.column_names).is_null().name.suffix("_null"),
        (time_us % 1_000_000).alias("microsecond"),
        (time_us % 1_000).alias("last_three_digits"),
        (time_us // 1_000_000 % 60).alias("second"),
        (pl.int_range(pl.len()) % 2).alias("row_odd"),
        (pl.int_range(pl.len()) % 7).alias("row_seventh"),
    ]
    return rows.select(columns).cast(pl.Float64).to_numpy()


def auc_across_customers(features, fraud, customer) -> float:
    """Fit on half of the customers, score the other half."""
    people = np.random.default_rng(3).permutation(np.unique(customer))
    train = np.isin(customer, people[: len(people) // 2])
    settings = {
        "objective": "binary",
        "num_leaves": 15,
        "min_data_in_leaf": 10,
        "num_threads": 1,
        "deterministic": True,
        "verbosity": -1,
    }
    learning = lightgbm.Dataset(features[train], fraud[train].astype(float))
    booster = lightgbm.train(settings, learning, num_boost_round=60)
    return roc_auc_score(fraud[~train], booster.predict(features[~train]))


def auc_and_chance(rows: pl.DataFrame) -> tuple[float, float]:
    """Return the AUC of the formal features and the largest one on permuted labels."""
    fraud, customer = rows["is_fraud"].to_numpy(), rows["customer_id"].to_numpy()
    features = formal_features(rows)
    rng = np.random.default_rng(5)
    by_chance = [
        auc_across_customers(features, rng.permutation(fraud), customer)
        for _ in range(PERMUTATIONS)
    ]
    return auc_across_customers(features, fraud, customer), max(*by_chance, 0.5)


@pytest.fixture(scope="module")
def payments(busy_world):
    return scored_payments(busy_world)


@pytest.mark.parametrize("channel", ["pos", "atm", "ecom", "online_banking"])
def test_form_tells_nothing(payments, channel):
    rows = payments.filter(pl.col("channel") == channel)
    assert rows["is_fraud"].sum() >= LEAST_FRAUDS
    auc, by_chance = auc_and_chance(rows)
    assert auc <= by_chance + MARGIN


def where_fraud(there: pl.Expr, name: str) -> pl.Expr:
    """Return the column ``name`` with ``there`` in its place on fraudulent rows."""
    return pl.when("is_fraud").then(there).otherwise(pl.col(name)).alias(name)


LEAKS = {
    "frauds have odd ids": where_fraud(pl.col("tx_id") // 2 * 2 + 1, "tx_id"),
    "fraud ids are short": where_fraud(pl.col("tx_id") % 1_000_000, "tx_id"),
    "frauds lack the terminal": where_fraud(pl.lit(None), "terminal_id"),
    "frauds happen at full seconds": where_fraud(
        pl.col("event_time").dt.truncate("1s"), "event_time"
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_each_planted_leak_is_found(payments, leak):
    rows = payments.filter(pl.col("channel") == "ecom").with_columns(LEAKS[leak])
    auc, by_chance = auc_and_chance(rows)
    assert auc > by_chance + MARGIN


def id_deviation(entities: pl.DataFrame, name: str) -> float:
    """Return how many standard errors the AUC of an id, as a number, lies from one half."""
    fraud = entities["is_fraud"].to_numpy()
    frauds, others = fraud.sum(), (~fraud).sum()
    error = math.sqrt((frauds + others + 1) / (12 * frauds * others))  # Mann-Whitney
    return abs(roc_auc_score(fraud, entities[name].to_numpy()) - 0.5) / error


@pytest.mark.parametrize(
    "name", ["customer_id", "card_id", "merchant_id", "terminal_id", "device_id", "payee_id"]
)
def test_ids_of_those_involved_tell_nothing(payments, name):
    seen = payments.drop_nulls(name).group_by(name).agg(pl.col("is_fraud").any()).sort(name)
    assert id_deviation(seen, name) < 4
    last_first = seen.with_columns(pl.col(name).cast(pl.String).str.reverse().cast(pl.Int64))
    assert id_deviation(last_first, name) < 4


def test_an_id_that_tells_is_found(payments):
    seen = payments.drop_nulls("device_id").group_by("device_id").agg(pl.col("is_fraud").any())
    later_for_frauds = seen.with_columns(
        pl.col("device_id") // 4 + pl.when("is_fraud").then(2**51).otherwise(0)
    )
    assert id_deviation(later_for_frauds, "device_id") > 4
