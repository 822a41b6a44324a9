"""The world as flat arrays: what a customer's kernel reads of places, trades and shops."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from fraudsim.agents.customers.columns import SPEND_LOG_SD

if TYPE_CHECKING:
    from fraudsim.world.world import World


class Town(NamedTuple):
    """Arrays over categories (C), cities, merchants (M) and personas (P)."""

    share: npt.NDArray[np.float64]  # (7, P, C) cumulative over categories, by weekday and persona
    remote: npt.NDArray[np.float64]  # (C,)
    log_mean: npt.NDArray[np.float64]  # (C,)
    log_noise: npt.NDArray[np.float64]  # (C,) what merchants and persons leave unexplained
    shop_minute: npt.NDArray[np.uint16]  # (C, 4096) minute of the day by quantile
    online_minute: npt.NDArray[np.uint16]  # (C, 4096)
    endings: npt.NDArray[np.float64]  # (C, 4) whole, .99, .95, .50
    shop_start: npt.NDArray[np.int32]  # (cities, C)
    shop_end: npt.NDArray[np.int32]
    online_start: npt.NDArray[np.int32]  # (C,)
    online_end: npt.NDArray[np.int32]
    cumulative: npt.NDArray[np.float64]  # (M,) popularity within the range, ends at 1
    category: npt.NDArray[np.int8]  # (M,)
    is_online: npt.NDArray[np.bool_]  # (M,)
    price_level: npt.NDArray[np.float64]  # (M,)
    first_terminal: npt.NDArray[np.int32]
    terminals: npt.NDArray[np.int16]
    merchant_city: npt.NDArray[np.int32]
    country: npt.NDArray[np.int16]  # (cities,)
    neighbours: npt.NDArray[np.int32]  # (home cities, 4)
    city_weight: npt.NDArray[np.float64]  # (cities,) cumulative among home, then among foreign
    home_count: int
    cash: int  # category of cash machines
    travel: npt.NDArray[np.int8]  # categories that travellers use, every city has them
    billers: npt.NDArray[np.int8]  # categories of household bills
    subscribed: npt.NDArray[np.int8]  # categories of subscriptions


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
        share=totals / totals[:, :, -1:],
        remote=categories.remote,
        log_mean=categories.log_mean,
        log_noise=categories.within_log_sd(between),
        shop_minute=categories.hour_lut,
        online_minute=categories.online_hour_lut,
        endings=np.stack(
            [categories.whole, categories.x99, categories.x95, categories.x50], axis=1
        ),
        shop_start=merchants.range_start.astype(np.int32),
        shop_end=merchants.range_end.astype(np.int32),
        online_start=merchants.online_start.astype(np.int32),
        online_end=merchants.online_end.astype(np.int32),
        cumulative=merchants.cumulative,
        category=merchants.category,
        is_online=merchants.online,
        price_level=merchants.price_level,
        first_terminal=merchants.first_terminal,
        terminals=merchants.n_terminals,
        merchant_city=merchants.city,
        country=places.country_code_index,
        neighbours=places.neighbours,
        city_weight=weight,
        home_count=home,
        cash=categories.index("cash"),
        travel=np.flatnonzero(categories.travel & (categories.share > 0)).astype(np.int8),
        billers=_indices(world, ("utilities", "telecom")),
        subscribed=_indices(world, ("streaming", "telecom", "digital_goods")),
    )


def _cumulative(weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.cumsum(weight) / weight.sum() if len(weight) else weight


def _indices(world: World, names: tuple[str, ...]) -> npt.NDArray[np.int8]:
    return np.array([world.categories.index(name) for name in names], dtype=np.int8)
