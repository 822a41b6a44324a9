"""Honest life: each measure against known answers, and each fails on a planted violation."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from fraudsim.quality.check import CannotCheckError
from fraudsim.quality.honest_life import clock, counts, gaps, places, popularity, week
from fraudsim.quality.panel import codes, most_of_one, pairs, panel, seen_before

START = datetime(2025, 1, 6, tzinfo=UTC)  # a Monday


def times(days):
    return [START + timedelta(days=float(day)) for day in days]


def payments(rng, n=4000, persons=60, days=60.0):
    """Purchases without any habit: columns for a subject."""
    return {
        "event_time": times(rng.uniform(0, days, n)),
        "amount": np.round(rng.lognormal(3.1, 1.1, n) + 0.01, 2),
        "account": rng.integers(0, persons, n),
        "merchant": rng.integers(0, 200, n),
        "channel": ["pos"] * n,
        "category": ["grocery"] * n,
    }


@pytest.fixture
def rng():
    return np.random.default_rng(5)


# Panels


def test_a_panel_is_sorted_by_holder_and_keeps_the_order_of_each():
    frame = pl.DataFrame({"who": [2, 1, None, 2, 1], "n": [0, 1, 2, 3, 4]})
    of = panel(frame, "who")
    assert of.frame["n"].to_list() == [1, 4, 0, 3]
    assert of.start.tolist() == [0, 2, 4]
    assert of.number.tolist() == [0, 1, 0, 1]
    assert of.follows.tolist() == [False, True, False, True]
    second = of.of_holders(np.array([False, True]))
    assert second.frame["n"].to_list() == [0, 3]
    assert second.holder.tolist() == [0, 0]


def test_codes_are_dense_and_nulls_are_minus_one():
    assert codes(pl.Series([30, 10, 30])).tolist() == [1, 0, 1]
    assert codes(pl.Series(["b", None, "a"])).tolist() == [1, -1, 0]
    assert codes(pl.Series([], dtype=pl.String)).tolist() == []


def test_seen_before_and_most_of_one():
    pair = pairs(np.array([0, 0, 0, 1]), np.array([7, 7, 8, 7]))
    assert seen_before(pair).tolist() == [False, True, False, False]
    assert most_of_one(np.array([0, 0, 0, 1]), pair).tolist() == [2, 1]


# Amounts


def test_amounts_by_hand(subject_of, values_of):
    amounts = [10.0, 20.0, 4.99, 7.95, 3.33] * 80
    subject = subject_of(
        event_time=times(np.arange(400) / 10), amount=amounts, channel=["ecom"] * 400
    )
    values = values_of(subject, "honest_life", "amount_online")
    assert values["amount_online_log_mean"] == pytest.approx(np.log(amounts).mean())
    assert values["amount_online_log_sd"] == pytest.approx(np.log(amounts).std())
    assert values["amount_online_whole"] == pytest.approx(0.4)
    assert values["amount_online_x99"] == pytest.approx(0.2)
    assert values["amount_online_x95"] == pytest.approx(0.2)
    assert values["amount_online_tail"] == pytest.approx(20 / 7.95)


def test_whole_amounts_everywhere_fail(subject_of, values_of, verdict_of, rng):
    columns = payments(rng) | {"amount": np.ceil(rng.lognormal(3.1, 1.1, 4000))}
    values = values_of(subject_of(**columns), "honest_life", "category_amount")
    assert (
        verdict_of(
            "honest_life.category_amount_grocery_whole", values["category_amount_grocery_whole"]
        )
        == "fail"
    )


def test_frauds_refused_refunds_and_bills_are_no_honest_purchases(subject_of, values_of):
    n = 400
    good = {"amount": [10.0] * n, "is_fraud": [False] * n, "approved": [True] * n}
    columns = {
        "event_time": times(np.arange(n * 5) / 100),
        "amount": good["amount"] + [99.0] * (4 * n),
        "is_fraud": good["is_fraud"] + [True] * n + [False] * (3 * n),
        "approved": [True] * (2 * n) + [False] * n + [True] * (2 * n),
        "tx_type": ["purchase"] * (3 * n) + ["refund"] * n + ["purchase"] * n,
        "channel": ["pos"] * (4 * n) + ["recurring"] * n,
    }
    values = values_of(subject_of(**columns), "honest_life", "amount_in_person")
    assert values["amount_in_person_log_mean"] == pytest.approx(np.log(10))


def test_the_category_explains_all_or_nothing(subject_of, values_of):
    columns = {
        "event_time": times(np.arange(400) / 10),
        "amount": [5.0, 50.0] * 200,
        "category": ["a", "b"] * 200,
    }
    explained = values_of(subject_of(**columns), "honest_life", "spread_between")
    assert explained["spread_between_categories"] == pytest.approx(1)
    mixed = columns | {"category": ["a", "a", "b", "b"] * 100}
    explained = values_of(subject_of(**mixed), "honest_life", "spread_between")
    assert explained["spread_between_categories"] == pytest.approx(0)


# Counts


def test_gini_top_share_and_k_by_hand():
    assert counts.gini(np.array([5, 5, 5, 5])) == pytest.approx(0)
    assert counts.gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)
    assert counts.top_share(np.array([1, 2, 7]), 0.34) == pytest.approx(0.7)
    # mean 2, variance 4: k = 4 / 2
    assert counts.negative_binomial_k(np.array([0, 2, 4, 0, 4, 2, 0, 4, 2, 2])) > 2
    assert counts.negative_binomial_k(np.array([0, 4] * 10)) == pytest.approx(2)
    assert counts.negative_binomial_k(np.array([3, 3, 3])) == float("inf")


def test_negative_binomial_counts_are_recovered(rng):
    drawn = rng.negative_binomial(0.8, 0.8 / (0.8 + 50), 20_000)
    # two standard errors of the estimate of k from its moments, about .02
    assert counts.negative_binomial_k(drawn) == pytest.approx(0.8, abs=0.05)


def test_equal_persons_fail(subject_of, values_of, verdict_of, rng):
    values = values_of(subject_of(**payments(rng)), "honest_life", "totals")
    for name in ("totals_negative_binomial_k", "totals_gini"):
        assert verdict_of(f"honest_life.{name}", values[name]) == "fail"


def test_diaries_count_persons_without_payments(subject_of, values_of):
    # person 0 pays once a day; person 1 twice in the first three days only
    days = [*np.arange(12) + 0.5, 0.2, 1.2]
    subject = subject_of(
        event_time=times([*days, *np.arange(300) / 30]),
        amount=[5.0] * 314,
        customer=[0] * 12 + [1] * 2 + [2] * 300,
    )
    values = values_of(subject, "honest_life", "diaries")
    assert values["diaries_mean"] == pytest.approx((12 + 2 + 300) / (3 * 4), rel=0.01)
    assert values["diaries_none"] == pytest.approx(3 / 12)


# Gaps


def test_even_gaps_are_no_chance(subject_of, values_of, verdict_of):
    persons, each = 40, 30
    days = np.concatenate([np.arange(each) + person / 100 for person in range(persons)])
    subject = subject_of(
        event_time=times(days),
        amount=[5.0] * len(days),
        account=np.repeat(np.arange(persons), each),
    )
    values = values_of(subject, "honest_life", "gaps")
    assert values["gaps_variation"] == pytest.approx(0, abs=1e-6)
    assert values["gaps_burstiness"] == pytest.approx(-1, abs=1e-6)
    assert verdict_of("honest_life.gaps_variation", values["gaps_variation"]) == "fail"
    assert verdict_of("honest_life.gaps_burstiness", values["gaps_burstiness"]) == "fail"


def test_gaps_of_a_poisson_process_vary_by_their_mean(subject_of, values_of, verdict_of, rng):
    days = np.concatenate([np.cumsum(rng.exponential(1, 200)) for _ in range(50)])
    subject = subject_of(
        event_time=times(days), amount=[5.0] * 10_000, account=np.repeat(np.arange(50), 200)
    )
    values = values_of(subject, "honest_life", "gaps")
    assert values["gaps_variation"] == pytest.approx(1, abs=0.03)
    assert values["gaps_burstiness"] == pytest.approx(0, abs=0.02)
    assert values["gaps_memory"] == pytest.approx(0, abs=0.03)
    assert verdict_of("honest_life.gaps_variation", values["gaps_variation"]) == "pass"


def test_memory_of_alternating_gaps():
    long_and_short = np.cumsum([1, 5] * 15)
    frame = pl.DataFrame({"event_time": times(long_and_short), "who": [1] * 30})
    frame = frame.with_columns(pl.col("event_time").cast(pl.Datetime("us", "UTC")))
    assert gaps.memory(panel(frame, "who")) == pytest.approx([-1])


def test_within_day_by_hand(subject_of, values_of):
    hours = np.array([10, 11, 34.5, 58, 58.5, 60.5])
    many = np.concatenate([hours + 24 * 3 * block for block in range(60)])
    subject = subject_of(
        event_time=times(many / 24), amount=[5.0] * len(many), account=[1] * len(many)
    )
    values = values_of(subject, "honest_life", "within_day")
    assert values["within_day_purchases"] == pytest.approx(2)
    assert values["within_day_gap_p50"] == pytest.approx(60)


# Hours and days


def test_everybody_at_noon_fails(subject_of, values_of, verdict_of, rng):
    columns = payments(rng) | {"event_time": times(rng.integers(0, 60, 4000) + 0.51)}
    subject = subject_of(**columns)
    hours = values_of(subject, "honest_life", "hours")
    assert hours["hours_in_person"] == pytest.approx(1 - 0.0964 / 0.9548, abs=0.01)
    assert verdict_of("honest_life.hours_in_person", hours["hours_in_person"]) == "fail"
    assert verdict_of("honest_life.hours_in_person_night", hours["hours_in_person_night"]) == "fail"
    by_category = values_of(subject, "honest_life", "category_hours")
    assert (
        verdict_of("honest_life.category_hours_grocery", by_category["category_hours_grocery"])
        == "fail"
    )
    personal = values_of(subject, "honest_life", "clock")
    assert personal["clock_personal"] == pytest.approx(1)
    assert verdict_of("honest_life.clock_gain", personal["clock_gain"]) == "fail"


def test_the_clock_of_two_persons_at_opposite_hours():
    angle = np.array([0.0] * 20 + [np.pi] * 20)
    lengths, pooled = clock.personal_clock(angle, np.repeat([0, 1], 20))
    assert lengths == pytest.approx([1, 1])
    assert pooled == pytest.approx(0, abs=1e-9)


def test_divergence_of_profiles():
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert clock.divergence(one, one) == 0
    assert clock.divergence(one, other) == pytest.approx(1)


def test_one_weekday_fails(subject_of, values_of, verdict_of, rng):
    columns = payments(rng) | {"event_time": times(rng.integers(0, 8, 4000) * 7 + 0.5)}
    values = values_of(subject_of(**columns), "honest_life", "week")
    assert values["week_days"] == pytest.approx(1 - 0.145, abs=0.001)
    assert verdict_of("honest_life.week_days", values["week_days"]) == "fail"
    assert verdict_of("honest_life.week_sunday", values["week_sunday"]) == "fail"


def test_a_weekly_habit_is_seen_and_chance_is_not():
    habit = np.tile([3.0, 0, 0, 0, 0, 0, 0], (5, 20))
    assert week.rhythm(habit, 7) == pytest.approx(0.95)
    assert week.rhythm(habit, 3) < 0
    chance = np.random.default_rng(1).poisson(0.5, (400, 120)).astype(float)
    assert week.rhythm(chance, 7) == pytest.approx(-1 / 120, abs=0.02)


def test_the_first_of_the_month_stands_out(subject_of, values_of, verdict_of):
    days = np.repeat(np.arange(200), 10)
    when = times(days + 0.5)
    usual = [10.0] * len(when)
    flat = values_of(subject_of(event_time=when, amount=usual), "honest_life", "month")
    assert flat["month_first"] == pytest.approx(1)
    assert verdict_of("honest_life.month_first", flat["month_first"]) == "fail"
    payday = [12.0 if moment.day == 1 else 10.0 for moment in when]
    values = values_of(subject_of(event_time=when, amount=payday), "honest_life", "month")
    assert values["month_first"] == pytest.approx(1.2, abs=0.02)
    assert verdict_of("honest_life.month_first", values["month_first"]) == "pass"


def test_holidays_by_rule():
    great_britain, states = week.public_holidays("GB", 2025), week.public_holidays("US", 2019)
    assert date(2025, 4, 18) in great_britain  # Good Friday
    assert date(2025, 4, 21) in great_britain  # Easter Monday
    assert date(2025, 5, 5) in great_britain
    assert date(2025, 8, 25) in great_britain
    assert date(2019, 11, 28) in states  # Thanksgiving
    assert date(2019, 5, 27) in states  # Memorial Day
    assert week.public_holidays("PT", 2025) == (date(2025, 1, 1), date(2025, 12, 25))


def test_a_holiday_like_any_other_day_fails(subject_of, values_of, verdict_of):
    when = times(np.repeat(np.arange(140), 5) + 0.5)
    usual = values_of(
        subject_of(event_time=when, amount=[10.0] * len(when)), "honest_life", "holidays"
    )
    assert usual["holidays_dip"] == pytest.approx(1)
    assert verdict_of("honest_life.holidays_dip", usual["holidays_dip"]) == "fail"
    quiet = [7.0 if when_.date() in week.public_holidays("GB", 2025) else 10.0 for when_ in when]
    values = values_of(subject_of(event_time=when, amount=quiet), "honest_life", "holidays")
    assert values["holidays_dip"] == pytest.approx(0.7)


# Merchants


@pytest.mark.parametrize("s", [0.8, 1.0, 1.2])
def test_zipf_is_recovered(s):
    rng = np.random.default_rng(3)
    weight = np.arange(1, 5001) ** -s
    drawn = rng.multinomial(400_000, weight / weight.sum())
    # over seeds the estimate spreads by .01
    assert popularity.zipf_exponent(drawn) == pytest.approx(s, abs=0.05)


def test_equally_popular_merchants_fail(subject_of, values_of, verdict_of, rng):
    values = values_of(subject_of(**payments(rng)), "honest_life", "popularity")
    for name in ("popularity_zipf", "popularity_gini", "popularity_top_hundredth"):
        assert verdict_of(f"honest_life.{name}", values[name]) == "fail"


def test_loyalty_by_hand(subject_of, values_of):
    # each account: 20 purchases, at merchants 0 0 1 1 2 2 ... 9 9
    accounts, each = 40, 20
    subject = subject_of(
        event_time=times(np.tile(np.arange(each), accounts)),
        amount=[5.0] * (accounts * each),
        account=np.repeat(np.arange(accounts), each),
        merchant=np.tile(np.repeat(np.arange(10), 2), accounts),
    )
    values = values_of(subject, "honest_life", "repeats")
    assert values["repeats_all"] == pytest.approx(0.5)
    assert values["repeats_same_as_last"] == pytest.approx(10 / 19)
    assert values["repeats_top_share"] == pytest.approx(0.1)
    assert "repeats_after_50" not in values


def test_nobody_comes_back_fails(subject_of, values_of, verdict_of, rng):
    columns = payments(rng) | {"merchant": np.arange(4000)}
    subject = subject_of(**columns)
    values = values_of(subject, "honest_life", "repeats")
    for name in ("repeats_all", "repeats_after_50", "repeats_same_as_last", "repeats_heaps"):
        assert verdict_of(f"honest_life.{name}", values[name]) == "fail"
    twice = values_of(subject, "honest_life", "duplicates")
    for name in ("duplicates_day", "duplicates_exact"):
        assert verdict_of(f"honest_life.{name}", twice[name]) == "fail"


def test_duplicates_and_amounts_of_pairs_by_hand(subject_of, values_of):
    # 100 accounts: every day at their merchant, twice on even days, once with the same amount
    days = np.concatenate([np.arange(20), np.arange(0, 20, 2) + 0.1])
    amounts = np.concatenate([np.full(20, 10.0), np.full(5, 10.0), np.full(5, 20.0)])
    subject = subject_of(
        event_time=times(np.tile(days, 100)),
        amount=np.tile(amounts, 100),
        account=np.repeat(np.arange(100), 30),
        merchant=np.repeat(np.arange(100), 30),
    )
    twice = values_of(subject, "honest_life", "duplicates")
    assert twice["duplicates_day"] == pytest.approx(10 / 30)
    assert twice["duplicates_exact"] == pytest.approx(5 / 30)
    pair = values_of(subject, "honest_life", "pair_amounts")
    assert pair["pair_amounts_variation"] == pytest.approx(amounts.std() / amounts.mean())
    assert pair["pair_amounts_identical"] == 0


# Places


def test_distances():
    equator = places.distance_km(*(np.array([x]) for x in (0.0, 0.0, 0.0, 1.0)))
    assert equator == pytest.approx([111.19], abs=0.01)


def test_merchants_that_follow_their_customers_fail(subject_of, values_of, verdict_of, rng):
    n = 4000
    home = rng.uniform(50, 55, n)
    columns = payments(rng) | {
        "merchant_lat": home + 0.01,
        "merchant_lon": np.zeros(n),
        "home_lat": home,
        "home_lon": np.zeros(n),
    }
    subject = subject_of(**columns)
    moved = values_of(subject, "honest_life", "merchants_stay")["merchants_stay"]
    assert verdict_of("honest_life.merchants_stay", moved) == "fail"
    home_values = values_of(subject, "honest_life", "home")
    assert home_values["home_median_km"] == pytest.approx(1.112, abs=0.001)
    assert verdict_of("honest_life.home_p99_km", home_values["home_p99_km"]) == "fail"
    fast = values_of(subject, "honest_life", "travel")["travel_too_fast"]
    assert verdict_of("honest_life.travel_too_fast", fast) in ("pass", "fail")
    still = columns | {"merchant_lat": columns["merchant"] / 100, "merchant_lon": np.zeros(n)}
    assert values_of(subject_of(**still), "honest_life", "merchants_stay")["merchants_stay"] == 0


def test_faster_than_a_flight_fails(subject_of, values_of, verdict_of):
    n = 400
    subject = subject_of(
        event_time=times(np.arange(n) / 48),  # every half hour, 1,112 km to and fro
        amount=[5.0] * n,
        card=[1] * n,
        merchant_lat=[50.0, 60.0] * (n // 2),
        merchant_lon=[0.0] * n,
    )
    fast = values_of(subject, "honest_life", "travel")["travel_too_fast"]
    assert fast == 1
    assert verdict_of("honest_life.travel_too_fast", fast) == "fail"


# Refunds and declines


def test_refunds_by_hand(subject_of, values_of, verdict_of):
    n = 400
    subject = subject_of(
        event_time=times(np.arange(n)),
        amount=[5.0] * n,
        account=[1] * n,
        merchant=[1] * (n - 4) + [1, 1, 2, 1],
        tx_type=["purchase"] * (n - 4) + ["refund"] * 3 + ["purchase"],
    )
    values = values_of(subject, "honest_life", "refunds")
    assert values["refunds_share"] == pytest.approx(3 / 400)
    assert values["refunds_known"] == pytest.approx(2 / 3)
    assert verdict_of("honest_life.refunds_share", values["refunds_share"]) == "fail"
    negative = subject_of(event_time=times(np.arange(n)), amount=[5.0] * (n - 4) + [-5.0] * 4)
    assert values_of(negative, "honest_life", "refunds") == {"refunds_share": pytest.approx(0.01)}


def test_declines_and_retries_by_hand(subject_of, values_of, verdict_of):
    # every second payment is declined; the next comes after 10 minutes, at the same merchant
    n = 400
    subject = subject_of(
        event_time=times(np.arange(n) / 144),
        amount=[5.0] * n,
        customer=[1] * n,
        merchant=[1] * n,
        channel=["pos"] * n,
        approved=[False, True] * (n // 2),
        response_code=["51", "00"] * (n // 2),
    )
    values = values_of(subject, "honest_life", "declines")
    assert values["declines_in_person"] == pytest.approx(0.5)
    assert verdict_of("honest_life.declines_in_person", values["declines_in_person"]) == "fail"
    assert values_of(subject, "honest_life", "retries")["retries_share"] == pytest.approx(1)
    reasons = values_of(subject, "honest_life", "decline_reasons")
    assert reasons["decline_reasons_funds"] == 1
    assert verdict_of("honest_life.decline_reasons_funds", 1.0) == "fail"


# Transfers


def test_transfers_by_hand(subject_of, values_of, verdict_of):
    accounts, each = 40, 10
    n = accounts * each
    subject = subject_of(
        event_time=times(np.tile(np.arange(each) * 30.0, accounts)),
        amount=[20.0, 25.0] * (n // 2),
        account=np.repeat(np.arange(accounts), each),
        payee=np.tile([1, 1, 1, 1, 1, 1, 2, 3, 4, 5], accounts),
        tx_type=["transfer"] * n,
        channel=["online_banking"] * n,
    )
    values = values_of(subject, "honest_life", "person_to_person")
    assert values["person_to_person_whole"] == 1
    assert values["person_to_person_tens"] == pytest.approx(0.5)
    assert verdict_of("honest_life.person_to_person_whole", 1.0) == "fail"
    payees = values_of(subject, "honest_life", "payees")
    assert payees["payees_repeat"] == pytest.approx(0.5)
    assert payees["payees_top_share"] == pytest.approx(0.6)


def test_standing_orders_by_hand(subject_of, values_of, verdict_of):
    def monthly(step):
        return subject_of(
            event_time=times(np.tile(np.arange(4) * step, 100)),
            amount=[500.0] * 400,
            account=np.repeat(np.arange(100), 4),
            payee=np.repeat(np.arange(100), 4),
            tx_type=["transfer"] * 400,
            channel=["batch"] * 400,
        )

    kept = values_of(monthly(30.0), "honest_life", "standing_orders")["standing_orders_monthly"]
    assert kept == 1
    lost = values_of(monthly(14.0), "honest_life", "standing_orders")["standing_orders_monthly"]
    assert verdict_of("honest_life.standing_orders_monthly", lost) == "fail"


# What cannot be checked says why


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("amount_online", "no column for channel"),
        ("category_amount", "no column for category"),
        ("repeats", "no column for merchant"),
        ("home", "no column for merchant_lat, merchant_lon, home_lat, home_lon"),
        ("refunds", "no amount is negative"),
        ("person_to_person", "no column for payee, tx_type, channel"),
        ("persona_hours", "no column for persona"),
    ],
)
def test_a_missing_column_is_named(name, words, subject_of, values_of):
    subject = subject_of(
        event_time=times(np.arange(400)), amount=[5.0] * 400, account=np.arange(400)
    )
    with pytest.raises(CannotCheckError, match=words):
        values_of(subject, "honest_life", name)


def test_too_few_rows_are_said(subject_of, values_of):
    subject = subject_of(event_time=times([0, 1]), amount=[1.0, 2.0], account=[1, 1])
    with pytest.raises(CannotCheckError, match="too few purchases: 2, at least 300"):
        values_of(subject, "honest_life", "gaps")
