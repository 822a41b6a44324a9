"""Payments that come by themselves: subscriptions, trials of them, household bills, rent.

Direct debits and subscriptions fall on their day of the month or a day or two later (weekends,
retries of the biller). Standing orders leave 28 to 31 days apart without exception (Berka).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.billing_runs import BILLING_DAYS, billing_day, billing_minute
from fraudsim.agents.customers.devices import paying_device
from fraudsim.agents.customers.drafting import begin_row, moment, pick
from fraudsim.agents.customers.habits import WINDOW_DAYS
from fraudsim.draws import base_of, integer, normal, uniform
from fraudsim.kernel import kernel
from fraudsim.rows import (
    ACCOUNT,
    BILL,
    CREDIT,
    CVV_MATCH,
    CVV_NO_MATCH,
    DEBIT,
    ECOM,
    PURCHASE,
    RECURRING,
    REPAYMENT,
    STORED,
    TRANSFER,
    WEB,
)
from fraudsim.world.prices import price_minor

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

ON_THE_DAY, DAY_AFTER = 0.8, 0.95
"""Charges on their very day, and by the day after; the rest comes two days late (assumption)."""
TRIAL_DAYS, MONTH_DAYS, LONGEST_DAYS = 14, 30, 200
"""A trial runs two weeks, then months; nobody is followed for longer (assumption)."""
KEPT = 0.5
"""Trials that become subscriptions (assumption)."""
_TRIALS = 45_000  # where the windows of trials begin, and the draws of what recurs:
_SUBSCRIPTIONS, _BILLS, _RENT, _REPAYMENT = 100_000, 200_000, 300_000, 600_000


@kernel
def days_due(person: Person, town: Town, habits: Habits, month: int) -> int:
    """Return on which days of a month a subscription, a bill, the rent or a repayment falls.

    Bit d of the number stands for day d.
    """
    key, customer = habits.lasting_key, person.customer
    days = 0
    for k in range(person.subscriptions):
        lasting = base_of(key, customer, _SUBSCRIPTIONS + k)
        days |= 1 << _due_day(lasting, _subscribed_at(lasting, town), habits, month)
    for k in range(_bills(person, town)):
        lasting = base_of(key, customer, _BILLS + k)
        days |= 1 << _due_day(lasting, _biller(lasting, 1, town.billers[k], town), habits, month)
    if person.rent_minor > 0:
        days |= 1 << _rent_day(base_of(key, customer, _RENT))
    if person.has_credit:
        days |= 1 << _repayment_day(base_of(key, customer, _REPAYMENT))
    return days


@kernel
def _due_day(lasting: np.uint64, merchant: int, habits: Habits, month: int) -> int:
    """Return the day of the month on which a biller's charge with these draws comes."""
    u = uniform(base_of(lasting, 7, month), 0)
    late = 0 if u < ON_THE_DAY else (1 if u < DAY_AFTER else 2)
    return billing_day(1 + integer(lasting, 0, BILLING_DAYS), merchant, habits) + late


@kernel
def _bills(person: Person, town: Town) -> int:
    """Return how many bills a customer has: the head of a household pays for all."""
    return len(town.billers) if person.customer == person.household else 0


@kernel
def _subscribed_at(lasting: np.uint64, town: Town) -> int:
    """Return the web shop of a subscription with these draws."""
    category = town.subscribed[integer(lasting, 1, len(town.subscribed))]
    return _biller(lasting, 2, category, town)


@kernel
def _rent_day(lasting: np.uint64) -> int:
    return 1 + integer(lasting, 0, 5)


@kernel
def _repayment_day(lasting: np.uint64) -> int:
    return 1 + integer(lasting, 0, 28)


@kernel
def _fee(lasting: np.uint64, category: int, town: Town) -> int:
    """Return a fixed fee: what the trade asks for, the same every month."""
    trade = town.trades[category]
    endings = trade.endings
    log_fee = trade.log_mean + trade.log_noise * normal(lasting, 5)
    if log_fee > trade.log_ceiling:
        log_fee = 2.0 * trade.log_ceiling - log_fee
    return price_minor(log_fee, uniform(lasting, 7), endings[0], endings[1], endings[2], endings[3])


@kernel
def _biller(lasting: np.uint64, counter: int, category: int, town: Town) -> int:
    """Return the web shop of a category that a customer has a contract with."""
    trade = town.trades[category]
    return pick(town.cumulative, trade.online_start, trade.online_end, uniform(lasting, counter))


@kernel
def subscriptions(
    rows: np.ndarray,
    at: int,
    person: Person,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Charge the subscriptions that fall on today."""
    for k in range(person.subscriptions):
        lasting = base_of(habits.lasting_key, person.customer, _SUBSCRIPTIONS + k)
        merchant = _subscribed_at(lasting, town)
        if _due_day(lasting, merchant, habits, today.month) == today.day_of_month:
            _charge(rows, at, lasting, merchant, person, town, habits, today)
            at += 1
    return at


@kernel
def _charge(
    rows: np.ndarray,
    at: int,
    lasting: np.uint64,
    merchant: int,
    person: Person,
    town: Town,
    habits: Habits,
    today: Today,
) -> None:
    """Write the charge of a subscription, at its hour of the night or morning."""
    slot = CREDIT if uniform(lasting, 3) < person.credit_share else DEBIT
    minute = billing_minute(uniform(lasting, 4), 60.0, 420.0, merchant, habits)
    time_us = moment(today, minute, lasting, 1_000 + today.day)
    row = begin_row(rows, at, person.customer, time_us, PURCHASE, slot)
    row.merchant = merchant
    row.terminal = town.shops[row.merchant].first_terminal
    row.channel = RECURRING
    row.entry = STORED
    row.amount_minor = _fee(lasting, town.shops[merchant].category, town)


@kernel
def tries(customer: int, window: int, habits: Habits) -> bool:
    """Whether a trial began in this window, or in one so recent that it may still cost."""
    found = False
    for past in range(min(window, LONGEST_DAYS // WINDOW_DAYS) + 1):
        lasting = base_of(habits.lasting_key, customer, _TRIALS + window - past)
        found = found or uniform(lasting, 20) < habits.trials_per_window
    return found


@kernel
def trials(
    rows: np.ndarray,
    at: int,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Begin a trial with nothing or a token sum; later it costs its fee, if it is kept."""
    customer = person.customer
    window = today.day // WINDOW_DAYS
    for past in range(LONGEST_DAYS // WINDOW_DAYS + 1):
        if window < past:
            break
        lasting = base_of(habits.lasting_key, customer, _TRIALS + window - past)
        if uniform(lasting, 20) >= habits.trials_per_window:
            continue
        age = today.day - (window - past) * WINDOW_DAYS - integer(lasting, 21, WINDOW_DAYS)
        category = town.tried[integer(lasting, 1, len(town.tried))]
        if age == 0:
            at = _trial(rows, at, lasting, category, mood, person, state, town, habits, today)
        elif _costs_today(age) and uniform(lasting, 22) < KEPT:
            merchant = _biller(lasting, 2, category, town)
            _charge(rows, at, lasting, merchant, person, town, habits, today)
            at += 1
    return at


@kernel
def _costs_today(age_days: int) -> bool:
    """Whether what began as a trial so many days ago is charged today."""
    return age_days >= TRIAL_DAYS and (age_days - TRIAL_DAYS) % MONTH_DAYS == 0


@kernel
def _trial(
    rows: np.ndarray,
    at: int,
    lasting: np.uint64,
    category: int,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Type the card in once or, now and then, at two or three services on one evening."""
    first, end = town.trades[category].online_start, town.trades[category].online_end
    services = 1 + int(uniform(lasting, 23) < 0.25) + int(uniform(lasting, 24) < 0.1)
    slot = CREDIT if uniform(lasting, 3) < person.credit_share else DEBIT
    begins = 1_020 + 300 * uniform(lasting, 25)  # an evening (assumption)
    for k in range(services):
        draw = base_of(lasting, 26, k)
        time_us = moment(today, begins + 7 * k, draw, 1)
        row = begin_row(rows, at, person.customer, time_us, PURCHASE, slot)
        row.merchant = pick(town.cumulative, first, end, uniform(lasting if k == 0 else draw, 2))
        row.terminal = town.shops[row.merchant].first_terminal
        row.channel = ECOM
        row.entry = WEB
        row.cvv = CVV_NO_MATCH if uniform(draw, 16) < 4 * habits.wrong_cvv else CVV_MATCH
        row.device = paying_device(draw, person, state, habits, today)
        row.ip_country = mood.country
        row.challenge_pass = habits.challenge_pass
        u = uniform(draw, 27)  # nothing, one unit, or a small first price (assumption)
        row.amount_minor = 0 if u < 0.35 else (100 if u < 0.65 else 99 + 100 * int(10 * u - 6))
        at += 1
    return at


@kernel
def bills(
    rows: np.ndarray,
    at: int,
    person: Person,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Collect household bills by direct debit, and pay the rent by standing order."""
    customer = person.customer
    for k in range(_bills(person, town)):
        lasting = base_of(habits.lasting_key, customer, _BILLS + k)
        category = town.billers[k]
        merchant = _biller(lasting, 1, category, town)
        if _due_day(lasting, merchant, habits, today.month) != today.day_of_month:
            continue
        minute = billing_minute(uniform(lasting, 2), 120.0, 180.0, merchant, habits)
        time_us = moment(today, minute, lasting, 1_000 + today.day)
        row = begin_row(rows, at, customer, time_us, BILL, ACCOUNT)
        month = base_of(lasting, today.day, 0)
        row.merchant = merchant
        row.amount_minor = price_minor(
            town.trades[category].log_mean + 0.35 * normal(lasting, 3) + 0.15 * normal(month, 0),
            uniform(month, 2),
            0.2,
            0.0,
            0.0,
            0.0,
        )
        at += 1
    lasting = base_of(habits.lasting_key, customer, _RENT)
    if person.rent_minor > 0 and _rent_day(lasting) == today.day_of_month:
        time_us = moment(today, 200 + 120 * uniform(lasting, 1), lasting, 1_000 + today.day)
        row = begin_row(rows, at, customer, time_us, TRANSFER, ACCOUNT)
        row.payee = customer * 64 + 1
        row.amount_minor = person.rent_minor
        at += 1
    return at


@kernel
def repayment(rows: np.ndarray, at: int, person: Person, habits: Habits, today: Today) -> int:
    """Pay the credit-card bill on its day; the amount is known when it is settled."""
    lasting = base_of(habits.lasting_key, person.customer, _REPAYMENT)
    if not person.has_credit or _repayment_day(lasting) != today.day_of_month:
        return at
    time_us = moment(today, 360 + 60 * uniform(lasting, 1), lasting, 1_000 + today.day)
    begin_row(rows, at, person.customer, time_us, REPAYMENT, ACCOUNT)
    return at + 1
