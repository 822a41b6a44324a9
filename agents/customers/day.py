"""The day of a block: requests answered in time order, and what customers notice and report.

A customer's rows of the day stand together, sorted by time, with room for a few retries. A
campaign's attempt first lets the customer's own day go on up to that moment, then is answered from
the same state; so the order is that of time, whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fraudsim.agents.customers.desk import Desk, is_full, new_row, next_serial
from fraudsim.agents.customers.dunning import charge_again
from fraudsim.agents.customers.noticing import notice_due, reissue_us, remember_fraud
from fraudsim.agents.customers.people import NEVER, Person, State
from fraudsim.agents.issuer.authorise import (
    APPROVED,
    LOST_CARD,
    NO_FUNDS,
    UNAVAILABLE,
    WRONG_CVV,
    WRONG_PIN,
    Rules,
    answer,
    repayment_minor,
)
from fraudsim.draws import base_of, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import DAY_US
from fraudsim.rows import (
    ACCOUNT,
    ACCOUNT_OPENED,
    CARD_BLOCKED,
    CREDIT,
    CVV_MATCH,
    CVV_NOT_PROVIDED,
    DEBIT,
    DEPOSIT,
    FALSE_DISPUTE,
    FIRST_EVENT,
    FIRST_PARTY,
    NOTICE,
    PAYEE_ADDED,
    PURCHASE,
    REFUND,
    REPAYMENT,
    REPAYMENT_IN,
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


class Plan(NamedTuple):
    """The day's rows, each customer's together, sorted by time, with room behind.

    The last row of all is scratch, for moving others.
    """

    rows: np.ndarray
    start: npt.NDArray[np.int64]  # (n,) first row
    next: npt.NDArray[np.int64]  # (n,) next row to settle
    end: npt.NDArray[np.int64]  # (n,) past the last row
    room: npt.NDArray[np.int64]  # (n,) past the room for retries
    end_us: int  # when the day ends


@kernel
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


@kernel
def _sort_by_time(rows: np.ndarray, start: int, end: int) -> None:
    """Sort a few rows in place by insertion; stable."""
    for k in range(start + 1, end):
        _move_back(rows, start, k)


@kernel
def _move_back(rows: np.ndarray, start: int, k: int) -> None:
    """Move row ``k`` back to its place by time among the sorted rows before it."""
    time_us = rows[k].time_us
    place = k
    while place > start and rows[place - 1].time_us > time_us:
        place -= 1
    if place == k:
        return
    spare = len(rows) - 1
    rows[spare] = rows[k]
    for j in range(k, place, -1):
        rows[j] = rows[j - 1]
    rows[place] = rows[spare]


@kernel
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


@kernel
def settled_at(
    plan: Plan,
    attempted: np.ndarray,
    beside: np.ndarray,
    places: npt.NDArray[np.int64],
    time_us: npt.NDArray[np.int64],
) -> int:
    """Find the day's rows that reached the issuer: where they are, and when; return how many.

    Places count on from the plan through ``attempted`` to ``beside``, as ``gather`` reads them.
    Messages to the issuer are left out. ``places`` and ``time_us`` have room for all.
    """
    count = 0
    for i in range(len(plan.start)):
        for k in range(plan.start[i], plan.end[i]):
            if plan.rows[k].response >= 0:
                places[count], time_us[count] = k, plan.rows[k].time_us
                count += 1
    before = len(plan.rows)
    for k in range(len(attempted)):
        if attempted[k].response >= 0:
            places[count], time_us[count] = before + k, attempted[k].time_us
            count += 1
    before += len(attempted)
    for k in range(len(beside)):
        if beside[k].kind < NOTICE and beside[k].response >= 0:
            places[count], time_us[count] = before + k, beside[k].time_us
            count += 1
    return count


@kernel
def gather(
    plan: Plan,
    attempted: np.ndarray,
    beside: np.ndarray,
    places: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    rows: np.ndarray,
) -> None:
    """Copy the rows at ``places``, taken in ``order``, to ``rows``."""
    first, second = len(plan.rows), len(plan.rows) + len(attempted)
    for k in range(len(order)):
        place = places[order[k]]
        if place < first:
            rows[k] = plan.rows[place]
        elif place < second:
            rows[k] = attempted[place - first]
        else:
            rows[k] = beside[place - second]


@kernel
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
        if is_full(desk):
            return k
        notice_due(time_us, desk, person, state, rules[0])
        _settle(rows[k], desk, person, state, town, rules[0], flagged)
    return len(rows)


@kernel
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
        if is_full(desk):
            return False
        row = plan.rows[plan.next[i]]
        notice_due(row.time_us, desk, person, state, rules)
        _choose_card(row, person, state)
        if row.response != SKIPPED:
            _settle(row, desk, person, state, town, rules, flagged)
            _try_again(i, plan, person, state, rules)
        plan.next[i] += 1
    return not is_full(desk)


@kernel
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


@kernel
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
    row.serial = next_serial(state)
    if row.kind == REPAYMENT and row.response == APPROVED:
        _repay(row, desk, state)
    if row.case != 0:
        remember_fraud(row, base, state, rules)
    elif row.response == APPROVED:
        _consequences(row, base, desk, rules)
    else:
        charge_again(row, base, desk, rules)


@kernel
def _repay(row: Row, desk: Desk, state: State) -> None:
    """Book what left the current account on the credit card."""
    twin = new_row(desk.today, row.customer, row.time_us, REPAYMENT_IN, CREDIT)
    twin.amount_minor = row.amount_minor
    twin.serial = next_serial(state)
    state.owed -= row.amount_minor
    if row.case == FIRST_PARTY:
        # who pays the bill is not found out: the case begins again with the next purchase
        state.notice_at[CREDIT] = NEVER
        state.notice_case[CREDIT] = 0


@kernel
def _settle_event(row: Row, base: np.uint64, person: Person, state: State, rules: Rules) -> None:
    if row.kind == CARD_BLOCKED:
        if state.blocked[row.slot] != 0:
            row.response = SKIPPED
            return
        state.blocked[row.slot] = LOST_CARD
        state.reissue_at[row.slot] = row.time_us + reissue_us(base, rules)
        row.card_serial = state.card_serial[row.slot]
    elif row.kind == PAYEE_ADDED:
        state.payee_added_us = row.time_us
    elif row.kind == ACCOUNT_OPENED and row.campaign >= 0:
        state.puppet = True
        person.opened_day = -row.receiver  # a campaign says the day there
    row.response = APPROVED
    row.serial = next_serial(state)


@kernel
def _consequences(row: Row, base: np.uint64, desk: Desk, rules: Rules) -> None:
    """What follows from an approved honest row: refunds, money sent to a friend."""
    if row.kind == TRANSFER and row.receiver >= 0:
        # on the books of the receiver in the night that follows
        night = desk.end_us[0] + int(uniform(base, 13) * DAY_US / 6)
        later = new_row(desk.later, row.receiver, night, DEPOSIT, ACCOUNT)
        later.amount_minor = row.amount_minor
        later.receiver = row.customer
    elif row.kind == PURCHASE:
        if uniform(base, 14) < rules.refund:
            days = 1 + 13 * uniform(base, 15)
            later = new_row(
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
            later = new_row(desk.today, row.customer, row.time_us, FALSE_DISPUTE, row.slot)
            later.serial = row.serial
            later.amount_minor = row.amount_minor


@kernel
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
