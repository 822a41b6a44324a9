"""Features against a naive reference, and their promise to look only backwards."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fraudsim.errors import UsageError
from fraudsim.features import FAMILIES, build_features, describe
from fraudsim.features.base import ENTITY_COLUMNS, WINDOWS_US
from fraudsim.features.place import great_circle_km
from fraudsim.moments import DAY_US


@pytest.mark.parametrize("tick_us", [1, DAY_US // 4])
def test_the_table_of_features_equals_a_naive_reference(craft_dataset, tick_us):
    """Four columns of every family, row by row in plain Python, also when times collide."""
    dataset = craft_dataset(seed=3, rows=250, customers=6, tick_us=tick_us)
    features = build_features(dataset)
    rows = dataset.table("transactions").sort("event_time", "tx_id").collect()
    assert features["tx_id"].to_list() == rows["tx_id"].to_list()
    records = rows.with_columns(t=pl.col("event_time").dt.timestamp("us")).to_dicts()
    happened = dataset.frames["events"].with_columns(t=pl.col("event_time").dt.timestamp("us"))
    for i, (record, feature) in enumerate(zip(records, features.to_dicts(), strict=True)):
        naive = naive_features(record, records[:i], happened.to_dicts())
        for name, value in naive.items():
            same = feature[name] == value or (
                value is not None
                and feature[name] is not None
                and math.isclose(feature[name], value, rel_tol=1e-5)
            )
            assert same, (i, name, feature[name], value)


def naive_features(
    row: dict[str, Any], before: list[dict[str, Any]], happened: list[dict[str, Any]]
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for entity, column in ENTITY_COLUMNS.items():
        met = [one for one in before if row[column] is not None and one[column] == row[column]]
        for window, length_us in WINDOWS_US.items():
            near = [one for one in met if one["t"] >= row["t"] - length_us]
            known = row[column] is not None
            out[f"{entity}_count_{window}"] = len(near) if known else None
            out[f"{entity}_amount_{window}"] = (
                sum(one["amount_minor"] for one in near) if known else None
            )
            if window in ("1h", "1d"):
                out[f"{entity}_declined_{window}"] = (
                    sum(not one["approved"] for one in near) if known else None
                )
        out[f"{entity}_gap_s"] = (row["t"] - met[-1]["t"]) / 1e6 if met else None
    own = [one for one in before if one["account_id"] == row["account_id"]]
    for thing in ("merchant_id", "device_id", "payee_id", "ip_country", "mcc"):
        name = thing.removesuffix("_id")
        met = [one for one in own if one[thing] == row[thing]]
        known = row[thing] is not None
        out[f"new_{name}"] = not met if known else None
        out[f"{name}_relation_days"] = (row["t"] - met[0]["t"]) / DAY_US if known and met else None
    month = [one["amount_minor"] for one in own if one["t"] >= row["t"] - 30 * DAY_US]
    out["amount_mean_30d"] = float(np.mean(month)) if month else None
    mine = [e for e in happened if e["customer_id"] == row["customer_id"] and e["t"] < row["t"]]
    for kind in ("device_enrolled", "payee_added", "contact_changed", "password_reset"):
        times = [e["t"] for e in mine if e["event_type"] == kind]
        out[f"since_{kind}_s"] = (row["t"] - max(times)) / 1e6 if times else None
    out["login_failed_count_7d"] = sum(
        e["event_type"] == "login_failed" and e["t"] >= row["t"] - 7 * DAY_US for e in mine
    )
    for column, kind in (("device_id", "device_enrolled"), ("payee_id", "payee_added")):
        times = [e["t"] for e in mine if e["event_type"] == kind and e[column] == row[column]]
        out[f"since_this_{kind}_s"] = (row["t"] - max(times)) / 1e6 if times else None
    return out


def assert_looks_back(build, dataset, cut) -> None:
    """Hold that nothing from ``cut`` on changes the features of the rows before it.

    Rows and events from the cut on are removed, and then replaced by other ones.
    """
    whole = kept_before(build(dataset), dataset, cut)
    removed = dataset
    for name in ("transactions", "events"):
        frame = dataset.frames[name]
        removed = removed.with_table(name, frame.filter(pl.col("event_time") < cut))
    assert_frame_equal(kept_before(build(removed), removed, cut), whole)

    later = pl.col("event_time") >= cut
    changed = dataset.with_table(
        "transactions",
        dataset.frames["transactions"].with_columns(
            amount_minor=pl.when(later)
            .then(pl.col("amount_minor") * 7 + 1)
            .otherwise("amount_minor"),
            approved=pl.col("approved") ^ later,
            account_id=pl.when(later).then(2001).otherwise("account_id"),
        ),
    )
    assert_frame_equal(kept_before(build(changed), changed, cut), whole)


def kept_before(features: pl.DataFrame, dataset, cut) -> pl.DataFrame:
    early = dataset.frames["transactions"].filter(pl.col("event_time") < cut)["tx_id"]
    return features.filter(pl.col("tx_id").is_in(early.implode()))


def cheating_features(dataset) -> pl.DataFrame:
    """Counts rows around t, also those after it: what the check must catch."""
    rows = dataset.table("transactions").sort("event_time", "tx_id").collect()
    code = rows["account_id"].to_numpy()
    time = rows["event_time"].dt.timestamp("us").to_numpy()
    counts = [
        int(((code == code[i]) & (abs(time - time[i]) < DAY_US)).sum()) for i in range(len(code))
    ]
    return pl.DataFrame({"tx_id": rows["tx_id"], "account_count_1d": counts})


@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize("tick_us", [1, DAY_US // 2])
def test_no_family_looks_ahead(craft_dataset, family, tick_us):
    dataset = craft_dataset(seed=5, rows=400, customers=8, tick_us=tick_us)
    times = dataset.frames["transactions"]["event_time"].sort()
    for share in (0.2, 0.5, 0.9):
        cut = times[int(share * times.len())]
        assert_looks_back(lambda data: build_features(data, [family]), dataset, cut)


def test_the_look_back_check_catches_a_window_that_looks_ahead(craft_dataset):
    dataset = craft_dataset(seed=5, rows=400, customers=8)
    cut = dataset.frames["transactions"]["event_time"].sort()[200]
    with pytest.raises(AssertionError):
        assert_looks_back(cheating_features, dataset, cut)


@pytest.mark.parametrize("tick_us", [1, DAY_US // 2])
def test_the_order_of_the_files_changes_nothing(craft_dataset, tick_us):
    dataset = craft_dataset(seed=6, rows=300, customers=8, tick_us=tick_us)
    shuffled = dataset
    for name in ("transactions", "events", "customers", "merchants", "cards", "devices"):
        frame = dataset.frames[name]
        shuffled = shuffled.with_table(name, frame.sample(fraction=1.0, shuffle=True, seed=9))
    assert_frame_equal(build_features(shuffled), build_features(dataset))


def test_the_issuers_answer_to_the_row_itself_is_not_a_feature(craft_dataset):
    dataset = craft_dataset(seed=7, rows=200, customers=200)
    frame = dataset.frames["transactions"].with_columns(
        # every row stands alone, so no other row may know its answer
        account_id=pl.int_range(200, dtype=pl.Int64),
        card_id=pl.lit(None, pl.Int64),
        merchant_id=pl.lit(None, pl.Int64),
        device_id=pl.lit(None, pl.Int64),
        payee_id=pl.lit(None, pl.Int64),
    )
    answered = frame.with_columns(
        approved=~pl.col("approved"), response_code=pl.lit("59").cast(frame["response_code"].dtype)
    )
    assert_frame_equal(
        build_features(dataset.with_table("transactions", frame)),
        build_features(dataset.with_table("transactions", answered)),
    )


def test_every_feature_is_described_once(bank):
    table = describe()
    assert table["name"].to_list() == build_features(bank).columns[1:]
    assert table["name"].is_unique().all()
    assert table["meaning"].str.len_chars().min() > 10
    assert set(table["window"]) <= {"now", "previous", "all", *WINDOWS_US}


def test_types_do_not_depend_on_the_rows(bank, craft_dataset):
    assert (
        build_features(bank).drop("mcc").schema
        == build_features(craft_dataset(rows=1)).drop("mcc").schema
    )


def test_an_unknown_family_says_the_nearest(bank):
    with pytest.raises(UsageError, match="did you mean 'velocity'"):
        build_features(bank, ["velocitty"])


def test_the_distance_between_london_and_paris():
    km = great_circle_km(*(np.array([x]) for x in (51.5074, -0.1278, 48.8566, 2.3522)))
    assert km[0] == pytest.approx(343.6, abs=0.5)  # geodesic tables: 343.5 km


def test_local_time_follows_the_zone(craft_dataset):
    dataset = craft_dataset(rows=50)
    london = build_features(dataset, ["context"])["local_hour"]
    tokyo = build_features(dataset, ["context"], timezone="Asia/Tokyo")["local_hour"]
    assert ((tokyo - london) % 24).round(3).unique().to_list() == [9.0]
