"""Frauds of a simulated world take the columns, the units and the words of somebody's table."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from fraudsim.errors import UsageError
from fraudsim.examples import examples_of_table
from fraudsim.more_frauds import frauds_for_table
from fraudsim.own_table import open_own_table
from fraudsim.quality.column_map import load_map

LATEST_US = 2_000_000_000_000_000


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Two thousand payments with some columns of Sparkov, and one that its map does not know."""
    rng = np.random.default_rng(3)
    rows = 2_000
    fraud = np.arange(rows) % 100 == 0
    categories = np.array(["grocery_pos", "gas_transport", "shopping_net", "misc_net"])
    frame = pl.DataFrame(
        {
            "trans_date_trans_time": pl.datetime_range(
                pl.datetime(2019, 1, 1), pl.datetime(2019, 6, 1), "1h", eager=True
            )[:rows],
            "cc_num": rng.integers(1, 60, rows),
            "trans_num": [f"t{row}" for row in range(rows)],
            "merchant": rng.choice(["a", "b", "c", "d"], rows),
            "category": rng.choice(categories, rows),
            "amt": np.round(np.exp(rng.normal(6.0, 0.5, rows)), 2),
            "lat": rng.normal(40, 1, rows),
            "long": rng.normal(-80, 1, rows),
            "merch_lat": rng.normal(40, 1, rows),
            "merch_long": rng.normal(-80, 1, rows),
            "mood": np.where(fraud, 100.0 + np.arange(rows), 0.0),
            "is_fraud": fraud.astype(int),
        }
    )
    path = tmp_path_factory.mktemp("own") / "sparkov.parquet"
    frame.write_parquet(path)
    return open_own_table(
        path, label="is_fraud", time="trans_date_trans_time", amount="amt", entity=["cc_num"]
    )


@pytest.fixture(scope="module")
def known_fraud(table):
    return np.flatnonzero(table.fraud)[:10]


@pytest.fixture(scope="module")
def made(table, busy_world, known_fraud):
    return frauds_for_table(
        table,
        busy_world,
        load_map("sparkov"),
        known_fraud=known_fraud,
        before_us=LATEST_US,
        seed=1,
    )


def test_rows_have_the_columns_and_types_of_the_table(table, made):
    assert made.features.schema == examples_of_table(table).features.schema
    assert made.features.height == made.attack.len() > 100
    assert made.attack.null_count() == 0


def test_words_are_those_of_the_table_and_mean_what_the_world_says(made):
    """Sparkov's map takes categories that end in _net for online payments."""
    online = made.attack == "card_not_present_spree"
    words = made.features.filter(online)["category"].cast(pl.String).unique().to_list()
    assert words
    assert all(word.endswith("_net") for word in words)
    in_person = made.features.filter(made.attack == "lost_or_stolen_card")["category"]
    assert set(in_person.cast(pl.String).drop_nulls()) <= {"grocery_pos", "gas_transport"}


def test_amounts_lie_where_those_of_the_table_lie(table, made):
    """The world's own amounts have a log-mean of some 3, the table's 6."""
    log_mean = float(made.features.select(pl.col("amt").clip(0.01).log()).mean().item())
    assert 5.0 < log_mean < 7.5


def test_history_is_that_of_the_world(made):
    """A spree is several payments of one card within a day, which the table's rows seldom have."""
    counts = [name for name in made.features.columns if name.startswith("cc_num_count")]
    assert counts
    assert made.features.select(pl.max_horizontal(counts)).max().item() > 3


def test_what_the_map_does_not_know_is_from_a_known_fraud(table, made, known_fraud):
    assert "mood" in made.borrowed
    assert set(made.source.tolist()) <= set(known_fraud.tolist())
    mood = table.features["mood"].to_numpy()
    assert (made.features["mood"].to_numpy() == mood[made.source]).all()


def test_the_same_seed_gives_the_same_and_another_gives_others(
    table, busy_world, known_fraud, made
):
    given = {"known_fraud": known_fraud, "before_us": LATEST_US}
    again = frauds_for_table(table, busy_world, load_map("sparkov"), seed=1, **given)
    assert again.features.equals(made.features)
    other = frauds_for_table(table, busy_world, load_map("sparkov"), seed=2, **given)
    assert not other.features.equals(made.features)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"card": "pan", "customer": "person"}, "does not say who 'cc_num' .--entity. is"),
        ({"amount": "price"}, "takes 'price' for the amount, --amount is 'amt'"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(table, busy_world, known_fraud, change, message):
    meaning = load_map("sparkov")
    meaning = meaning.model_copy(update={"columns": meaning.columns | change})
    with pytest.raises(UsageError, match=message):
        frauds_for_table(
            table,
            busy_world,
            meaning,
            known_fraud=known_fraud,
            before_us=LATEST_US,
            seed=1,
        )
