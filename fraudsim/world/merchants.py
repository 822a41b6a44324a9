"""Who sells: shops in every city, web shops, billers and cash machines, as columns.

The order of merchants is internal: shops by city, category and popularity, then web shops by
category and popularity. It tells everything, so public ids must be made from it by a permutation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.schema import TERMINAL_TYPES
from fraudsim.world.names import draw_names, spell

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.scenario import Scenario
    from fraudsim.streams import Streams
    from fraudsim.world.categories import CategoryColumns
    from fraudsim.world.places import Places

LEAST_WEB_SHOPS = 3
"""Web shops that every category sold online has, however small the world."""

ABROAD_SHARE = 0.05
"""Part of the shops that stands in the cities abroad (assumption)."""

WEB_BASKET_LOG = 0.18
"""How much more a basket holds where it is delivered, in logs. The diary has 3.73 online and 3.15
in person, a part of it because of what is bought there (the rest assumed)."""

MOST_TERMINALS = 8
BUSY_SHARE = 0.7
"""Chance that each of the seven further tills of the most popular shop exists (assumption)."""

CASH = "cash"


@dataclass(frozen=True)
class Merchants:
    """The merchants of a world, M of them, with C categories and P places.

    A *range* is a run of merchants that compete: the shops of a category in a city, or all web
    shops of a category. To choose one by popularity, search a uniform draw in ``cumulative``
    over the range.
    """

    city: NDArray[np.int32]  # [M] into Places; of the head office when online
    category: NDArray[np.int8]  # [M] into CategoryColumns
    mcc: NDArray[np.int16]  # [M] merchant category code as a number
    lat: NDArray[np.float64]  # [M] degrees, three decimals
    lon: NDArray[np.float64]  # [M] degrees, three decimals
    online: NDArray[np.bool_]  # [M] sells online only
    secure: NDArray[np.bool_]  # [M] asks for 3-D Secure
    price_level: NDArray[np.float64]  # [M] added to the log of the amount; 0 for cash machines
    rank: NDArray[np.int32]  # [M] 0 is the most popular of the range
    weight: NDArray[np.float64]  # [M] popularity within the range, (rank + 1) ** -s
    cumulative: NDArray[np.float64]  # [M] of `weight` over the range; 1 at its end
    n_terminals: NDArray[np.int16]  # [M] 1 to 8
    first_terminal: NDArray[np.int32]  # [M] terminals are numbered through, merchant by merchant
    terminal_type: NDArray[np.int8]  # [M] position in schema.TERMINAL_TYPES
    name_pair: NDArray[np.int32]  # [M, 2] see fraudsim.world.names
    range_start: NDArray[np.int32]  # [P, C] shops of a category in a city: first
    range_end: NDArray[np.int32]  # [P, C] and one past the last; equal to the first when none
    online_start: NDArray[np.int32]  # [C] web shops of a category: first
    online_end: NDArray[np.int32]  # [C] and one past the last

    def __len__(self) -> int:
        """Return the number of merchants."""
        return len(self.city)

    @property
    def terminal_count(self) -> int:
        """Number of terminals of all merchants."""
        return int(self.n_terminals.sum(dtype=np.int64))

    def shop_range(self, city: int, category: int) -> tuple[int, int]:
        """Return first and one past the last shop of a category in a city; empty when equal."""
        return int(self.range_start[city, category]), int(self.range_end[city, category])

    def online_range(self, category: int) -> tuple[int, int]:
        """Return first and one past the last web shop of a category; empty when equal."""
        return int(self.online_start[category]), int(self.online_end[category])

    def any_terminal(
        self, merchants: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Draw one of the terminals of each of these merchants, all equally likely."""
        terminal: NDArray[np.int64] = self.first_terminal[merchants].astype(np.int64)
        count = self.n_terminals[merchants]
        if (count > 1).any():  # with one each, as web shops have, nothing would be drawn
            terminal += rng.integers(0, count.astype(np.int64))
        return terminal

    def names(self) -> pl.Series:
        """Return the trading names, in order."""
        return spell(self.name_pair)


def build_merchants(
    scenario: Scenario, places: Places, categories: CategoryColumns, streams: Streams
) -> Merchants:
    """Return the merchants of a world: a pure function of scenario and seed.

    There are about ``merchants.per_100_customers`` of them, and at least: one shop of every
    category in every home city, one of every ``travel`` category in every city abroad, three web
    shops of every category sold online, one cash machine per city. What these least numbers add,
    and the cash machines, come on top.
    """
    shops = _shop_counts(scenario, places, categories)  # [P, C]
    web = _web_shop_counts(scenario, categories)  # [C]
    sizes = np.concatenate([shops.ravel(), web])  # the ranges, in order
    ends = np.cumsum(sizes)
    starts = ends - sizes
    category = np.repeat(_category_of_ranges(places, categories), sizes).astype(np.int8)
    online = np.arange(ends[-1]) >= shops.sum()
    rank = np.arange(ends[-1], dtype=np.int32) - np.repeat(starts, sizes).astype(np.int32)
    weight, cumulative = _popularity(rank, np.repeat(sizes, sizes), scenario.merchants.zipf_s)
    shop_city = np.repeat(np.arange(len(places), dtype=np.int32), shops.sum(axis=1))
    is_domestic = categories.domestic[category[online]]
    city = np.concatenate([shop_city, _head_offices(scenario, places, is_domestic, streams)])
    lat, lon = places.scatter(city, streams.get("merchant_place"))
    is_cash = category == categories.index(CASH)
    n_terminals = _terminal_counts(rank, online | is_cash, streams)
    return Merchants(
        city=city,
        category=category,
        mcc=_codes(categories, category, streams),
        lat=lat,
        lon=lon,
        online=online,
        secure=streams.get("merchant_secure").random(len(city)) < scenario.merchants.three_ds_share,
        price_level=_price_levels(scenario, is_cash, online, streams),
        rank=rank,
        weight=weight,
        cumulative=cumulative,
        n_terminals=n_terminals,
        first_terminal=(np.cumsum(n_terminals, dtype=np.int64) - n_terminals).astype(np.int32),
        terminal_type=_terminal_types(online, is_cash),
        name_pair=draw_names(len(city), streams.get("merchant_name")),
        range_start=starts[: shops.size].reshape(shops.shape).astype(np.int32),
        range_end=ends[: shops.size].reshape(shops.shape).astype(np.int32),
        online_start=starts[shops.size :].astype(np.int32),
        online_end=ends[shops.size :].astype(np.int32),
    )


def expected_counts(
    scenario: Scenario, places: Places, categories: CategoryColumns
) -> tuple[int, int]:
    """Return how many merchants and about how many terminals ``build_merchants`` would make."""
    shops = _shop_counts(scenario, places, categories)
    count = int(shops.sum() + _web_shop_counts(scenario, categories).sum())
    with_tills = np.delete(shops, categories.index(CASH), axis=1)
    busy = np.cumsum(BUSY_SHARE / np.sqrt(np.arange(1, with_tills.max() + 1)))
    more = (MOST_TERMINALS - 1) * np.concatenate([[0.0], busy])[with_tills].sum()
    return count, count + round(more)


def apportion(total: int, weight: NDArray[np.float64], least: int = 0) -> NDArray[np.int64]:
    """Share ``total`` out by weight in whole numbers (largest remainder, first come in ties).

    Where something has weight and got less than ``least``, it is raised to that: the sum then
    exceeds ``total``.

    >>> apportion(7, np.array([3.0, 1.0, 0.0])).tolist()
    [5, 2, 0]
    >>> apportion(2, np.array([9.0, 1.0, 0.0]), least=1).tolist()
    [2, 1, 0]
    """
    exact = total * weight / max(weight.sum(), np.finfo(np.float64).tiny)
    count = np.floor(exact).astype(np.int64)
    left = total - int(count.sum())
    count[np.argsort(count - exact, kind="stable")[:left]] += 1
    shared: NDArray[np.int64] = np.maximum(count, np.where(weight > 0, least, 0))
    return shared


def _shop_counts(
    scenario: Scenario, places: Places, categories: CategoryColumns
) -> NDArray[np.int64]:
    """Return the number of shops and cash machines of each place and category: ``[P, C]``."""
    home, cash = places.home_count, categories.index(CASH)
    counts = np.zeros((len(places), len(categories)), dtype=np.int64)
    shops = _merchant_total(scenario) * (1 - scenario.merchants.online_share)
    machines = scenario.population.customers * scenario.merchants.atms_per_1000_customers / 1000
    outlets = categories.outlets * (1 - categories.remote)
    for rows, part, city_weight, outlet_weight in (
        (slice(0, home), 1 - ABROAD_SHARE, places.home_weight, outlets),
        (slice(home, None), ABROAD_SHARE, places.trip_weight[home:], outlets * categories.travel),
    ):
        weight = city_weight[:, None] * outlet_weight[None, :]
        dealt = apportion(round(shops * part), weight.ravel(), least=1)
        counts[rows] = dealt.reshape(weight.shape)
        counts[rows, cash] = apportion(round(machines * part), city_weight, least=1)
    return counts


def _web_shop_counts(scenario: Scenario, categories: CategoryColumns) -> NDArray[np.int64]:
    """Return the number of web shops of each category: ``[C]``."""
    total = round(_merchant_total(scenario) * scenario.merchants.online_share)
    return apportion(total, categories.outlets * categories.remote, least=LEAST_WEB_SHOPS)


def _merchant_total(scenario: Scenario) -> float:
    return scenario.population.customers * scenario.merchants.per_100_customers / 100


def _category_of_ranges(places: Places, categories: CategoryColumns) -> NDArray[np.int64]:
    """Return the category of each range: all of every place, then those of the web shops."""
    return np.tile(np.arange(len(categories)), len(places) + 1)


def _popularity(
    rank: NDArray[np.int32], size: NDArray[np.int64], zipf_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weight and cumulative weight of each merchant from its rank and its range's size."""
    by_rank = np.arange(1, int(size.max()) + 1, dtype=np.float64) ** -zipf_s
    total_to = np.cumsum(by_rank)
    return by_rank[rank], total_to[rank] / total_to[size - 1]


def _head_offices(
    scenario: Scenario, places: Places, is_domestic: NDArray[np.bool_], streams: Streams
) -> NDArray[np.int32]:
    """Draw the city of each web shop: at home by population, or abroad as trips go."""
    rng = streams.get("merchant_head_office")
    count, home = len(is_domestic), places.home_count
    abroad = rng.random(count) < scenario.merchants.foreign_online_share
    at_home = rng.choice(home, count, p=places.home_weight)
    elsewhere = home + rng.choice(len(places) - home, count, p=places.trip_weight[home:])
    return np.where(abroad & ~is_domestic, elsewhere, at_home).astype(np.int32)


def _codes(
    categories: CategoryColumns, category: NDArray[np.int8], streams: Streams
) -> NDArray[np.int16]:
    """Draw a merchant category code for each merchant from those of its category."""
    most = max(len(codes) for codes in categories.mcc)
    table = np.zeros((len(categories), most), dtype=np.int16)
    reached = np.ones((len(categories), most))
    for row, (codes, weights) in enumerate(zip(categories.mcc, categories.mcc_weight, strict=True)):
        table[row, : len(codes)] = codes
        reached[row, : len(codes) - 1] = np.cumsum(weights)[:-1]
    u = streams.get("merchant_code").random(len(category))
    column = (u[:, None] >= reached[category]).sum(axis=1)
    code: NDArray[np.int16] = table[category, column]
    return code


def _price_levels(
    scenario: Scenario,
    is_cash: NDArray[np.bool_],
    online: NDArray[np.bool_],
    streams: Streams,
) -> NDArray[np.float64]:
    rng = streams.get("merchant_price_level")
    level = rng.normal(0.0, scenario.merchants.price_log_sd, len(is_cash)) + WEB_BASKET_LOG * online
    return np.where(is_cash, 0.0, level)


def _terminal_counts(
    rank: NDArray[np.int32], has_one: NDArray[np.bool_], streams: Streams
) -> NDArray[np.int16]:
    """Draw 1 to 8 terminals, more for the popular; web shops and cash machines have one."""
    chance = np.where(has_one, 0.0, BUSY_SHARE / np.sqrt(rank + 1.0))
    more = streams.get("merchant_terminals").binomial(MOST_TERMINALS - 1, chance)
    return (1 + more).astype(np.int16)


def _terminal_types(online: NDArray[np.bool_], is_cash: NDArray[np.bool_]) -> NDArray[np.int8]:
    pos, atm, ecom = (TERMINAL_TYPES.index(name) for name in ("pos", "atm", "ecom"))
    return np.where(online, ecom, np.where(is_cash, atm, pos)).astype(np.int8)
