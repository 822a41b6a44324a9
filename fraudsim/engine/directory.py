"""The standing tables of a block at the end of a run: people, accounts, cards, devices, payees."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from fraudsim.agents.customers.payees import payees_of
from fraudsim.agents.customers.people import card_keys, joining_share
from fraudsim.draws import uniforms
from fraudsim.engine.frames import enum, frame_of, times, where
from fraudsim.identities.ibans import ibans
from fraudsim.identities.pans import PREFIXES
from fraudsim.identities.people import People, identity_columns
from fraudsim.rows import ACCOUNT, CARD_ISSUED, CREDIT, DEBIT
from fraudsim.schema import (
    ACCOUNT_TYPES,
    FUNDINGS,
    PAYEE_TYPES,
    PERSONAS,
    TERMINAL_TYPES,
)

if TYPE_CHECKING:
    from fraudsim.agents.customers.block import CustomerBlock
    from fraudsim.engine.ids import PublicIds
    from fraudsim.streams import Streams
    from fraudsim.world.world import World

CARD_VALID_YEARS = 4
"""Cards are valid for four years (assumption; three to five are usual)."""


class Issued(NamedTuple):
    """Cards issued during the run, by the rows of kind CARD_ISSUED."""

    customer: npt.NDArray[np.int64]
    slot: npt.NDArray[np.int64]
    serial: npt.NDArray[np.int64]
    time_us: npt.NDArray[np.int64]


def issued_in(rows: np.ndarray) -> Issued:
    """Return the cards that settled ``rows`` issued."""
    new = rows.compress(rows["kind"] == CARD_ISSUED)
    return Issued(
        *(new[field].astype(np.int64) for field in ("customer", "slot", "card_serial", "time_us"))
    )


def block_tables(
    block: CustomerBlock, issued: Issued, world: World, ids: PublicIds, streams: Streams
) -> dict[str, pl.DataFrame]:
    """Return the standing tables of one block's customers."""
    return {
        "customers": _customers(block, world, ids),
        "identities": _identities(block, world, ids, streams),
        "accounts": _accounts(block, world, ids, streams),
        "balances": _balances(block, ids),
        "cards": _cards(block, issued, world, ids, streams),
        "payees": _payees(block, world, ids, streams),
    }


def merchant_tables(world: World, ids: PublicIds) -> dict[str, pl.DataFrame]:
    """Return merchants and terminals."""
    m, places = world.merchants, world.places
    count = len(m)
    owner = np.repeat(np.arange(count), m.n_terminals)
    names = pl.Series(world.categories.names)
    return {
        "merchants": frame_of(
            "merchants",
            {
                "merchant_id": ids.of("merchant", np.arange(count)),
                "name": m.names(),
                "mcc": pl.Series(m.mcc).cast(pl.String).str.zfill(4),
                "category": names.gather(pl.Series(m.category).cast(pl.UInt32)),
                "online": m.online,
                "city": pl.Series(places.name).gather(pl.Series(m.city).cast(pl.UInt32)),
                "country": pl.Series(places.country).gather(pl.Series(m.city).cast(pl.UInt32)),
                "lat": m.lat,
                "lon": m.lon,
            },
        ),
        "terminals": frame_of(
            "terminals",
            {
                "terminal_id": ids.of("terminal", np.arange(m.terminal_count)),
                "merchant_id": ids.of("merchant", owner),
                "terminal_type": enum(m.terminal_type[owner], TERMINAL_TYPES),
            },
        ),
    }


def payees_frame(
    keys: npt.NDArray[np.int64],
    kind: npt.NDArray[np.int64],
    country: pl.Series,
    receiver: npt.NDArray[np.int64],
    ids: PublicIds,
) -> pl.DataFrame:
    """Return payees, without name and IBAN, which need all accounts.

    ``receiver`` is the customer whose account it is, -1 at other banks.
    """
    account = pl.Series(ids.account(np.maximum(receiver, 0), np.full(len(keys), ACCOUNT)))
    return pl.DataFrame(
        {
            "payee_id": ids.of("payee", keys),
            "payee_type": enum(kind, PAYEE_TYPES),
            "country": country,
            "account_id": where(receiver >= 0, account),
        }
    )


def _customers(block: CustomerBlock, world: World, ids: PublicIds) -> pl.DataFrame:
    people, places = block.people, world.places
    city = pl.Series(people["city"]).cast(pl.UInt32)
    return frame_of(
        "customers",
        {
            "customer_id": ids.of("customer", people["customer"]),
            "persona": enum(people["persona"], PERSONAS),
            "birth_year": people["birth_year"],
            "home_city": pl.Series(places.name).gather(city),
            "home_country": pl.Series(places.country).gather(city),
            "home_lat": people["lat"],
            "home_lon": people["lon"],
            "income_minor": people["income_minor"],
        },
    )


def _slots(block: CustomerBlock) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return (local index, slot) of every account: all current ones, then the credit ones."""
    holders = np.flatnonzero(block.people["has_credit"])
    local = np.concatenate([np.arange(block.size), holders])
    slot = np.concatenate([np.full(block.size, DEBIT), np.full(len(holders), CREDIT)])
    return local, slot


def _identities(
    block: CustomerBlock, world: World, ids: PublicIds, streams: Streams
) -> pl.DataFrame:
    customers, population = block.people, world.scenario.population
    people = People(
        customers["customer"],
        customers["household"],
        customers["city"].astype(np.int64),
        population.country,
        population.customers,
    )
    return frame_of(
        "identities",
        {
            "customer_id": ids.of("customer", customers["customer"]),
            **identity_columns(people, streams),
            "city": pl.Series(world.places.name).gather(
                pl.Series(customers["city"]).cast(pl.UInt32)
            ),
            "country": pl.repeat(population.country, block.size, eager=True),
        },
    )


def _accounts(block: CustomerBlock, world: World, ids: PublicIds, streams: Streams) -> pl.DataFrame:
    people, population = block.people, world.scenario.population
    local, slot = _slots(block)
    start = np.datetime64(world.scenario.calendar.start)
    limit = np.where(
        slot == CREDIT, people["credit_limit_minor"][local], people["overdraft_minor"][local]
    )
    return frame_of(
        "accounts",
        {
            "account_id": ids.account(people["customer"][local], slot),
            "customer_id": ids.of("customer", people["customer"][local]),
            "account_type": enum(slot, ACCOUNT_TYPES),
            "currency": pl.repeat(population.currency, len(local), eager=True),
            "opened_on": pl.Series(start - people["opened_day"][local].astype("timedelta64[D]")),
            "limit_minor": limit,
            "iban": ibans(
                population.country,
                people["customer"][local] * 2 + (slot == CREDIT),
                streams.key("identity-iban"),
                own=True,
            ),
        },
    )


def _balances(block: CustomerBlock, ids: PublicIds) -> pl.DataFrame:
    local, slot = _slots(block)
    balance, owed = block.opening
    is_credit = slot == CREDIT
    return frame_of(
        "balances",
        {
            "account_id": ids.account(block.people["customer"][local], slot),
            "opening_minor": np.where(is_credit, -owed[local], balance[local]),
            "closing_minor": np.where(
                is_credit, -block.states["owed"][local], block.states["balance"][local]
            ),
        },
    )


def _cards(
    block: CustomerBlock, issued: Issued, world: World, ids: PublicIds, streams: Streams
) -> pl.DataFrame:
    """Return the cards held at the start, issued at a drawn day before it, and the new ones.

    Their numbers are made when all cards of the run are known.
    """
    local, slot = _slots(block)
    old = block.people["customer"][local]
    customer = np.concatenate([old, issued.customer])
    slots = np.concatenate([slot, issued.slot])
    serial = np.concatenate([np.zeros(len(old), np.int64), issued.serial])
    keys = card_keys(customer, slots, serial)
    day_us = 86_400_000_000
    most = CARD_VALID_YEARS * 365 - world.scenario.calendar.days
    # cards end after the run, those short of it having been renewed before the first day
    age_us = (1 + _draws(streams.key("cards"), keys[: len(old)], 0) * max(most, 30)) * day_us
    start_us = world.calendar.day_start_us(0)
    opened = block.people["opened_day"][local]
    joined, of_account = np.unique(np.maximum(-opened, 0), return_inverse=True)
    opening_us = np.array([world.calendar.day_start_us(day) for day in joined.tolist()])[of_account]
    first_us = np.where(opened < 0, opening_us, start_us - age_us.astype(np.int64))
    issued_us = np.concatenate([first_us, issued.time_us])
    return pl.DataFrame(
        {
            "card_id": ids.of("card", keys),
            "account_id": ids.account(customer, slots),
            "customer_id": ids.of("customer", customer),
            "funding": enum(slots, FUNDINGS),
            "bin": pl.Series([PREFIXES[name] for name in FUNDINGS]).gather(
                pl.Series(slots).cast(pl.UInt32)
            ),
            "issued_at": times(issued_us),
            "expires_on": _month_ends(issued_us),
        }
    )


def _month_ends(issued_us: npt.NDArray[np.int64]) -> pl.Series:
    """Return the last day of the month, four years on."""
    issued_on = pl.Series(issued_us).cast(pl.Datetime("us")).dt.date()
    return issued_on.dt.offset_by(f"{CARD_VALID_YEARS}y").dt.month_end()


def _payees(block: CustomerBlock, world: World, ids: PublicIds, streams: Streams) -> pl.DataFrame:
    """Return the payees that the customers know, the landlord first."""
    people = block.people
    known = people["old_payees"].astype(np.int64) + block.states["new_payees"]
    customer, number, business, abroad, receiver = payees_of(
        np.uint64(streams.key("honest-lasting")),
        known,
        int(people["customer"][0]),
        world.customers,
        joining_share(world.scenario),
    )
    draws = _draws(streams.key("payee-country"), customer * 64 + number, 0)
    country = _payee_countries(world, abroad, draws)
    return payees_frame(customer * 64 + number, business, country, receiver, ids)


def _payee_countries(
    world: World, abroad: npt.NDArray[np.bool_], draws: npt.NDArray[np.float64]
) -> pl.Series:
    """Return the home country, or one abroad as often as travellers go there."""
    places = world.places
    weight = np.cumsum(places.trip_weight[places.home_count :])
    there = places.home_count + np.searchsorted(weight, draws * weight[-1], side="right")
    return pl.Series(places.country).gather(pl.Series(np.where(abroad, there, 0)))


def _draws(key: int, keys: npt.NDArray[np.int64], counter: int) -> npt.NDArray[np.float64]:
    """Return one uniform draw per key."""
    draws: npt.NDArray[np.float64] = uniforms(np.uint64(key), keys, np.zeros_like(keys), counter)
    return draws
