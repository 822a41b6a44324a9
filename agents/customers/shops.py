"""Where a customer buys: the shop he just left, a favourite, or another by popularity and distance.

Sources: 71 % of purchases are at a shop used before, 76 % after fifty, and 30 % at the same as the
last (Birmingham purchase cards); new shops are met ever more slowly (Heaps). The pull of a shop
falls with distance (Huff, Land Economics 39, 1963); its form here is an assumption.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fraudsim.agents.customers.drafting import pick
from fraudsim.draws import base_of, integer, uniform
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.habits import Habits
    from fraudsim.agents.customers.mood import Mood
    from fraudsim.agents.customers.people import Person, State
    from fraudsim.agents.customers.today import Today
    from fraudsim.agents.customers.town import Town

ANY, IN_PERSON, ONLINE = -1, 0, 1  # which shops come into question
FAVOURITES = 4
"""Favourite shops per category and place; the first is visited most (assumption)."""
NEXT_TOWN = 0.05
"""Errands in a neighbouring city (assumption)."""
CANDIDATES = 3
"""Shops compared by distance before one is entered (assumption)."""
NEAR_KM = 2.0
"""Distance at which the pull of a shop is a quarter of that next door (assumption)."""
KM_PER_DEGREE = 111.195


@kernel
def back_again(kind: int, mood: Mood, state: State, town: Town) -> int:
    """Return the shop of the last purchase if it can be entered today, else -1."""
    last = state.last_merchant
    if last < 0 or (kind != ANY and town.shops[last].is_online != (kind == ONLINE)):
        return -1
    if not town.shops[last].is_online and town.shops[last].city != mood.place:
        return -1
    return int(last)


@kernel
def choose(
    draw: np.uint64,
    kind: int,
    mood: Mood,
    person: Person,
    state: State,
    town: Town,
    habits: Habits,
    today: Today,
) -> tuple[int, bool]:
    """Return a shop and whether it is a favourite; -1 where there is none."""
    share = town.share[today.weekday, person.persona]
    category = pick(share, 0, len(share), uniform(draw, 1))
    remote = min(town.trades[category].remote * person.online, 0.97)
    if kind == ONLINE or (kind == ANY and uniform(draw, 2) < remote):
        place = 999
        first, end = town.trades[category].online_start, town.trades[category].online_end
    else:
        place = mood.place
        if not mood.away and uniform(draw, 3) < NEXT_TOWN and place < len(town.neighbours):
            place = town.neighbours[place, integer(draw, 4, town.neighbours.shape[1])]
        first, end = town.shop_start[place, category], town.shop_end[place, category]
        if end <= first:
            category = town.travel[integer(draw, 5, len(town.travel))]
            first, end = town.shop_start[place, category], town.shop_end[place, category]
    if end <= first:
        return -1, False
    liked = uniform(draw, 7) >= mood.explore
    source = draw
    if liked:
        source = _favourite(person.customer, place * 64 + category, draw, habits, today)
    if place == 999:
        return pick(town.cumulative, first, end, uniform(source, 60)), liked
    lat, lon = town.cities[place].lat, town.cities[place].lon
    if place == state.city:
        lat, lon = state.lat, state.lon
    return _nearby(source, first, end, lat, lon, town), liked


@kernel
def _favourite(
    customer: int, kind: int, draw: np.uint64, habits: Habits, today: Today
) -> np.uint64:
    """Return the draws of one of the favourites; each is replaced now and then."""
    liked = int(FAVOURITES * uniform(draw, 8) ** 3)
    lasting = base_of(habits.lasting_key, customer, kind)
    lasts = habits.favourite_days / (1 + liked)
    era = int(today.day / lasts + uniform(lasting, liked))
    return base_of(lasting, liked, era)


@kernel
def _nearby(source: np.uint64, first: int, end: int, lat: float, lon: float, town: Town) -> int:
    """Return one of a few shops drawn by popularity, by how near it is."""
    chosen, total = -1, 0.0
    shrunk = math.cos(math.radians(lat))
    for k in range(CANDIDATES):
        shop = pick(town.cumulative, first, end, uniform(source, 60 + k))
        north = (town.shops[shop].lat - lat) * KM_PER_DEGREE
        east = (town.shops[shop].lon - lon) * KM_PER_DEGREE * shrunk
        pull = 1.0 / (1.0 + math.sqrt(north * north + east * east) / NEAR_KM) ** 2
        total += pull
        # the first is always taken: it is all of the total, and a draw is less than 1
        if k == 0 or uniform(source, 70 + k) * total < pull:
            chosen = shop
    return chosen
