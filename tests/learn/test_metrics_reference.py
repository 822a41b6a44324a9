"""Every metric against a second, slow and plain way to compute it."""

import itertools

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from fraudsim import metrics
from fraudsim.errors import UsageError
from fraudsim.metrics import Costs, Order, scored
from fraudsim.moments import DAY_US
from fraudsim.streams import Streams

SEEDS = range(12)


def random_rows(seed, *, rows=300, accounts=40, days=4, levels=9, fraud_share=0.15, amounts=True):
    """Rows with many ties; fraud scores a little higher."""
    rng = np.random.default_rng(seed)
    fraud = rng.random(rows) < fraud_share
    fraud[:2] = True, False
    return scored(
        np.floor(levels * np.clip(rng.random(rows) + 0.2 * fraud, 0, 1)) / levels,
        fraud=fraud,
        time_us=np.sort(rng.integers(0, days * DAY_US, rows)) + 77,
        account=rng.integers(500, 500 + accounts, rows),
        at_risk=np.round(rng.lognormal(3, 1, rows), 2) if amounts else None,
    )


# Ranking


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("levels", [2, 9, 10**6])
def test_average_precision_and_auc_are_scikit_learns(seed, levels):
    rows = random_rows(seed, levels=levels)
    values = metrics.ranking_metrics(rows, Order.of(rows.score))
    assert values["average_precision"] == pytest.approx(
        average_precision_score(rows.fraud, rows.score)
    )
    assert values["roc_auc"] == pytest.approx(roc_auc_score(rows.fraud, rows.score))


@pytest.mark.parametrize("seed", SEEDS)
def test_recall_is_that_of_the_last_threshold_within_one_percent(seed):
    rows = random_rows(seed, rows=2000, levels=400)
    false_share, recall, _ = roc_curve(rows.fraud, rows.score, drop_intermediate=False)
    values = metrics.ranking_metrics(rows, Order.of(rows.score))
    assert values["recall_at_1pct_fpr"] == pytest.approx(recall[false_share <= 0.01].max())


def test_equal_scores_are_not_told_apart_by_the_truth():
    fraud = np.arange(200) % 4 == 0
    rows = scored(
        np.full(200, 0.5),
        fraud=fraud,
        time_us=np.arange(200),
        account=np.arange(200),
        at_risk=None,
    )
    values = metrics.ranking_metrics(rows, Order.of(rows.score))
    assert values == {"average_precision": 0.25, "roc_auc": 0.5, "recall_at_1pct_fpr": 0.0}


def test_intervals_are_those_of_accounts_drawn_with_all_their_rows():
    rows = random_rows(3, rows=200, accounts=25)
    streams, replicates = Streams(5), 40
    found = metrics.ranking_intervals(rows, Order.of(rows.score), streams, replicates=replicates)
    precision, area = [], []
    for replicate in range(replicates):
        drawn = streams.get("bootstrap", replicate).integers(0, 25, 25)
        chosen = np.concatenate([np.flatnonzero(rows.account == one) for one in drawn])
        precision.append(average_precision_score(rows.fraud[chosen], rows.score[chosen]))
        area.append(roc_auc_score(rows.fraud[chosen], rows.score[chosen]))
    for name, values in (("average_precision", precision), ("roc_auc", area)):
        assert found[name] == pytest.approx(np.quantile(values, [0.025, 0.975]))


def test_intervals_over_accounts_are_wider_than_over_rows_when_frauds_come_in_runs():
    """200 frauds of 4 accounts tell less than 200 frauds of 200 accounts."""
    rng = np.random.default_rng(0)
    run = np.arange(2000) // 50
    fraud = run % 10 == 0
    score = rng.random(40)[run] + 0.3 * fraud
    same = {"fraud": fraud, "time_us": np.arange(2000), "at_risk": None}
    widths = []
    for account in (run, np.arange(2000)):
        rows = scored(score, account=account, **same)
        low, high = metrics.ranking_intervals(rows, Order.of(score), Streams(1))["roc_auc"]
        widths.append(high - low)
    assert widths[0] > 3 * widths[1]


def test_the_curve_lies_on_the_points_that_thresholds_reach():
    rows = random_rows(2, rows=5000, levels=10**6)
    curve = metrics.precision_recall_curve(rows, Order.of(rows.score))
    assert len(curve["recall"]) == len(curve["precision"]) <= metrics.CURVE_POINTS
    assert curve["recall"] == sorted(curve["recall"])
    assert curve["recall"][-1] == 1.0
    falling = np.argsort(-rows.score, kind="stable")
    true = np.cumsum(rows.fraud[falling])
    reached = {(round(t / true[-1], 6), round(t / (i + 1), 6)) for i, t in enumerate(true.tolist())}
    assert set(zip(curve["recall"], curve["precision"], strict=True)) <= reached


def test_recall_per_attack_adds_up_to_recall():
    rows = random_rows(1, rows=4000, levels=3000)
    names = np.where(np.arange(4000) % 3 == 0, "one", "two")
    attack = pl.Series([n if f else None for n, f in zip(names, rows.fraud, strict=True)])
    order = Order.of(rows.score)
    found = metrics.recall_per_attack(rows, order, attack)
    counts = {name: int((attack == name).sum()) for name in ("one", "two")}
    total = sum(found[name] * counts[name] for name in counts) / rows.fraud.sum()
    assert total == pytest.approx(metrics.ranking_metrics(rows, order)["recall_at_1pct_fpr"])
    assert found["one"] != found["two"]


# Alerts and money


def plain_alerts(rows, per_day):
    """Day by day with lists: (raised, right, compromised, prevented)."""
    stopped, raised, right, compromised, prevented = set(), 0, 0, 0, 0.0
    size = rows.fraud.size
    for day in range(int(rows.day.max()) + 1):
        today = [i for i in range(size) if rows.day[i] == day and rows.account[i] not in stopped]
        first_of_best = {}
        for i in sorted(today, key=lambda i: (-rows.score[i], i)):
            first_of_best.setdefault(rows.account[i], i)
        best = list(first_of_best.items())[:per_day]
        if not best:
            continue
        bar = min(rows.score[i] for _, i in best)
        victims = {rows.account[i] for i in today if rows.fraud[i]}
        compromised += len(victims)
        raised += len(best)
        for account, _ in best:
            if account in victims:
                right += 1
                stopped.add(account)
                at = min(i for i in today if rows.account[i] == account and rows.score[i] >= bar)
                prevented += sum(
                    rows.at_risk[i]
                    for i in range(at, size)
                    if rows.account[i] == account and rows.fraud[i]
                )
    return raised, right, compromised, prevented


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("per_day", [1, 3, 1000])
def test_alerts_are_those_of_a_plain_count(seed, per_day):
    rows = random_rows(seed)
    alerts = metrics.alerts_in_budget(rows, per_day)
    raised, right, compromised, prevented = plain_alerts(rows, per_day)
    assert (alerts.raised, alerts.right, alerts.compromised) == (raised, right, compromised)
    assert alerts.prevented == pytest.approx(prevented)


def test_an_alert_is_per_account_and_day_and_a_right_one_stops_the_account():
    """Account 1: two frauds on day 0, one on day 1. One alert on the first saves what follows."""
    hour = DAY_US // 24
    rows = scored(
        np.array([0.9, 0.1, 0.8, 0.2, 0.9]),
        fraud=np.array([True, False, True, False, True]),
        time_us=np.array([0, 1, 2, 3, 25]) * hour,
        account=np.array([1, 2, 1, 3, 1]),
        at_risk=np.array([10.0, 1.0, 20.0, 1.0, 40.0]),
    )
    alerts = metrics.alerts_in_budget(rows, 1)
    assert (alerts.raised, alerts.right, alerts.compromised) == (1, 1, 1)
    assert alerts.prevented == 70.0
    assert metrics.money_saved(alerts, Costs(review=5.0, friction=10.0)) == 65.0


def test_a_late_alert_saves_only_what_follows_it():
    rows = scored(
        np.array([0.1, 0.2, 0.9]),
        fraud=np.array([True, False, True]),
        time_us=np.array([0, 1, 2]),
        account=np.array([1, 2, 1]),
        at_risk=np.array([100.0, 0.0, 7.0]),
    )
    assert metrics.alerts_in_budget(rows, 1).prevented == 7.0


def test_wrong_alerts_cost_review_and_friction():
    rows = scored(
        np.array([0.1, 0.9]),
        fraud=np.array([True, False]),
        time_us=np.array([0, 1]),
        account=np.array([1, 2]),
        at_risk=np.array([100.0, 100.0]),
    )
    alerts = metrics.alerts_in_budget(rows, 1)
    assert metrics.money_saved(alerts, Costs(review=5.0, friction=10.0)) == -15.0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("per_day", [1, 4])
def test_no_ranking_that_was_tried_saves_more_than_the_perfect_one(seed, per_day):
    rows = random_rows(seed, rows=120, accounts=12)
    costs = Costs()
    best = metrics.perfect_saving(rows, per_day, costs)
    rng = np.random.default_rng(seed)
    truth = np.where(rows.fraud, rows.at_risk, 0.0)
    for score in (rows.score, truth, *rng.random((20, rows.fraud.size))):
        tried = scored(
            score,
            fraud=rows.fraud,
            time_us=rows.day * DAY_US,
            account=rows.account,
            at_risk=rows.at_risk,
        )
        saved = metrics.money_saved(metrics.alerts_in_budget(tried, per_day), costs)
        assert saved <= best + 1e-9


def test_the_perfect_saving_of_one_account_is_all_its_losses_less_a_review():
    rows = scored(
        np.zeros(3),
        fraud=np.array([False, True, True]),
        time_us=np.array([0, 1, DAY_US]),
        account=np.array([1, 1, 1]),
        at_risk=np.array([1000.0, 30.0, 70.0]),
    )
    assert metrics.perfect_saving(rows, 1, Costs(review=5.0)) == 95.0
    assert metrics.perfect_saving(rows, 1, Costs(review=200.0)) == 0.0


def test_the_perfect_saving_keeps_to_the_budget_and_alerts_later_whom_it_can():
    """One alert a day. Account 1 loses 100 today; account 2 loses 10 today and 105 tomorrow."""
    rows = scored(
        np.zeros(4),
        fraud=np.array([True, True, False, True]),
        time_us=np.array([0, 1, 2, DAY_US]),
        account=np.array([1, 2, 3, 2]),
        at_risk=np.array([100.0, 10.0, 1000.0, 105.0]),
    )
    costs = Costs(review=5.0)
    assert metrics.perfect_saving(rows, 1, costs) == (100 - 5) + (105 - 5)
    assert metrics.perfect_saving(rows, 2, costs) == (100 - 5) + (115 - 5)


def test_the_budget_scales_with_the_rows_of_a_day_and_is_one_at_least():
    for rows, days, expected in ((100_000, 1, 100), (200_000, 4, 50), (10, 1, 1)):
        many = scored(
            np.zeros(rows),
            fraud=np.arange(rows) == 0,
            time_us=np.linspace(0, days * DAY_US - 1, rows).astype(np.int64),
            account=np.arange(rows),
            at_risk=None,
        )
        assert metrics.daily_budget(many) == expected


def test_without_amounts_no_money_is_counted():
    values = metrics.budget_metrics(random_rows(0, amounts=False), 2, Costs())
    assert values["money_saved"] is None
    assert values["money_saved_share"] is None
    assert values["precision_in_budget"] is not None


# Calibration


def test_prior_correction_undoes_under_sampling():
    """Keeping a share b of the genuine rows turns p into p / (p + b (1 - p)): Dal Pozzolo 2015."""
    p = np.linspace(0, 1, 21)
    kept = 0.05
    learnt = p / (p + kept * (1 - p))
    back = metrics.prior_corrected(learnt, learnt_odds=0.02 / kept, true_odds=0.02)
    np.testing.assert_allclose(back, p, atol=1e-12)


def test_prior_correction_does_nothing_where_nothing_was_rebalanced():
    p = np.linspace(0, 1, 21)
    np.testing.assert_allclose(metrics.prior_corrected(p, learnt_odds=0.3, true_odds=0.3), p)


def test_brier_and_log_loss_are_scikit_learns():
    from sklearn.metrics import brier_score_loss, log_loss

    rng = np.random.default_rng(0)
    p, fraud = rng.random(500), rng.random(500) < 0.3
    found = metrics.calibration_metrics(p, fraud)
    assert found["brier"] == pytest.approx(brier_score_loss(fraud, p))
    assert found["log_loss"] == pytest.approx(log_loss(fraud, p))


# What cannot be judged


@pytest.mark.parametrize("fraud", [True, False])
def test_one_class_is_refused(fraud):
    with pytest.raises(UsageError, match="both classes"):
        scored(
            np.zeros(3),
            fraud=np.full(3, fraud),
            time_us=np.arange(3),
            account=np.arange(3),
            at_risk=None,
        )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused(bad):
    with pytest.raises(UsageError, match="1 scores are not finite"):
        scored(
            np.array([0.1, bad]),
            fraud=np.array([True, False]),
            time_us=np.arange(2),
            account=np.arange(2),
            at_risk=None,
        )


def test_metrics_do_not_change_when_accounts_are_renumbered():
    one = random_rows(4)
    names = np.random.default_rng(0).permutation(10_000)
    two = scored(
        one.score,
        fraud=one.fraud,
        time_us=one.day * DAY_US,
        account=names[one.account],
        at_risk=one.at_risk,
    )
    for budget, costs in itertools.product((1, 5), (Costs(), Costs(0.0, 0.0))):
        assert metrics.budget_metrics(one, budget, costs) == pytest.approx(
            metrics.budget_metrics(two, budget, costs)
        )
