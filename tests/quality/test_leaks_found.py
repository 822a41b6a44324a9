"""Each leak that is planted in a sound table is found by the check that is there for it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from fraudsim.quality.audit import audit
from fraudsim.quality.of_table import subject_of_table

IS_FRAUD = pl.col("fraud") == 1


def where_fraud(there, name):
    """The column ``name`` with ``there`` in its place in fraud."""
    return pl.when(IS_FRAUD).then(there).otherwise(pl.col(name)).alias(name)


LEAKS = {
    "leak_ids": where_fraud(pl.col("id") // 2 * 2 + 1, "id"),
    "leak_ids: long": where_fraud(pl.col("id") * 100, "id"),
    "leak_seconds": where_fraud(pl.col("when").dt.truncate("1s"), "when"),
    "leak_decimals": where_fraud(pl.col("paid") + 0.0012345, "paid"),
    "leak_nulls": where_fraud(None, "device"),
    "leak_texts": where_fraud(pl.col("kind") + " ", "kind"),
    "leak_runs_ids": where_fraud(10**8 + pl.int_range(pl.len()), "id"),
    "leak_of_device": where_fraud(
        pl.concat_str(pl.lit("x"), pl.col("who").cast(pl.String)), "device"
    ),
    "leak_of_merchant": where_fraud(pl.lit(900_000) + pl.col("shop") % 97, "shop"),
    "leak_together_ecom": where_fraud(pl.col("id") // 10 * 10 + 7, "id"),
    "leak_order": None,  # frauds stand at the end of the file
    "co_activity": None,  # victims do nothing on the day of the fraud
    "single_feature_all": where_fraud(pl.lit("fuel"), "kind"),
    "single_cut_all": where_fraud(pl.col("paid") + 5000, "paid"),
    "two_conditions_all": where_fraud(pl.lit(777.77), "paid"),
    "pure_cells": where_fraud(pl.lit("gift"), "kind"),
    "only_fraud": where_fraud(pl.lit("gift"), "kind"),
    "keys": where_fraud(pl.lit(5), "id"),
    "amount_positive": where_fraud(-pl.col("paid"), "paid"),
    "months_with_labels": None,  # the second half has no labels
}
UNLABELLED = IS_FRAUD & (pl.col("when") > pl.datetime(2019, 2, 1))


def planted(toys, name):
    table = toys.clean(rows=15_000, customers=300, victims=120)
    if LEAKS[name] is not None:
        return table.with_columns(LEAKS[name])
    if name == "leak_order":
        return table.sort("fraud", maintain_order=True)
    if name == "months_with_labels":
        return table.with_columns(fraud=pl.when(UNLABELLED).then(0).otherwise("fraud"))
    robbed = table.filter(IS_FRAUD).select("who", day=pl.col("when").dt.date())
    near = pl.concat(
        [robbed.with_columns(pl.col("day").dt.offset_by(f"{d}d")) for d in (-1, 0, 1)]
    ).unique()
    dated = table.with_columns(day=pl.col("when").dt.date())
    silent = dated.filter(~IS_FRAUD).join(near, on=["who", "day"], how="anti")
    return pl.concat([silent, dated.filter(IS_FRAUD)]).drop("day")


@pytest.mark.parametrize("name", LEAKS)
def test_what_is_planted_is_found(tmp_path, toys, clean_map, name):
    check = name.partition(":")[0]
    path = tmp_path / "planted.parquet"
    planted(toys, name).write_parquet(path)
    short = check
    for ending in ("_ids", "_ecom", "_all"):
        if check.startswith(("leak_runs", "leak_together", "single", "two")):
            short = short.removesuffix(ending)
    group = "shortcuts"
    if check in ("keys", "amount_positive", "months_with_labels"):
        group = "invariants"
    result = audit(path, map=clean_map, only=(f"{group}.{short}",))
    assert f"{group}.{check}" in {finding.id for finding in result.failed}, result.findings


def test_a_shallow_tree_that_does_the_work_is_found(tmp_path, toys, clean_map):
    path = tmp_path / "easy.parquet"
    toys.clean(rows=15_000, customers=300).with_columns(
        where_fraud(pl.col("paid") + 200, "paid")
    ).write_parquet(path)
    result = audit(path, map=clean_map, only=("shortcuts.shallow_tree",))
    assert [finding.id for finding in result.failed] == ["shortcuts.shallow_tree_online"]


def test_frauds_in_a_file_of_their_own_are_found(tmp_path, toys, clean_map):
    path = tmp_path / "clean.parquet"
    toys.clean(rows=15_000, customers=300).write_parquet(path)
    subject = subject_of_table(path, clean_map)
    by_chance = np.random.default_rng(1).integers(0, 3, subject.payments.height)
    fraud = subject.payments["is_fraud"].to_numpy()
    for file, verdict in ((by_chance, "pass"), (np.where(fraud, 3, by_chance), "fail")):
        spread = replace(subject, position=subject.position.with_columns(file=pl.Series(file)))
        (finding,) = audit(spread, only=("shortcuts.leak_files",)).findings
        assert finding.verdict == verdict, finding


def test_victims_who_live_only_when_robbed_are_found(tmp_path, toys, clean_map):
    """Some generators write honest rows around their frauds: co-activity far above 1."""
    path = tmp_path / "busy.parquet"
    # so little activity that a day of one's own is rare, but for the days of fraud
    table = toys.clean(rows=4_000, customers=800)
    beside = table.filter(IS_FRAUD).with_columns(
        pl.col("when") + pl.duration(hours=1), pl.col("id") + 10**8, fraud=pl.lit(0, pl.Int64)
    )
    pl.concat([table, beside]).sort("when").write_parquet(path)
    (finding,) = audit(path, map=clean_map, only=("shortcuts.co_activity",)).findings
    assert finding.value > 1.3
    assert finding.verdict == "fail"


def test_the_same_data_and_seed_give_the_same_findings(tmp_path, toys, clean_map):
    path = tmp_path / "clean.parquet"
    toys.clean(rows=8_000, customers=200).write_parquet(path)
    first, again, other = (
        audit(path, map=clean_map, only=("shortcuts.leak_ids",), seed=seed).findings
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_runs_of_one_person_move_as_a_whole():
    from fraudsim.quality.shortcuts.chance import Runs

    rng = np.random.default_rng(0)
    person = rng.integers(0, 50, 5000)
    fraud = np.zeros(5000, bool)
    fraud[np.flatnonzero(person == 7)[:6]] = True
    moved = Runs(person, fraud).moved(rng)
    assert moved.size == 6
    assert np.unique(person[moved]).size == 1


def test_labels_that_stay_with_people_are_no_leak(tmp_path, toys, clean_map):
    """Frauds in runs of people without a device: a shuffle by rows would call it a leak."""
    path = tmp_path / "runs.parquet"
    toys.clean(rows=15_000, customers=60, victims=20).write_parquet(path)
    subject = subject_of_table(path, clean_map)
    result = audit(subject, only=("shortcuts.leak_nulls",))
    assert result.failed == ()
