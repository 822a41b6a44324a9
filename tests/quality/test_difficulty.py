"""Each check of the difficulty group passes and fails where the answer is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from fraudsim import metrics
from fraudsim.errors import UsageError
from fraudsim.quality.audit import audit
from fraudsim.quality.difficulty.course import _made
from fraudsim.quality.difficulty.credible_band import at_rate
from fraudsim.quality.difficulty.presets import order_of
from fraudsim.quality.subject import Subject

ROWS = 9000
START_US = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1e6)
DAY_US = 86_400_000_000


def subject_of(fraud, raw, *, days=120.0, accounts=600, profile="cards", **columns):
    """Online payments evenly over ``days``: the columns ``raw`` are what a model may see."""
    rows = fraud.size
    rng = np.random.default_rng(99)
    time_us = START_US + (np.arange(rows) * days * DAY_US / rows).astype(np.int64)
    when = pl.Series(time_us).cast(pl.Datetime("us", "UTC"))
    payments = pl.DataFrame(
        {
            "event_time": when,
            "is_fraud": fraud,
            "tx_id": np.arange(rows),
            "account": rng.integers(0, accounts, rows),
            "channel": pl.repeat("ecom", rows, eager=True),
            **columns,
            "local_time": when.dt.replace_time_zone(None),
        }
    )
    return Subject(
        name="crafted",
        profile=profile,
        payments=payments,
        raw=pl.DataFrame(raw),
        position=pl.DataFrame({"file": np.zeros(rows), "row": np.arange(rows)}),
        has_dates=True,
        request_columns=tuple(raw),
        source={"kind": "table", "name": "crafted"},
    )


def found(subject, check):
    """Return the findings of one check by id, without the group and the stream's name."""
    result = audit(subject, only=(f"difficulty.{check}",))
    return {finding.id.removeprefix("difficulty."): finding for finding in result.findings}


def noise(rng, count=4):
    return {f"noise_{i}": rng.normal(size=ROWS) for i in range(count)}


def logistic(margin):
    return 1 / (1 + np.exp(-margin))


# What amount, single payments and two questions show


def test_fraud_above_an_amount_fails_on_amount_and_tree():
    rng = np.random.default_rng(1)
    amount = rng.lognormal(3, 1, ROWS)
    easy = subject_of(amount > np.quantile(amount, 0.98), {"amount": amount}, amount=amount)
    assert found(easy, "amount_only")["amount_only_roc_auc_online"].verdict == "fail"
    assert found(easy, "depth_2_tree")["depth_2_tree_roc_auc_online"].verdict == "fail"
    assert found(easy, "boosting")["boosting_roc_auc_online"].verdict == "fail"


def test_fraud_by_chance_passes_on_amount_and_fails_on_boosting():
    rng = np.random.default_rng(2)
    amount = rng.lognormal(3, 1, ROWS)
    hopeless = subject_of(rng.random(ROWS) < 0.03, {"amount": amount}, amount=amount)
    assert found(hopeless, "amount_only")["amount_only_roc_auc_online"].verdict == "pass"
    finding = found(hopeless, "boosting")["boosting_roc_auc_online"]
    assert finding.verdict == "fail"
    low, high = finding.interval
    assert low < finding.value < high
    assert low < 0.5 < high


def test_boosting_in_the_band_passes():
    rng = np.random.default_rng(3)
    hint = rng.normal(size=ROWS)
    fraud = rng.random(ROWS) < logistic(2.6 * hint - 5.5)
    credible = subject_of(fraud, {"hint": hint, **noise(rng)})
    finding = found(credible, "boosting")["boosting_roc_auc_online"]
    assert finding.verdict == "pass", finding.value


def test_history_matters_where_fraud_comes_in_runs():
    rng = np.random.default_rng(4)
    account = np.repeat(np.arange(ROWS // 6), 6)  # six payments of an account in a row
    fraud = np.repeat(rng.random(ROWS // 6) < 0.02, 6) & (np.arange(ROWS) % 6 >= 3)
    runs = subject_of(fraud, noise(rng), account=account)
    assert found(runs, "features_matter")["features_matter_online"].verdict == "pass"
    chance = subject_of(rng.random(ROWS) < 0.03, noise(rng))
    assert found(chance, "features_matter")["features_matter_online"].verdict == "fail"


def test_a_stream_with_another_share_of_fraud_says_so():
    rng = np.random.default_rng(5)
    many = subject_of(rng.random(ROWS) < 0.03, noise(rng))
    finding = found(many, "prevalence")["prevalence_online"]
    assert finding.verdict == "fail"
    assert finding.value == pytest.approx(300, rel=0.2)


# The order of the models


def test_an_interaction_puts_forests_over_lines():
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=ROWS), rng.normal(size=ROWS)
    fraud = rng.random(ROWS) < np.where((a > 0.5) & (b > 0.5) | (a < -0.5) & (b < -0.5), 0.2, 0.002)
    crossed = subject_of(fraud, {"a": a, "b": b, **noise(rng, 1)})
    finding = found(crossed, "forest_over_logistic")["forest_over_logistic_online"]
    assert finding.verdict == "pass"
    assert finding.detail["interval"][0] > 0
    assert found(crossed, "boosting_over_forest")["boosting_over_forest_online"].verdict == "pass"


def test_a_line_in_many_columns_puts_lines_over_forests():
    rng = np.random.default_rng(7)
    columns = {f"x{i}": rng.normal(size=ROWS) for i in range(25)}
    fraud = rng.random(ROWS) < logistic(0.9 * sum(columns.values()) - 9)
    linear = subject_of(fraud, columns)
    finding = found(linear, "forest_over_logistic")["forest_over_logistic_online"]
    assert finding.verdict == "fail", finding.sentence
    assert finding.detail["interval"][1] < 0


def test_chance_is_a_tie_and_a_warning():
    rng = np.random.default_rng(8)
    tie = subject_of(rng.random(ROWS) < 0.03, noise(rng))
    assert found(tie, "forest_over_logistic")["forest_over_logistic_online"].verdict == "warn"
    assert found(tie, "boosting_over_forest")["boosting_over_forest_online"].verdict == "pass"


# Time


def test_another_sign_from_some_day_on_makes_a_model_age():
    rng = np.random.default_rng(9)
    before, after = rng.normal(size=ROWS), rng.normal(size=ROWS)
    sign = np.where(np.arange(ROWS) < 0.4 * ROWS, before, after)
    fraud = rng.random(ROWS) < logistic(2.5 * sign - 5)
    findings = found(subject_of(fraud, {"before": before, "after": after}), "decay")
    slope = findings["decay_auc_per_month_online"]
    assert slope.verdict == "fail"
    assert slope.interval[1] < -0.03
    assert findings["decay_average_precision_loss_online"].value > 0.5


def test_a_sign_that_stays_does_not_age():
    rng = np.random.default_rng(10)
    sign = rng.normal(size=ROWS)
    fraud = rng.random(ROWS) < logistic(2.5 * sign - 5.5)
    findings = found(subject_of(fraud, {"sign": sign}), "decay")
    slope = findings["decay_auc_per_month_online"]
    # who learns anew has more to learn from, so a little is lost all the same
    assert -0.02 < slope.value < 0.005
    assert slope.verdict in ("pass", "warn")
    assert findings["decay_average_precision_loss_online"].value < 0.25


def test_what_ageing_takes_is_judged_at_the_rate_of_a_bank():
    rng = np.random.default_rng(18)
    before, after = rng.normal(size=ROWS), rng.normal(size=ROWS)
    sign = np.where(np.arange(ROWS) < 0.4 * ROWS, before, 0.8 * before + 0.6 * after)
    fraud = rng.random(ROWS) < logistic(3 * sign - 4)
    finding = found(subject_of(fraud, {"before": before, "after": after}), "decay")[
        "decay_average_precision_loss_online"
    ]
    assert finding.detail["rate"] > 0.05
    assert finding.detail["new"]["average_precision"] < 0.2  # it is .5 among so many frauds


def test_decay_needs_months():
    rng = np.random.default_rng(11)
    short = subject_of(rng.random(ROWS) < 0.03, noise(rng), days=60)
    finding = found(short, "decay")["decay"]
    assert finding.verdict == "not_made"
    assert "60 days" in finding.sentence


def test_merchants_that_are_bad_for_a_day_flatter_a_random_split():
    rng = np.random.default_rng(12)
    day = (np.arange(ROWS) * 120 / ROWS).astype(int)
    shop = rng.integers(0, 2, ROWS) + 2 * day  # two shops of each day, one of some days is bad
    bad = rng.random(2 * 120) < 0.06
    fraud = bad[shop] & (rng.random(ROWS) < 0.6)
    memorable = subject_of(fraud, noise(rng), merchant=rng.permutation(2 * 120)[shop], days=120)
    assert found(memorable, "random_split")["random_split_online"].verdict == "pass"
    nobody = subject_of(rng.random(ROWS) < 0.03, noise(rng), merchant=shop)
    assert found(nobody, "random_split")["random_split_online"].verdict == "fail"


def test_a_table_of_nobody_has_no_random_split_and_no_history():
    rng = np.random.default_rng(20)
    named = subject_of(rng.random(ROWS) < 0.03, noise(rng))
    nobody = replace(named, payments=named.payments.drop("account", "channel"), profile="any")
    finding = found(nobody, "random_split")["random_split"]
    assert finding.verdict == "not_made"
    assert "no column says who pays" in finding.sentence
    assert found(nobody, "features_matter")["features_matter"].verdict == "not_made"
    assert found(nobody, "boosting")["boosting_roc_auc_all"].verdict == "info"


def test_what_was_not_reported_in_time_is_not_learnt():
    rng = np.random.default_rng(13)
    fraud = rng.random(ROWS) < 0.03
    late = pl.repeat(
        datetime(2026, 1, 1, tzinfo=UTC), ROWS, eager=True, dtype=pl.Datetime("us", "UTC")
    )
    never_known = subject_of(fraud, noise(rng), reported_at=late)
    finding = found(never_known, "boosting")["boosting"]
    assert finding.verdict == "not_made"
    assert "known" in finding.sentence


def test_too_few_frauds_are_counted():
    few = subject_of(np.arange(ROWS) % 500 == 0, noise(np.random.default_rng(14)))
    finding = found(few, "boosting")["boosting"]
    assert finding.verdict == "not_made"
    assert "18, at least 30" in finding.sentence


def test_a_stream_without_frauds_does_not_hide_behind_another():
    rng = np.random.default_rng(19)
    channel = np.where(np.arange(ROWS) % 10 == 0, "online_banking", "ecom")
    fraud = (rng.random(ROWS) < 0.03) & (channel == "ecom")
    both = subject_of(fraud, noise(rng), channel=pl.Series(channel), profile="mixed")
    findings = found(both, "prevalence")
    assert findings["prevalence_online"].value > 0
    assert findings["prevalence"].verdict == "not_made"
    assert "transfers: too few frauds in the stream: 0" in findings["prevalence"].sentence


# Attacks and data sets


def test_an_attack_that_is_given_away_fails_and_a_rare_one_is_only_named():
    rng = np.random.default_rng(15)
    attack = rng.choice(["", "loud", "quiet", "rare"], ROWS, p=[0.88, 0.09, 0.029, 0.001])
    mark = rng.normal(size=ROWS) + 20 * (attack == "loud")
    crafted = subject_of(
        attack != "",
        {"mark": mark, **noise(rng)},
        accounts=ROWS,
        attack=pl.Series(attack).replace("", None),
    )
    findings = found(crafted, "attack_recall")
    assert findings["attack_recall_online_loud"].verdict == "fail"
    assert findings["attack_recall_online_quiet"].verdict == "pass"
    assert "attack_recall_online_rare" not in findings
    spread = findings["attack_recall_spread_online"]
    assert set(spread.detail["attacks"]) == {"loud", "quiet", "rare"}
    assert "easiest loud" in spread.sentence


def test_an_attack_on_a_few_accounts_that_is_always_found_is_a_warning():
    rng = np.random.default_rng(17)
    attack = rng.choice(["", "loud", "quiet"], ROWS, p=[0.95, 0.025, 0.025])
    mark = rng.normal(size=ROWS) + 20 * (attack == "loud")
    crafted = subject_of(
        attack != "",
        {"mark": mark, **noise(rng)},
        attack=pl.Series(attack).replace("", None),
    )
    finding = found(crafted, "attack_recall")["attack_recall_online_loud"]
    assert finding.value > 0.98 > finding.interval[0]
    assert finding.verdict == "warn"


def test_data_sets_are_put_in_order():
    rng = np.random.default_rng(16)
    hint = rng.normal(size=ROWS)
    audits = {}
    for name, strength in (("hard", 1.0), ("easy", 4.0), ("realistic", 2.0)):
        fraud = rng.random(ROWS) < logistic(strength * hint - 3 - strength)
        subject = subject_of(fraud, {"hint": hint})
        audits[name] = audit(subject, only=("difficulty.boosting",))
    assert order_of(audits, "online") == ("easy", "realistic", "hard")
    with pytest.raises(UsageError, match="did not measure"):
        order_of(audits, "transfers")


# The arithmetic


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(17)
    fraud, score = rng.random(300) < 0.2, np.round(rng.random(300), 1)
    times = rng.integers(0, 4, 300)

    def rows(pick):
        beside = metrics.scored(
            score[pick],
            fraud=fraud[pick],
            time_us=np.zeros(pick.size, np.int64),
            account=np.zeros(pick.size, np.int64),
            at_risk=None,
        )
        return beside, metrics.Order.of(beside.score)

    weighted = metrics.weighted_ranking(*rows(np.arange(300)), times.astype(float))
    repeated = metrics.ranking_metrics(*rows(np.repeat(np.arange(300), times)))
    assert weighted == pytest.approx(repeated)


def test_average_precision_of_chance_follows_the_rate():
    rng = np.random.default_rng(18)
    course = _made(subject_of(rng.random(ROWS) < 0.05, noise(rng)), "online")
    judged = course.judged("depth_2_tree")
    assert at_rate(judged, course.test_rate) == pytest.approx(judged.values["average_precision"])
    assert at_rate(judged, 0.01) < at_rate(judged, 0.1)
