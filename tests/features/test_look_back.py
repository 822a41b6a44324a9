"""No feature of a simulated world knows what comes later, nor the answer to its own row."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fraudsim import features
from fraudsim.features import FAMILIES, build_features
from fraudsim.features.windows import Past, Window

CUT_DAYS = (4, 15, 26)
look_back = Past.window
TRUTH = ("labels", "campaigns", "campaign_events", "disputes", "balances")


def assert_looks_back(world, families=None) -> None:
    """Hold that nothing from a moment on changes the features of the rows before it.

    Rows and events from the moment on are removed, and then dealt anew: each column is shuffled
    among them, times too.
    """
    whole = build_features(world, families)
    first = world.frames["transactions"]["event_time"].min()
    for days in CUT_DAYS:
        cut = first + timedelta(days=days)
        for other in (removed_from(world, cut), dealt_anew_from(world, cut)):
            assert_frame_equal(before(other, families, cut), whole.filter(earlier(world, cut)))


def earlier(world, cut) -> pl.Series:
    rows = world.frames["transactions"].sort("event_time", "tx_id")
    return rows["event_time"] < cut


def before(world, families, cut) -> pl.DataFrame:
    return build_features(world, families).filter(earlier(world, cut))


def removed_from(world, cut):
    return world.but(
        **{
            name: world.frames[name].filter(pl.col("event_time") < cut)
            for name in ("transactions", "events")
        }
    )


def dealt_anew_from(world, cut):
    dealt = {}
    for name, key in (("transactions", "tx_id"), ("events", "event_id")):
        frame = world.frames[name]
        later = frame.filter(pl.col("event_time") >= cut)
        assert later.height > 20
        later = later.select(
            pl.col(column) if column == key else pl.col(column).shuffle(seed=number)
            for number, column in enumerate(later.columns)
        )
        dealt[name] = pl.concat([frame.filter(pl.col("event_time") < cut), later])
    return world.but(**dealt)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_no_family_looks_ahead(world, family):
    assert_looks_back(world, [family])


def test_a_window_that_looks_ahead_is_caught(world, monkeypatch):
    def ahead(past, length_us):
        """Cut the windows backwards in time: they hold the rows after each row."""
        mirrored = Past(past.order[::-1], -past.codes[::-1], -past.time_us[::-1])
        window = look_back(mirrored, length_us)
        return Window(past.order.size - window.last[::-1], past.order.size - window.first[::-1])

    monkeypatch.setattr(Past, "window", ahead)
    with pytest.raises(AssertionError, match="value mismatch for column"):
        assert_looks_back(world, ["velocity"])


def test_a_window_that_counts_the_row_itself_is_caught(world, monkeypatch):
    def with_itself(past, length_us):
        window = look_back(past, length_us)
        return Window(window.first, window.last + 1)

    monkeypatch.setattr(Past, "window", with_itself)
    with pytest.raises(AssertionError, match=r"value mismatch for column .*_declined_"):
        assert_answer_unknown(world, ["velocity"])


def assert_answer_unknown(world, families=None) -> None:
    """Hold that no row knows what was answered to it: only the rows after it may."""
    rows = world.frames["transactions"].sort("event_time", "tx_id")
    whole = build_features(world, families)
    for first in range(7, rows.height, rows.height // 8):
        later = pl.int_range(pl.len()) >= first
        code = pl.lit("59", rows["response_code"].dtype)
        other = rows.with_columns(
            approved=pl.col("approved") ^ later,
            response_code=pl.when(later).then(code).otherwise("response_code"),
        )
        found = build_features(world.but(transactions=other), families)
        assert_frame_equal(found[: first + 1], whole[: first + 1])


def test_the_answer_to_the_row_itself_is_not_known(world):
    assert_answer_unknown(world)


def test_a_failed_challenge_looks_like_one_that_was_passed(world):
    rows = world.frames["transactions"]
    failed = pl.lit("failed", rows["three_ds"].dtype)
    asked = pl.col("three_ds") == "challenged"
    assert rows.select(asked.sum()).item() > 0
    other = rows.with_columns(three_ds=pl.when(asked).then(failed).otherwise("three_ds"))
    assert_frame_equal(build_features(world.but(transactions=other)), build_features(world))
    assert set(build_features(world)["three_ds"].unique()) <= {"none", "frictionless", "asked"}


def test_the_truth_is_not_read(world):
    emptied = {name: world.frames[name].clear() for name in TRUTH}
    assert_frame_equal(build_features(world.but(**emptied)), build_features(world))


def test_the_order_of_the_rows_changes_nothing(world):
    shuffled = {
        name: frame.sample(fraction=1.0, shuffle=True, seed=3)
        for name, frame in world.frames.items()
    }
    assert_frame_equal(build_features(world.but(**shuffled)), build_features(world))


def test_there_is_one_row_of_features_per_transaction_in_the_total_order(world):
    rows = world.frames["transactions"].sort("event_time", "tx_id")
    assert build_features(world)["tx_id"].equals(rows["tx_id"])


def test_every_file_of_the_package_is_a_family():
    from pathlib import Path

    files = {path.stem for path in Path(features.__file__).parent.glob("*.py")}
    assert files - {"__init__", "base", "catalogue", "kernels", "windows"} == set(FAMILIES)
    assert all(function.__name__ == name for name, function in FAMILIES.items())
