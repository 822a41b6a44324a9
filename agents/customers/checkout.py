"""One purchase: its price, the card, and how the card is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.devices import is_fresh, paying_device
from fraudsim.agents.customers.drafting import begin_row, pick
from fraudsim.draws import base_of, integer, uniform
from fraudsim.kernel import kernel
from fraudsim.rows import (
    CHIP,
    CONTACTLESS,
    CREDIT,
    CVV_MATCH,
    CVV_NO_MATCH,
    DEBIT,
    ECOM,
    FALLBACK,
    MAGSTRIPE,
    POS,
    PURCHASE,
    STORED,
    WEB,
    Row,
)
from fraudsim.world.prices import basket_minor

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

_PAIRS = 1 << 24  # where the draws of a customer and a merchant begin
ADDRESS_ABROAD = 0.2
"""Payments from a browser never seen before that come through an address abroad: who opens a
private window also hides his address (assumption)."""
STRIPE_TILLS_AT_HOME, STRIPE_TILLS_ABROAD = 0.004, 0.12
"""Payments not made by tapping where the till has no chip reader, as at old kiosks and pumps. In
the year to June 2023, .3 % of all payments in person in Europe were not made by chip (failing chips
included), 6.1 % in the world (EMVCo)."""
USUAL_ORDER = 0.5
"""Favourite shops where always the same is bought, as a part of the share of price points: 1.8 % of
pairs of card and merchant have one amount only (Birmingham)."""


@kernel
def buy(
    rows: np.ndarray,
    at: int,
    draw: np.uint64,
    merchant: int,
    liked: bool,
    time_us: int,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> Row:
    """Write a purchase at ``merchant`` to row ``at`` and return it."""
    category = town.shops[merchant].category
    slot = CREDIT if uniform(draw, 11) < person.credit_share else DEBIT
    row = begin_row(rows, at, person.customer, time_us, PURCHASE, slot)
    row.merchant = merchant
    row.terminal = town.shops[merchant].first_terminal + integer(
        draw, 12, town.shops[merchant].terminals
    )
    pair = base_of(habits.lasting_key, person.customer, _PAIRS + merchant)
    usual = liked and uniform(pair, 2) < USUAL_ORDER * town.trades[category].price_points
    row.amount_minor = basket_minor(
        merchant,
        town.trades[category].log_mean + town.shops[merchant].price_level,
        person.spend_log + (0.0 if liked else mood.basket),
        town.trades[category].log_noise,
        town.trades[category].price_points,
        town.trades[category].log_ceiling,
        pair if usual else draw,
        town.trades[category].endings,
    )
    row.challenge_pass = habits.challenge_pass
    if town.shops[merchant].is_online:
        _online(row, draw, liked, mood, person, state, town, habits, today)
    else:
        _in_person(row, draw, town, habits)
    return row


@kernel
def _online(
    row: Row,
    draw: np.uint64,
    liked: bool,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> None:
    """Pay with the card that a favourite shop keeps on file, or type it in."""
    row.channel = ECOM
    row.ip_country = mood.country
    on_file = base_of(habits.lasting_key, person.customer, _PAIRS + row.merchant)
    if liked and uniform(on_file, 0) < habits.card_on_file:
        row.entry = STORED
        row.slot = CREDIT if uniform(on_file, 1) < person.credit_share else DEBIT
    else:
        row.entry = WEB
        row.cvv = CVV_NO_MATCH if uniform(draw, 16) < habits.wrong_cvv else CVV_MATCH
    row.device = paying_device(draw, person, state, habits, today)
    if is_fresh(row.device) and uniform(draw, 32) < ADDRESS_ABROAD:
        abroad = pick(town.city_weight, town.home_count, len(town.city_weight), uniform(draw, 33))
        row.ip_country = town.cities[abroad].country


@kernel
def _in_person(row: Row, draw: np.uint64, town: Town, habits: Habits) -> None:
    row.channel = POS
    abroad = town.cities[town.shops[row.merchant].city].country != habits.home_country
    is_large = row.amount_minor > habits.contactless_limit
    if uniform(draw, 18) < (habits.wallet if is_large else habits.contactless):
        row.entry = CONTACTLESS
    elif uniform(draw, 19) < (STRIPE_TILLS_ABROAD if abroad else STRIPE_TILLS_AT_HOME):
        row.entry = MAGSTRIPE
    elif uniform(draw, 34) < 0.004:  # a chip that does not answer (assumption)
        row.entry = FALLBACK
    else:
        row.entry = CHIP
        row.pin_ok = 0 if uniform(draw, 20) < habits.wrong_pin else 1
