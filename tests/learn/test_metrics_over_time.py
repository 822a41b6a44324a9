"""Time to detection, calibration and evenness, against counting by hand."""

import numpy as np
import polars as pl
import pytest

from fraudsim import metrics
from fraudsim.metrics import Order, alerts_by_account, scored

DAY_US = 86_400_000_000
HOUR_US = DAY_US // 24


def rows_of(account, hours, fraud, score, at_risk=None):
    fraud = np.array(fraud, bool)
    return scored(
        np.array(score, float),
        fraud=fraud,
        time_us=np.array(hours) * HOUR_US,
        account=np.array(account),
        at_risk=np.ones(fraud.size) if at_risk is None else np.array(at_risk, float),
    )


def test_fraud_before_the_first_alert_is_counted_by_victim():
    # account 0: two frauds pass on day 0, the third is alerted on day 1; account 1: never alerted
    rows = rows_of(
        account=[0, 0, 9, 1, 0, 1, 9],
        hours=[1, 2, 3, 4, 30, 31, 32],
        fraud=[1, 1, 0, 1, 1, 1, 0],
        score=[0.1, 0.2, 0.9, 0.1, 0.9, 0.3, 0.2],
        at_risk=[10, 20, 5, 7, 40, 8, 5],
    )
    found = metrics.detection(rows, alerts_by_account(rows, per_day=1))
    assert found.alerted.tolist() == [True, False]
    assert found.payments_before.tolist() == [2, 2]
    assert found.lost_before.tolist() == [30, 15]
    assert found.lost.tolist() == [70, 15]
    assert found.hours.tolist() == [29, 27]
    values = metrics.detection_metrics(found)
    assert values["victims_alerted"] == 0.5
    assert values["victims_alerted_at_first"] == 0
    assert values["lost_before_alert_share"] == pytest.approx(45 / 85)


def test_the_unnoticed_share_is_that_of_kaplan_and_meier():
    # events at 1 and 3 payments, censored at 2 and 5: S(1) = 3/4, S(3) = 3/4 * 1/2
    found = metrics.Detection(
        alerted=np.array([True, False, True, False]),
        payments_before=np.array([1, 2, 3, 5]),
        hours=np.zeros(4),
        lost_before=np.zeros(4),
        lost=np.ones(4),
    )
    assert metrics.unnoticed_curve(found)[:6] == [1.0, 0.75, 0.75, 0.375, 0.375, 0.375]
    assert metrics.detection_metrics(found)["median_payments_before_alert"] == 3


def test_a_median_that_is_not_reached_is_not_known():
    rows = rows_of([0, 1, 2], [1, 2, 3], [1, 1, 0], [0.1, 0.2, 0.9])
    found = metrics.detection(rows, alerts_by_account(rows, per_day=1))
    values = metrics.detection_metrics(found)
    assert values["median_hours_to_alert"] is None
    assert values["victims_alerted"] == 0
    assert set(metrics.unnoticed_curve(found)) == {1.0}


def test_calibration_error_is_zero_where_probabilities_are_the_shares():
    rng = np.random.default_rng(0)
    probability = rng.choice([0.1, 0.5, 0.9], 60_000)
    fraud = rng.random(60_000) < probability
    assert metrics.expected_calibration_error(probability, fraud) < 0.006
    assert metrics.expected_calibration_error(probability * 0.5, fraud) == pytest.approx(
        fraud.mean() - probability.mean() * 0.5, abs=1e-9
    )


def test_recall_at_a_share_of_false_positives_keeps_ties_together():
    rows = rows_of(range(8), range(8), [1, 0, 0, 0, 0, 1, 1, 0], [9, 8, 7, 7, 1, 8, 7, 1])
    order = Order.of(rows.score)
    assert metrics.recall_at(rows, order, 0.0) == pytest.approx(1 / 3)
    assert metrics.recall_at(rows, order, 0.2) == pytest.approx(2 / 3)
    assert metrics.recall_at(rows, order, 0.5) == pytest.approx(2 / 3)  # the tie has two
    assert metrics.recall_at(rows, order, 0.6) == pytest.approx(1)


def test_false_positives_are_counted_by_group():
    rng = np.random.default_rng(1)
    old = rng.random(40_000) < 0.5
    fraud = rng.random(40_000) < 0.01
    score = rng.random(40_000) + 0.004 * old
    rows = rows_of(range(40_000), np.arange(40_000) // 900, fraud, score)
    group = pl.Series(np.where(old, "over 60", "under 60"))
    shares = metrics.false_positive_shares(rows, Order.of(rows.score), group)
    assert shares["over 60"] > shares["under 60"]
    assert sum(shares.values()) == pytest.approx(0.02, abs=0.001)
    assert metrics.false_positive_ratio(shares) == pytest.approx(
        shares["under 60"] / shares["over 60"]
    )


def test_small_groups_and_single_groups_have_no_ratio():
    rows = rows_of(range(100), range(100), [1] + [0] * 99, np.linspace(1, 0, 100))
    shares = metrics.false_positive_shares(rows, Order.of(rows.score), pl.Series(["a"] * 100))
    assert shares == {}
    assert metrics.false_positive_ratio(shares) is None
