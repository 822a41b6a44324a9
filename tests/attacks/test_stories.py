"""Each pattern does what its docstring tells: seen in rehearsals with fixed seeds."""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
import pytest
from pydantic import ValidationError

from fraudsim import rows as row_codes
from fraudsim.attacks.accounts.account_takeover import AccountTakeover
from fraudsim.attacks.cards.card_not_present_spree import CardNotPresentSpree
from fraudsim.attacks.cards.card_testing import CardTesting
from fraudsim.attacks.cards.counterfeit_cash_out import CounterfeitCashOut
from fraudsim.attacks.cards.lost_or_stolen_card import LostOrStolenCard
from fraudsim.attacks.first_party.bust_out import BustOut
from fraudsim.attacks.kit.rehearsal import (
    RehearsalBooks,
    answer_all,
    answer_none,
    answer_some,
    answer_with,
    rehearse,
    small_world,
)
from fraudsim.attacks.mules.mule_pass_through import MulePassThrough
from fraudsim.attacks.scams.authorised_push_payment import AuthorisedPushPayment
from fraudsim.registry import ATTACKS, discover

SEEDS = range(40)


def campaigns(pattern, bank=answer_all, seeds=SEEDS):
    return [rehearse(pattern, bank, seed) for seed in seeds]


def of_stage(pattern, rows, stage):
    here = rows["stage"] == pattern.stages.index(stage)
    return rows[here & (rows["kind"] < row_codes.FIRST_EVENT)]


def together(runs):
    return np.concatenate([run.payments for run in runs])


# ---- card testing ---------------------------------------------------------------------------


def test_card_testing_spends_only_on_cards_that_answered():
    pattern = CardTesting()
    for seed in SEEDS:
        rows = rehearse(pattern, answer_some(seed), seed).payments
        probes, spends = of_stage(pattern, rows, "probe"), of_stage(pattern, rows, "spend")
        answered = set(probes["customer"][probes["response"] == 0].tolist())
        assert set(spends["customer"].tolist()) <= answered
        assert len(probes) == len(np.unique(probes["customer"])), "one probe per card"


def test_card_testing_stops_after_three_dry_hands():
    run = rehearse(CardTesting(cards=400, hand=5), answer_none, 1)
    assert len(run.answers) == 3
    assert run.gave_up == "no card worth using"


def test_card_testing_uses_a_third_of_the_cards_that_answer_within_its_wait():
    pattern = CardTesting()
    probed, used = 0, 0
    for run in campaigns(pattern):
        probes = of_stage(pattern, run.payments, "probe")
        spends = of_stage(pattern, run.payments, "spend")
        probed, used = probed + len(probes), used + len(np.unique(spends["customer"]))
    assert used / probed == pytest.approx(0.33, abs=0.06)  # .02 is the standard error


def test_card_testing_probes_are_small_and_some_cvvs_wrong():
    pattern = CardTesting()
    probes = of_stage(pattern, together(campaigns(pattern)), "probe")
    assert np.median(probes["amount_minor"]) < 1_000
    wrong = (probes["cvv"] == row_codes.CVV_NO_MATCH).mean()
    assert wrong == pytest.approx(0.30, abs=0.05)


# ---- card-not-present spree -----------------------------------------------------------------


def test_spree_uses_a_card_about_three_times_a_session_for_some_days():
    pattern = CardNotPresentSpree(test_share=0)
    per_card_day, days = [], []
    for run in campaigns(pattern, seeds=range(20)):
        rows = run.payments
        by_card = defaultdict(list)
        for row in rows:
            by_card[int(row["customer"])].append(int(row["time_us"]))
        for times in by_card.values():
            sessions = 1 + int((np.diff(np.sort(times)) > 6 * 3_600e6).sum())
            days.append(sessions)
            per_card_day.append(len(times) / sessions)
    assert 2.0 < np.mean(per_card_day) < 4.0
    assert np.mean(np.array(days) <= 9) > 0.95  # a day's purchases can take two sessions


def test_spree_has_a_point_of_compromise_and_waits_after_it():
    for seed in range(10):
        run = rehearse(CardNotPresentSpree(), answer_all, seed)
        assert run.point_of_compromise >= 0
        tapped_until = small_world(400, 120).calendar.day_start_us(3)
        assert run.payments["time_us"].min() > tapped_until + 86_400e6


@pytest.mark.parametrize("code", ["14", "41", "43", "54", "62", "82"])
def test_spree_drops_a_burnt_card_at_once(code):
    rows = rehearse(CardNotPresentSpree(), answer_with(code), 3).payments
    assert len(rows) == len(np.unique(rows["customer"]))


def test_spree_tries_two_other_shops_in_a_day_after_a_failed_challenge():
    pattern = CardNotPresentSpree(test_share=0)
    rows = rehearse(pattern, answer_with("65"), 3).payments
    counts = np.unique(rows["customer"], return_counts=True)[1]
    assert np.median(counts) == 3
    # a card that was refused twice on a day is tried on the next, on three days at most
    assert counts.max() <= 2 + 2 + 3


def test_spree_takes_less_after_no_funds():
    pattern = CardNotPresentSpree(test_share=0)
    first, second = [], []
    for seed in range(30):
        rows = rehearse(pattern, answer_with("51"), seed).payments
        for who in np.unique(rows["customer"]):
            amounts = rows["amount_minor"][rows["customer"] == who]
            if len(amounts) >= 2:
                first.append(amounts[0])
                second.append(amounts[1])
    assert len(first) > 100
    assert np.median(second) < 0.6 * np.median(first)


# ---- lost or stolen -------------------------------------------------------------------------


def test_stolen_card_is_tapped_below_the_limit_in_the_victims_city():
    pattern = LostOrStolenCard()
    world = small_world(400, 120)
    for seed in SEEDS:
        rows = of_stage(pattern, rehearse(pattern, answer_all, seed).payments, "tap")
        home = RehearsalBooks(world, seed).city[rows["customer"]]
        assert (rows["amount_minor"] <= 10_000).all()
        assert (rows["entry"] == row_codes.CONTACTLESS).all()
        assert (world.merchants.city[rows["merchant"]] == home).all()


def test_stolen_card_is_thrown_away_after_two_refusals_or_one_that_says_reported():
    for seed in SEEDS:
        assert len(rehearse(LostOrStolenCard(), answer_with("43"), seed).payments) <= 2
        assert len(rehearse(LostOrStolenCard(), answer_none, seed).payments) <= 3


def test_only_a_thief_with_the_pin_goes_to_a_cash_machine():
    never = together(campaigns(LostOrStolenCard(knows_pin_share=0)))
    always = together(campaigns(LostOrStolenCard(knows_pin_share=1)))
    assert not (never["kind"] == row_codes.WITHDRAWAL).any()
    assert (always["kind"] == row_codes.WITHDRAWAL).any()


# ---- counterfeit ----------------------------------------------------------------------------


def test_counterfeit_reads_the_stripe_away_from_the_till_weeks_later():
    pattern = CounterfeitCashOut()
    world = small_world(400, 120)
    start = world.calendar.day_start_us(3)
    abroad = []
    for run in campaigns(pattern):
        rows = run.payments
        assert np.isin(rows["entry"], (row_codes.MAGSTRIPE, row_codes.FALLBACK)).all()
        assert rows["time_us"].min() > start + 5 * 86_400e6
        assert not world.merchants.online[run.point_of_compromise]
        city = world.merchants.city[rows["merchant"]]
        abroad.append((city >= world.places.home_count).mean())
    assert np.mean(abroad) == pytest.approx(0.6, abs=0.2)


def test_counterfeit_cash_comes_from_few_machines_in_notes():
    pattern = CounterfeitCashOut()
    for run in campaigns(pattern, seeds=range(15)):
        cash = of_stage(pattern, run.payments, "cash")
        assert (cash["amount_minor"] % 1_000 == 0).all()
        if len(cash) > 20:
            assert len(np.unique(cash["merchant"])) < len(cash) / 3


# ---- account takeover -----------------------------------------------------------------------


def test_takeover_adds_the_payee_before_it_sends_and_stays_within_the_balance():
    world = small_world(400, 120)
    for seed in SEEDS:
        rows = rehearse(AccountTakeover(), answer_some(seed), seed).rows
        added: set[int] = set()
        for row in rows[np.argsort(rows["time_us"], kind="stable")]:
            if row["kind"] == row_codes.PAYEE_ADDED:
                added.add(int(row["payee"]))
            if row["kind"] == row_codes.TRANSFER:
                assert int(row["payee"]) in added
        sent = rows[(rows["kind"] == row_codes.TRANSFER) & (rows["response"] == 0)]
        balance = RehearsalBooks(world, seed).balance_minor
        if len(sent):
            assert sent["amount_minor"].sum() <= balance[sent["customer"][0]] + 6_000


def test_remote_takeover_uses_the_victims_own_device():
    for seed in range(10):
        remote = rehearse(AccountTakeover(remote_share=1), answer_all, seed).rows
        own = remote["customer"].astype(np.int64) * 16 + 1
        assert (remote["device"] == own).all()
        other = rehearse(AccountTakeover(remote_share=0), answer_all, seed).rows
        assert not np.isin(other["device"], own).any()


def test_takeover_turns_to_another_account_when_asked_for_more():
    rows = rehearse(AccountTakeover(test_share=0), answer_with("59"), 2).payments
    assert len(rows) == 3
    assert len(np.unique(rows["payee"])) == 3
    assert (np.diff(rows["amount_minor"]) <= 0).all()


def test_takeover_leaves_at_once_when_the_account_is_restricted():
    assert len(rehearse(AccountTakeover(), answer_with("62"), 2).payments) == 1


# ---- authorised push payment ----------------------------------------------------------------


def test_scam_shares_amounts_and_devices():
    pattern = AuthorisedPushPayment()
    runs = campaigns(pattern, seeds=range(300))
    first_stage = [run.payments["stage"][0] for run in runs if len(run.payments)]
    share = np.bincount(first_stage, minlength=7) / len(first_stage)
    assert share[0] == pytest.approx(0.80, abs=0.07)  # .023 is the standard error
    sent = np.concatenate([run.rows for run in runs])
    victims = sent[(sent["case"] == row_codes.SCAM) & (sent["kind"] == row_codes.TRANSFER)]
    assert (victims["device"] == victims["customer"].astype(np.int64) * 16 + 1).all()
    assert (victims["amount_minor"] % 100 == 0).mean() > 0.9
    purchases = of_stage(pattern, victims, "purchase")["amount_minor"]
    assert 10_000 < np.median(purchases) < 50_000


def test_scam_sums_grow_for_investment_and_take_nearly_all_for_impersonation():
    investment = AuthorisedPushPayment(
        purchase_share=0, impersonation_share=0, investment_share=1, on_us_share=0
    )
    grows = [
        run.payments["amount_minor"].max() > run.payments["amount_minor"][0]
        for run in campaigns(investment)
        if len(run.payments) > 1
    ]
    assert np.mean(grows) > 0.6  # here no salary comes in, so some balances end it
    impersonation = AuthorisedPushPayment(
        purchase_share=0, impersonation_share=1, investment_share=0, on_us_share=0
    )
    world = small_world(400, 120)
    taken = []
    for seed in SEEDS:
        run = rehearse(impersonation, answer_all, seed)
        rows = run.payments
        if len(rows):
            own = run.rows[run.rows["case"] == row_codes.CASES.index("honest")]
            fetched = own["amount_minor"].sum()  # from savings, which are not asked for in full
            balance = RehearsalBooks(world, seed).balance_minor[rows["customer"][0]]
            taken.append(rows["amount_minor"].sum() / (balance + fetched))
    assert 0.4 < np.mean(taken) < 0.98


def test_scam_money_reaches_a_mule_here_and_moves_on():
    pattern = AuthorisedPushPayment(on_us_share=1)
    for run in campaigns(pattern):
        sent = run.payments[run.payments["case"] == row_codes.SCAM]
        sent = sent[sent["kind"] == row_codes.TRANSFER]["amount_minor"].sum()
        moved = np.isin(run.payments["stage"], (4, 5))  # passed_on and cash
        assert not (moved.any() and run.gave_up)
        assert run.payments["amount_minor"][moved].sum() <= sent


def test_impossible_shares_are_refused():
    with pytest.raises(ValidationError, match=r"sum to 1\.5"):
        AuthorisedPushPayment(purchase_share=1, impersonation_share=0.25, investment_share=0.25)
    with pytest.raises(ValidationError, match=r"least_out \(0\.9\) is above most_out \(0\.5\)"):
        MulePassThrough(least_out=0.9, most_out=0.5)
    with pytest.raises(ValidationError, match=r"least_used \(1\) is above most_used"):
        BustOut(least_used=1, most_used=0.5)
    with pytest.raises(ValidationError, match=r"least_drained \(0\.9\) is above"):
        AccountTakeover(least_drained=0.9, most_drained=0.5)


# ---- mules ----------------------------------------------------------------------------------


def test_mules_pass_most_of_it_on_and_keep_a_little():
    pattern = MulePassThrough()
    shares = []
    for run in campaigns(pattern):
        rows = run.payments
        came = of_stage(pattern, rows, "money_in")["amount_minor"].sum()
        went = rows["amount_minor"].sum() - came
        shares.append(went / came)
    assert max(shares) <= 0.97
    assert np.median(shares) > 0.75


def test_mules_drop_a_closed_account():
    pattern = MulePassThrough()
    for seed in range(10):
        rows = rehearse(pattern, answer_with("62"), seed).payments
        out = rows[rows["kind"] != row_codes.DEPOSIT]
        assert len(out) == len(np.unique(out["customer"]))


# ---- bust-out -------------------------------------------------------------------------------


def test_bust_out_uses_up_the_limit_within_days():
    pattern = BustOut()
    used, days = [], []
    for seed in SEEDS:
        rows = rehearse(pattern, answer_all, seed).payments
        early, late = rows[rows["stage"] == 0], rows[rows["stage"] > 0]
        room = RehearsalBooks(small_world(400, 120), seed).credit_room_minor[rows["customer"][0]]
        if len(late):
            used.append(late["amount_minor"].sum() / (room - early["amount_minor"].sum()))
            days.append((late["time_us"].max() - late["time_us"].min()) / 86_400e6)
    assert np.median(days) < 10
    assert 0.95 <= np.median(used) < 1.3  # the last purchase overshoots: this bank has no limit


def test_bust_out_stops_after_three_refusals_running():
    pattern = BustOut()
    for seed in range(10):
        rows = rehearse(pattern, answer_none, seed).payments
        assert (rows["stage"] > 0).sum() == 3


# ---- all ------------------------------------------------------------------------------------


def test_parameters_travel_as_json():
    """The table of campaigns holds them as text."""
    for cls in discover(ATTACKS).values():
        text = json.dumps(cls().model_dump(mode="json"))
        assert cls.model_validate(json.loads(text)) == cls()


def test_amounts_alone_do_not_separate_online_fraud():
    """AUC of the amount against honest baskets at the same kinds of shops, by ranks."""
    pattern = CardNotPresentSpree()
    fraud = together(campaigns(pattern, seeds=range(15)))
    world = small_world(400, 120)
    rng = np.random.default_rng(0)
    honest = world.price_at(fraud["merchant"].astype(np.int64), rng)
    both = np.concatenate([fraud["amount_minor"], honest])
    rank = np.argsort(np.argsort(both, kind="stable"), kind="stable")
    n = len(honest)
    auc = (rank[:n].sum() - n * (n - 1) / 2) / (n * n)
    assert 0.42 < auc < 0.65


def test_night_is_a_moderate_skew():
    fraud = together(campaigns(CardNotPresentSpree(), seeds=range(30)))
    night = ((fraud["time_us"] // 3_600_000_000) % 24 < 6).mean()
    assert 0.08 < night < 0.30
