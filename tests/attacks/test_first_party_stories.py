"""Each fraud by customers themselves is as its docstring tells: rehearsals with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest

from fraudsim import rows as row_codes
from fraudsim.attacks.first_party.application_fraud import ApplicationFraud
from fraudsim.attacks.first_party.bust_out_with_merchant import BustOutWithMerchant
from fraudsim.attacks.first_party.cheque_kiting import ChequeKiting
from fraudsim.attacks.first_party.friendly_fraud import FriendlyFraud
from fraudsim.attacks.first_party.promotion_abuse import PromotionAbuse
from fraudsim.attacks.first_party.refund_abuse import RefundAbuse
from fraudsim.attacks.first_party.synthetic_identity import SyntheticIdentity
from fraudsim.attacks.kit.rehearsal import (
    RehearsalBooks,
    answer_all,
    answer_some,
    answer_with,
    rehearse,
    small_world,
)

SEEDS = range(20)
DAY_US = 86_400_000_000


def runs(pattern, bank=answer_all, seeds=SEEDS):
    return [rehearse(pattern, bank, seed, days=400) for seed in seeds]


def of_kind(rows, *kinds):
    return rows[np.isin(rows["kind"], kinds)]


def of_stage(pattern, rows, stage):
    payments = rows[rows["kind"] < row_codes.FIRST_EVENT]
    return payments[payments["stage"] == pattern.stages.index(stage)]


def own_device(rows):
    """Whether each row shows the customer's own phone, as the rehearsal's books know it."""
    return rows["device"] == rows["customer"].astype(np.int64) * 16 + 1


@pytest.mark.parametrize("pattern", [ApplicationFraud(), SyntheticIdentity(), PromotionAbuse()])
def test_an_account_is_opened_before_it_is_used_and_by_nobody_who_was_there(pattern):
    opens_on = RehearsalBooks(small_world(400, 400), 0).opens_on
    for run in runs(pattern):
        opened = of_kind(run.rows, row_codes.ACCOUNT_OPENED)
        at = dict(zip(opened["customer"].tolist(), opened["time_us"].tolist(), strict=True))
        assert (opens_on[opened["customer"]] > 0).all()
        used = run.rows[np.isin(run.rows["customer"], opened["customer"])]
        assert all(at[row["customer"]] <= row["time_us"] for row in used)


# ---- application fraud ----------------------------------------------------------------------


def test_application_uses_up_the_limit_within_weeks_from_devices_of_the_ring():
    pattern, used = ApplicationFraud(), []
    for seed, run in enumerate(runs(pattern)):
        books = RehearsalBooks(small_world(400, 400), seed)
        online = of_kind(run.rows, row_codes.PURCHASE)
        assert not own_device(online).any()
        spent = run.payments[run.payments["slot"] == row_codes.CREDIT]
        for who in np.unique(spent["customer"]):
            own = spent[spent["customer"] == who]
            used.append(own["amount_minor"].sum() / books.credit_room_minor[who])
    assert np.median(used) > 0.85


# ---- synthetic identity ---------------------------------------------------------------------


def test_synthetic_people_share_devices():
    people, devices = 0, 0
    for run in runs(SyntheticIdentity(identities=6)):
        opened = of_kind(run.rows, row_codes.ACCOUNT_OPENED)
        people += len(opened)
        devices += len(np.unique(opened["device"]))
    assert people > 1.8 * devices


def test_synthetic_people_pay_their_bills_and_vanish_with_far_more_than_they_ever_spent():
    pattern = SyntheticIdentity()
    for run in runs(pattern):
        life = of_stage(pattern, run.rows, "small_life")
        repaid = of_stage(pattern, run.rows, "repayment")["amount_minor"].sum()
        out = np.concatenate(
            [of_stage(pattern, run.rows, stage) for stage in ("spend_out", "cash_advance")]
        )
        assert repaid <= life["amount_minor"].sum()
        if len(life) and len(out):
            assert life["time_us"].max() < out["time_us"].min()
    weeks = [
        np.ptp(of_stage(pattern, r.rows, "small_life")["time_us"]) / DAY_US / 7
        for r in runs(pattern)
    ]
    assert np.median(weeks) > 7


def test_synthetic_build_up_is_shorter_in_a_short_run():
    pattern = SyntheticIdentity()
    ended = [rehearse(pattern, answer_all, seed, days=60).payments for seed in SEEDS]
    vanished = [len(of_stage(pattern, rows, "spend_out")) > 0 for rows in ended]
    assert np.mean(vanished) > 0.8


# ---- bust-out with a merchant ---------------------------------------------------------------


def test_collusive_bills_are_high_and_round_and_at_one_or_two_firms():
    pattern = BustOutWithMerchant()
    bills, ordinary = [], []
    for run in runs(pattern):
        at = of_stage(pattern, run.rows, "collusive_bill")
        assert len(np.unique(at["merchant"])) <= 2
        bills.append(at["amount_minor"])
        ordinary.append(of_stage(pattern, run.rows, "build_up")["amount_minor"])
    bills, ordinary = np.concatenate(bills), np.concatenate(ordinary)
    assert np.median(bills) > 5 * np.median(ordinary)
    assert (bills % 100 == 0).mean() > 0.9
    assert (ordinary % 100 == 0).mean() < 0.5


def test_collusive_bills_shrink_and_end_when_refused():
    pattern = BustOutWithMerchant()
    for run in runs(pattern, answer_with("51")):
        bills = of_stage(pattern, run.rows, "collusive_bill")
        for who in np.unique(bills["customer"]):
            amounts = bills["amount_minor"][bills["customer"] == who]
            assert len(amounts) <= 3
            assert amounts[-1] < amounts[0]


# ---- friendly fraud -------------------------------------------------------------------------


def test_friendly_fraud_is_the_holder_on_his_own_device_reported_as_if_by_a_thief():
    for run in runs(FriendlyFraud()):
        assert own_device(run.payments).all()
        assert (run.payments["case"] == row_codes.REMOTE_CARD).all()
        assert (run.payments["challenge_pass"] > 0.9).all()
        assert len(np.unique(run.payments["customer"])) == 1


def test_friendly_fraud_comes_again_weeks_later():
    pattern = FriendlyFraud(again_share=0.6)
    gaps = []
    for run in runs(pattern, seeds=range(40)):
        first, again = (of_stage(pattern, run.rows, stage) for stage in pattern.stages)
        if len(again):
            gaps.append((again["time_us"].min() - first["time_us"].max()) / DAY_US)
    assert len(gaps) > 15
    assert 10 < np.median(gaps) < 60


# ---- refund abuse ---------------------------------------------------------------------------


@pytest.mark.parametrize("bank", [answer_all, answer_some(1)])
def test_a_refund_follows_an_approved_purchase_there(bank):
    for run in runs(RefundAbuse(), bank):
        bought = of_kind(run.rows, row_codes.PURCHASE)
        bought = bought[bought["response"] == 0]
        for back in of_kind(run.rows, row_codes.REFUND):
            same = (bought["merchant"] == back["merchant"]) & (bought["slot"] == back["slot"])
            assert bought["time_us"][same].min() < back["time_us"]


def test_an_insider_gives_back_more_than_was_paid_and_others_less():
    def given_back(share):
        payments = np.concatenate([run.payments for run in runs(RefundAbuse(insider_share=share))])
        paid = of_kind(payments, row_codes.PURCHASE)["amount_minor"].sum()
        return of_kind(payments, row_codes.REFUND)["amount_minor"].sum() / paid

    assert given_back(1.0) > 1.2
    assert 0.4 < given_back(0.0) < 1.0


# ---- promotion abuse ------------------------------------------------------------------------


def test_one_bonus_per_account_all_alike_and_pooled_on_one_payee():
    pattern = PromotionAbuse()
    for run in runs(pattern):
        bonus = of_stage(pattern, run.rows, "bonus")
        assert len(np.unique(bonus["amount_minor"])) <= 1
        assert len(np.unique(bonus["customer"])) == len(bonus)
        sent = of_kind(run.rows, row_codes.TRANSFER)
        assert len(np.unique(sent["payee"])) <= 1
        assert len(bonus) == 0 or sent["time_us"].min() > bonus["time_us"].max()


def test_few_devices_open_many_accounts_with_tiny_purchases():
    pattern = PromotionAbuse(names=16)
    per_device, tiny = [], []
    for run in runs(pattern):
        opened = of_kind(run.rows, row_codes.ACCOUNT_OPENED)
        per_device.append(len(opened) / len(np.unique(opened["device"])))
        tiny.append(of_stage(pattern, run.rows, "tiny_purchase")["amount_minor"])
    assert np.median(per_device) > 2
    assert np.median(np.concatenate(tiny)) < 1_000


# ---- cheque kiting --------------------------------------------------------------------------


def test_cheques_grow_leave_within_days_and_the_last_one_bounces():
    pattern = ChequeKiting()
    growth = []
    for run in runs(pattern):
        cheques = of_stage(pattern, run.rows, "cheque")
        bounced = of_stage(pattern, run.rows, "bounced")
        assert bounced["amount_minor"].tolist() == cheques["amount_minor"][-1:].tolist()
        assert bounced["time_us"][0] > run.rows["time_us"][:-1].max()
        if len(cheques) > 2:
            growth.append(cheques["amount_minor"][-1] / cheques["amount_minor"][0])
            back = of_stage(pattern, run.rows, "sent_back")["amount_minor"].sum()
            assert 0.8 < back / cheques["amount_minor"][:-1].sum() < 1.0
    assert np.median(growth) > 1.8


def test_the_kite_falls_when_the_bank_holds_what_should_go_back():
    for run in runs(ChequeKiting(cheques=6), answer_with("59")):
        assert len(of_stage(ChequeKiting(), run.rows, "cheque")) <= 1 or run.gave_up
