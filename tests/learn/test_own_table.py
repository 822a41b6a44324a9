"""Somebody's own table: what becomes of its columns, and one clear line for every mistake."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudsim.errors import UsageError
from fraudsim.own_table import open_own_table

ROWS = 200
GOOD = pl.DataFrame(
    {
        "when": np.arange(ROWS)[::-1] * 60,
        "fraud": [0, 0, 0, 1] * (ROWS // 4),
        "paid": np.linspace(0.5, 99.0, ROWS),
        "shop": ["grocer", "petrol", "online", "cash"] * (ROWS // 4),
        "abroad": [True, False] * (ROWS // 2),
        "score": np.arange(ROWS) % 7,
        "email": [f"customer{i}@example.org" for i in range(ROWS)],
        "row_id": np.arange(ROWS) + 10_000,
        "nothing": pl.Series([None] * ROWS, dtype=pl.String),
    }
)


def written(folder: Path, frame: pl.DataFrame, suffix: str = ".csv") -> Path:
    path = folder / f"table{suffix}"
    frame.write_csv(path) if suffix == ".csv" else frame.write_parquet(path)
    return path


def opened(path: Path, **columns: str):
    return open_own_table(path, **{"label": "fraud", "time": "when", **columns})


def message(path: Path, **columns: str) -> str:
    with pytest.raises(UsageError) as caught:
        opened(path, **columns)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    return text


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_come_in_order_of_time_with_their_place_in_the_file(tmp_path, suffix):
    table = opened(written(tmp_path, GOOD, suffix), amount="paid")
    assert table.time_us.tolist() == [i * 60_000_000 for i in range(ROWS)]
    assert table.row_number.tolist() == list(range(ROWS))[::-1]
    assert table.fraud.tolist() == [label == 1 for label in GOOD["fraud"].reverse()]
    assert table.amount.to_list() == pytest.approx(GOOD["paid"].reverse().to_list())
    assert table.features["shop"].to_list() == GOOD["shop"].reverse().to_list()
    assert not table.has_dates


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_columns_become_features_or_are_left_out_by_name(tmp_path, suffix):
    table = opened(written(tmp_path, GOOD, suffix), amount="paid")
    shops = pl.Enum(["cash", "grocer", "online", "petrol"])
    expected = {"paid": pl.Float64, "shop": shops, "abroad": pl.Boolean, "score": pl.Int64}
    assert dict(table.features.schema) == expected
    notes = " ".join(table.notes)
    assert [name for name in GOOD.columns if f"'{name}'" in notes] == ["email", "row_id", "nothing"]


def test_csv_and_parquet_give_the_same(tmp_path):
    from_csv = opened(written(tmp_path, GOOD), amount="paid")
    from_parquet = opened(written(tmp_path, GOOD, ".parquet"), amount="paid")
    assert from_csv.features.equals(from_parquet.features)
    assert from_csv.notes == from_parquet.notes


def test_whole_amounts_that_all_differ_are_not_taken_for_ids(tmp_path):
    table = opened(written(tmp_path, GOOD.with_columns(paid=pl.int_range(ROWS))), amount="paid")
    assert "paid" in table.features.columns
    assert table.amount_name == "paid"


def test_who_a_row_is_of_is_not_a_feature(tmp_path):
    path = written(tmp_path, GOOD)
    table = open_own_table(path, label="fraud", time="when", entity=["email"])
    assert table.entities["email"].to_list() == GOOD["email"].reverse().to_list()
    assert "email" not in table.features.columns


@pytest.mark.parametrize(
    "texts",
    [
        ["2025-01-31T18:05:00Z", "2025-01-31T18:06:00Z"],
        ["2025-01-31T19:05:00+01:00", "2025-01-31T19:06:00+01:00"],
        ["2025-01-31 18:05:00", "2025-01-31 18:06:00"],
        ["2025-01-31 18:05", "2025-01-31 18:06"],
    ],
)
def test_times_can_be_texts(tmp_path, texts):
    frame = pl.DataFrame({"when": texts, "fraud": [0, 1], "x": [1, 2]})
    table = opened(written(tmp_path, frame))
    first = int(datetime(2025, 1, 31, 18, 5, tzinfo=UTC).timestamp()) * 1_000_000
    assert table.time_us.tolist() == [first, first + 60_000_000]
    assert table.has_dates


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_can_be_dates_of_parquet(tmp_path, unit):
    start = datetime(2025, 1, 31, tzinfo=UTC)
    times = pl.Series([start + timedelta(minutes=5), start]).cast(pl.Datetime(unit, "UTC"))
    frame = pl.DataFrame({"when": times, "fraud": [0, 1], "x": [1, 2]})
    table = opened(written(tmp_path, frame, ".parquet"))
    first = int(start.timestamp()) * 1_000_000
    assert table.time_us.tolist() == [first, first + 300_000_000]
    assert table.row_number.tolist() == [1, 0]


@given(seconds=st.lists(st.integers(0, 5), min_size=2, max_size=30))
@settings(max_examples=40, deadline=None)
def test_rows_of_one_time_keep_the_order_of_the_file(tmp_path_factory, seconds):
    labels = [i % 2 for i in range(len(seconds))]
    frame = pl.DataFrame({"when": seconds, "fraud": labels, "x": labels})
    table = opened(written(tmp_path_factory.mktemp("own"), frame, ".parquet"))
    expected = [i for _, i in sorted((second, i) for i, second in enumerate(seconds))]
    assert table.row_number.tolist() == expected


def test_a_number_of_csv_may_change_its_spelling_far_down(tmp_path):
    """As 100000 does in the CSV of the ULB table, which has it as 1e+05."""
    rows = "".join(f"{i},{i % 2},{i}\n" for i in range(2000))
    path = tmp_path / "table.csv"
    path.write_text(f"when,fraud,x\n{rows}1e+05,1,2.5\n")
    table = opened(path)
    assert table.time_us[-1] == 100_000 * 1_000_000
    assert table.features.schema == {"x": pl.Float64}


# Mistakes


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.csv", None, "does not exist"),
        ("table.xlsx", b"PK", "'.xlsx' is not a table that can be read; give .csv or .parquet"),
        ("table", b"a,b\n1,2\n", "give .csv or .parquet"),
        ("table.csv", b"", "is empty"),
        ("table.csv", b"when,fraud\n", "has no rows"),
        ("table.csv", b"when,fraud\n1,0\n2,1,3\n", "cannot be read as CSV"),
        ("table.csv", "when,fraud,x\n1,0,caf\xe9\n".encode("latin-1"), "cannot be read as CSV"),
        ("table.parquet", b"when,fraud\n1,0\n", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_is_no_table(tmp_path, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert says in message(path)


def test_a_folder_is_no_table(tmp_path):
    assert "is a folder" in message(tmp_path)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"label": "froud"}, "no column 'froud' (--label); did you mean 'fraud'?"),
        ({"time": "whn"}, "no column 'whn' (--time); did you mean 'when'?"),
        ({"amount": "pad"}, "no column 'pad' (--amount); did you mean 'paid'?"),
        ({"label": "zzz"}, "no column 'zzz' (--label); known: abroad, email"),
        ({"time": "fraud"}, "the column 'fraud' is given two roles"),
        ({"amount": "shop"}, "the amount column 'shop' is of type String; numbers were expected"),
        ({"time": "shop"}, "is no ISO 8601 date throughout (the first is 'grocer')"),
        ({"time": "abroad"}, "is of type Boolean; dates, ISO 8601 texts or seconds"),
        ({"label": "score"}, "must be 0 or 1 (or false, true), but has '2'"),
        ({"label": "shop"}, "must be 0 or 1 (or false, true), but has 'cash'"),
    ],
)
def test_a_column_that_does_not_do(tmp_path, columns, says):
    assert says in message(written(tmp_path, GOOD), **columns)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fraud": pl.lit(0)}, "one class only: all rows are genuine, none is fraud"),
        ({"fraud": pl.lit(1)}, "one class only: all rows are fraud, none is genuine"),
        ({"fraud": pl.when(pl.col("score") < 6).then("fraud")}, "28 empty cells"),
        ({"when": pl.when(pl.col("score") < 6).then("when")}, "28 empty cells"),
        ({"when": pl.col("when") / 0.0}, "not finite; rows cannot be put in order"),
        ({"when": 1_700_000_000_000 + pl.col("when")}, "too large for seconds"),
        ({"paid": pl.when(pl.col("score") < 6).then("paid")}, "28 cells that are empty or not"),
        ({"paid": pl.col("paid") / 0.0}, "200 cells that are empty or not finite"),
        (
            {"origin": pl.lit("real"), "source_id": pl.lit(1), "weight": pl.lit(1.0)},
            "was made by a rebalancer",
        ),
    ],
)
def test_cells_that_do_not_do(tmp_path, change, says):
    path = written(tmp_path, GOOD.with_columns(**change), ".parquet")
    assert says in message(path, amount="paid")


# A real table


def real_table() -> Path:
    beside = Path(__file__).parents[2].parent / "shared" / "data" / "ulb_creditcard.parquet"
    return Path(os.environ.get("FRAUDSIM_ULB", beside))


@pytest.mark.skipif(
    not real_table().is_file(), reason="the ULB card table is not here (FRAUDSIM_ULB names it)"
)
def test_the_real_ulb_table():
    table = open_own_table(real_table(), label="Class", time="Time", amount="Amount")
    assert table.fraud.size == 284_807  # Dal Pozzolo et al. 2015
    assert table.fraud.sum() == 492
    assert table.features.columns == [*(f"V{i}" for i in range(1, 29)), "Amount"]
    assert not table.has_dates
    assert table.notes == ()
