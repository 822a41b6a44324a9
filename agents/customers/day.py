"""The day of a block: requests answered in time order, and what customers notice and report.

A customer's rows of the day stand together, sorted by time, with room for a few retries. A
campaign's attempt first lets the customer's own day go on up to that moment, then is answered from
the same state; so the order is that of time, whoever asks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from fraudsim.agents.customers.drafting import begin_row
from fraudsim.agents.customers.people import NEVER, Person, State
from fraudsim.agents.issuer.authorise import (
    APPROVED,
    DAY_US,
    LOST_CARD,
    NO_FUNDS,
    RESTRICTED,
    STOLEN_CARD_CODE,
    SUSPECTED,
    TOO_OFTEN,
    UNAVAILABLE,
    WRONG_CVV,
    WRONG_PIN,
    Rules,
    answer,
    repayment_minor,
)
from fraudsim.draws import base_of, normal, uniform
from fraudsim.rows import (
    ACCOUNT,
    ACCOUNT_OPENED,
    CARD_BLOCKED,
    CARD_ISSUED,
    CREDIT,
    CVV_MATCH,
    CVV_NOT_PROVIDED,
    DEBIT,
    DEPOSIT,
    FALSE_DISPUTE,
    FIRST_EVENT,
    FIRST_PARTY,
    MULE,
    NOTICE,
    PAYEE_ADDED,
    PURCHASE,
    REFUND,
    REIMBURSEMENT,
    REPAYMENT,
    REPAYMENT_IN,
    SCAM,
    SKIPPED,
    STORED,
    TRANSFER,
    WITHDRAWAL,
    Row,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fraudsim.agents.customers.town import Town

RETRIES = 3
"""Room for retries in a customer's day."""
ROOM_PER_ROW = 24
"""Rows that settling one row can add beside it: blocks, reissues, notices, repayments."""

_CUSTOMER_REPORT, _ISSUER_ALERT, _INVESTIGATION = range(3)  # positions in schema.REPORT_SOURCES


class Plan(NamedTuple):
    """The day's rows, each customer's together, sorted by time, with room behind."""

    rows: np.ndarray
    start: npt.NDArray[np.int64]  # (n,) first row
    next: npt.NDArray[np.int64]  # (n,) next row to settle
    end: npt.NDArray[np.int64]  # (n,) past the last row
    room: npt.NDArray[np.int64]  # (n,) past the room for retries
    end_us: int  # when the day ends


class Beside(NamedTuple):
    """A buffer for what happens beside the plan; ``used[0]`` rows are filled."""

    rows: np.ndarray
    used: npt.NDArray[np.int64]  # (1,)


class Desk(NamedTuple):
    """Where settling writes: events and bookings of today, and what must happen later."""

    today: Beside
    later: Beside
    end_us: npt.NDArray[np.int64]  # (1,) when the day ends


@njit(cache=True)
def lay_out(
    planned: np.ndarray,
    ends: npt.NDArray[np.int64],
    due: np.ndarray,
    first_customer: int,
    plan: Plan,
) -> None:
    """Copy planned rows and rows that fell due today into ``plan``, each customer's by time.

    ``due`` is sorted by customer.
    """
    at, from_due, begin = 0, 0, 0
    for i in range(len(ends)):
        start = at
        for k in range(begin, ends[i]):
            plan.rows[at] = planned[k]
            at += 1
        begin = ends[i]
        while from_due < len(due) and due[from_due].customer == first_customer + i:
            plan.rows[at] = due[from_due]
            from_due += 1
            at += 1
        _sort_by_time(plan.rows, start, at)
        plan.start[i] = start
        plan.next[i] = start
        plan.end[i] = at
        at += RETRIES
        plan.room[i] = at


@njit(cache=True)
def _sort_by_time(rows: np.ndarray, start: int, end: int) -> None:
    """Sort a few rows in place by insertion; stable."""
    for k in range(start + 1, end):
        _move_back(rows, start, k)


@njit(cache=True)
def _move_back(rows: np.ndarray, start: int, k: int) -> None:
    """Move row ``k`` back to its place by time among the sorted rows before it."""
    time_us = rows[k].time_us
    place = k
    while place > start and rows[place - 1].time_us > time_us:
        place -= 1
    if place == k:
        return
    moved = rows[k : k + 1].copy()
    for j in range(k, place, -1):
        rows[j] = rows[j - 1]
    rows[place] = moved[0]


@njit(cache=True)
def settle_from(
    first: int,
    until_us: int,
    plan: Plan,
    desk: Desk,
    people: np.ndarray,
    states: np.ndarray,
    town: Town,
    rules: np.ndarray,
    flagged: npt.NDArray[np.bool_],
) -> int:
    """Settle every customer's rows up to ``until_us``, from local index ``first`` on.

    Returns the customer it stopped at because a buffer of ``desk`` was full, or their number.
    """
    for i in range(first, len(plan.start)):
        person, state = people[i], states[i]
        if not _settle_one(i, until_us, plan, desk, person, state, town, rules[0], flagged):
            return i
        notice_due(until_us, desk, person, state, rules[0])
    return len(plan.start)


@njit(cache=True)
def attempt_from(
    first: int,
    rows: np.ndarray,
    first_customer: int,
    plan: Plan,
    desk: Desk,
    people: np.ndarray,
    states: np.ndarray,
    town: Town,
    rules: np.ndarray,
    flagged: npt.NDArray[np.bool_],
) -> int:
    """Answer attempts (sorted by customer, then time) in place, from row ``first`` on.

    Returns the row it stopped at because a buffer of ``desk`` was full, or their number.
    """
    for k in range(first, len(rows)):
        i = rows[k].customer - first_customer
        person, state = people[i], states[i]
        time_us = rows[k].time_us
        if not _settle_one(i, time_us, plan, desk, person, state, town, rules[0], flagged):
            return k
        if _full(desk):
            return k
        notice_due(time_us, desk, person, state, rules[0])
        _settle(rows[k], desk, person, state, town, rules[0], flagged)
    return len(rows)


@njit(cache=True)
def _full(desk: Desk) -> bool:
    left_today = len(desk.today.rows) - desk.today.used[0]
    left_later = len(desk.later.rows) - desk.later.used[0]
    return bool(min(left_today, left_later) < ROOM_PER_ROW)


@njit(cache=True)
def _settle_one(
    i: int,
    until_us: int,
    plan: Plan,
    desk: Desk,
    person: Person,
    state: State,
    town: Town,
    rules: Rules,
    flagged: npt.NDArray[np.bool_],
) -> bool:
    """Settle one customer's rows up to ``until_us``; False when a buffer is full."""
    while plan.next[i] < plan.end[i] and plan.rows[plan.next[i]].time_us <= until_us:
        if _full(desk):
            return False
        row = plan.rows[plan.next[i]]
        notice_due(row.time_us, desk, person, state, rules)
        _choose_card(row, person, state)
        if row.response != SKIPPED:
            _settle(row, desk, person, state, town, rules, flagged)
            _try_again(i, plan, person, state, rules)
        plan.next[i] += 1
    return not _full(desk)


@njit(cache=True)
def _choose_card(row: Row, person: Person, state: State) -> None:
    """Take the card out of the pocket: another one, or none, while the usual one is blocked.

    Recurring charges know nothing of the block: the merchant tries the card it has on file.
    """
    if row.kind not in (PURCHASE, WITHDRAWAL):
        return
    if row.entry != STORED and state.blocked[row.slot] != 0:
        other = CREDIT if row.slot == DEBIT else DEBIT
        usable = state.blocked[other] == 0 and (other == DEBIT or person.has_credit)
        if not usable or row.kind == WITHDRAWAL:
            row.response = SKIPPED
            return
        row.slot = other
    row.card_serial = state.card_serial[row.slot]


@njit(cache=True)
def _settle(
    row: Row,
    desk: Desk,
    person: Person,
    state: State,
    town: Town,
    rules: Rules,
    flagged: npt.NDArray[np.bool_],
) -> None:
    """Answer one row, number it, and let its consequences follow."""
    base = base_of(rules.key, row.customer, state.serial)
    if row.kind >= FIRST_EVENT:
        _settle_event(row, base, person, state, rules)
        return
    if not person.has_credit and (row.slot == CREDIT or row.kind == REPAYMENT):
        row.response = SKIPPED  # a card that does not exist is not even refused
        return
    if row.kind == REPAYMENT:
        if row.campaign < 0:
            row.amount_minor = repayment_minor(uniform(base, 5), person, state)
        else:
            row.amount_minor = max(min(row.amount_minor, state.balance + person.overdraft_minor), 0)
        if row.amount_minor == 0:
            row.response = SKIPPED
            return
    row.response = answer(row, person, state, town, rules, flagged)
    row.serial = _next_serial(state)
    if row.kind == REPAYMENT and row.response == APPROVED:
        _repay(row, desk, state)
    if row.case != 0:
        _remember_fraud(row, base, state, rules)
    elif row.response == APPROVED:
        _consequences(row, base, desk, rules)


@njit(cache=True)
def _repay(row: Row, desk: Desk, state: State) -> None:
    """Book what left the current account on the credit card."""
    twin = _new_row(desk.today, row.customer, row.time_us, REPAYMENT_IN, CREDIT)
    twin.amount_minor = row.amount_minor
    twin.serial = _next_serial(state)
    state.owed -= row.amount_minor
    if row.case == FIRST_PARTY:
        # who pays the bill is not found out: the case begins again with the next purchase
        state.notice_at[CREDIT] = NEVER
        state.notice_case[CREDIT] = 0


@njit(cache=True)
def _next_serial(state: State) -> int:
    state.serial += 1
    return int(state.serial)


@njit(cache=True)
def _settle_event(row: Row, base: np.uint64, person: Person, state: State, rules: Rules) -> None:
    if row.kind == CARD_BLOCKED:
        if state.blocked[row.slot] != 0:
            row.response = SKIPPED
            return
        state.blocked[row.slot] = LOST_CARD
        state.reissue_at[row.slot] = row.time_us + _reissue_us(base, rules)
        row.card_serial = state.card_serial[row.slot]
    elif row.kind == PAYEE_ADDED:
        state.payee_added_us = row.time_us
    elif row.kind == ACCOUNT_OPENED and row.campaign >= 0:
        state.puppet = True
        person.opened_day = -row.receiver  # a campaign says the day there
    row.response = APPROVED
    row.serial = _next_serial(state)


@njit(cache=True)
def _reissue_us(base: np.uint64, rules: Rules) -> int:
    """Return a wait of one day and an exponential rest."""
    rest = -math.log(1.0 - uniform(base, 6)) * max(rules.reissue_days - 1.0, 0.1)
    return int((1.0 + rest) * DAY_US)


@njit(cache=True)
def _has_no_victim(case: int) -> bool:
    """Whether the holder is in it: nobody complains, and nothing is given back."""
    return bool(case in (FIRST_PARTY, MULE))


@njit(cache=True)
def _remember_fraud(row: Row, base: np.uint64, state: State, rules: Rules) -> None:
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


@njit(cache=True)
def notice_due(until_us: int, desk: Desk, person: Person, state: State, rules: Rules) -> None:
    """Let happen what falls due for a customer: fraud noticed, cards blocked and reissued."""
    for slot in range(3):
        if state.notice_at[slot] <= until_us:
            _notice(slot, desk, person, state, rules)
        if state.reissue_at[slot] <= until_us:
            _reissue(slot, desk, person, state, rules)


@njit(cache=True)
def _notice(slot: int, desk: Desk, person: Person, state: State, rules: Rules) -> None:
    """Tell the bank: it blocks the card or the access, and will replace it."""
    time_us = state.notice_at[slot]
    case = state.notice_case[slot]
    state.notice_at[slot] = NEVER
    row = _new_row(desk.today, person.customer, time_us, NOTICE, slot)
    row.case = case
    row.stage = state.notice_source[slot]
    base = base_of(rules.key, person.customer, state.serial)
    row.serial = _next_serial(state)
    if state.blocked[slot] == 0:
        state.blocked[slot] = RESTRICTED if slot == ACCOUNT else STOLEN_CARD_CODE
        if slot != ACCOUNT:
            event = _new_row(desk.today, person.customer, time_us, CARD_BLOCKED, slot)
            event.card_serial = state.card_serial[slot]
            event.serial = _next_serial(state)
    if not _has_no_victim(case):
        wait = _reissue_us(base, rules)
        state.reissue_at[slot] = min(state.reissue_at[slot], time_us + wait)


@njit(cache=True)
def _reissue(slot: int, desk: Desk, person: Person, state: State, rules: Rules) -> None:
    """Open the access again with a new card, and give the victim the money back."""
    time_us = state.reissue_at[slot]
    customer = person.customer
    state.reissue_at[slot] = NEVER
    state.blocked[slot] = 0
    if slot != ACCOUNT:
        state.card_serial[slot] += 1
        event = _new_row(desk.today, customer, time_us, CARD_ISSUED, slot)
        event.card_serial = state.card_serial[slot]
        event.serial = _next_serial(state)
    lost, case = state.lost[slot], state.notice_case[slot]
    state.lost[slot] = 0
    state.notice_case[slot] = 0
    base = base_of(rules.key, customer, state.serial)
    if lost > 0 and (case != SCAM or uniform(base, 12) < rules.scam_reimbursed):
        row = _new_row(desk.today, customer, time_us, REIMBURSEMENT, slot)
        row.amount_minor = lost
        row.response = APPROVED
        row.serial = _next_serial(state)
        if slot == CREDIT:
            state.owed -= lost
        else:
            state.balance += lost


@njit(cache=True)
def _new_row(beside: Beside, customer: int, time_us: int, kind: int, slot: int) -> Row:
    """Take the next row of a buffer, blank."""
    row = begin_row(beside.rows, beside.used[0], customer, time_us, kind, slot)
    beside.used[0] += 1
    row.response = APPROVED
    return row


@njit(cache=True)
def _consequences(row: Row, base: np.uint64, desk: Desk, rules: Rules) -> None:
    """What follows from an approved honest row: refunds, money sent to a friend."""
    if row.kind == TRANSFER and row.receiver >= 0:
        # on the books of the receiver in the night that follows
        night = desk.end_us[0] + int(uniform(base, 13) * DAY_US / 6)
        later = _new_row(desk.later, row.receiver, night, DEPOSIT, ACCOUNT)
        later.amount_minor = row.amount_minor
        later.receiver = row.customer
    elif row.kind == PURCHASE:
        if uniform(base, 14) < rules.refund:
            days = 1 + 13 * uniform(base, 15)
            later = _new_row(
                desk.later, row.customer, row.time_us + int(days * DAY_US), REFUND, row.slot
            )
            later.amount_minor = row.amount_minor
            if uniform(base, 16) < 0.3:  # a part of the basket goes back (assumption)
                later.amount_minor = max(int(row.amount_minor * uniform(base, 17)), 1)
            later.merchant = row.merchant
            later.terminal = row.terminal
            later.channel = row.channel
            later.card_serial = row.card_serial
        if uniform(base, 18) < rules.false_dispute:
            later = _new_row(desk.today, row.customer, row.time_us, FALSE_DISPUTE, row.slot)
            later.serial = row.serial
            later.amount_minor = row.amount_minor


@njit(cache=True)
def _try_again(i: int, plan: Plan, person: Person, state: State, rules: Rules) -> None:
    """Repeat a refused honest payment: right PIN or CVV, the other card, or just again."""
    row = plan.rows[plan.next[i]]
    code = row.response
    if row.case != 0 or row.entry == STORED or plan.end[i] >= plan.room[i]:
        return
    if row.kind not in (PURCHASE, WITHDRAWAL):
        return
    if code not in (WRONG_PIN, WRONG_CVV, UNAVAILABLE, NO_FUNDS):
        return
    base = base_of(rules.key, row.customer, state.serial)
    if uniform(base, 19) >= rules.retry:
        return
    slot = row.slot
    if code == NO_FUNDS:
        slot = CREDIT if slot == DEBIT else DEBIT
        if not person.has_credit or row.kind == WITHDRAWAL:
            return
    time_us = row.time_us + int((8.0 + 170.0 * uniform(base, 20)) * 1_000_000)
    if time_us >= plan.end_us:
        return
    last = plan.end[i]
    plan.rows[last] = row
    again = plan.rows[last]
    again.slot = slot
    again.response = -1
    again.serial = 0
    again.three_ds = 0
    again.pin_ok = 1
    if again.cvv != CVV_NOT_PROVIDED:
        again.cvv = CVV_MATCH
    again.time_us = time_us
    plan.end[i] += 1
    _move_back(plan.rows, plan.next[i] + 1, last)
