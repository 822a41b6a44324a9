"""Each scam does what its docstring tells: seen in rehearsals with fixed seeds."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.rehearsal import (
    RehearsalBooks,
    answer_all,
    answer_none,
    answer_some,
    answer_with,
    rehearse,
    small_world,
)
from fraudsim.attacks.kit.scams import MOST_SAVINGS_MINOR
from fraudsim.attacks.scams.advance_fee_scam import AdvanceFeeScam
from fraudsim.attacks.scams.authorised_push_payment import AuthorisedPushPayment
from fraudsim.attacks.scams.impersonation_scam import ImpersonationScam
from fraudsim.attacks.scams.investment_scam import InvestmentScam
from fraudsim.attacks.scams.invoice_redirection import InvoiceRedirection
from fraudsim.attacks.scams.purchase_scam import PurchaseScam
from fraudsim.attacks.scams.romance_scam import RomanceScam
from fraudsim.engine.truth import payments_of

SEEDS = range(30)
SCAMS = (
    AdvanceFeeScam,
    AuthorisedPushPayment,
    ImpersonationScam,
    InvestmentScam,
    InvoiceRedirection,
    PurchaseScam,
    RomanceScam,
)
DAY_US = 86_400e6


def campaigns(pattern, bank=answer_all):
    return [rehearse(pattern, bank, seed, days=400) for seed in SEEDS]


def of_stage(pattern, rows, *stages):
    here = np.isin(rows["stage"], [pattern.stages.index(stage) for stage in stages])
    return rows[here & (rows["kind"] < row_codes.FIRST_EVENT) & (rows["case"] != 0)]


def local_hours(rows):
    calendar = small_world(400, 400).calendar
    starts = [calendar.day_start_us(calendar.day_of(int(when))) for when in rows["time_us"]]
    return (rows["time_us"] - np.array(starts, dtype=np.int64)) / 3.6e9


def growth(amounts):
    """Return the median of the later half over that of the earlier half."""
    half = len(amounts) // 2
    return np.median(amounts[-half:]) / np.median(amounts[:half])


# ---- all ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scam", SCAMS)
def test_victims_pay_on_their_own_device_and_add_the_payee_first(scam):
    for seed in SEEDS:
        rows = rehearse(scam(), answer_some(seed), seed, days=400).rows
        added: set[tuple[int, int]] = set()
        for row in rows[np.argsort(rows["time_us"], kind="stable")]:
            pair = (int(row["customer"]), int(row["payee"]))
            if row["kind"] == row_codes.PAYEE_ADDED:
                added.add(pair)
            if row["kind"] == row_codes.TRANSFER:
                assert pair in added
                assert row["device"] == row["customer"] * 16 + 1


@pytest.mark.parametrize("scam", SCAMS)
def test_victims_stop_believing_when_nothing_goes(scam):
    for seed in SEEDS:
        rows = rehearse(scam(), answer_none, seed, days=400).payments
        asked = rows[(rows["case"] == row_codes.SCAM) & (rows["kind"] != row_codes.DEPOSIT)]
        assert not len(asked) or np.bincount(asked["customer"]).max() <= 2


@pytest.mark.parametrize("scam", [scam for scam in SCAMS if scam is not AuthorisedPushPayment])
def test_a_mule_here_sends_on_no_more_than_arrived(scam):
    pattern, moved = scam(on_us_share=1), 0
    for seed in SEEDS:
        rows = rehearse(pattern, answer_some(seed), seed, days=400).payments
        sent = rows[(rows["kind"] == row_codes.TRANSFER) & (rows["case"] == row_codes.SCAM)]
        out = of_stage(pattern, rows, "passed_on", "cash")
        assert (out["case"] == row_codes.MULE).all()
        arrived = sent["amount_minor"][sent["response"] == 0].sum()
        assert out["amount_minor"][out["response"] == 0].sum() <= arrived
        moved += len(out)
    assert moved > 20


# ---- purchase -------------------------------------------------------------------------------


def test_buyers_pay_one_account_about_one_price():
    pattern, shared = PurchaseScam(buyers=4, on_us_share=0), 0
    for run in campaigns(pattern):
        rows = run.payments
        assert len(np.unique(rows["payee"])) <= 1
        whole = [
            of_stage(pattern, rows[rows["customer"] == who], "deposit", "price")
            for who in np.unique(rows["customer"])
        ]
        paid = np.array([part["amount_minor"].sum() for part in whole])
        shared += len(paid) > 1
        if len(paid):
            assert paid.max() <= 1.45 * paid.min()  # haggling, and rounding down twice
    assert shared > 10


def test_a_deposit_is_a_part_of_the_price_and_comes_first():
    pattern, seen = PurchaseScam(deposit_share=1, parcel_share=0), 0
    for run in campaigns(pattern):
        for who in np.unique(run.payments["customer"]):
            rows = run.payments[run.payments["customer"] == who]
            deposit, rest = (of_stage(pattern, rows, stage) for stage in ("deposit", "price"))
            if len(deposit) and len(rest):
                seen += 1
                assert deposit["time_us"].max() < rest["time_us"].min()
                assert deposit["amount_minor"][0] < 1.1 * rest["amount_minor"][0]
    assert seen > 10


# ---- investment -----------------------------------------------------------------------------


def test_a_false_profit_is_less_than_the_stake_and_comes_before_the_large_sums():
    pattern, seen = InvestmentScam(pay_out_share=1), 0
    for run in campaigns(pattern):
        rows = run.payments
        stake, profit, later = (
            of_stage(pattern, rows, stage) for stage in ("stake", "false_profit", "invest")
        )
        if not len(profit):
            continue
        assert len(stake) == len(profit) == 1
        assert profit["kind"][0] == row_codes.DEPOSIT
        assert profit["customer"][0] == stake["customer"][0]
        assert profit["amount_minor"][0] < stake["amount_minor"][0]
        assert stake["time_us"][0] < profit["time_us"][0]
        if len(later):
            seen += 1
            assert profit["time_us"][0] < later["time_us"].min()
    assert seen > 20


def test_investments_grow_to_few_accounts_and_some_go_by_card():
    pattern = InvestmentScam(on_us_share=0)
    grown, by_card = [], 0
    for run in campaigns(pattern):
        stake = of_stage(pattern, run.payments, "stake")["amount_minor"]
        later = of_stage(pattern, run.payments, "invest")
        assert len(np.unique(later["payee"][later["payee"] > 0])) <= 3
        by_card += (later["kind"] == row_codes.PURCHASE).any()
        if len(later):
            grown.append(later["amount_minor"].max() / stake[0])
    assert np.median(grown) > 3
    assert by_card > 10


# ---- romance --------------------------------------------------------------------------------


def test_nothing_is_asked_for_weeks_and_then_in_the_evening():
    pattern = RomanceScam(on_us_share=0)
    start_us = small_world(400, 400).calendar.day_start_us(3)
    runs = [run.payments for run in campaigns(pattern)]
    waits = [(rows["time_us"].min() - start_us) / DAY_US for rows in runs if len(rows)]
    assert np.median(waits) > 14
    pleas = np.concatenate([of_stage(pattern, rows, "plea") for rows in runs])
    assert (local_hours(pleas) > 17).mean() > 0.9


def test_pleas_go_on_for_weeks_and_grow():
    pattern = RomanceScam(on_us_share=0, present_share=0)
    pleas = [run.payments for run in campaigns(pattern)]
    long = [rows for rows in pleas if len(rows) >= 4]
    assert len(long) > 20
    assert np.median([np.ptp(rows["time_us"]) / DAY_US for rows in long]) > 21
    assert np.median([growth(rows["amount_minor"]) for rows in long]) > 1.3


# ---- impersonation --------------------------------------------------------------------------


def test_the_safe_account_gets_near_all_within_hours():
    pattern, shares, hours = ImpersonationScam(on_us_share=0), [], []
    for seed in SEEDS:
        rows = of_stage(
            pattern, rehearse(pattern, answer_all, seed, days=400).payments, "safe_account"
        )
        balance = RehearsalBooks(small_world(400, 400), seed).balance_minor[rows["customer"][0]]
        shares.append(rows["amount_minor"].sum() / balance)
        hours.append(np.ptp(rows["time_us"]) / 3.6e9)
    assert 0.55 < np.median(shares) < 0.97
    assert max(hours) < 12


def test_a_held_payment_leads_to_a_smaller_sum_for_another_account():
    pattern = ImpersonationScam(on_us_share=0, bait_share=0)
    for seed in SEEDS:
        rows = rehearse(pattern, answer_with("59"), seed, days=400).payments
        assert len(np.unique(rows["payee"])) == 2
        assert rows["amount_minor"][1] < 0.75 * rows["amount_minor"][0]


def test_impossible_shares_are_refused():
    with pytest.raises(ValidationError, match=r"least_share \(0\.9\) is above most_share \(0\.5\)"):
        ImpersonationScam(least_share=0.9, most_share=0.5)


# ---- invoice --------------------------------------------------------------------------------


def test_a_bill_is_paid_on_its_usual_day_in_office_hours_for_about_the_usual_sum():
    pattern = InvoiceRedirection(on_us_share=0, works_share=0, extra_share=0, goes_on_share=1)
    again = 0
    for run in campaigns(pattern):
        rows = of_stage(pattern, run.payments, "usual_bill")
        hours = local_hours(rows)
        assert (hours >= 8).all()
        assert (hours < 18).all()
        dates = [datetime.fromtimestamp(when / 1e6, tz=UTC) for when in rows["time_us"].tolist()]
        assert all(date.weekday() < 5 for date in dates)
        assert len(np.unique(rows["payee"])) <= 1
        if len(rows) > 1:
            again += 1
            gaps = np.diff(rows["time_us"]) / DAY_US
            assert ((gaps > 25) & (gaps < 35)).all()
            assert np.std(np.log(rows["amount_minor"])) < 0.3
    assert again > 20


# ---- advance fee ----------------------------------------------------------------------------


def test_fees_are_small_follow_each_other_and_go_to_new_payees():
    pattern = AdvanceFeeScam(on_us_share=0)
    fees = [of_stage(pattern, run.payments, "fee") for run in campaigns(pattern)]
    assert np.median(np.concatenate(fees)["amount_minor"]) < 15_000
    long = [rows for rows in fees if len(rows) >= 4]
    assert len(long) > 15
    assert np.median([len(np.unique(rows["payee"])) / len(rows) for rows in long]) > 0.4


def test_only_a_job_pays_something_first():
    job, prize = AdvanceFeeScam(job_share=1), AdvanceFeeScam(job_share=0)
    for seed in SEEDS:
        rows = rehearse(job, answer_all, seed, days=400).payments
        first = of_stage(job, rows, "first_pay")
        assert set(of_stage(job, rows, "fee")["customer"]) <= set(first["customer"])
        rows = rehearse(prize, answer_all, seed, days=400).payments
        assert not len(of_stage(prize, rows, "first_pay"))


# ---- savings --------------------------------------------------------------------------------


def fetched(rows):
    return rows[(rows["kind"] == row_codes.DEPOSIT) & (rows["case"] == 0)]


def test_who_has_less_than_is_asked_fetches_savings_before_paying():
    seen = 0
    for run in campaigns(ImpersonationScam()):
        paid = of_stage(ImpersonationScam(), run.rows, "safe_account")
        for deposit in fetched(run.rows):
            seen += 1
            assert deposit["amount_minor"] % 10_000 == 0
            later = paid[paid["time_us"] > deposit["time_us"]]
            assert len(later)
            assert later["customer"][0] == deposit["customer"]
    assert seen >= len(SEEDS) // 3  # six in ten have savings


def test_what_is_fetched_is_the_victims_own_and_has_no_label():
    runs = [run for run in campaigns(ImpersonationScam()) if len(fetched(run.rows))]
    labelled = payments_of([run.rows for run in runs])
    assert len(labelled)
    assert not len(fetched(labelled))


def test_nobody_fetches_more_than_a_day_lets_go():
    for run in campaigns(InvestmentScam()):
        total = int(fetched(run.rows)["amount_minor"].sum())
        assert total <= MOST_SAVINGS_MINOR + 14 * 10_000  # each sum is rounded up to a hundred
