"""Each way into an account does what its docstring tells: seen in rehearsals with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest

from fraudsim import rows as row_codes
from fraudsim.attacks.accounts.account_takeover import AccountTakeover
from fraudsim.attacks.accounts.credential_stuffing import CredentialStuffing
from fraudsim.attacks.accounts.scheduled_drain import ScheduledDrain
from fraudsim.attacks.accounts.session_hijack import SessionHijack
from fraudsim.attacks.accounts.sim_swap import SimSwap
from fraudsim.attacks.accounts.slow_ramp import SlowRamp
from fraudsim.attacks.kit.rehearsal import (
    RehearsalBooks,
    answer_all,
    answer_with,
    rehearse,
    small_world,
)

SEEDS = range(20)
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000


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


@pytest.mark.parametrize(
    "pattern", [AccountTakeover(), CredentialStuffing(), SimSwap(), SessionHijack(), SlowRamp()]
)
def test_a_payee_is_added_before_the_customer_first_pays_to_it(pattern):
    for run in runs(pattern):
        added = of_kind(run.rows, row_codes.PAYEE_ADDED)
        for sent in of_kind(run.rows, row_codes.TRANSFER):
            same = (added["customer"] == sent["customer"]) & (added["payee"] == sent["payee"])
            assert added["time_us"][same].min() < sent["time_us"]


# ---- credential stuffing --------------------------------------------------------------------


def test_stuffing_fails_on_most_accounts_and_pays_from_those_that_opened():
    failed, tried = 0, 0
    for run in runs(CredentialStuffing()):
        logins = of_kind(run.rows, row_codes.LOGIN, row_codes.LOGIN_FAILED)
        opened = set(logins["customer"][logins["kind"] == row_codes.LOGIN].tolist())
        assert set(run.payments["customer"].tolist()) <= opened
        tried += len(np.unique(logins["customer"]))
        failed += len(set(logins["customer"].tolist()) - opened)
    assert failed / tried == pytest.approx(0.92, abs=0.03)


def test_stuffing_uses_one_device_for_several_accounts():
    per_device = []
    for run in runs(CredentialStuffing(accounts=60)):
        failed = of_kind(run.rows, row_codes.LOGIN_FAILED)
        assert not own_device(failed).any()
        per_device += [
            len(np.unique(failed["customer"][failed["device"] == device]))
            for device in np.unique(failed["device"])
        ]
    assert np.median(per_device) >= 3


# ---- SIM swap -------------------------------------------------------------------------------


def test_sim_swap_resets_then_enrols_within_a_day_and_drains_within_two():
    for run in runs(SimSwap()):
        for who in np.unique(run.payments["customer"][of_drain(run)]):
            rows = run.rows[run.rows["customer"] == who]
            reset, enrolled, sent = (
                of_kind(rows, kind)["time_us"].min()
                for kind in (
                    row_codes.PASSWORD_RESET,
                    row_codes.DEVICE_ENROLLED,
                    row_codes.TRANSFER,
                )
            )
            assert reset < enrolled < sent
            assert enrolled - reset < DAY_US
            assert sent - reset < 2 * DAY_US
        assert not len(of_kind(run.rows, row_codes.LOGIN_FAILED)), "the codes arrive: no guessing"


def of_drain(run):
    return run.payments["stage"] == SimSwap().stages.index("drain")


def test_sim_swap_takes_most_of_the_balance():
    pattern, parts = SimSwap(on_us_share=0), []
    world = small_world(400, 400)
    for seed in SEEDS:
        from_books = rehearse(pattern, answer_all, seed, days=400).payments
        balance = RehearsalBooks(world, seed).balance_minor
        for who in np.unique(from_books["customer"]):
            taken = from_books["amount_minor"][from_books["customer"] == who].sum()
            parts.append(taken / balance[who])
    assert 0.6 < np.median(parts) < 0.98


# ---- session hijack -------------------------------------------------------------------------


def test_hijack_pays_from_the_victims_own_device_to_few_shared_payees():
    pattern, victims, payees = SessionHijack(on_us_share=0), 0, 0
    for run in runs(pattern):
        sent = of_kind(run.rows, row_codes.TRANSFER)
        assert own_device(sent).all()
        assert own_device(of_kind(run.rows, row_codes.PAYEE_ADDED)).all()
        victims += len(np.unique(sent["customer"]))
        payees += len(np.unique(sent["payee"]))
    assert victims > 1.7 * payees


def test_hijack_tries_once_more_and_less_when_the_bank_asks():
    for run in runs(SessionHijack(on_us_share=0), answer_with("59")):
        sent = of_kind(run.rows, row_codes.TRANSFER)
        for who in np.unique(sent["customer"]):
            amounts = sent["amount_minor"][sent["customer"] == who]
            assert len(amounts) <= 2
            assert (np.diff(amounts) < 0).all()


# ---- scheduled drain ------------------------------------------------------------------------


def test_standing_order_is_paid_by_the_bank_at_its_hour_with_one_sum_and_regular_gaps():
    pattern = ScheduledDrain(raised_share=0)
    calendar = small_world(400, 400).calendar
    for run in runs(pattern):
        sent = run.payments
        assert (sent["device"] == 0).all()
        assert (sent["channel"] == row_codes.BATCH).all(), "as an honest rent is"
        for who in np.unique(sent["customer"]):
            own = sent[sent["customer"] == who]
            assert len(np.unique(own["amount_minor"])) == 1
            days = np.array([calendar.day_of(int(t)) for t in own["time_us"]])
            gaps = set(np.diff(days).tolist())
            assert gaps <= {7} or gaps <= {30, 31}
            hours = (own["time_us"] - [calendar.day_start_us(int(d)) for d in days]) / HOUR_US
            assert ((hours > 3) & (hours < 6)).all()


@pytest.mark.parametrize(("code", "most"), [("62", 1), ("51", 2)])
def test_standing_order_ends_when_the_bank_drops_it(code, most):
    for run in runs(ScheduledDrain(), answer_with(code)):
        counts = np.unique(run.payments["customer"], return_counts=True)[1]
        assert counts.max(initial=0) <= most


# ---- slow ramp ------------------------------------------------------------------------------


def test_slow_ramp_grows_within_one_sd():
    pattern, early, late = SlowRamp(card_share=0.0), [], []
    for run in runs(pattern, seeds=range(40)):
        units = run.payments["amount_minor"] / 100
        assert units.max() <= np.exp(3.24 + 1.2) + 1
        third = max(len(units) // 3, 1)
        early += units[:third].tolist()
        late += units[-third:].tolist()
    assert np.median(late) > 2 * np.median(early)


def test_slow_ramp_by_card_keeps_to_a_few_shops_and_mostly_the_holders_device():
    shares = []
    for run in runs(SlowRamp(card_share=1.0), seeds=range(40)):
        if len(run.payments):
            assert len(np.unique(run.payments["merchant"])) <= 4
            shares.append(own_device(run.payments).mean())
    assert np.mean(shares) == pytest.approx(0.7, abs=0.15)
