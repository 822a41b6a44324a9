"""What the customers of a block are, and what of them changes: one record each."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from fraudsim.agents.customers.joining import joining_day
from fraudsim.agents.customers.personas import PERSONAS
from fraudsim.kernel import kernel
from fraudsim.rows import records
from fraudsim.schema import PERSONAS as PERSONA_NAMES

if TYPE_CHECKING:
    from fraudsim.scenario import Scenario
    from fraudsim.streams import Streams
    from fraudsim.world.world import World

NEVER = np.iinfo(np.int64).max
CARDS_PER_SLOT = 4096
"""Cards that a customer can have in one slot during a run: eleven years of daily reissues."""
SPEND_LOG_SD = 0.25
"""Spread of spending levels between persons (sd of the log): persons explain .29 of the variance
of log amounts (US Diary of Consumer Payment Choice), merchants and noise the rest."""
SPENT_ON_CARDS, BASKET_MINOR = 0.9, 5_000
"""Part of the income after rent that goes on card payments at most, and the mean of one: who earns
little buys less often (assumption; the diary's mean card payment is 55)."""
SAVES_HERE, SAVED_LOG_SD = 0.3, 1.15
"""Customers who keep savings on the account, a monthly income in the median, and their log-sd: some
have what investment scams take, 10,500 pounds on average (UK Finance 2024; the rest assumed)."""
MOST_IN_HOUSEHOLD = 4
CLOCK_SD_MINUTES, PERSONA_SD_MINUTES = 80.0, 30.0
"""Spread of the personal clock within personas (assumption), and between them (``PERSONAS``)."""


PERSON = np.dtype(
    [
        ("customer", np.int64),  # index in the population
        ("household", np.int64),  # index of its first member
        ("household_size", np.int8),  # members who bank here
        ("persona", np.int8),
        ("birth_year", np.int16),
        ("city", np.int32),  # of the home before the first day; lat and lon too
        ("lat", np.float64),
        ("lon", np.float64),
        ("study_city", np.int32),  # where a student away from home lives in term; -1
        ("income_minor", np.int64),
        ("payday", np.int8),
        ("rate_per_day", np.float64),
        ("online", np.float64),
        ("spend_log", np.float64),
        ("lateness", np.float64),  # 0 is the earliest riser, 1 the latest; evenly spread
        ("has_credit", np.bool_),
        ("credit_share", np.float64),  # purchases put on the credit card
        ("rent_minor", np.int64),
        ("pays_in_full", np.bool_),
        ("subscriptions", np.int8),
        ("old_payees", np.int8),
        (
            "opened_day",
            np.int32,
        ),  # accounts opened so many days before the first day; below 0: after
        ("overdraft_minor", np.int64),
        ("credit_limit_minor", np.int64),
    ],
    align=True,
)
"""The lasting traits of a customer; position in a block is the local index."""

Person: TypeAlias = Any
"""One record of ``PERSON`` inside a kernel."""


STATE = np.dtype(
    [
        ("city", np.int32),  # where the customer lives now
        ("lat", np.float64),
        ("lon", np.float64),
        ("balance", np.int64),  # current account, minor units
        ("owed", np.int64),  # credit card, minor units
        ("card_serial", np.int16, (2,)),
        ("blocked", np.int8, (3,)),  # response code that answers; 0 is open
        ("notice_at", np.int64, (3,)),  # when fraud will be noticed; NEVER
        ("notice_case", np.int8, (3,)),
        ("notice_source", np.int8, (3,)),  # position in schema.REPORT_SOURCES
        ("reissue_at", np.int64, (3,)),
        ("lost", np.int64, (3,)),  # taken in the open case, minor units
        ("day", np.int32),  # day of the counters below
        ("count_today", np.int32, (2,)),  # approved card payments
        ("cash_today", np.int64, (2,)),  # minor units
        ("hour", np.int64, (2,)),  # hour of the counter below
        ("online_in_hour", np.int32, (2,)),
        ("payee_added_us", np.int64),
        ("serial", np.int32),  # running number of settled rows
        ("last_merchant", np.int32),
        ("phone", np.int8),  # phones so far
        ("new_payees", np.int8),  # payees added during the run
        ("order_payee", np.int8),  # whom a standing order pays; 0 is nobody
        ("order_day", np.int8),  # of the month on which it does
        ("puppet", np.bool_),  # a name that a fraudster uses: nobody lives behind it
    ],
    align=True,
)
"""What changes of a customer: home, money, cards, and what he has noticed."""

State: TypeAlias = Any
"""One record of ``STATE`` inside a kernel."""


def build_people(world: World, block: int, streams: Streams) -> np.ndarray:
    """Draw the customers of ``block``; a pure function of scenario, seed and block."""
    scenario = world.scenario
    first = block * scenario.population.block_size
    count = min(scenario.population.block_size, scenario.population.customers - first)
    rng = streams.get("customers", block)
    persona = rng.choice(len(PERSONA_NAMES), count, p=_persona_shares(scenario)).astype(np.int8)
    traits = [PERSONAS[name] for name in PERSONA_NAMES]

    def of(field: str) -> npt.NDArray[np.float64]:
        return np.array([getattr(trait, field) for trait in traits], dtype=np.float64)[persona]

    youngest, oldest = (np.array([t.age[k] for t in traits])[persona] for k in (0, 1))
    age = youngest + rng.random(count) * (oldest - youngest + 1)
    household, size = _households(scenario, first, count, rng)
    city, lat, lon = _homes(world, household - first, rng)
    study_city = _study_cities(world, persona, rng)
    people = scenario.population
    income = np.rint(
        people.income_median_minor * of("income") * rng.lognormal(0, people.income_log_sd, count)
    )
    income = np.maximum(income, 1_000).astype(np.int64)
    shape = scenario.honest.rate_gamma_shape
    mean_rate = np.array([t.rate for t in traits]) @ _persona_shares(scenario)
    rate = rng.gamma(shape, 1 / shape, count) * of("rate") / mean_rate
    has_credit = rng.random(count) < np.minimum(people.credit_card_share * of("credit"), 1)
    kinds = world.calendar.payday_kinds
    payday = np.array([kinds.index(t.payday) for t in traits], dtype=np.int8)[persona]
    credit_limit = scenario.issuer.credit_limit_incomes * income * rng.lognormal(0, 0.35, count)
    overdraft = scenario.issuer.overdraft_incomes * income * rng.choice([0, 0.5, 1, 2], count)
    rent = np.where(
        household == np.arange(first, first + count),
        np.rint(income * of("housing") / 2_500).astype(np.int64) * 2_500,
        0,
    )
    spend_log = rng.normal(0, SPEND_LOG_SD, count)
    left_minor = SPENT_ON_CARDS * (income - rent) / 30.4 / (BASKET_MINOR * np.exp(spend_log))
    rate = np.minimum(rate * scenario.honest.card_payments_per_day, left_minor)
    return records(
        PERSON,
        customer=np.arange(first, first + count, dtype=np.int64),
        household=household,
        household_size=size,
        persona=persona,
        birth_year=(scenario.calendar.start.year - age).astype(np.int16),
        city=city,
        lat=lat,
        lon=lon,
        study_city=study_city,
        income_minor=income,
        payday=payday,
        rate_per_day=rate,
        online=of("online") * rng.lognormal(0, 0.5, count),
        spend_log=spend_log,
        lateness=_lateness(of("clock_minutes"), rng),
        has_credit=has_credit,
        credit_share=np.where(has_credit, rng.beta(1.3, 1.6, count), 0.0),
        rent_minor=rent,
        pays_in_full=rng.random(count) < of("pays_in_full"),
        subscriptions=rng.integers(0, scenario.honest.subscriptions_max + 1, count).astype(np.int8),
        old_payees=rng.integers(2, 7, count).astype(np.int8),
        opened_day=_opened_days(world, first, count, streams, rng),
        overdraft_minor=_to_hundreds(overdraft),
        credit_limit_minor=np.where(has_credit, np.maximum(_to_hundreds(credit_limit), 20_000), 0),
    )


def open_states(people: np.ndarray, block: int, streams: Streams) -> np.ndarray:
    """Return the state before the first day: some money in, some owed, nothing noticed."""
    count = len(people)
    rng = streams.get("ledger", block)
    balance = people["income_minor"] * rng.gamma(1.2, 0.6, count)
    owed = people["credit_limit_minor"] * rng.beta(1.0, 5.0, count)
    saved = people["income_minor"] * rng.lognormal(0.0, SAVED_LOG_SD, count)
    balance += np.where(rng.random(count) < SAVES_HERE, saved, 0.0)
    joined = people["opened_day"] >= 0
    return records(
        STATE,
        city=people["city"],
        lat=people["lat"],
        lon=people["lon"],
        balance=np.where(joined, np.rint(balance), 0).astype(np.int64),
        owed=np.where(joined, np.rint(owed), 0).astype(np.int64),
        card_serial=0,
        blocked=0,
        notice_at=NEVER,
        notice_case=0,
        notice_source=0,
        reissue_at=NEVER,
        lost=0,
        day=-1,
        count_today=0,
        cash_today=0,
        hour=-1,
        online_in_hour=0,
        payee_added_us=-(1 << 62),
        serial=0,
        last_merchant=-1,
        phone=0,
        new_payees=0,
        order_payee=0,
        order_day=0,
        puppet=False,
    )


def _opened_days(
    world: World, first: int, count: int, streams: Streams, rng: np.random.Generator
) -> npt.NDArray[np.int32]:
    """Return how many days before the first one accounts were opened; below 0 is after it."""
    before = rng.integers(30, 6_000, count)
    key, days = np.uint64(streams.key("honest-lasting")), len(world.calendar)
    share = joining_share(world.scenario)
    joined = [joining_day(key, first + k, share, days) for k in range(count)]
    return np.where(np.array(joined) >= 0, -np.array(joined), before).astype(np.int32)


def joining_share(scenario: Scenario) -> float:
    """Return the share of the customers who join during the run."""
    return scenario.population.joining_per_year * scenario.calendar.days / 365


@kernel
def card_number(customer: int, slot: int, serial: int) -> int:
    """Return the key of card number ``serial`` (from 0) in a customer's slot."""
    return (customer * 2 + slot) * CARDS_PER_SLOT + serial


def card_keys(
    customer: npt.NDArray[np.int64], slot: npt.NDArray[np.int64], serial: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return ``card_number`` of each customer, slot and number, shape (n,)."""
    assert not len(serial) or serial.max() < CARDS_PER_SLOT
    numbered: npt.NDArray[np.int64] = _card_numbers(customer, slot, serial)
    return numbered


@njit(cache=True)
def _card_numbers(customer: np.ndarray, slot: np.ndarray, serial: np.ndarray) -> np.ndarray:
    numbers = np.empty(len(customer), np.int64)
    for k in range(len(customer)):
        numbers[k] = card_number(customer[k], slot[k], serial[k])
    return numbers


def _persona_shares(scenario: Scenario) -> npt.NDArray[np.float64]:
    shares = scenario.population.persona_shares
    values = np.array([shares.get(name, 0.0) for name in PERSONA_NAMES])
    shares_of_one: npt.NDArray[np.float64] = values / values.sum()
    return shares_of_one


def _households(
    scenario: Scenario, first: int, count: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    """Cut the block into households of one to four neighbours in index.

    Returns the first member's index in the population, and how many members there are.
    """
    starts = rng.random(count) >= scenario.population.shared_household_share
    position = np.arange(count)
    start = np.maximum.accumulate(np.where(starts, position, 0))
    head = start + (position - start) // MOST_IN_HOUSEHOLD * MOST_IN_HOUSEHOLD
    members = np.bincount(head, minlength=count)[head]
    return (first + head).astype(np.int64), members.astype(np.int8)


def _homes(
    world: World, head: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Place homes in and around the home cities, by population; a household has one."""
    places = world.places
    city = rng.choice(places.home_count, len(head), p=places.home_weight).astype(np.int32)
    lat, lon = places.scatter(city, rng)
    return city[head], lat[head], lon[head]


def _study_cities(
    world: World, persona: npt.NDArray[np.int8], rng: np.random.Generator
) -> npt.NDArray[np.int32]:
    """Return where students live in term, -1 for those who stay at home and for all others."""
    places, count = world.places, len(persona)
    city = rng.choice(places.home_count, count, p=places.home_weight)
    leaves = rng.random(count) < world.scenario.overlapping_look_alikes.student_away
    is_student = persona == PERSONA_NAMES.index("student")
    return np.where(leaves & is_student, city, -1).astype(np.int32)


def _lateness(
    shift_minutes: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return how late each person is, evenly spread over all, later for late personas."""
    drawn = shift_minutes + rng.normal(0, CLOCK_SD_MINUTES, len(shift_minutes))
    spread = np.hypot(CLOCK_SD_MINUTES, PERSONA_SD_MINUTES)
    return np.array([NormalDist().cdf(z) for z in drawn / spread])


def _to_hundreds(amount_minor: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(amount_minor / 10_000).astype(np.int64) * 10_000
