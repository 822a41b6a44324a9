"""What settlement promises, written down once more in plain Python, for rules without chance.

One customer at a time, requests in the order of time. Every share of the rules is 0 or 1, so the
answer to each request is certain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fraudsim.agents.issuer import authorise as code
from fraudsim.rows import (
    ACCOUNT,
    ATM,
    BILL,
    CARD_BLOCKED,
    CHALLENGED,
    CREDIT,
    CVV_NO_MATCH,
    DEBIT,
    FAILED_3DS,
    FALLBACK,
    FIRST_EVENT,
    FRICTIONLESS,
    MAGSTRIPE,
    NO_3DS,
    PAYEE_ADDED,
    PURCHASE,
    RECURRING,
    REPAYMENT,
    REPAYMENT_IN,
    STORED,
    TRANSFER,
    WEB,
    WITHDRAWAL,
)

LONG_AGO = -(10**18)
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US


@dataclass
class Books:
    """One customer's account and cards."""

    balance: int
    owed: int
    overdraft: int
    credit_limit: int
    has_credit: bool
    blocked: list[int]
    card_serial: list[int]
    payee_added: int = LONG_AGO
    answers: list[tuple[int, ...]] = field(default_factory=list)
    used: list[tuple[int, int, int]] = field(default_factory=list)  # approved: slot, time, cash
    online: list[tuple[int, int]] = field(default_factory=list)  # approved: slot, time


def settle(books, planned, attempts, around):
    """Answer requests (dictionaries of the fields of a row) and note the answers in ``books``.

    At the same moment the customer is first, then the attempts in their order.
    """
    mine = [(row["time_us"], 0, n, dict(row)) for n, row in enumerate(planned)]
    theirs = [(row["time_us"], 1, n, dict(row)) for n, row in enumerate(attempts)]
    for _time, is_attempt, _n, row in sorted(mine + theirs, key=lambda one: one[:3]):
        if is_attempt or choose_card(books, row):
            _settle(books, row, around)


def choose_card(books, row):
    """Whether the customer has a card to pay with; it may be the other one."""
    if row["kind"] not in (PURCHASE, WITHDRAWAL):
        return True
    if row["entry"] != STORED and books.blocked[row["slot"]]:
        other = {DEBIT: CREDIT, CREDIT: DEBIT}[row["slot"]]
        has_other = other == DEBIT or books.has_credit
        if row["kind"] == WITHDRAWAL or not has_other or books.blocked[other]:
            return False
        row["slot"] = other
    row["card_serial"] = books.card_serial[row["slot"]]
    return True


def _settle(books, row, around):
    kind, slot = row["kind"], row["slot"]
    if kind >= FIRST_EVENT:
        if kind == CARD_BLOCKED and books.blocked[slot]:
            return
        if kind == CARD_BLOCKED:
            books.blocked[slot] = code.LOST_CARD
        if kind == PAYEE_ADDED:
            books.payee_added = row["time_us"]
        note(books, row, code.APPROVED)
        return
    if not books.has_credit and (slot == CREDIT or kind == REPAYMENT):
        return
    if kind == REPAYMENT:
        asked = books.owed if row["campaign"] < 0 else row["amount_minor"]
        row["amount_minor"] = max(min(asked, books.balance + books.overdraft), 0)
        if row["amount_minor"] == 0:
            return
    answer = answer_to(books, row, around)
    note(books, row, answer)
    if answer == code.APPROVED:
        book(books, row)
    if kind == REPAYMENT and answer == code.APPROVED:
        books.owed -= row["amount_minor"]
        twin = {**row, "kind": REPAYMENT_IN, "slot": CREDIT, "three_ds": NO_3DS}
        note(books, twin, code.APPROVED)


def note(books, row, answer):
    books.answers.append(
        (
            len(books.answers) + 1,
            row["time_us"],
            row["kind"],
            row["slot"],
            row.get("amount_minor", 0),
            answer,
            row.get("three_ds", NO_3DS),
        )
    )


def book(books, row):
    amount = row["amount_minor"]
    signed = amount if row["kind"] in (PURCHASE, WITHDRAWAL, TRANSFER, BILL, REPAYMENT) else -amount
    if row["slot"] == CREDIT:
        books.owed += signed
    else:
        books.balance -= signed
    if row["kind"] in (PURCHASE, WITHDRAWAL):
        cash = amount if row["channel"] == ATM else 0
        books.used.append((row["slot"], row["time_us"], cash))
        if row["entry"] == WEB:
            books.online.append((row["slot"], row["time_us"]))


def answer_to(books, row, around):
    """The first reason to refuse, in the order in which the issuer looks."""
    if row["kind"] in (PURCHASE, WITHDRAWAL):
        reasons = card_reasons(books, row, around)
    elif row["kind"] == TRANSFER:
        reasons = transfer_reasons(books, row, around.rules[0])
    elif row["kind"] == BILL:
        reasons = [(lacks_funds(books, row), code.NO_FUNDS)]
    else:
        reasons = []
    return next((reason for applies, reason in reasons if applies), code.APPROVED)


def card_reasons(books, row, around):
    """(whether it applies, response) of each reason to refuse a card; sets ``three_ds``."""
    rules, slot, time = around.rules[0], row["slot"], row["time_us"]
    blocked = books.blocked[slot]
    yield row["card_serial"] != books.card_serial[slot], code.STALE_CARD
    yield blocked != 0, blocked
    yield rules["unavailable"] == 1, code.UNAVAILABLE
    yield row["channel"] == RECURRING and rules["outdated"] == 1, code.EXPIRED
    yield row["pin_ok"] == 0, code.WRONG_PIN
    if row["entry"] == WEB:
        yield from online_reasons(books, row, around)
    shop = around.town.shops[row["merchant"]]
    abroad = around.town.cities[shop["city"]]["country"] != rules["home_country"]
    striped = row["entry"] in (MAGSTRIPE, FALLBACK)
    yield striped and abroad and rules["refuse_stripe_abroad"] == 1, code.SUSPECTED
    today = [use for use in books.used if use[0] == slot and use[1] // DAY_US == time // DAY_US]
    taken = sum(cash for _slot, _time, cash in today) + row["amount_minor"]
    is_cash = row["kind"] == WITHDRAWAL
    yield is_cash and taken > rules["cash_per_day"], code.OVER_CASH_LIMIT
    yield len(today) >= rules["payments_per_day"], code.TOO_OFTEN
    yield rules["do_not_honour"] == 1, code.DO_NOT_HONOUR
    yield lacks_funds(books, row), code.NO_FUNDS


def online_reasons(books, row, around):
    rules, flagged = around.rules[0], around.flagged[row["merchant"]]
    hour = row["time_us"] // HOUR_US
    burst = [one for one in books.online if one[0] == row["slot"] and one[1] // HOUR_US == hour]
    yield row["cvv"] == CVV_NO_MATCH, code.WRONG_CVV
    yield len(burst) >= rules["online_per_hour"], code.SUSPECTED
    if not (flagged or around.town.shops[row["merchant"]]["secure"]):
        return
    large = row["amount_minor"] > rules["challenge_above"]
    if large or flagged or rules["challenge_share"] == 1:
        row["three_ds"] = CHALLENGED if row["challenge_pass"] == 1 else FAILED_3DS
        yield row["challenge_pass"] == 0, code.TOO_OFTEN
    elif rules["frictionless"] == 1:
        row["three_ds"] = FRICTIONLESS


def transfer_reasons(books, row, rules):
    fresh = row["time_us"] - books.payee_added < DAY_US
    large = row["amount_minor"] > rules["hold_above"]
    yield books.blocked[ACCOUNT] != 0 and row["case"] != 0, code.RESTRICTED
    yield fresh and large and rules["hold_share"] == 1, code.SUSPECTED
    yield lacks_funds(books, row), code.NO_FUNDS


def lacks_funds(books, row):
    if row["slot"] == CREDIT:
        return books.owed + row["amount_minor"] > books.credit_limit
    return row["amount_minor"] > books.balance + books.overdraft
