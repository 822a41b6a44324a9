from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudsim.scenario import Merchants as MerchantsSection
from fraudsim.scenario import Population, Scenario
from fraudsim.schema import TERMINAL_TYPES
from fraudsim.streams import Streams
from fraudsim.world.categories import category_columns
from fraudsim.world.merchants import (
    LEAST_WEB_SHOPS,
    WEB_BASKET_LOG,
    Merchants,
    apportion,
    build_merchants,
)
from fraudsim.world.names import SURNAMES
from fraudsim.world.places import Places, build_places, distance_km

C = category_columns()
CASH = C.index("cash")


def make(
    customers: int = 2_000, cities: int = 10, seed: int = 1, country: str = "GB", **merchants: float
) -> tuple[Places, Merchants]:
    scenario = Scenario(
        population=Population(customers=customers, cities=cities, country=country),
        merchants=MerchantsSection(**merchants),
    )
    places = build_places(scenario)
    return places, build_merchants(scenario, places, C, Streams(seed))


def ranges(m: Merchants) -> list[tuple[int, int, int, int]]:
    """Every range as (first, end, city or -1, category), in order."""
    shops = [
        (*m.shop_range(city, kind), city, kind) for city, kind in np.ndindex(m.range_start.shape)
    ]
    return shops + [(*m.online_range(kind), -1, kind) for kind in range(len(C))]


worlds = st.builds(
    make,
    customers=st.sampled_from([1, 2, 50, 400, 5_000]),
    cities=st.sampled_from([1, 2, 7, 43]),
    seed=st.integers(0, 2**63 - 1),
    country=st.sampled_from(["GB", "IE", "US"]),
    per_100_customers=st.sampled_from([0.1, 40.0, 300.0]),
    online_share=st.sampled_from([0.0, 0.12, 1.0]),
    foreign_online_share=st.sampled_from([0.0, 0.25, 1.0]),
    zipf_s=st.sampled_from([0.0, 1.0, 3.0]),
)


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_ranges_tile_the_merchants_and_hold_what_they_say(world):
    _, m = world
    reached = 0
    for first, end, city, kind in ranges(m):
        assert first == reached
        reached = end
        if first == end:
            continue
        assert (m.category[first:end] == kind).all()
        assert (m.online[first:end] == (city < 0)).all()
        assert city < 0 or (m.city[first:end] == city).all()
        assert m.rank[first:end].tolist() == list(range(end - first))
        assert m.cumulative[end - 1] == 1
        assert (np.diff(m.cumulative[first:end]) >= 0).all()
        share = m.weight[first:end] / m.weight[first:end].sum()
        assert m.cumulative[first:end] == pytest.approx(np.cumsum(share))
    assert reached == len(m)


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_every_city_and_category_has_somebody(world):
    places, m = world
    shops = m.range_end - m.range_start
    in_person = (C.remote < 1) & (C.names != np.array("cash"))
    assert (shops[: places.home_count][:, in_person] >= 1).all()
    assert (shops[:, CASH] >= 1).all()
    assert (shops[places.home_count :][:, C.travel] >= 1).all()
    assert (shops[:, C.remote == 1] == 0).all()
    web = m.online_end - m.online_start
    assert (web[C.remote > 0] >= LEAST_WEB_SHOPS).all()
    assert (web[C.remote == 0] == 0).all()


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_columns_are_valid(world):
    places, m = world
    for field in dataclasses.fields(m):
        column = getattr(m, field.name)
        if not field.name.startswith(("range", "online_")):
            assert len(column) == len(m)
        assert np.isfinite(column).all()
    assert m.city.min() >= 0
    assert m.city.max() < len(places)
    assert all(code in C.mcc[kind] for code, kind in zip(m.mcc, m.category, strict=True))
    assert (m.weight > 0).all()
    # terminals are numbered through
    assert m.first_terminal[0] == 0
    assert (np.diff(m.first_terminal) == m.n_terminals[:-1]).all()
    assert m.terminal_count == m.first_terminal[-1] + m.n_terminals[-1]
    assert ((m.n_terminals >= 1) & (m.n_terminals <= 8)).all()
    one = m.online | (m.category == CASH)
    assert (m.n_terminals[one] == 1).all()
    expected = np.where(m.online, "ecom", np.where(m.category == CASH, "atm", "pos"))
    assert (np.array(TERMINAL_TYPES)[m.terminal_type] == expected).all()


def same(a: Merchants, b: Merchants, field: str) -> bool:
    return np.array_equal(getattr(a, field), getattr(b, field))


def test_the_same_seed_gives_the_same_and_another_seed_another_world():
    (_, a), (_, b), (_, other) = make(seed=5), make(seed=5), make(seed=6)
    names = [field.name for field in dataclasses.fields(Merchants)]
    assert all(same(a, b, name) for name in names)
    drawn = {"city", "mcc", "lat", "lon", "price_level", "n_terminals", "first_terminal", "secure"}
    assert {name for name in names if not same(a, other, name)} == drawn | {"name_pair"}


def test_the_number_of_merchants_is_about_what_was_asked_for():
    _, m = make(customers=200_000, cities=20, per_100_customers=10)
    machines = m.category == CASH
    assert len(m) - machines.sum() == pytest.approx(20_000, rel=0.01)
    assert m.online.sum() == pytest.approx(0.12 * 20_000, rel=0.01)
    assert machines.sum() == pytest.approx(4 * 200, rel=0.05)


def test_shops_go_with_population_and_outlets():
    places, m = make(customers=500_000, cities=20)
    shops = (m.range_end - m.range_start)[: places.home_count]
    people = places.home_weight
    assert shops.sum(axis=1) / shops.sum() == pytest.approx(people, abs=0.002)
    restaurant, fuel = C.index("restaurant"), C.index("fuel")
    expected = C.outlets[restaurant] * (1 - C.remote[restaurant]) / C.outlets[fuel]
    assert shops[0, restaurant] / shops[0, fuel] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("s", [0.0, 0.8, 1.3])
def test_popularity_falls_as_the_rank_to_the_minus_s(s):
    _, m = make(customers=20_000, cities=1, zipf_s=s)
    first, end = m.shop_range(0, C.index("restaurant"))
    assert end - first > 500
    chance = np.diff(m.cumulative[first:end], prepend=0.0)
    log_rank = np.log(np.arange(1, end - first + 1))
    slope = np.polyfit(log_rank, np.log(chance), 1)[0]
    assert slope == pytest.approx(-s, abs=1e-6)


def test_price_levels_spread_as_asked_but_not_for_cash_machines():
    _, m = make(customers=50_000, price_log_sd=0.6)
    # what is delivered comes in larger baskets
    level = (m.price_level - WEB_BASKET_LOG * m.online)[m.category != CASH]
    # 19,000 draws: standard errors .0044 and .0031; tolerances are five of them
    assert level.mean() == pytest.approx(0, abs=0.022)
    assert level.std() == pytest.approx(0.6, abs=0.016)
    assert (m.price_level[m.category == CASH] == 0).all()


def test_web_shops_sit_abroad_as_asked_but_utilities_do_not():
    places, m = make(customers=100_000, foreign_online_share=0.25)
    abroad = m.city[m.online] >= places.home_count
    domestic = C.domestic[m.category[m.online]]
    assert not abroad[domestic].any()
    # 4,500 draws: standard error .0065
    assert abroad[~domestic].mean() == pytest.approx(0.25, abs=0.03)


def test_shops_stand_in_their_city():
    places, m = make(customers=20_000, cities=20)
    away = distance_km(m.lat, m.lon, places.lat[m.city], places.lon[m.city])
    scatter = places.scatter_km[m.city]
    assert (away < 6 * scatter + 0.2).all()
    # two normal axes: the mean distance is sqrt(pi / 2) sd
    assert (away / scatter).mean() == pytest.approx(np.sqrt(np.pi / 2), rel=0.03)


def test_popular_shops_have_more_terminals():
    _, m = make(customers=50_000)
    shop = ~m.online & (m.category != CASH)
    assert m.n_terminals[shop & (m.rank == 0)].mean() == pytest.approx(1 + 7 * 0.7, abs=0.3)
    assert m.n_terminals[shop & (m.rank > 100)].mean() < 2


def test_codes_are_as_common_as_their_weights():
    _, m = make(customers=100_000)
    grocery = C.index("grocery")
    drawn = m.mcc[m.category == grocery]
    for code, weight in zip(C.mcc[grocery], C.mcc_weight[grocery], strict=True):
        # about 4,000 draws: five standard errors are at most .04
        assert (drawn == code).mean() == pytest.approx(weight, abs=0.04)


def test_any_terminal_belongs_to_its_merchant():
    _, m = make()
    merchants = np.repeat(np.arange(len(m)), 20)
    terminal = m.any_terminal(merchants, np.random.default_rng(1))
    owner = np.searchsorted(m.first_terminal, terminal, side="right") - 1
    assert (owner == merchants).all()
    assert len(np.unique(terminal)) > 0.9 * m.terminal_count


def test_names_have_one_shape_whoever_bears_them():
    _, m = make()
    names = m.names()
    assert names.len() == len(m)
    assert names.str.contains(r"^[A-Z][a-z]+ & [A-Z][a-z]+$").all()
    assert names.n_unique() > 0.99 * len(m)
    assert (m.name_pair[:, 0] != m.name_pair[:, 1]).all()
    length = names.str.len_chars().to_numpy()
    assert length[m.online].mean() == pytest.approx(length[~m.online].mean(), abs=0.6)
    assert len(set(SURNAMES)) == len(SURNAMES)


@given(
    st.integers(0, 10_000),
    st.lists(st.sampled_from([0.0, 0.1, 1.0, 2.5, 40.0]), min_size=1, max_size=30).filter(any),
)
def test_apportioning_gives_everything_out_nearest_to_the_weights(total, weights):
    weight = np.array(weights)
    count = apportion(total, weight)
    assert count.sum() == total
    assert np.abs(count - total * weight / weight.sum()).max() < 1
    assert (count[weight == 0] == 0).all()
    least = apportion(total, weight, least=2)
    assert (least == np.where(weight > 0, np.maximum(count, 2), 0)).all()


def test_chance_of_the_merchants_of_a_world_of_one():
    places, m = make(customers=1, cities=1)
    assert places.home_count == 1
    assert len(m) == 324  # the least: 18 shops at home, 6 x 40 abroad, 3 x 22 web shops
