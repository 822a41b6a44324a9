"""How the issuer answers one request, and what it books: the kernel of authorisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fraudsim.agents.issuer.cards_on_file import is_outdated
from fraudsim.agents.issuer.outages import is_cut_off
from fraudsim.draws import base_of, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import DAY_US, HOUR_US
from fraudsim.rows import (
    ACCOUNT,
    ATM,
    BILL,
    CHALLENGED,
    CREDIT,
    CVV_NO_MATCH,
    DEPOSIT,
    ECOM,
    FAILED_3DS,
    FALLBACK,
    FRICTIONLESS,
    MAGSTRIPE,
    PURCHASE,
    REFUND,
    REIMBURSEMENT,
    REPAYMENT_IN,
    TRANSFER,
    WEB,
    WITHDRAWAL,
    Row,
    records,
)
from fraudsim.scenario import CASE_NAMES, Scenario
from fraudsim.schema import RESPONSE_CODES

if TYPE_CHECKING:
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.town import Town
    from fraudsim.streams import Streams

_CODES = list(RESPONSE_CODES)
APPROVED = _CODES.index("00")
DO_NOT_HONOUR = _CODES.index("05")
STALE_CARD = _CODES.index("14")
LOST_CARD = _CODES.index("41")
STOLEN_CARD_CODE = _CODES.index("43")
NO_FUNDS = _CODES.index("51")
EXPIRED = _CODES.index("54")
WRONG_PIN = _CODES.index("55")
SUSPECTED = _CODES.index("59")
OVER_CASH_LIMIT = _CODES.index("61")
RESTRICTED = _CODES.index("62")
TOO_OFTEN = _CODES.index("65")
WRONG_CVV = _CODES.index("82")
UNAVAILABLE = _CODES.index("91")


RULES = np.dtype(
    [
        ("key", np.uint64),
        ("on_file_key", np.uint64),
        ("outage_key", np.uint64),
        ("home_country", np.int64),
        ("cash_per_day", np.int64),
        ("payments_per_day", np.int64),
        ("challenge_share", np.float64),
        ("challenge_above", np.int64),
        ("frictionless", np.float64),
        ("online_per_hour", np.int64),
        ("refuse_stripe_abroad", np.float64),
        ("hold_above", np.int64),
        ("hold_share", np.float64),
        ("alert_share", np.float64),
        ("scam_reimbursed", np.float64),
        ("reissue_days", np.float64),
        ("unavailable", np.float64),
        ("outages_per_day", np.float64),  # per merchant
        ("outdated", np.float64),  # share of cards on file
        ("charged_again", np.float64),
        ("do_not_honour", np.float64),
        ("do_not_honour_online", np.float64),
        ("retry", np.float64),
        ("refund", np.float64),
        ("false_dispute", np.float64),
        ("delay_log_median", np.float64, (len(CASE_NAMES) + 1,)),  # by case, log of days
        ("delay_log_sd", np.float64, (len(CASE_NAMES) + 1,)),
        ("delay_never", np.float64, (len(CASE_NAMES) + 1,)),
    ],
    align=True,
)
"""The issuer's controls and its victims' delays, as numbers for the kernels."""

Rules: TypeAlias = Any
"""One record of ``RULES`` inside a kernel."""


def build_rules(scenario: Scenario, home_country: int, streams: Streams) -> np.ndarray:
    """Read the rules from the scenario: one record of ``RULES``, shape (1,)."""
    issuer, honest = scenario.issuer, scenario.honest
    delays = [getattr(scenario.victims, name) for name in CASE_NAMES]
    return records(
        RULES,
        key=np.uint64(streams.key("authorise")),
        on_file_key=np.uint64(streams.key("cards-on-file")),
        outage_key=np.uint64(streams.key("outages")),
        home_country=home_country,
        cash_per_day=issuer.cash_per_day_minor,
        payments_per_day=issuer.card_payments_per_day,
        challenge_share=issuer.challenge_share,
        challenge_above=issuer.challenge_above_minor,
        frictionless=issuer.frictionless_share,
        online_per_hour=issuer.online_per_hour,
        refuse_stripe_abroad=issuer.refuse_stripe_abroad_share,
        hold_above=issuer.hold_new_payee_above_minor,
        hold_share=issuer.hold_new_payee_share,
        alert_share=issuer.alert_share,
        scam_reimbursed=issuer.scam_reimbursed_share,
        reissue_days=issuer.reissue_days,
        unavailable=honest.unavailable_share,
        outages_per_day=scenario.overlapping_look_alikes.checkout_outage / 365,
        outdated=honest.outdated_card_share,
        charged_again=honest.charged_again_share,
        do_not_honour=honest.do_not_honour_share,
        do_not_honour_online=honest.do_not_honour_online_share,
        retry=honest.retry_share,
        refund=honest.refund_share,
        false_dispute=honest.false_dispute_share,
        # position 0 is honest: no delay is ever drawn for it
        delay_log_median=np.log(np.array([[1.0, *(d.median_days for d in delays)]])),
        delay_log_sd=np.array([[0.0, *(d.log_sd for d in delays)]]),
        delay_never=np.array([[1.0, *(d.never for d in delays)]]),
    )


@kernel
def answer(
    row: Row,
    person: Person,
    state: State,
    town: Town,
    rules: Rules,
    flagged: npt.NDArray[np.bool_],
) -> int:
    """Return the response code (position in ``RESPONSE_CODES``) to a request, and book it if 00.

    The state is that of the account at this moment: card status, balance, limit, counters.
    """
    base = base_of(rules.key, row.customer, state.serial)
    if row.kind in (PURCHASE, WITHDRAWAL):
        code = _card(row, base, person, state, town, rules, flagged)
    elif row.kind == TRANSFER:
        code = _transfer(row, base, person, state, rules)
    elif row.kind == BILL:
        code = _funds(row, person, state)
    else:
        code = APPROVED
    if code == APPROVED:
        _book(row, state)
    return code


@kernel
def _card(  # noqa: PLR0911 -- one answer per reason to refuse
    row: Row,
    base: np.uint64,
    person: Person,
    state: State,
    town: Town,
    rules: Rules,
    flagged: npt.NDArray[np.bool_],
) -> int:
    if row.card_serial != state.card_serial[row.slot]:
        return STALE_CARD
    if state.blocked[row.slot] != 0:
        return int(state.blocked[row.slot])
    code = _presented(row, base, rules)
    if code != APPROVED:
        return code
    if row.entry == WEB:
        code = _online(row, base, state, town.shops[row.merchant].secure, rules, flagged)
    else:
        code = _stripe(row, base, town, rules)
    if code != APPROVED:
        return code
    _roll_counters(row, state)
    if (
        row.kind == WITHDRAWAL
        and state.cash_today[row.slot] + row.amount_minor > rules.cash_per_day
    ):
        return OVER_CASH_LIMIT
    if state.count_today[row.slot] >= rules.payments_per_day:
        return TOO_OFTEN
    distrust = rules.do_not_honour_online if row.channel == ECOM else rules.do_not_honour
    if uniform(base, 1) < distrust:
        return DO_NOT_HONOUR
    return _funds(row, person, state)


@kernel
def _presented(row: Row, base: np.uint64, rules: Rules) -> int:
    """Check that the request arrives, and what it says of the card: expiry date and PIN."""
    if uniform(base, 0) < rules.unavailable or is_cut_off(row, uniform(base, 25), rules):
        return UNAVAILABLE
    if is_outdated(row, rules):
        return EXPIRED
    return APPROVED if row.pin_ok else WRONG_PIN


@kernel
def _online(
    row: Row,
    base: np.uint64,
    state: State,
    secure: bool,
    rules: Rules,
    flagged: npt.NDArray[np.bool_],
) -> int:
    """Check the CVV, authenticate where the merchant takes part in 3-D Secure, and stop bursts."""
    if row.cvv == CVV_NO_MATCH:
        return WRONG_CVV
    hour = row.time_us // HOUR_US
    if state.hour[row.slot] != hour:
        state.hour[row.slot] = hour
        state.online_in_hour[row.slot] = 0
    if state.online_in_hour[row.slot] >= rules.online_per_hour:
        return SUSPECTED
    if not (secure or flagged[row.merchant]):
        return APPROVED
    asked = (
        row.amount_minor > rules.challenge_above
        or flagged[row.merchant]
        or uniform(base, 2) < rules.challenge_share
    )
    if asked:
        passed = uniform(base, 3) < row.challenge_pass
        row.three_ds = CHALLENGED if passed else FAILED_3DS
        return APPROVED if passed else TOO_OFTEN
    if uniform(base, 4) < rules.frictionless:
        row.three_ds = FRICTIONLESS
    return APPROVED


@kernel
def _stripe(row: Row, base: np.uint64, town: Town, rules: Rules) -> int:
    """Refuse a share of magnetic-stripe reads abroad."""
    if row.entry not in (MAGSTRIPE, FALLBACK):
        return APPROVED
    abroad = town.cities[town.shops[row.merchant].city].country != rules.home_country
    if abroad and uniform(base, 2) < rules.refuse_stripe_abroad:
        return SUSPECTED
    return APPROVED


@kernel
def _transfer(row: Row, base: np.uint64, person: Person, state: State, rules: Rules) -> int:
    if state.blocked[ACCOUNT] != 0 and row.case != 0:
        return RESTRICTED
    fresh = row.time_us - state.payee_added_us < DAY_US
    if fresh and row.amount_minor > rules.hold_above and uniform(base, 2) < rules.hold_share:
        return SUSPECTED
    return _funds(row, person, state)


@kernel
def _funds(row: Row, person: Person, state: State) -> int:
    if row.slot == CREDIT:
        enough = state.owed + row.amount_minor <= person.credit_limit_minor
    else:
        enough = state.balance + person.overdraft_minor >= row.amount_minor
    return APPROVED if enough else NO_FUNDS


@kernel
def _roll_counters(row: Row, state: State) -> None:
    """Start the day's counters anew on the first card request of a UTC day."""
    day = row.time_us // DAY_US
    if state.day != day:
        state.day = day
        for slot in range(2):
            state.count_today[slot] = 0
            state.cash_today[slot] = 0


@kernel
def _book(row: Row, state: State) -> None:
    """Move the money: debits lower the balance or raise what is owed, credits the reverse."""
    kind = row.kind
    sign = 1
    if kind in (REFUND, DEPOSIT, REPAYMENT_IN, REIMBURSEMENT):
        sign = -1
    if row.slot == CREDIT:
        state.owed += sign * row.amount_minor
    else:
        state.balance -= sign * row.amount_minor
    if kind in (PURCHASE, WITHDRAWAL):
        state.count_today[row.slot] += 1
        if row.channel == ATM:
            state.cash_today[row.slot] += row.amount_minor
        if row.entry == WEB:
            state.online_in_hour[row.slot] += 1


@kernel
def repayment_minor(u: float, person: Person, state: State) -> int:
    """Return what the customer pays on the credit-card bill: all of it, or a part, if he can.

    Part-payers pay a twentieth to a half (assumption).
    """
    due = state.owed
    if not person.pays_in_full:
        due = int(due * (0.05 + 0.45 * u))
    able = state.balance + person.overdraft_minor
    return int(max(min(due, able), 0))
