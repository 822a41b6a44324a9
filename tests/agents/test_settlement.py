"""What the settlement of a day promises, held against plain Python for days made by hand."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraudsim.agents.issuer.authorise import APPROVED, LOST_CARD
from fraudsim.moments import DAY_US, MINUTE_US
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
    FALSE_DISPUTE,
    FIRST_EVENT,
    LOGIN,
    MAGSTRIPE,
    NO_ENTRY,
    NOTICE,
    PAYEE_ADDED,
    POS,
    PURCHASE,
    RECURRING,
    REFUND,
    REIMBURSEMENT,
    REPAYMENT,
    REPAYMENT_IN,
    ROW,
    STORED,
    TRANSFER,
    WAITING,
    WEB,
    WITHDRAWAL,
)

PEOPLE = 2
SHARES = (
    *("unavailable", "do_not_honour", "do_not_honour_online", "challenge_share", "frictionless"),
    *("refuse_stripe_abroad", "hold_share", "outdated"),
)
AMOUNT = st.integers(1, 5_000) | st.integers(1, 40_000)
MERCHANT = st.integers(0, 40)  # some in other countries, some online, some with 3-D Secure
CARD = st.sampled_from([DEBIT, CREDIT])
# few moments, so that some collide, within an hour or two on both sides of midnight UTC
MOMENT = st.integers(0, 12).map(lambda step: step * 15 * MINUTE_US)


HERE = st.just(ACCOUNT)


def request(kind, slot=HERE, **fields):
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
        cvv=st.sampled_from([*[CVV_MATCH] * 5, CVV_NO_MATCH]),
        pin_ok=st.sampled_from([*[1] * 7, 0]),
        challenge_pass=st.sampled_from([0.0, 1.0]),
    )


OWN = st.one_of(
    purchase(POS, CHIP),
    purchase(ECOM, WEB),
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
        "balance": st.integers(0, 30_000) | st.integers(100_000, 400_000),
        "owed": st.integers(0, 20_000),
        "card_serial": st.tuples(st.integers(0, 1), st.integers(0, 1)),
        "blocked": st.tuples(*[st.sampled_from([0, 0, 0, 0, LOST_CARD])] * 3),
        "pays_in_full": st.just(value=True),
    }
)
NO_CHANCE = {
    "cash_per_day": 60_000,
    "payments_per_day": 2,
    "online_per_hour": 1,
    "challenge_above": 20_000,
    "hold_above": 10_000,
    **dict.fromkeys(("alert_share", "retry", "refund", "false_dispute"), 0.0),
    **dict.fromkeys(("outages_per_day", "charged_again"), 0.0),
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
    own=st.lists(OWN, min_size=20, max_size=40),
    attempts=st.lists(OF_CAMPAIGNS, max_size=8),
    shares=st.fixed_dictionaries({name: st.sampled_from([*[0.0] * 7, 1.0]) for name in SHARES}),
    flagged=st.lists(MERCHANT, max_size=3),
)
def test_every_answer_is_that_of_the_definition(
    small_block, settled_by_definition, people, own, attempts, shares, flagged
):
    shares["do_not_honour_online"] = shares["do_not_honour"]
    around = small_block.surroundings(flagged, **NO_CHANCE, **shares)
    persons, states = small_block.customers(people)
    own, attempts = (at(small_block.FIRST_DAY_US, wanted) for wanted in (own, attempts))
    rows, _messages, later = small_block.live(
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
    mine = np.sort(rows[rows["customer"] == customer], order="serial")
    fields = ("serial", "time_us", "kind", "slot", "amount_minor", "response", "three_ds")
    return [tuple(int(row[name]) for name in fields) for row in mine]


def assert_sent_money_arrives(rows, later, night_us):
    """Hold that what was sent to customers waits for them in the night: no more, no less."""
    honest = (rows["case"] == 0) & (rows["response"] == APPROVED) & (rows["kind"] == TRANSFER)
    sent = rows[honest & (rows["receiver"] >= 0)]
    arriving = later[later["kind"] == DEPOSIT]
    assert (arriving["time_us"] >= night_us).all()
    came = arriving[["receiver", "customer", "amount_minor"]].tolist()
    assert sorted(came) == sorted(sent[["customer", "receiver", "amount_minor"]].tolist())


DAYS = 3
OTHER_SHARES = (
    *("retry", "refund", "false_dispute", "alert_share", "delay_never"),
    *("outages_per_day", "charged_again"),
)
BY_CHANCE = st.fixed_dictionaries(
    {name: st.sampled_from([0.0, 0.5]) for name in (*SHARES, *OTHER_SHARES)}
)
LIVELY = {
    "cash_per_day": 60_000,
    "payments_per_day": 4,
    "online_per_hour": 3,
    "challenge_above": 20_000,
    "hold_above": 10_000,
    "reissue_days": 1.0,
    "scam_reimbursed": 0.5,
    "delay_log_median": -1.5,  # fraud is noticed within hours
}
BESIDE = (NOTICE, FALSE_DISPUTE, CARD_BLOCKED, CARD_ISSUED, REIMBURSEMENT, REPAYMENT_IN)
"""What is written beside a request, when the next request of the customer comes."""


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    people=st.lists(
        CUSTOMER.map(lambda traits: {**traits, "blocked": (0, 0, 0)}),
        min_size=PEOPLE,
        max_size=PEOPLE,
    ),
    own=st.lists(st.lists(OWN, max_size=25), min_size=DAYS, max_size=DAYS),
    attempts=st.lists(st.lists(OF_CAMPAIGNS, max_size=10), min_size=DAYS, max_size=DAYS),
    rules=BY_CHANCE,
    key=st.integers(0, 2**64 - 1),
)
def test_the_books_of_days_with_chance_close(small_block, people, own, attempts, rules, key):
    around = small_block.surroundings(key=key, **LIVELY, **rules)
    persons, states = small_block.customers(people)
    rows, waiting = [], np.empty(0, ROW)
    for day in range(DAYS):
        day_us = small_block.FIRST_DAY_US + day * DAY_US
        falls_due = waiting["time_us"] < day_us + DAY_US
        due = np.sort(waiting[falls_due], order=("customer", "time_us"))
        due["response"] = WAITING
        asked = [small_block.requests(at(day_us, one[day])) for one in (own, attempts)]
        lived = small_block.live(day, *asked, persons, states, around, due)
        waiting = np.concatenate([waiting[~falls_due], lived.later])
        rows += [lived.rows, lived.messages]
    settled = np.concatenate(rows)
    for i, traits in enumerate(people):
        mine = np.sort(settled[settled["customer"] == i], order="serial")
        assert_numbered_in_the_order_of_time(mine)
        assert_books_close(mine, traits, states[i])
        assert_blocked_cards_are_refused(mine, traits)
        assert_no_more_comes_back_than_was_taken(mine)


def assert_numbered_in_the_order_of_time(rows):
    """Hold that every row has a number of its own, and requests are answered as they come."""
    numbered = rows[rows["kind"] != FALSE_DISPUTE]  # it has the number of what it disputes
    assert numbered["serial"].tolist() == list(range(1, len(numbered) + 1))
    asked = numbered[~np.isin(numbered["kind"], BESIDE)]
    assert (np.diff(asked["time_us"]) >= 0).all()


def assert_books_close(rows, traits, state):
    """Hold that money is what it was, plus what came, less what went, and no limit is passed."""
    balance, owed = traits["balance"], traits["owed"]
    for row in rows[(rows["kind"] < FIRST_EVENT) & (rows["response"] == APPROVED)]:
        goes_out = row["kind"] in (PURCHASE, WITHDRAWAL, TRANSFER, BILL, REPAYMENT)
        change = -int(row["amount_minor"]) if goes_out else int(row["amount_minor"])
        if row["slot"] == CREDIT:
            owed -= change
            assert not goes_out or owed <= traits["credit_limit_minor"]
        else:
            balance += change
            assert not goes_out or balance >= -traits["overdraft_minor"]
    assert (state["balance"], state["owed"]) == (balance, owed)


def assert_blocked_cards_are_refused(rows, traits):
    """Hold that a card pays only while it is the last one issued and not blocked."""
    current, blocked = list(traits["card_serial"]), [False, False]
    for row in rows:
        slot = int(row["slot"])
        if row["kind"] == CARD_BLOCKED:
            assert not blocked[slot], "blocked twice"
            blocked[slot] = True
        elif row["kind"] == CARD_ISSUED:
            current[slot], blocked[slot] = current[slot] + 1, False
            assert row["card_serial"] == current[slot]
        elif row["kind"] in (PURCHASE, WITHDRAWAL) and row["response"] == APPROVED:
            assert not blocked[slot]
            assert row["card_serial"] == current[slot]


def assert_no_more_comes_back_than_was_taken(rows):
    """Hold that victims are given back at most what approved fraud took, per account."""
    for slot in (DEBIT, CREDIT, ACCOUNT):
        here = rows[(rows["slot"] == slot) & (rows["response"] == APPROVED)]
        back = here[here["kind"] == REIMBURSEMENT]["amount_minor"].sum()
        is_fraud = (here["case"] > 0) & (here["kind"] < FIRST_EVENT)
        assert back <= here[is_fraud]["amount_minor"].sum()
