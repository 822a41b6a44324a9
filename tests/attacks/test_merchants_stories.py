"""Fronts and conversion do what their docstrings tell: seen in rehearsals with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.rehearsal import (
    answer_all,
    answer_none,
    answer_some,
    answer_with,
    rehearse,
    small_world,
)
from fraudsim.attacks.merchants.crypto_conversion import CryptoConversion
from fraudsim.attacks.merchants.fraudulent_merchant import FraudulentMerchant
from fraudsim.attacks.merchants.gambling_conversion import GamblingConversion

SEEDS = range(25)


def campaigns(pattern, bank=answer_all):
    return [rehearse(pattern, bank, seed, days=400) for seed in SEEDS]


def of_stage(pattern, rows, *stages):
    here = np.isin(rows["stage"], [pattern.stages.index(stage) for stage in stages])
    return rows[here & (rows["kind"] < row_codes.FIRST_EVENT)]


def category_names(rows):
    world = small_world(400, 400)
    return {world.categories.names[k] for k in world.merchants.category[rows["merchant"]]}


# ---- front ----------------------------------------------------------------------------------


def test_all_cards_are_charged_at_one_web_shop_after_its_owners_bought_there():
    pattern = FraudulentMerchant()
    for run in campaigns(pattern):
        rows = run.payments
        bought = rows[rows["kind"] == row_codes.PURCHASE]
        assert len(np.unique(bought["merchant"])) == 1
        own = of_stage(pattern, rows, "own_purchase")
        stolen = of_stage(pattern, rows, "charge", "subscription", "last_charge")
        assert own["time_us"].max() < stolen["time_us"].min()
        assert (own["case"] == row_codes.FIRST_PARTY).all()
        assert (stolen["case"] == row_codes.REMOTE_CARD).all()
        assert not np.isin(stolen["customer"], own["customer"]).any()


def test_a_front_charges_more_cards_for_larger_baskets_as_weeks_go_by():
    pattern = FraudulentMerchant(weeks=5, settled_here_share=0)
    more, dearer = [], []
    for run in campaigns(pattern):
        rows = of_stage(pattern, run.payments, "charge", "last_charge")
        middle = (rows["time_us"].min() + rows["time_us"].max()) / 2
        late = rows["time_us"] > middle
        more.append(late.sum() / max((~late).sum(), 1))
        dearer.append(np.mean(rows["amount_minor"][late]) / np.mean(rows["amount_minor"][~late]))
    assert np.median(more) > 1.2
    assert np.median(dearer) > 1.1


def test_subscriptions_are_of_cards_that_were_approved_before():
    pattern = FraudulentMerchant()
    for seed in SEEDS:
        rows = rehearse(pattern, answer_some(seed), seed, days=400).payments
        charged = of_stage(pattern, rows, "charge")
        again = of_stage(pattern, rows, "subscription")
        approved = charged["customer"][charged["response"] == 0]
        assert np.isin(again["customer"], approved).all()
        assert (again["entry"] == row_codes.STORED).all()


def test_the_acquirer_closes_a_front_that_brings_nothing():
    pattern = FraudulentMerchant(weeks=8)
    for seed in SEEDS:
        run = rehearse(pattern, answer_none, seed, days=400)
        assert run.gave_up == "the acquirer closed the shop"
        rows = of_stage(pattern, run.payments, "charge")
        assert not len(rows) or np.ptp(rows["time_us"]) < 14 * 86_400e6


def test_settlement_is_less_than_what_was_charged():
    pattern, settled = FraudulentMerchant(settled_here_share=1), 0
    for seed in SEEDS:
        rows = rehearse(pattern, answer_some(seed), seed, days=400).payments
        good = rows[rows["response"] == 0]
        charged = of_stage(pattern, good, "charge", "subscription", "last_charge")
        arrived = of_stage(pattern, good, "settlement")["amount_minor"].sum()
        assert arrived <= 0.98 * charged["amount_minor"].sum()
        settled += arrived > 0
    assert settled > 15


# ---- conversion -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", [GamblingConversion(here_share=1), CryptoConversion(here_share=1)]
)
def test_what_comes_back_is_less_and_comes_later_and_goes_on(pattern):
    came = 0
    for run in campaigns(pattern):
        rows = run.payments
        loaded = of_stage(pattern, rows, *pattern.stages[: -len(("pay_out", "passed_on", "cash"))])
        back = of_stage(pattern, rows, "pay_out")
        onward = of_stage(pattern, rows, "passed_on", "cash")
        assert (back["kind"] == row_codes.DEPOSIT).all()
        assert back["amount_minor"].sum() <= loaded["amount_minor"].sum()
        assert onward["amount_minor"].sum() <= 0.97 * back["amount_minor"].sum()
        if len(back):
            came += 1
            assert loaded["time_us"].max() < back["time_us"].min()
            assert not np.isin(back["customer"], loaded["customer"]).any()
    assert came > 15


def test_cards_load_one_or_two_gambling_houses_every_few_minutes():
    pattern = GamblingConversion()
    gaps = []
    for run in campaigns(pattern):
        rows = of_stage(pattern, run.payments, "load")
        assert category_names(rows) == {"gambling"}
        assert len(np.unique(rows["merchant"])) <= 2
        for who in np.unique(rows["customer"]):
            gaps += (np.diff(rows["time_us"][rows["customer"] == who]) / 6e7).tolist()
    assert 1 < np.median(gaps) < 20


def test_a_card_that_loads_is_loaded_with_more():
    pattern = GamblingConversion(loads=6)
    first, last = [], []
    for run in campaigns(pattern):
        rows = of_stage(pattern, run.payments, "load")
        for who in np.unique(rows["customer"]):
            amounts = rows["amount_minor"][rows["customer"] == who]
            if len(amounts) >= 4:
                first.append(amounts[0])
                last.append(amounts[-1])
    assert np.median(last) > 2 * np.median(first)


@pytest.mark.parametrize("code", ["14", "41", "43", "54", "62", "82"])
def test_a_burnt_card_loads_no_more(code):
    for pattern in (GamblingConversion(), CryptoConversion(takeover_share=0)):
        rows = rehearse(pattern, answer_with(code), 2).payments
        assert len(rows) == len(np.unique(rows["customer"])) > 0


def test_a_taken_over_account_pays_a_new_exchange_from_a_new_device_within_the_hour():
    pattern, minutes = CryptoConversion(takeover_share=1, here_share=0), []
    for run in campaigns(pattern):
        rows = run.rows
        sent = rows[rows["kind"] == row_codes.TRANSFER]
        if not len(sent):
            continue
        assert (rows["device"] != rows["customer"].astype(np.int64) * 16 + 1).all()
        assert len(np.unique(sent["payee"])) == 1
        added = rows["time_us"][rows["kind"] == row_codes.PAYEE_ADDED]
        assert added.max() < sent["time_us"].min()
        minutes.append((sent["time_us"].max() - rows["time_us"].min()) / 6e7)
    assert len(minutes) > 15
    assert np.median(minutes) < 90


def test_cards_buy_coins_at_exchanges_alone():
    pattern = CryptoConversion(takeover_share=0, here_share=0)
    for run in campaigns(pattern):
        assert category_names(run.payments) == {"crypto_exchange"}
