"""What the settlement of a day promises, held against plain Python for days made by hand."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraudsim.agents.issuer.authorise import APPROVED, DAY_US, LOST_CARD
from fraudsim.rows import (
    ACCOUNT,
    ATM,
    BATCH,
    BILL,
    CARD_BLOCKED,
    CARD_ISSUED,
    CASES,
    CHIP,
    CREDIT,
    CVV_MATCH,
    CVV_NO_MATCH,
    DEBIT,
    DEPOSIT,
    ECOM,
    FIRST_EVENT,
    LOGIN,
    MAGSTRIPE,
    NO_ENTRY,
    PAYEE_ADDED,
    POS,
    PURCHASE,
    RECURRING,
    REFUND,
    REIMBURSEMENT,
    REPAYMENT,
    REPAYMENT_IN,
    STORED,
    TRANSFER,
    WEB,
    WITHDRAWAL,
)

PEOPLE = 3
MINUTE_US = 60_000_000
SHARES = (
    *("unavailable", "do_not_honour", "do_not_honour_online", "challenge_share", "frictionless"),
    *("refuse_stripe_abroad", "hold_share"),
)
AMOUNT = st.integers(1, 40_000)
MERCHANT = st.integers(0, 40)  # some in other countries, some online, some with 3-D Secure
CARD = st.sampled_from([DEBIT, CREDIT])
# few moments, so that some collide, within a few hours on both sides of midnight UTC
MOMENT = st.integers(0, 36).map(lambda step: step * 10 * MINUTE_US)


def request(kind, slot=st.just(ACCOUNT), **fields):
    return st.fixed_dictionaries(
        {
            "kind": st.just(kind),
            "slot": slot,
            "customer": st.integers(0, PEOPLE - 1),
            "offset_us": MOMENT,
            "channel": st.just(BATCH),
            "entry": st.just(NO_ENTRY),
            **fields,
        }
    )


def purchase(channel, entry):
    return request(
        PURCHASE,
        CARD,
        channel=st.just(channel),
        entry=st.just(entry),
        amount_minor=AMOUNT,
        merchant=MERCHANT,
        cvv=st.sampled_from([CVV_MATCH, CVV_MATCH, CVV_NO_MATCH]),
        pin_ok=st.sampled_from([1, 1, 1, 0]),
        challenge_pass=st.sampled_from([0.0, 1.0]),
    )


OWN = st.one_of(
    purchase(POS, CHIP),
    purchase(ECOM, WEB),
    purchase(POS, MAGSTRIPE),
    purchase(RECURRING, STORED),
    request(
        WITHDRAWAL, CARD, channel=st.just(ATM), entry=st.just(CHIP), amount_minor=AMOUNT,
        merchant=MERCHANT,
    ),
    request(TRANSFER, amount_minor=AMOUNT, receiver=st.integers(-1, PEOPLE - 1)),
    request(BILL, amount_minor=AMOUNT),
    request(DEPOSIT, amount_minor=AMOUNT),
    request(REFUND, CARD, amount_minor=AMOUNT, merchant=MERCHANT),
    request(REPAYMENT),
    request(CARD_BLOCKED, CARD),
    request(PAYEE_ADDED),
    request(LOGIN),
)  # fmt: skip
OF_CAMPAIGNS = st.one_of(
    purchase(ECOM, WEB), purchase(POS, MAGSTRIPE), request(TRANSFER, amount_minor=AMOUNT)
).flatmap(
    lambda row: st.fixed_dictionaries(
        {"card_serial": st.integers(0, 1), "case": st.integers(1, len(CASES) - 1)}
    ).map(lambda more: {**row, **more, "campaign": 3})
)
CUSTOMER = st.fixed_dictionaries(
    {
        "has_credit": st.booleans(),
        "overdraft_minor": st.sampled_from([0, 50_000]),
        "credit_limit_minor": st.sampled_from([20_000, 100_000]),
        "balance": st.integers(0, 150_000),
        "owed": st.integers(0, 20_000),
        "card_serial": st.tuples(st.integers(0, 1), st.integers(0, 1)),
        "blocked": st.tuples(*[st.sampled_from([0, 0, LOST_CARD])] * 3),
        "pays_in_full": st.just(value=True),
    }
)
NO_CHANCE = {
    "cash_per_day": 60_000,
    "payments_per_day": 3,
    "online_per_hour": 2,
    "challenge_above": 20_000,
    "hold_above": 10_000,
    **dict.fromkeys(("alert_share", "retry", "refund", "false_dispute"), 0.0),
    "delay_never": 1.0,
}
"""Limits that are reached soon, and nothing left to chance."""


USUAL = {
    "campaign": -1,
    "case": 0,
    "receiver": -1,
    "amount_minor": 0,
    "card_serial": 0,
    "merchant": -1,
    "pin_ok": 1,
}
"""What a request has of which nothing else is said."""


def at(day_us, wanted):
    """The requests of a day with their time and all that settlement looks at."""
    timed = [{**USUAL, **row, "time_us": day_us + row["offset_us"]} for row in wanted]
    return [{name: row[name] for name in row if name != "offset_us"} for row in timed]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    people=st.lists(CUSTOMER, min_size=PEOPLE, max_size=PEOPLE),
    own=st.lists(OWN, max_size=40),
    attempts=st.lists(OF_CAMPAIGNS, max_size=8),
    shares=st.fixed_dictionaries(
        {name: st.sampled_from([0.0, 0.0, 0.0, 1.0]) for name in SHARES}
    ),
    flagged=st.lists(MERCHANT, max_size=3),
)
def test_every_answer_is_that_of_the_definition(
    small_block, settled_by_definition, people, own, attempts, shares, flagged
):
    shares["do_not_honour_online"] = shares["do_not_honour"]
    around = small_block.surroundings(flagged, **NO_CHANCE, **shares)
    persons, states = small_block.customers(people)
    own, attempts = (at(small_block.FIRST_DAY_US, wanted) for wanted in (own, attempts))
    rows, later = small_block.live(
        0, small_block.requests(own), small_block.requests(attempts), persons, states, around
    )
    for i, traits in enumerate(people):
        books = settled_by_definition.Books(
            balance=traits["balance"],
            owed=traits["owed"],
            overdraft=traits["overdraft_minor"],
            credit_limit=traits["credit_limit_minor"],
            has_credit=traits["has_credit"],
            blocked=list(traits["blocked"]),
            card_serial=list(traits["card_serial"]),
        )
        mine, theirs = ([row for row in kind if row["customer"] == i] for kind in (own, attempts))
        settled_by_definition.settle(books, mine, theirs, around)
        assert answers_of(rows, i) == books.answers
        assert states["balance"][i] == books.balance
        assert states["owed"][i] == books.owed
        assert states["blocked"][i].tolist() == books.blocked
        assert states["serial"][i] == len(books.answers)
    assert_sent_money_arrives(rows, later, small_block.FIRST_DAY_US + DAY_US)


def answers_of(rows, customer):
    mine = np.sort(rows[(rows["customer"] == customer) & (rows["response"] >= 0)], order="serial")
    fields = ("serial", "time_us", "kind", "slot", "amount_minor", "response", "three_ds")
    return [tuple(int(row[name]) for name in fields) for row in mine]


def assert_sent_money_arrives(rows, later, night_us):
    """Hold that what was sent to customers waits for them in the night: no more, no less."""
    honest = (rows["case"] == 0) & (rows["response"] == APPROVED) & (rows["kind"] == TRANSFER)
    sent = rows[honest & (rows["receiver"] >= 0)]
    arriving = later[later["kind"] == DEPOSIT]
    assert (arriving["time_us"] >= night_us).all()
    assert sorted(zip(arriving["customer"], arriving["receiver"], arriving["amount_minor"])) == (
        sorted(zip(sent["receiver"], sent["customer"], sent["amount_minor"]))
    )
