"""What the customers of a block mean to do today: the honest plan, before the bank answers.

Every draw is hashed from (key, customer, day, counter), so a customer's plan depends on nothing
but the customer, the day and the few things that happened to him (``Ledger``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from fraudsim.draws import base_of, integer, normal, poisson, uniform
from fraudsim.rows import (
    ACCOUNT,
    ATM,
    BATCH,
    BILL,
    CARD_BLOCKED,
    CHIP,
    CONTACT_CHANGED,
    CONTACTLESS,
    CREDIT,
    CVV_MATCH,
    CVV_NO_MATCH,
    CVV_NOT_PROVIDED,
    DEBIT,
    DEPOSIT,
    DEVICE_ENROLLED,
    ECOM,
    FALLBACK,
    LOGIN,
    LOGIN_FAILED,
    MAGSTRIPE,
    NO_ENTRY,
    ONLINE_BANKING,
    PASSWORD_RESET,
    PAYEE_ADDED,
    POS,
    PURCHASE,
    RECURRING,
    REPAYMENT,
    STORED,
    TRANSFER,
    WAITING,
    WEB,
    WITHDRAWAL,
    Row,
)
from fraudsim.world.prices import price_minor

if TYPE_CHECKING:
    from fraudsim.agents.customers.columns import Columns, Ledger
    from fraudsim.agents.customers.town import Town
    from fraudsim.streams import Streams
    from fraudsim.world.world import World

MOST_ROWS_A_DAY = 260
"""Room kept free in the buffer before a customer is planned; planning never makes more."""
MOST_PURCHASES_A_DAY = 80
FAVOURITES = 5
"""Favourite shops per category and place; the first is visited most (assumption)."""
TRIP_WINDOW_DAYS = 60
SECOND = 1_000_000
DAY_US = 86_400 * SECOND


class Habits(NamedTuple):
    """The numbers of the scenario that shape a plan, and the keys of its draws."""

    day_key: np.uint64
    lasting_key: np.uint64
    customers: int
    home_country: int
    explore: float
    same_merchant: float
    contactless: float
    contactless_limit: int
    cash_per_day: float
    transfers_per_day: float
    new_payee_per_day: float
    logins_per_day: float
    trips_per_window: float
    trip_abroad: float
    new_phone_per_day: float
    replaced_per_day: float
    wrong_pin: float
    wrong_cvv: float
    challenge_pass: float


class Today(NamedTuple):
    """The day that is planned."""

    day: int
    weekday: int
    day_of_month: int
    start_us: int
    length_us: int  # at most 24 hours; 23 when clocks go forward
    activity: float
    paydays: npt.NDArray[np.bool_]  # by payday kind


def build_habits(world: World, streams: Streams) -> Habits:
    """Read the habits from the scenario."""
    honest = world.scenario.honest
    home = world.places.countries.index(world.scenario.population.country)
    return Habits(
        day_key=np.uint64(streams.key("honest-day")),
        lasting_key=np.uint64(streams.key("honest-lasting")),
        customers=world.customers,
        home_country=home,
        explore=honest.explore_share,
        same_merchant=honest.same_merchant_share,
        contactless=honest.contactless_share,
        contactless_limit=honest.contactless_limit_minor,
        cash_per_day=honest.cash_withdrawals_per_month / 30.4,
        transfers_per_day=honest.transfers_per_month / 30.4,
        new_payee_per_day=honest.new_payees_per_year / 365,
        logins_per_day=honest.logins_per_day,
        trips_per_window=honest.trips_per_year * TRIP_WINDOW_DAYS / 365,
        trip_abroad=honest.trip_abroad_share,
        new_phone_per_day=honest.new_phones_per_year / 365,
        replaced_per_day=honest.cards_replaced_per_year / 365,
        wrong_pin=honest.wrong_pin_share,
        wrong_cvv=honest.wrong_cvv_share,
        challenge_pass=world.scenario.issuer.challenge_pass_honest,
    )


def today_of(world: World, day: int) -> Today:
    """Return the calendar's facts of ``day``."""
    calendar = world.calendar
    return Today(
        day=day,
        weekday=int(calendar.weekday[day]),
        day_of_month=int(calendar.day_of_month[day]),
        start_us=calendar.day_start_us(day),
        length_us=min(calendar.day_start_us(day + 1) - calendar.day_start_us(day), DAY_US),
        activity=float(calendar.activity[day]),
        paydays=np.ascontiguousarray(calendar.payday[:, day]),
    )


@njit(cache=True)
def plan_from(
    first: int,
    rows: np.ndarray,
    at: int,
    ends: npt.NDArray[np.int64],
    columns: Columns,
    ledger: Ledger,
    town: Town,
    habits: Habits,
    today: Today,
) -> tuple[int, int]:
    """Plan the day of the customers from local index ``first`` on.

    Writes rows from ``at`` on, grouped by customer, and the end of each customer's group to
    ``ends``. Returns (next customer, next row); the next customer is not the last when the buffer
    is full: give a larger one and go on from there.
    """
    for i in range(first, len(columns.customer)):
        if at + MOST_ROWS_A_DAY > len(rows):
            return i, at
        customer = columns.customer[i]
        base = base_of(habits.day_key, customer, today.day)
        away = _trip_city(customer, today.day, habits, town)
        at = _purchases(rows, at, i, base, away, columns, ledger, town, habits, today)
        at = _subscriptions(rows, at, i, columns, town, habits, today)
        at = _bills(rows, at, i, columns, town, habits, today)
        at = _income(rows, at, i, base, columns, today)
        at = _cash(rows, at, i, base, away, columns, ledger, town, habits, today)
        at = _transfers(rows, at, i, base, away, columns, ledger, town, habits, today)
        at = _repayment(rows, at, i, columns, habits, today)
        at = _life_events(rows, at, i, base, columns, ledger, habits, today)
        ends[i] = at
    return len(columns.customer), at


@njit(cache=True)
def _blank(rows: np.ndarray, at: int, customer: int, time_us: int, kind: int, slot: int) -> None:
    row = rows[at]
    row.time_us = time_us
    row.amount_minor = 0
    row.device = 0
    row.payee = 0
    row.customer = customer
    row.merchant = -1
    row.terminal = -1
    row.serial = 0
    row.campaign = -1
    row.receiver = -1
    row.card_serial = 0
    row.ip_country = -1
    row.kind = kind
    row.slot = slot
    row.channel = BATCH
    row.entry = NO_ENTRY
    row.three_ds = 0
    row.cvv = CVV_NOT_PROVIDED
    row.pin_ok = 1
    row.case = 0
    row.stage = 0
    row.response = WAITING
    row.challenge_pass = 1.0


@njit(cache=True)
def _clock(today: Today, minute: float, base: np.uint64, counter: int) -> int:
    """Return a time of today, the seconds and microseconds drawn, kept inside the day."""
    second = uniform(base, counter) * 60
    within = int((minute * 60 + second) * SECOND)
    if not 0 <= within < today.length_us:
        # past midnight: some time in the first or last hour, so that no moment is crowded
        within = int(second * 60 * SECOND)
        if minute > 0:
            within = today.length_us - 1 - within
    return today.start_us + within


@njit(cache=True)
def _pick(cumulative: npt.NDArray[np.float64], first: int, last: int, u: float) -> int:
    """Return the position in [first, last) whose cumulative weight first exceeds ``u``."""
    low, high = first, last - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > u:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True)
def _trip_city(customer: int, day: int, habits: Habits, town: Town) -> int:
    """Return the city of today's trip, or -1 at home. One trip at most per 60 days."""
    window = day // TRIP_WINDOW_DAYS
    base = base_of(habits.lasting_key, customer, 1_000 + window)
    if uniform(base, 0) >= habits.trips_per_window:
        return -1
    first = window * TRIP_WINDOW_DAYS + integer(base, 1, TRIP_WINDOW_DAYS - 10)
    if not first <= day < first + 2 + integer(base, 2, 9):
        return -1
    cities = len(town.city_weight)
    if uniform(base, 3) < habits.trip_abroad and town.home_count < cities:
        return _pick(town.city_weight, town.home_count, cities, uniform(base, 4))
    return _pick(town.city_weight, 0, town.home_count, uniform(base, 4))


@njit(cache=True)
def _purchases(
    rows: np.ndarray,
    at: int,
    i: int,
    base: np.uint64,
    away: int,
    columns: Columns,
    ledger: Ledger,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    rate = columns.rate_per_day[i] * today.activity * _thrift(i, columns, ledger)
    for k in range(min(poisson(base, 1, rate), MOST_PURCHASES_A_DAY)):
        draw = base_of(base, 10, k)
        merchant = _where(i, draw, away, columns, ledger, town, habits, today)
        if merchant < 0:
            continue
        _purchase(rows, at, i, draw, merchant, away, columns, ledger, town, habits, today)
        if _can_pay(rows[at], i, draw, columns, ledger):
            ledger.last_merchant[i] = merchant
            at += 1
    return at


@njit(cache=True)
def _money(i: int, slot: int, columns: Columns, ledger: Ledger) -> int:
    """Return what this morning's balance or limit allows, less what is set aside for bills.

    A fifth of the monthly income stays on the current account (assumption). Minor units.
    """
    if slot == CREDIT:
        return int(columns.credit_limit_minor[i] - ledger.owed[i])
    aside = columns.income_minor[i] // 5
    return int(ledger.balance[i] + columns.overdraft_minor[i] - aside)


@njit(cache=True)
def _thrift(i: int, columns: Columns, ledger: Ledger) -> float:
    """Return the share of wishes that are followed: fewer when money runs short.

    All of them with four tenths of a monthly income at hand, a tenth with nothing (assumption).
    """
    money = _money(i, DEBIT, columns, ledger)
    if columns.has_credit[i]:
        money += _money(i, CREDIT, columns, ledger)
    wish = 0.1 + 2.25 * money / columns.income_minor[i]
    return float(min(max(wish, 0.1), 1.0))


@njit(cache=True)
def _can_pay(row: Row, i: int, draw: np.uint64, columns: Columns, ledger: Ledger) -> bool:
    """Most people know what they cannot pay: they take the other card, or leave it (assumption)."""
    if row.amount_minor <= _money(i, row.slot, columns, ledger) or uniform(draw, 21) < 0.08:
        return True
    if columns.has_credit[i]:
        row.slot = CREDIT if row.slot == DEBIT else DEBIT
    return bool(row.amount_minor <= _money(i, row.slot, columns, ledger))


@njit(cache=True)
def _where(
    i: int,
    draw: np.uint64,
    away: int,
    columns: Columns,
    ledger: Ledger,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Choose the merchant: the last one, a favourite, or a new one by popularity."""
    last = ledger.last_merchant[i]
    if last >= 0 and away < 0 and uniform(draw, 0) < habits.same_merchant:
        return int(last)
    share = town.share[today.weekday, columns.persona[i]]
    category = min(int(np.searchsorted(share, uniform(draw, 1), side="right")), len(share) - 1)
    if uniform(draw, 2) < min(town.remote[category] * columns.online[i], 0.97):
        first, end, place = town.online_start[category], town.online_end[category], 999
    else:
        place = columns.city[i] if away < 0 else away
        if away < 0 and uniform(draw, 3) < 0.08:  # errands in the next town (assumption)
            place = town.neighbours[place, integer(draw, 4, town.neighbours.shape[1])]
        first, end = town.shop_start[place, category], town.shop_end[place, category]
        if end <= first:
            category = town.travel[integer(draw, 5, len(town.travel))]
            first, end = town.shop_start[place, category], town.shop_end[place, category]
    if end <= first:
        return -1
    u = uniform(draw, 6)
    if uniform(draw, 7) >= habits.explore:
        liked = int(FAVOURITES * uniform(draw, 8) ** 2)
        lasting = base_of(habits.lasting_key, columns.customer[i], place * 64 + category)
        u = uniform(lasting, liked)
    return _pick(town.cumulative, first, end, u)


@njit(cache=True)
def _purchase(
    rows: np.ndarray,
    at: int,
    i: int,
    draw: np.uint64,
    merchant: int,
    away: int,
    columns: Columns,
    ledger: Ledger,
    town: Town,
    habits: Habits,
    today: Today,
) -> None:
    category = town.category[merchant]
    online = town.is_online[merchant]
    table = town.online_minute if online else town.shop_minute
    minute = table[category, integer(draw, 9, 4096)] + columns.clock_minutes[i]
    minute = minute % 1440 if online else minute
    slot = CREDIT if uniform(draw, 11) < columns.credit_share[i] else DEBIT
    _blank(rows, at, columns.customer[i], _clock(today, minute, draw, 10), PURCHASE, slot)
    row = rows[at]
    row.merchant = merchant
    row.terminal = town.first_terminal[merchant] + integer(draw, 12, town.terminals[merchant])
    row.amount_minor = price_minor(
        town.log_mean[category]
        + town.price_level[merchant]
        + columns.spend_log[i]
        + town.log_noise[category] * normal(draw, 13),
        uniform(draw, 15),
        town.endings[category, 0],
        town.endings[category, 1],
        town.endings[category, 2],
        town.endings[category, 3],
    )
    row.challenge_pass = habits.challenge_pass
    if online:
        _online(row, i, draw, away, columns, ledger, town, habits)
    else:
        _in_person(row, draw, town, habits)


@njit(cache=True)
def _online(
    row: Row,
    i: int,
    draw: np.uint64,
    away: int,
    columns: Columns,
    ledger: Ledger,
    town: Town,
    habits: Habits,
) -> None:
    row.channel = ECOM
    row.entry = WEB
    row.cvv = CVV_NO_MATCH if uniform(draw, 16) < habits.wrong_cvv else CVV_MATCH
    row.device = _browser(i, draw, columns, ledger, habits)
    row.ip_country = habits.home_country if away < 0 else town.country[away]


@njit(cache=True)
def _browser(i: int, draw: np.uint64, columns: Columns, ledger: Ledger, habits: Habits) -> int:
    """Return the device that pays online: mostly one's own, at times somebody else's.

    Partners lend each other theirs (5 %), and fingerprints of strangers collide or computers are
    shared (2 %); both shares are assumptions. So a device new to a customer, or one that several
    customers use, is no proof of anything.
    """
    u = uniform(draw, 22)
    if u < 0.05:
        partner = integer(
            base_of(habits.lasting_key, columns.customer[i], 700_000), 0, habits.customers
        )
        return partner * 16 + 1
    if u < 0.07:
        return integer(draw, 23, habits.customers) * 16 + 1
    return _own_device(i, uniform(draw, 17), columns, ledger)


@njit(cache=True)
def _own_device(i: int, u: float, columns: Columns, ledger: Ledger) -> int:
    """Return the phone, or for a third of the time the laptop of those who have one."""
    if columns.has_laptop[i] and u < 0.35:  # assumption
        return int(columns.customer[i] * 16 + 15)
    return int(columns.customer[i] * 16 + 1 + ledger.phone[i] % 14)


@njit(cache=True)
def _in_person(row: Row, draw: np.uint64, town: Town, habits: Habits) -> None:
    row.channel = POS
    abroad = town.country[town.merchant_city[row.merchant]] != habits.home_country
    if row.amount_minor <= habits.contactless_limit and uniform(draw, 18) < habits.contactless:
        row.entry = CONTACTLESS
    elif abroad and uniform(draw, 19) < 0.04:  # old tills abroad still read the stripe (assumption)
        row.entry = MAGSTRIPE
    elif uniform(draw, 19) < 0.004:  # a chip that does not answer (assumption)
        row.entry = FALLBACK
    else:
        row.entry = CHIP
        row.pin_ok = 0 if uniform(draw, 20) < habits.wrong_pin else 1


@njit(cache=True)
def _subscriptions(
    rows: np.ndarray,
    at: int,
    i: int,
    columns: Columns,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Charge the subscriptions that fall on this day of the month."""
    for k in range(columns.subscriptions[i]):
        lasting = base_of(habits.lasting_key, columns.customer[i], 100_000 + k)
        if 1 + integer(lasting, 0, 28) != today.day_of_month:
            continue
        category = town.subscribed[integer(lasting, 1, len(town.subscribed))]
        first, end = town.online_start[category], town.online_end[category]
        merchant = _pick(town.cumulative, first, end, uniform(lasting, 2))
        slot = CREDIT if uniform(lasting, 3) < columns.credit_share[i] else DEBIT
        time_us = _clock(today, 60 + 420 * uniform(lasting, 4), lasting, 1_000 + today.day)
        _blank(rows, at, columns.customer[i], time_us, PURCHASE, slot)
        row = rows[at]
        row.merchant = merchant
        row.terminal = town.first_terminal[merchant]
        row.channel = RECURRING
        row.entry = STORED
        # a fixed fee for as long as it runs; fees are half the category's baskets (assumption)
        row.amount_minor = price_minor(
            town.log_mean[category] - 0.7 + 0.5 * normal(lasting, 5),
            uniform(lasting, 7),
            0.2,
            0.6,
            0.05,
            0.1,
        )
        at += 1
    return at


@njit(cache=True)
def _bills(
    rows: np.ndarray,
    at: int,
    i: int,
    columns: Columns,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Collect household bills by direct debit, and pay the rent by standing order."""
    customer = columns.customer[i]
    for k in range(len(town.billers)):
        lasting = base_of(habits.lasting_key, customer, 200_000 + k)
        if 1 + integer(lasting, 0, 28) != today.day_of_month:
            continue
        category = town.billers[k]
        first, end = town.online_start[category], town.online_end[category]
        time_us = _clock(today, 120 + 180 * uniform(lasting, 2), lasting, 1_000 + today.day)
        _blank(rows, at, customer, time_us, BILL, ACCOUNT)
        month = base_of(lasting, today.day, 0)
        rows[at].merchant = _pick(town.cumulative, first, end, uniform(lasting, 1))
        rows[at].amount_minor = price_minor(
            town.log_mean[category] + 0.35 * normal(lasting, 3) + 0.15 * normal(month, 0),
            uniform(month, 2),
            0.2,
            0.0,
            0.0,
            0.0,
        )
        at += 1
    lasting = base_of(habits.lasting_key, customer, 300_000)
    if columns.rent_minor[i] > 0 and 1 + integer(lasting, 0, 5) == today.day_of_month:
        time_us = _clock(today, 200 + 120 * uniform(lasting, 1), lasting, 1_000 + today.day)
        _blank(rows, at, customer, time_us, TRANSFER, ACCOUNT)
        rows[at].payee = customer * 64 + 1
        rows[at].amount_minor = columns.rent_minor[i]
        at += 1
    return at


@njit(cache=True)
def _income(
    rows: np.ndarray, at: int, i: int, base: np.uint64, columns: Columns, today: Today
) -> int:
    """Pay the salary or pension on its payday; 12 payments a year are 13 for four-weekly ones."""
    if not today.paydays[columns.payday[i]]:
        return at
    draw = base_of(base, 20, 0)
    time_us = _clock(today, 20 + 330 * uniform(draw, 0), draw, 1)
    _blank(rows, at, columns.customer[i], time_us, DEPOSIT, ACCOUNT)
    change = 1.0 + 0.03 * normal(draw, 2)
    rows[at].amount_minor = int(columns.income_minor[i] * min(max(change, 0.8), 1.3))
    return at + 1


@njit(cache=True)
def _cash(
    rows: np.ndarray,
    at: int,
    i: int,
    base: np.uint64,
    away: int,
    columns: Columns,
    ledger: Ledger,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Withdraw cash in round notes near home or on the trip."""
    count = min(poisson(base, 2, habits.cash_per_day * today.activity), 4)
    for k in range(count):
        draw = base_of(base, 30, k)
        place = columns.city[i] if away < 0 else away
        first, end = town.shop_start[place, town.cash], town.shop_end[place, town.cash]
        if end <= first:
            continue
        minute = town.shop_minute[town.cash, integer(draw, 0, 4096)] + columns.clock_minutes[i]
        time_us = _clock(today, minute, draw, 1)
        _blank(rows, at, columns.customer[i], time_us, WITHDRAWAL, DEBIT)
        row = rows[at]
        u = uniform(draw, 2)
        if uniform(draw, 3) < 0.8:  # the machine round the corner (assumption)
            u = uniform(base_of(habits.lasting_key, columns.customer[i], 400_000 + place), 0)
        row.merchant = _pick(town.cumulative, first, end, u)
        row.terminal = town.first_terminal[row.merchant]
        row.channel = ATM
        row.entry = CHIP
        if away >= 0 and uniform(draw, 8) < 0.05:  # old machines (assumption)
            row.entry = MAGSTRIPE if town.country[place] != habits.home_country else FALLBACK
        if uniform(draw, 9) < 0.06 * columns.credit_share[i]:  # cash advances (assumption)
            row.slot = CREDIT
        row.pin_ok = 0 if uniform(draw, 4) < habits.wrong_pin else 1
        # 54 % of cash withdrawals are multiples of 100 (Berka); notes of 10 and 20 here
        notes = np.exp(1.6 + 0.7 * normal(draw, 5))
        row.amount_minor = min(max(int(notes + 0.5), 1), 50) * 1_000
        if row.amount_minor > 3_000:
            row.amount_minor = (row.amount_minor + 500) // 2_000 * 2_000
        if row.amount_minor <= _money(i, row.slot, columns, ledger) or uniform(draw, 7) < 0.08:
            at += 1
    return at


@njit(cache=True)
def _transfers(
    rows: np.ndarray,
    at: int,
    i: int,
    base: np.uint64,
    away: int,
    columns: Columns,
    ledger: Ledger,
    town: Town,
    habits: Habits,
    today: Today,
) -> int:
    """Send money to known payees, and add a payee now and then (and pay it at once)."""
    country = habits.home_country if away < 0 else town.country[away]
    known = columns.old_payees[i] + ledger.new_payees[i]
    thrift = _thrift(i, columns, ledger)
    count = min(poisson(base, 3, habits.transfers_per_day * thrift), 5)
    for k in range(count):
        draw = base_of(base, 40, k)
        payee = 1 + int(known * uniform(draw, 0) ** 1.7)  # the first ones most (assumption)
        at = _transfer(rows, at, i, draw, payee, country, columns, ledger, habits, today)
    if ledger.new_payees[i] < 50 and uniform(base, 4) < habits.new_payee_per_day:
        ledger.new_payees[i] += 1
        draw = base_of(base, 41, 0)
        at = _transfer(rows, at, i, draw, known + 1, country, columns, ledger, habits, today)
        _blank(rows, at, columns.customer[i], rows[at - 1].time_us, PAYEE_ADDED, ACCOUNT)
        earlier = 30 * SECOND + integer(draw, 20, 600 * SECOND)
        rows[at].time_us = max(rows[at - 1].time_us - earlier, today.start_us)
        rows[at].payee = rows[at - 1].payee
        rows[at].device = rows[at - 1].device
        rows[at].ip_country = country
        rows[at].channel = ONLINE_BANKING
        at += 1
    visits = min(poisson(base, 5, habits.logins_per_day), 6)
    for k in range(visits):
        draw = base_of(base, 42, k)
        device = _own_device(i, uniform(draw, 2), columns, ledger)
        time_us = _evening(today, draw)
        if uniform(draw, 12) < 0.04:  # a mistyped password, forgotten at times (assumption)
            failed_us = max(time_us - 60 * SECOND, today.start_us)
            at = _visit(rows, at, i, failed_us, LOGIN_FAILED, device, country, columns)
            if uniform(draw, 13) < 0.25:
                reset_us = max(time_us - 20 * SECOND, today.start_us)
                at = _visit(rows, at, i, reset_us, PASSWORD_RESET, device, country, columns)
        at = _visit(rows, at, i, time_us, LOGIN, device, country, columns)
    return at


@njit(cache=True)
def _evening(today: Today, draw: np.uint64) -> int:
    """Return a time of day for online banking: a broad hump around 4 pm (assumption)."""
    minute = 960 + 230 * normal(draw, 5)
    return _clock(today, minute % 1440, draw, 7)


@njit(cache=True)
def _visit(
    rows: np.ndarray,
    at: int,
    i: int,
    time_us: int,
    kind: int,
    device: int,
    country: int,
    columns: Columns,
) -> int:
    """Add an event of online banking."""
    _blank(rows, at, columns.customer[i], time_us, kind, ACCOUNT)
    rows[at].device = device
    rows[at].ip_country = country
    rows[at].channel = ONLINE_BANKING
    return at + 1


@njit(cache=True)
def _transfer(
    rows: np.ndarray,
    at: int,
    i: int,
    draw: np.uint64,
    payee: int,
    country: int,
    columns: Columns,
    ledger: Ledger,
    habits: Habits,
    today: Today,
) -> int:
    """Log in, then send money; the login comes first in the buffer."""
    customer = columns.customer[i]
    device = _own_device(i, uniform(draw, 8), columns, ledger)
    time_us = _evening(today, draw)
    login_us = max(time_us - 10 * SECOND - integer(draw, 9, 240 * SECOND), today.start_us)
    at = _visit(rows, at, i, login_us, LOGIN, device, country, columns)
    _blank(rows, at, customer, time_us, TRANSFER, ACCOUNT)
    row = rows[at]
    row.channel = ONLINE_BANKING
    row.device = device
    row.ip_country = country
    row.payee = customer * 64 + payee
    lasting = base_of(habits.lasting_key, customer, 500_000 + payee)
    business = payee_is_business(habits.lasting_key, customer, payee)
    row.receiver = payee_receiver(habits.lasting_key, customer, payee, habits.customers)
    # person to person: log-mean 3.24, log-sd 1.57, 95 % whole (US diary); businesses assumed
    level = 4.3 + 0.6 * normal(lasting, 3) if business else 3.24 + 0.9 * normal(lasting, 3)
    spread = 0.5 if business else 1.2
    amount = price_minor(
        level + spread * normal(draw, 10), uniform(draw, 12), 0.4 if business else 0.95, 0, 0, 0
    )
    # nobody sends more than he has; who is short sends a round part of it
    money = _money(i, DEBIT, columns, ledger)
    row.amount_minor = amount if amount <= money else max(money // 4_000 * 1_000, 500)
    return at + 1


@njit(cache=True)
def payee_is_business(key: np.uint64, customer: int, payee: int) -> bool:
    """Whether a customer's payee number ``payee`` is a business; the first one is the landlord."""
    return payee > 1 and uniform(base_of(key, customer, 500_000 + payee), 0) < 0.35


@njit(cache=True)
def payee_receiver(key: np.uint64, customer: int, payee: int, customers: int) -> int:
    """Return the customer who is this payee, or -1 for an account at another bank.

    A quarter of the persons paid bank here too (assumption).
    """
    lasting = base_of(key, customer, 500_000 + payee)
    if payee <= 1 or payee_is_business(key, customer, payee) or uniform(lasting, 1) >= 0.25:
        return -1
    friend = integer(lasting, 2, customers)
    return -1 if friend == customer else friend


@njit(cache=True)
def _repayment(
    rows: np.ndarray, at: int, i: int, columns: Columns, habits: Habits, today: Today
) -> int:
    """Pay the credit-card bill on its day; the amount is known when it is settled."""
    lasting = base_of(habits.lasting_key, columns.customer[i], 600_000)
    if not columns.has_credit[i] or 1 + integer(lasting, 0, 28) != today.day_of_month:
        return at
    time_us = _clock(today, 360 + 60 * uniform(lasting, 1), lasting, 1_000 + today.day)
    _blank(rows, at, columns.customer[i], time_us, REPAYMENT, ACCOUNT)
    return at + 1


@njit(cache=True)
def _life_events(
    rows: np.ndarray,
    at: int,
    i: int,
    base: np.uint64,
    columns: Columns,
    ledger: Ledger,
    habits: Habits,
    today: Today,
) -> int:
    """Buy a new phone; lose or wear out a card without fraud."""
    if uniform(base, 6) < habits.new_phone_per_day and ledger.phone[i] < 13:
        ledger.phone[i] += 1
        draw = base_of(base, 50, 0)
        phone = _own_device(i, 1.0, columns, ledger)
        at = _visit(
            rows, at, i, _evening(today, draw), DEVICE_ENROLLED, phone, habits.home_country, columns
        )
    if uniform(base, 8) < 0.3 / 365:  # a new telephone number or address (assumption)
        draw = base_of(base, 52, 0)
        device = _own_device(i, uniform(draw, 0), columns, ledger)
        at = _visit(
            rows,
            at,
            i,
            _evening(today, draw),
            CONTACT_CHANGED,
            device,
            habits.home_country,
            columns,
        )
    if uniform(base, 7) < habits.replaced_per_day:
        draw = base_of(base, 51, 0)
        slot = CREDIT if columns.has_credit[i] and uniform(draw, 0) < 0.5 else DEBIT
        _blank(rows, at, columns.customer[i], _evening(today, draw), CARD_BLOCKED, slot)
        at += 1
    return at
