"""Honest life and fraud life on a simulated world: names, bands, order of rows, the table."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudsim.quality.audit import audit
from fraudsim.quality.bands import load_bands
from fraudsim.quality.figures import figures
from fraudsim.quality.honest_life.counts import gini, top_share
from fraudsim.quality.honest_life.diary import ALL_IN_PERSON, ALL_REMOTE, DIARY, distance
from fraudsim.quality.opening import open_subject


def our_entries():
    (entries,) = load_bands()._layers
    return [entry for entry in entries if entry.id.startswith(("honest_life.", "fraud_life."))]


@pytest.fixture(scope="module")
def life(busy_world):
    return audit(busy_world, only=["honest_life", "fraud_life"], profile="mixed")


def test_most_checks_can_be_made_on_a_world_of_ours(life):
    made = {finding.id for finding in life.findings if finding.verdict != "not_made"}
    assert len(made) > 140
    reasons = {f.id: f.sentence for f in life.findings if f.verdict == "not_made"}
    assert all(reasons.values())


def test_every_measure_has_a_band(life):
    without = [finding.id for finding in life.findings if finding.verdict == "info"]
    assert without == []


def test_every_band_is_of_a_measure_and_begins_with_its_figure():
    for entry in our_entries():
        figure = entry.source.partition("; ")[0]
        assert any(sign.isdigit() for sign in figure) or figure.startswith(
            ("assumption", "by definition", "diary", "Visa", "Affinity")
        ), entry.id


def test_bands_have_two_ends_but_for_distances_and_bounds():
    one_sided = {entry.id for entry in our_entries() if entry.low is None or entry.high is None}
    allowed = ("honest_life.category_hours_", "honest_life.category_weekdays_")
    others = {id_ for id_ in one_sided if not id_.startswith(allowed)}
    assert others == {
        "honest_life.hours_in_person",
        "honest_life.hours_online",
        "honest_life.week_days",
        "honest_life.merchants_stay",
        "honest_life.travel_too_fast",
        "honest_life.refunds_known",
        "honest_life.standing_orders_monthly",
        "fraud_life.delay_before",
    }


def test_the_order_of_rows_of_one_time_changes_nothing(busy_world, life):
    """A subject whose columns stand in another order, and whose ids are others."""
    subject = open_subject(busy_world, profile="mixed")
    turned = dataclasses.replace(
        subject, payments=subject.payments.select(sorted(subject.payments.columns))
    )
    again = audit(turned, only=["honest_life", "fraud_life"])
    assert [(f.id, f.value) for f in again.findings] == [(f.id, f.value) for f in life.findings]


def test_figures_are_a_table_with_a_column_for_each_audit(life):
    table = figures([life, life])
    head, rule, *rows = table.splitlines()
    assert head.count("|") == rule.count("|") == 7
    assert all(row.count("|") == 7 for row in rows)
    repeat = next(row for row in rows if row.startswith("| `honest_life.repeats_all`"))
    assert "Birmingham .713" in repeat
    assert "0.62 to 0.8" in repeat


def test_a_value_outside_its_band_is_bold(life):
    failed = life.failed[0]
    row = next(row for row in figures([life]).splitlines() if f"`{failed.id}`" in row)
    assert "**" in row


def test_the_diary_is_whole():
    for category in (*DIARY.values(), ALL_IN_PERSON, ALL_REMOTE):
        assert len(category.hours) == 24
        assert len(category.weekdays) == 7
        assert sum(category.weekdays) == pytest.approx(1, abs=0.01)
        counts = np.round(np.array(category.hours) * 1e6).astype(np.int64)
        assert distance(counts, category.hours) < 1e-4


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any), st.randoms())
def test_inequality_does_not_depend_on_order_or_scale(values, random):
    array = np.array(values)
    shuffled = values.copy()
    random.shuffle(shuffled)
    assert gini(np.array(shuffled)) == pytest.approx(gini(array))
    assert gini(array * 3) == pytest.approx(gini(array))
    assert 0 <= gini(array) < 1
    assert 1 / len(values) <= top_share(array, 0.1) <= 1 + 1e-12
