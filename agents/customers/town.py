"""The world as flat arrays: what a customer's kernel reads of places, trades and shops."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from fraudsim.agents.customers.people import SPEND_LOG_SD
from fraudsim.rows import records

if TYPE_CHECKING:
    from fraudsim.world.world import World


SHOP = np.dtype(
    [
        ("category", np.int8),
        ("is_online", np.bool_),
        ("secure", np.bool_),  # takes part in 3-D Secure
        ("price_level", np.float64),
        ("first_terminal", np.int32),
        ("terminals", np.int16),
        ("city", np.int32),
        ("lat", np.float64),
        ("lon", np.float64),
    ],
    align=True,
)
"""A merchant, as a kernel reads it."""

TRADE = np.dtype(
    [
        ("remote", np.float64),
        ("log_mean", np.float64),
        ("log_noise", np.float64),  # what merchants and persons leave unexplained
        ("price_points", np.float64),  # share of prices that a merchant repeats
        ("log_ceiling", np.float64),  # of an amount; infinite where there is none
        ("endings", np.float64, (4,)),  # whole, .99, .95, .50
        ("online_start", np.int32),
        ("online_end", np.int32),
    ],
    align=True,
)
"""A merchant category, as a kernel reads it."""

CITY = np.dtype(
    [
        ("lat", np.float64),
        ("lon", np.float64),
        ("scatter_km", np.float64),  # of homes around the centre
        ("country", np.int16),
    ],
    align=True,
)
"""A city, as a kernel reads it."""


class Town(NamedTuple):
    """Records of categories (C), cities and merchants (M), and what goes with them."""

    shops: np.ndarray  # (M,) of SHOP
    trades: np.ndarray  # (C,) of TRADE
    cities: np.ndarray  # of CITY
    share: npt.NDArray[np.float64]  # (7, P, C) cumulative over categories, by weekday and persona
    shop_minute: npt.NDArray[np.uint16]  # (C, 4096) minute of the day by quantile
    online_minute: npt.NDArray[np.uint16]  # (C, 4096)
    shop_start: npt.NDArray[np.int32]  # (cities, C)
    shop_end: npt.NDArray[np.int32]
    cumulative: npt.NDArray[np.float64]  # (M,) popularity within the range, ends at 1
    neighbours: npt.NDArray[np.int32]  # (home cities, 4)
    city_weight: npt.NDArray[np.float64]  # (cities,) cumulative among home, then among foreign
    home_count: int
    cash: int  # category of cash machines
    travel: npt.NDArray[np.int8]  # categories that travellers use, every city has them
    billers: npt.NDArray[np.int8]  # categories of household bills
    subscribed: npt.NDArray[np.int8]  # categories of subscriptions
    tried: npt.NDArray[np.int8]  # categories of trials


def build_town(world: World) -> Town:
    """Flatten ``world`` for the kernels."""
    categories, merchants, places = world.categories, world.merchants, world.places
    share = categories.share * categories.persona_weight  # (P, C)
    by_weekday = share[None, :, :] * categories.weekday.T[:, None, :]
    by_weekday[:, :, categories.index("cash")] = 0.0
    totals = np.cumsum(by_weekday, axis=2)
    between = float(np.hypot(world.scenario.merchants.price_log_sd, SPEND_LOG_SD))
    home = places.home_count
    population = places.population[:home].astype(np.float64)
    abroad = places.trip_weight[home:]
    weight = np.concatenate([_cumulative(population), _cumulative(abroad)])
    return Town(
        shops=records(
            SHOP,
            category=merchants.category,
            is_online=merchants.online,
            secure=merchants.secure,
            price_level=merchants.price_level,
            first_terminal=merchants.first_terminal,
            terminals=merchants.n_terminals,
            city=merchants.city,
            lat=merchants.lat,
            lon=merchants.lon,
        ),
        trades=records(
            TRADE,
            remote=categories.remote,
            log_mean=categories.log_mean,
            log_noise=categories.within_log_sd(between),
            price_points=categories.price_points,
            log_ceiling=categories.log_ceiling,
            endings=categories.endings,
            online_start=merchants.online_start,
            online_end=merchants.online_end,
        ),
        cities=records(
            CITY,
            lat=places.lat,
            lon=places.lon,
            scatter_km=places.scatter_km,
            country=places.country_code_index,
        ),
        share=totals / totals[:, :, -1:],
        shop_minute=categories.hour_lut,
        online_minute=categories.online_hour_lut,
        shop_start=merchants.range_start,
        shop_end=merchants.range_end,
        cumulative=merchants.cumulative,
        neighbours=places.neighbours,
        city_weight=weight,
        home_count=home,
        cash=categories.index("cash"),
        travel=np.flatnonzero(categories.travel & (categories.share > 0)).astype(np.int8),
        billers=_indices(world, ("utilities", "telecom")),
        subscribed=_indices(world, ("streaming", "telecom", "digital_goods")),
        tried=_indices(world, ("streaming", "digital_goods")),
    )


def _cumulative(weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.cumsum(weight) / weight.sum() if len(weight) else weight


def _indices(world: World, names: tuple[str, ...]) -> npt.NDArray[np.int8]:
    return np.array([world.categories.index(name) for name in names], dtype=np.int8)
