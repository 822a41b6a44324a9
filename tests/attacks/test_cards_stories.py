"""The essence of each card attack, as its campaigns show it to a bank; see also test_stories."""

import numpy as np
import pytest

from fraudsim import rows as row_codes
from fraudsim.attacks.cards.atm_cash_out_ring import AtmCashOutRing
from fraudsim.attacks.cards.card_never_received import CardNeverReceived
from fraudsim.attacks.cards.enumeration import Enumeration
from fraudsim.attacks.cards.exemption_abuse import LADDER_MINOR, ExemptionAbuse
from fraudsim.attacks.cards.merchant_breach import MerchantBreach
from fraudsim.attacks.cards.micro_fraud import MicroFraud
from fraudsim.attacks.cards.stolen_card_escalation import StolenCardEscalation
from fraudsim.attacks.cards.triangulation import Triangulation
from fraudsim.attacks.cards.wallet_provisioning import WalletProvisioning
from fraudsim.attacks.kit.rehearsal import (
    RehearsalBooks,
    answer_all,
    answer_none,
    answer_with,
    rehearse,
    small_world,
)
from fraudsim.schema import RESPONSE_CODES

SEEDS = range(25)
CODES = list(RESPONSE_CODES)
DAY_US = 86_400e6
HOUR_US = 3_600e6


def told(pattern, bank=answer_all, seeds=SEEDS, days=400):
    """The campaigns that moved money."""
    runs = [rehearse(pattern, bank, seed, days=days) for seed in seeds]
    return [run for run in runs if len(run.payments)]


def of_stage(pattern, run, stage):
    return run.payments[run.payments["stage"] == pattern.stages.index(stage)]


def checks_cvv(rows):
    """A bank that refuses wrong verification values, and nothing else."""
    wrong = rows["cvv"] == row_codes.CVV_NO_MATCH
    return np.where(wrong, CODES.index("82"), 0).astype(np.int8)


def can_draw(limit_minor):
    """A bank that refuses any sum above a limit for lack of money."""

    def answer(rows):
        return np.where(rows["amount_minor"] > limit_minor, CODES.index("51"), 0).astype(np.int8)

    return answer


def cities_of(rows):
    return small_world(400, 400).merchants.city[rows["merchant"]]


def homes_of(rows, seed):
    return RehearsalBooks(small_world(400, 400), seed).city[rows["customer"]]


# ---- enumeration ----------------------------------------------------------------------------


def test_enumeration_fails_on_the_value_at_one_merchant_again_and_again():
    pattern = Enumeration()
    wrong, per_number, devices = [], [], []
    for run in told(pattern, checks_cvv):
        guesses = of_stage(pattern, run, "guess")
        assert len(np.unique(guesses["merchant"])) == 1, "this bank shuts nobody out"
        assert len(np.unique(guesses["slot"])) == 1, "a range is of one kind of card"
        wrong.append((guesses["cvv"] == row_codes.CVV_NO_MATCH).mean())
        per_number.append(len(guesses) / len(np.unique(guesses["customer"])))
        devices.append(len(np.unique(guesses["device"])))
    assert np.mean(wrong) == pytest.approx(0.96, abs=0.02)
    assert np.mean(per_number) > 2
    assert np.median(devices) > 10


def test_enumeration_comes_from_many_places_in_no_order_of_customers():
    pattern = Enumeration()
    rising, places = [], []
    for run in told(pattern, checks_cvv):
        guesses = np.sort(of_stage(pattern, run, "guess"), order="time_us")
        rising.append((np.diff(guesses["customer"].astype(np.int64)) > 0).mean())
        places.append(len(np.unique(guesses["ip_country"])))
    assert np.mean(rising) == pytest.approx(0.5, abs=0.05)
    assert np.median(places) > 3


def test_enumeration_spends_on_what_it_found_alone():
    pattern = Enumeration(hit_share=0.2)
    for run in told(pattern, checks_cvv):
        guesses, spends = of_stage(pattern, run, "guess"), of_stage(pattern, run, "spend")
        found = guesses["customer"][guesses["response"] == 0]
        assert set(spends["customer"].tolist()) <= set(found.tolist())


def test_enumeration_goes_to_another_shop_once_and_stops_when_it_is_shut_out():
    pattern = Enumeration(numbers=400, burst=10, guesses=20)
    shops = []
    for seed in range(5):
        run = rehearse(pattern, answer_with("59"), seed)
        assert len(run.answers) == 6  # three bursts at each of two shops
        shops.append(len(np.unique(run.payments["merchant"])))
    assert max(shops) == 2


# ---- stolen card escalation -----------------------------------------------------------------


def test_escalation_climbs_from_a_small_sum_to_many_times_as_much():
    pattern = StolenCardEscalation()
    first, last, test = [], [], []
    for run in told(pattern, seeds=range(60)):
        climb = of_stage(pattern, run, "climb")
        first += climb["amount_minor"][:1].tolist()
        last += climb["amount_minor"][-1:].tolist()
        test += of_stage(pattern, run, "test")["amount_minor"].tolist()
    assert np.median(test) < np.median(first) / 2
    assert np.median(last) > 4 * np.median(first)


def test_escalation_steps_down_to_what_is_left():
    pattern = StolenCardEscalation(in_hand_share=0)
    above = []
    for run in told(pattern, can_draw(8_000)):
        climb = of_stage(pattern, run, "climb")
        refused = np.flatnonzero(climb["response"] != 0)
        refused = refused[refused + 1 < len(climb)]
        above += (climb["amount_minor"][refused + 1] > climb["amount_minor"][refused]).tolist()
    assert len(above) > 20
    assert np.mean(above) < 0.4  # it is a new price each time, at another shop


# ---- merchant breach ------------------------------------------------------------------------


def test_breach_has_one_source_and_many_ways_to_spend():
    pattern = MerchantBreach()
    ways = []
    for run in told(pattern):
        assert run.point_of_compromise >= 0
        online = small_world(400, 400).merchants.online[run.point_of_compromise]
        ways.append(len(np.unique(run.payments["stage"])))
        # from a pay page there are numbers only, no stripes
        assert not (online and len(of_stage(pattern, run, "swipe")))
    assert np.mean(np.array(ways) > 1) > 0.6


def test_breach_buyers_differ_in_pace():
    pattern = MerchantBreach()
    runs = told(pattern, seeds=range(40))

    def median_gap(stage):
        gaps = []
        for run in runs:
            rows = of_stage(pattern, run, stage)
            for who in np.unique(rows["customer"]):
                times = np.sort(rows["time_us"][rows["customer"] == who])
                gaps += np.diff(times).tolist()
        return np.median(gaps) / HOUR_US

    assert median_gap("download") < 6
    assert median_gap("live") > 36


# ---- card never received --------------------------------------------------------------------


def test_a_stolen_letter_is_opened_elsewhere_and_first_used_for_little():
    pattern = CardNeverReceived(knows_pin_share=1)
    away, ratio = [], []
    for seed in range(40):
        run = rehearse(pattern, answer_all, seed, days=400)
        first, bought = of_stage(pattern, run, "first_use"), of_stage(pattern, run, "buy")
        rows = run.payments
        if len(rows):
            away.append((cities_of(rows) != homes_of(rows, seed)).mean())
        if len(first) and len(bought):
            ratio.append(np.median(bought["amount_minor"]) / np.median(first["amount_minor"]))
    assert np.mean(away) > 0.8
    assert np.median(ratio) > 3


def test_without_the_pin_there_is_no_cash_and_no_tap_above_the_limit():
    pattern = CardNeverReceived(knows_pin_share=0)
    for run in told(pattern):
        rows = run.payments
        assert not (rows["kind"] == row_codes.WITHDRAWAL).any()
        tapped = rows["entry"] == row_codes.CONTACTLESS
        assert (rows["amount_minor"][tapped] <= 10_000).all()


# ---- wallet provisioning --------------------------------------------------------------------


def test_wallet_is_filled_before_it_is_tapped_and_knows_no_limit():
    pattern = WalletProvisioning()
    above = []
    for run in told(pattern):
        enrolled = run.rows[run.rows["kind"] == row_codes.DEVICE_ENROLLED]
        assert set(run.payments["customer"].tolist()) <= set(enrolled["customer"].tolist())
        assert enrolled["time_us"].max() < run.payments["time_us"].min()
        assert (run.payments["entry"] == row_codes.CONTACTLESS).all()
        assert len(np.unique(enrolled["device"])) <= 1 + len(enrolled) // 4
        above.append((of_stage(pattern, run, "tap")["amount_minor"] > 10_000).mean())
    assert np.mean(above) > 0.15  # above what a card alone may be tapped for


def test_wallet_is_left_after_two_refusals():
    for run in told(WalletProvisioning(rounds=20), answer_none):
        assert np.unique(run.payments["customer"], return_counts=True)[1].max() <= 2


# ---- exemption abuse ------------------------------------------------------------------------


def test_exemption_amounts_lie_just_under_the_sums_that_need_no_proof():
    under = np.concatenate([run.payments["amount_minor"] for run in told(ExemptionAbuse())])
    ladder = np.array(LADDER_MINOR)
    assert under.max() <= ladder[-1]
    of_limit = under / ladder[np.searchsorted(ladder, under)]
    assert np.median(of_limit) > 0.88  # .6 to .7 where sums are spread evenly in logs
    assert np.mean(of_limit > 0.7) > 0.7


def test_exemption_is_climbed_where_it_passes_and_not_where_proof_is_asked_for():
    pattern = ExemptionAbuse()
    passing, asking = told(pattern), told(pattern, answer_with("65"))
    assert np.mean([len(of_stage(pattern, run, "low_risk")) > 0 for run in passing]) > 0.8
    for run in asking:
        assert not len(of_stage(pattern, run, "low_risk"))
        assert np.unique(run.payments["customer"], return_counts=True)[1].max() <= 3


def test_exemption_goes_a_step_down_when_proof_is_asked_for():
    def asks_above_100(rows):
        return np.where(rows["amount_minor"] > 10_000, CODES.index("65"), 0).astype(np.int8)

    after = []
    for run in told(ExemptionAbuse(), asks_above_100):
        for who in np.unique(run.payments["customer"]):
            mine = run.payments[run.payments["customer"] == who]
            refused = np.flatnonzero(mine["response"][:-1] != 0)
            after += mine["amount_minor"][refused + 1].tolist()
    assert len(after) > 30
    assert max(after) < 10_000


def test_exemption_shops_do_not_ask():
    merchants = small_world(400, 400).merchants
    home = small_world(400, 400).places.home_count
    shops = np.concatenate([run.payments["merchant"] for run in told(ExemptionAbuse())])
    soft = ~merchants.secure[shops] | (merchants.city[shops] >= home)
    assert soft.mean() > 0.85


# ---- micro fraud ----------------------------------------------------------------------------


def test_micro_fraud_repeats_one_small_sum_at_one_merchant_each_month():
    gaps, per_shop = [], []
    for run in told(MicroFraud()):
        rows = run.payments
        assert rows["amount_minor"].max() <= 1_000
        assert (rows["entry"][rows["stage"] == 1] == row_codes.STORED).all()
        for who in np.unique(rows["customer"]):
            mine = rows[rows["customer"] == who]
            assert len(np.unique(mine["amount_minor"])) == 1
            assert len(np.unique(mine["merchant"])) == 1
            gaps += (np.diff(np.sort(mine["time_us"])) / DAY_US).tolist()
        shops = np.unique(rows["merchant"], return_counts=True)[1]
        per_shop.append(shops.max() / len(rows))
    assert np.median(gaps) == pytest.approx(30.4, abs=1)
    assert np.median(per_shop) < 0.7


# ---- triangulation --------------------------------------------------------------------------


def test_triangulation_is_honest_baskets_with_many_cards_from_few_computers():
    cards, devices, ratio = [], [], []
    world, rng = small_world(400, 400), np.random.default_rng(0)
    for run in told(Triangulation()):
        rows = run.payments
        cards.append(len(np.unique(rows["customer"])))
        devices.append(len(np.unique(rows["device"])))
        honest = world.price_at(np.repeat(rows["merchant"].astype(np.int64), 9), rng)
        ratio.append(np.median(rows["amount_minor"]) / np.median(honest))
    assert np.median(devices) <= 3 < np.median(cards)
    assert np.median(ratio) == pytest.approx(1, abs=0.35)  # an ordinary basket


def test_triangulation_places_a_refused_order_again_with_another_card():
    run = rehearse(Triangulation(orders=4), answer_with("05"), 3, days=400)
    rows = run.payments
    assert len(rows) % 3 == 0
    for order in rows.reshape(-1, 3):
        assert len(np.unique(order["customer"])) == 3
        assert len(np.unique(order["amount_minor"])) == 1
        assert len(np.unique(order["merchant"])) == 1


# ---- cash-out ring --------------------------------------------------------------------------


def test_ring_draws_near_the_limit_from_many_cards_in_the_same_minutes():
    pattern = AtmCashOutRing()
    for run in told(pattern):
        first = of_stage(pattern, run, "first_wave")
        assert len(np.unique(first["customer"])) == len(first)
        assert np.ptp(first["time_us"]) < 6 * HOUR_US
        assert (first["amount_minor"] >= 30_000).all()
        assert (first["amount_minor"] <= 50_000).all()
        assert len(np.unique(first["merchant"])) <= max(4, len(first) / 2)


def test_ring_draws_again_on_the_next_day_alone():
    pattern = AtmCashOutRing(second_wave_share=1, relayed_share=0)
    calendar = small_world(400, 400).calendar
    for run in told(pattern):
        first, second = (of_stage(pattern, run, stage) for stage in pattern.stages)
        days = [{calendar.day_of(int(t)) for t in rows["time_us"]} for rows in (first, second)]
        assert len(first) == len(second)
        assert max(days[1]) - min(days[0]) == 1


def test_ring_with_telephones_draws_by_day_at_home_and_looks_like_the_cards_themselves():
    pattern = AtmCashOutRing(relayed_share=1)
    world = small_world(400, 400)
    for run in told(pattern):
        assert (run.payments["entry"] == row_codes.CHIP).all()
        assert (cities_of(run.payments) < world.places.home_count).all()
        assert not len(of_stage(pattern, run, "second_wave"))


def test_ring_asks_for_half_where_it_was_too_much():
    run = rehearse(AtmCashOutRing(second_wave_share=0), answer_with("61"), 1, days=400)
    whole, half = np.array_split(run.payments["amount_minor"].astype(np.int64), 2)
    assert (np.abs(half - whole / 2) <= 1_000).all()
