"""What the customers of a block are: columns drawn once, before the first day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from fraudsim.agents.customers.personas import PERSONAS
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


class Columns(NamedTuple):
    """The lasting traits of the customers of one block; position is the local index."""

    customer: npt.NDArray[np.int64]  # index in the population
    persona: npt.NDArray[np.int8]
    birth_year: npt.NDArray[np.int16]
    city: npt.NDArray[np.int32]
    lat: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]
    income_minor: npt.NDArray[np.int64]
    payday: npt.NDArray[np.int8]
    rate_per_day: npt.NDArray[np.float64]
    online: npt.NDArray[np.float64]
    spend_log: npt.NDArray[np.float64]
    clock_minutes: npt.NDArray[np.float64]
    has_credit: npt.NDArray[np.bool_]
    credit_share: npt.NDArray[np.float64]  # purchases put on the credit card
    has_laptop: npt.NDArray[np.bool_]
    rent_minor: npt.NDArray[np.int64]
    pays_in_full: npt.NDArray[np.bool_]
    subscriptions: npt.NDArray[np.int8]
    old_payees: npt.NDArray[np.int8]
    opened_day: npt.NDArray[np.int32]  # accounts opened so many days before the first day
    overdraft_minor: npt.NDArray[np.int64]
    credit_limit_minor: npt.NDArray[np.int64]


class Ledger(NamedTuple):
    """What changes: money, cards, and what the customers of one block have noticed."""

    balance: npt.NDArray[np.int64]  # current account, minor units
    owed: npt.NDArray[np.int64]  # credit card, minor units
    card_serial: npt.NDArray[np.int16]  # (n, 2)
    blocked: npt.NDArray[np.int8]  # (n, 3) response code that answers; 0 is open
    notice_at: npt.NDArray[np.int64]  # (n, 3) when fraud will be noticed; NEVER
    notice_case: npt.NDArray[np.int8]  # (n, 3)
    notice_source: npt.NDArray[np.int8]  # (n, 3) position in schema.REPORT_SOURCES
    reissue_at: npt.NDArray[np.int64]  # (n, 3)
    lost: npt.NDArray[np.int64]  # (n, 3) taken in the open case, minor units
    day: npt.NDArray[np.int32]  # day of the counters below
    count_today: npt.NDArray[np.int32]  # (n, 2) approved card payments
    cash_today: npt.NDArray[np.int64]  # (n, 2) minor units
    hour: npt.NDArray[np.int64]  # (n, 2) hour of the counter below
    online_in_hour: npt.NDArray[np.int32]  # (n, 2)
    payee_added_us: npt.NDArray[np.int64]
    serial: npt.NDArray[np.int32]  # running number of settled rows
    last_merchant: npt.NDArray[np.int32]
    phone: npt.NDArray[np.int8]  # phones so far
    new_payees: npt.NDArray[np.int8]  # payees added during the run


def build_columns(world: World, block: int, streams: Streams) -> Columns:
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
    city, lat, lon = _homes(world, count, rng)
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
    return Columns(
        customer=np.arange(first, first + count, dtype=np.int64),
        persona=persona,
        birth_year=(scenario.calendar.start.year - age).astype(np.int16),
        city=city,
        lat=lat,
        lon=lon,
        income_minor=income,
        payday=payday,
        rate_per_day=rate * scenario.honest.card_payments_per_day,
        online=of("online") * rng.lognormal(0, 0.5, count),
        spend_log=rng.normal(0, SPEND_LOG_SD, count),
        clock_minutes=of("clock_minutes") + rng.normal(0, 50, count),
        has_credit=has_credit,
        credit_share=np.where(has_credit, rng.beta(1.3, 1.6, count), 0.0),
        has_laptop=rng.random(count) < 0.7,
        rent_minor=np.rint(income * of("housing") / 2_500).astype(np.int64) * 2_500,
        pays_in_full=rng.random(count) < of("pays_in_full"),
        subscriptions=rng.integers(0, scenario.honest.subscriptions_max + 1, count).astype(np.int8),
        old_payees=rng.integers(2, 9, count).astype(np.int8),
        opened_day=rng.integers(30, 6_000, count).astype(np.int32),
        overdraft_minor=_to_hundreds(overdraft),
        credit_limit_minor=np.where(has_credit, np.maximum(_to_hundreds(credit_limit), 20_000), 0),
    )


def open_ledger(columns: Columns, block: int, streams: Streams) -> Ledger:
    """Return the state before the first day: some money in, some owed, nothing noticed."""
    count = len(columns.customer)
    rng = streams.get("ledger", block)
    balance = columns.income_minor * rng.gamma(1.2, 0.6, count)
    owed = columns.credit_limit_minor * rng.beta(1.0, 5.0, count)
    return Ledger(
        balance=np.rint(balance).astype(np.int64),
        owed=np.rint(owed).astype(np.int64),
        card_serial=np.zeros((count, 2), np.int16),
        blocked=np.zeros((count, 3), np.int8),
        notice_at=np.full((count, 3), NEVER, np.int64),
        notice_case=np.zeros((count, 3), np.int8),
        notice_source=np.zeros((count, 3), np.int8),
        reissue_at=np.full((count, 3), NEVER, np.int64),
        lost=np.zeros((count, 3), np.int64),
        day=np.full(count, -1, np.int32),
        count_today=np.zeros((count, 2), np.int32),
        cash_today=np.zeros((count, 2), np.int64),
        hour=np.full((count, 2), -1, np.int64),
        online_in_hour=np.zeros((count, 2), np.int32),
        payee_added_us=np.full(count, -(1 << 62), np.int64),
        serial=np.zeros(count, np.int32),
        last_merchant=np.full(count, -1, np.int32),
        phone=np.zeros(count, np.int8),
        new_payees=np.zeros(count, np.int8),
    )


def card_key(
    customer: npt.NDArray[np.int64], slot: npt.ArrayLike, serial: npt.ArrayLike
) -> npt.NDArray[np.int64]:
    """Return the key of card number ``serial`` (from 0) in each customer's slot."""
    serials = np.asarray(serial, dtype=np.int64)
    assert not len(serials) or serials.max() < CARDS_PER_SLOT
    return (customer * 2 + np.asarray(slot, dtype=np.int64)) * CARDS_PER_SLOT + serials


def _persona_shares(scenario: Scenario) -> npt.NDArray[np.float64]:
    shares = scenario.population.persona_shares
    values = np.array([shares.get(name, 0.0) for name in PERSONA_NAMES])
    shares_of_one: npt.NDArray[np.float64] = values / values.sum()
    return shares_of_one


def _homes(
    world: World, count: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Place homes in and around the home cities, by population."""
    places = world.places
    population = places.population[: places.home_count].astype(np.float64)
    city = rng.choice(places.home_count, count, p=population / population.sum()).astype(np.int32)
    return city, *places.scatter(city, rng)


def _to_hundreds(amount_minor: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(amount_minor / 10_000).astype(np.int64) * 10_000
