"""Fraud life: each measure against known answers, and each fails on a planted violation."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fraudsim.quality.check import CannotCheckError

START = datetime(2025, 1, 6, tzinfo=UTC)


def times(days):
    return [START + timedelta(days=float(day)) for day in days]


def victims(persons=50, frauds_each=2, honest_each=40):
    """Columns: each person has honest purchases online by day and then frauds in one night."""
    each = honest_each + frauds_each
    honest = np.arange(honest_each) + 0.5
    fraud = honest_each + 0.1 + np.arange(frauds_each) / 1000
    n = persons * each
    return {
        "event_time": times(np.tile(np.concatenate([honest, fraud]), persons)),
        "amount": ([10.0] * honest_each + [20.0] * frauds_each) * persons,
        "is_fraud": ([False] * honest_each + [True] * frauds_each) * persons,
        "account": np.repeat(np.arange(persons), each),
        "card": np.repeat(np.arange(persons), each),
        "channel": ["ecom"] * n,
        "campaign": np.repeat(np.arange(persons), each),
        "attack": ["card_not_present_spree"] * n,
    }


def test_rates_count_what_went_through_on_victims(subject_of, values_of, verdict_of):
    n = 2000
    subject = subject_of(
        event_time=times(np.arange(n) / 100),
        amount=[10.0] * (n - 40) + [20.0] * 40,
        is_fraud=[False] * (n - 40) + [True] * 40,
        approved=[True] * (n - 10) + [False] * 10,
        attack=[None] * (n - 40) + ["bust_out"] * 10 + ["card_testing"] * 30,
        channel=["ecom"] * n,
    )
    values = values_of(subject, "fraud_life", "rate")
    # 1,960 honest and 20 frauds; 10 are refused and 10 are by the holder
    assert values["rate_online_count"] == pytest.approx(1e4 * 20 / 1980)
    assert values["rate_online_value"] == pytest.approx(1e4 * 400 / 20000)
    assert values["rate_cards_count"] == values["rate_online_count"]
    assert verdict_of("fraud_life.rate_online_count", values["rate_online_count"]) == "fail"


def test_runs_and_gaps_by_hand(subject_of, values_of, verdict_of):
    subject = subject_of(**victims(frauds_each=3))
    values = values_of(subject, "fraud_life", "runs")
    assert values["runs_after_fraud"] == pytest.approx(1)
    assert verdict_of("fraud_life.runs_after_fraud", 1.0) == "fail"
    soon = values_of(subject, "fraud_life", "fraud_gaps")
    assert soon["fraud_gaps_median_days"] == pytest.approx(0.001)
    assert verdict_of("fraud_life.fraud_gaps_median_days", 0.001) == "fail"


def test_one_fraud_a_victim_fails(subject_of, values_of, verdict_of):
    values = values_of(subject_of(**victims(persons=60, frauds_each=1)), "fraud_life", "per_victim")
    assert values["per_victim_median"] == 1
    assert verdict_of("fraud_life.per_victim_median", 1.0) == "fail"
    assert verdict_of("fraud_life.per_victim_p90", values["per_victim_p90"]) == "fail"


def test_frauds_by_the_holder_have_no_victim(subject_of, values_of):
    columns = victims()
    columns["attack"] = ["bust_out"] * len(columns["attack"])
    with pytest.raises(CannotCheckError, match="too few frauds: 0"):
        values_of(subject_of(**columns), "fraud_life", "per_victim")


def test_all_are_victims_fails(subject_of, values_of, verdict_of):
    values = values_of(subject_of(**victims()), "fraud_life", "victims")
    assert values["victims_share"] == pytest.approx(1)
    assert verdict_of("fraud_life.victims_share", 1.0) == "fail"


def test_the_share_of_a_year_from_that_of_some_days(subject_of, values_of):
    columns = victims(persons=50, frauds_each=2, honest_each=40)
    others = 950
    columns["event_time"] += times(np.full(others, 0.5))
    for name, value in {
        "amount": 10.0,
        "is_fraud": False,
        "channel": "ecom",
        "campaign": 0,
        "attack": "none",
    }.items():
        columns[name] = [*columns[name], *([value] * others)]
    for name in ("account", "card"):
        columns[name] = [*columns[name], *range(1000, 1000 + others)]
    values = values_of(subject_of(**columns), "fraud_life", "victims")
    days = 39.601  # from noon of the first day to the last fraud
    assert values["victims_share"] == pytest.approx(1 - 0.95 ** (365.25 / days), rel=1e-3)


def test_card_days_by_hand(subject_of, values_of):
    values = values_of(subject_of(**victims(frauds_each=3)), "fraud_life", "card_days")
    assert values["card_days_frauds"] == pytest.approx(3)


def test_fraud_only_at_night_fails(subject_of, values_of, verdict_of):
    columns = victims()
    columns["event_time"] = [
        moment.replace(hour=3) if index % 40 == 0 else moment
        for index, moment in enumerate(columns["event_time"])
    ]
    subject = subject_of(**columns)
    lift = values_of(subject, "fraud_life", "night")["night_lift"]
    assert lift > 10
    assert verdict_of("fraud_life.night_lift", lift) == "fail"


def test_no_honest_night_cannot_be_checked(subject_of, values_of):
    with pytest.raises(CannotCheckError, match="no honest payment is made at night"):
        values_of(subject_of(**victims()), "fraud_life", "night")


def test_small_tests_are_the_first_of_a_case(subject_of, values_of, verdict_of):
    columns = victims()
    first = [
        index
        for index in range(1, len(columns["amount"]))
        if columns["is_fraud"][index] and not columns["is_fraud"][index - 1]
    ]
    assert values_of(subject_of(**columns), "fraud_life", "small_tests")["small_tests_share"] == 0
    assert verdict_of("fraud_life.small_tests_share", 0.0) == "fail"
    for index in first[:20]:
        columns["amount"][index] = 1.0
    values = values_of(subject_of(**columns), "fraud_life", "small_tests")
    assert values["small_tests_share"] == pytest.approx(20 / 50)


def test_large_amounts_fail(subject_of, values_of, verdict_of):
    columns = victims()
    columns["amount"] = np.where(columns["is_fraud"], 220.0, columns["amount"])
    columns["amount"][::7] += 1.0  # amounts that never vary have no spread
    values = values_of(subject_of(**columns), "fraud_life", "amounts")
    assert verdict_of("fraud_life.amounts_mean_ratio", values["amounts_mean_ratio"]) == "fail"


def test_losses_are_of_a_victim(subject_of, values_of):
    values = values_of(subject_of(**victims(frauds_each=3)), "fraud_life", "loss")
    assert values["loss_online_case"] == pytest.approx(60)


def test_reports_by_hand(subject_of, values_of, verdict_of):
    columns = victims()
    frauds = np.flatnonzero(columns["is_fraud"])
    reported = [None] * len(columns["is_fraud"])
    for index in frauds[:80]:
        reported[index] = columns["event_time"][index] + timedelta(days=1)
    subject = subject_of(**columns, reported_at=reported)
    values = values_of(subject, "fraud_life", "delay")
    assert values["delay_median_days"] == pytest.approx(1)
    assert values["delay_before"] == 0
    assert verdict_of("fraud_life.delay_median_days", 1.0) == "fail"
    assert verdict_of("fraud_life.delay_p95_days", values["delay_p95_days"]) == "fail"
    never = values_of(subject, "fraud_life", "unreported")["unreported_share"]
    assert never == pytest.approx(0.2)


def test_scams_by_hand(subject_of, values_of, verdict_of):
    n = 40
    subject = subject_of(
        event_time=times(np.arange(2 * n)),
        amount=[100.0] * (2 * n),
        is_fraud=[True] * (2 * n),
        customer=np.repeat(np.arange(n), 2),
        campaign=np.repeat(np.arange(n), 2),
        attack=["authorised_push_payment"] * (2 * n),
        tx_type=["transfer"] * (2 * n),
    )
    assert values_of(subject, "fraud_life", "scams") == {"scams_mean_loss": pytest.approx(200)}
    assert verdict_of("fraud_life.scams_mean_loss", 200.0) == "fail"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("compromise", "only a fraudsim dataset"),
        ("friendly", "only a fraudsim dataset"),
        ("delay", "no column for reported_at"),
        ("transfer_rate", "no column for tx_type"),
    ],
)
def test_what_cannot_be_checked_says_why(name, words, subject_of, values_of):
    with pytest.raises(CannotCheckError, match=words):
        values_of(subject_of(**victims()), "fraud_life", name)
