"""What is noticed of fraud, when, and what follows: blocks, new cards, money back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fraudsim.agents.customers.desk import Desk, new_row, next_serial
from fraudsim.agents.customers.people import NEVER, Person, State
from fraudsim.agents.issuer.authorise import (
    APPROVED,
    RESTRICTED,
    STOLEN_CARD_CODE,
    SUSPECTED,
    TOO_OFTEN,
    Rules,
)
from fraudsim.draws import base_of, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import DAY_US
from fraudsim.rows import (
    ACCOUNT,
    CARD_BLOCKED,
    CARD_ISSUED,
    CREDIT,
    DEPOSIT,
    FIRST_PARTY,
    MULE,
    NOTICE,
    REFUND,
    REIMBURSEMENT,
    REPAYMENT,
    SCAM,
    Row,
)

if TYPE_CHECKING:
    import numpy as np

_CUSTOMER_REPORT, _ISSUER_ALERT, _INVESTIGATION = range(3)  # positions in schema.REPORT_SOURCES


@kernel
def reissue_us(base: np.uint64, rules: Rules) -> int:
    """Return a wait of one day and an exponential rest."""
    rest = -math.log(1.0 - uniform(base, 6)) * max(rules.reissue_days - 1.0, 0.1)
    return int((1.0 + rest) * DAY_US)


@kernel
def _has_no_victim(case: int) -> bool:
    """Whether the holder is in it: nobody complains, and nothing is given back."""
    return bool(case in (FIRST_PARTY, MULE))


@kernel
def remember_fraud(row: Row, base: np.uint64, state: State, rules: Rules) -> None:
    """Open or extend the victim's case: when will it be noticed, and how much is gone.

    The delay is drawn at the first approved fraud of a case. A refusal that looks like fraud makes
    the bank ask the holder, who then notices within a day.
    """
    slot = row.slot
    if row.response == APPROVED and row.kind not in (DEPOSIT, REPAYMENT):
        if state.notice_case[slot] == 0:
            state.notice_case[slot] = row.case
            state.notice_source[slot] = (
                _INVESTIGATION if _has_no_victim(row.case) else _CUSTOMER_REPORT
            )
            if uniform(base, 7) >= rules.delay_never[row.case]:
                days = math.exp(
                    rules.delay_log_median[row.case]
                    + rules.delay_log_sd[row.case] * normal(base, 8)
                )
                state.notice_at[slot] = row.time_us + int(min(days, 400.0) * DAY_US)
        if row.kind != REFUND:
            state.lost[slot] += row.amount_minor
    suspicious = row.response in (SUSPECTED, TOO_OFTEN)
    if suspicious and not _has_no_victim(row.case) and uniform(base, 10) < rules.alert_share:
        soon = row.time_us + int((0.01 + uniform(base, 11)) * DAY_US)
        if soon < state.notice_at[slot]:
            state.notice_at[slot] = soon
            state.notice_case[slot] = row.case
            state.notice_source[slot] = _ISSUER_ALERT


@kernel
def notice_due(until_us: int, desk: Desk, person: Person, state: State, rules: Rules) -> None:
    """Let happen what falls due for a customer: fraud noticed, cards blocked and reissued."""
    for slot in range(3):
        if state.notice_at[slot] <= until_us:
            _notice(slot, desk, person, state, rules)
        if state.reissue_at[slot] <= until_us:
            _reissue(slot, desk, person, state, rules)


@kernel
def _notice(slot: int, desk: Desk, person: Person, state: State, rules: Rules) -> None:
    """Tell the bank: it blocks the card or the access, and will replace it."""
    time_us = state.notice_at[slot]
    case = state.notice_case[slot]
    state.notice_at[slot] = NEVER
    row = new_row(desk.today, person.customer, time_us, NOTICE, slot)
    row.case = case
    row.stage = state.notice_source[slot]
    base = base_of(rules.key, person.customer, state.serial)
    row.serial = next_serial(state)
    if state.blocked[slot] == 0:
        state.blocked[slot] = RESTRICTED if slot == ACCOUNT else STOLEN_CARD_CODE
        if slot != ACCOUNT:
            event = new_row(desk.today, person.customer, time_us, CARD_BLOCKED, slot)
            event.card_serial = state.card_serial[slot]
            event.serial = next_serial(state)
    if not _has_no_victim(case):
        wait = reissue_us(base, rules)
        state.reissue_at[slot] = min(state.reissue_at[slot], time_us + wait)


@kernel
def _reissue(slot: int, desk: Desk, person: Person, state: State, rules: Rules) -> None:
    """Open the access again with a new card, and give the victim the money back."""
    time_us = state.reissue_at[slot]
    customer = person.customer
    state.reissue_at[slot] = NEVER
    state.blocked[slot] = 0
    if slot != ACCOUNT:
        state.card_serial[slot] += 1
        event = new_row(desk.today, customer, time_us, CARD_ISSUED, slot)
        event.card_serial = state.card_serial[slot]
        event.serial = next_serial(state)
    lost, case = state.lost[slot], state.notice_case[slot]
    state.lost[slot] = 0
    state.notice_case[slot] = 0
    base = base_of(rules.key, customer, state.serial)
    if lost > 0 and (case != SCAM or uniform(base, 12) < rules.scam_reimbursed):
        row = new_row(desk.today, customer, time_us, REIMBURSEMENT, slot)
        row.amount_minor = lost
        row.response = APPROVED
        row.serial = next_serial(state)
        if slot == CREDIT:
            state.owed -= lost
        else:
            state.balance += lost
