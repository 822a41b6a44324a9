"""Where: how far from home, and how fast one would have had to travel.

Only rows with the card present (tills and cash machines) have a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

from fraudsim.features.base import NOBODY, FeatureColumn, Grouping, History, codes_of, column_where
from fraudsim.features.windows import Past
from fraudsim.moments import HOUR_US

if TYPE_CHECKING:
    from collections.abc import Iterator

    Degrees: TypeAlias = "np.ndarray | float"

EARTH_RADIUS_KM = 6371.0088  # IUGG mean radius
SHORTEST_TRIP_H = 1 / 60  # two rows in the same minute: the clock is no finer guide than that
CARD_PRESENT = ("pos", "atm")


def place(history: History) -> Iterator[FeatureColumn]:
    """Give distances in kilometres and the speed since the last place, in km/h."""
    where = _places(history)
    present = (
        history.rows["channel"].is_in(CARD_PRESENT).to_numpy()
        & where["lat"].is_not_null().to_numpy()
    )
    lat, lon = (where[name].fill_null(0.0).to_numpy() for name in ("lat", "lon"))
    home_lat, home_lon = (where[name].to_numpy() for name in ("home_lat", "home_lon"))

    customer = codes_of(history.rows["customer_id"])
    trips = Grouping.of(np.where(present, customer, NOBODY))
    before = Past.of(trips, history.time_us).previous_rows()
    travelled = present & (before >= 0)
    distance_km = great_circle_km(lat[before], lon[before], lat, lon)
    hours = trip_hours(history.time_us - history.time_us[before])

    yield FeatureColumn(
        "home_distance_km",
        "distance from the customer's home to the merchant, km, card present",
        "now",
        column_where(great_circle_km(home_lat, home_lon, lat, lon), present, pl.Float32),
    )
    yield FeatureColumn(
        "previous_place_km",
        "distance from the customer's previous card-present row, km",
        "previous",
        column_where(distance_km, travelled, pl.Float32),
    )
    yield FeatureColumn(
        "previous_place_kmh",
        "speed needed from the customer's previous card-present row, km/h, at least a minute",
        "previous",
        column_where(distance_km / hours, travelled, pl.Float32),
    )


def great_circle_km(lat_a: Degrees, lon_a: Degrees, lat_b: Degrees, lon_b: Degrees) -> Any:
    """Return the great-circle distance between points in degrees, km (haversine formula).

    Arrays give an array, numbers a number, with the same bits.
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    across, along = np.sin((phi_b - phi_a) / 2), np.sin(np.radians(lon_b - lon_a) / 2)
    # not ** 2: that squares arrays, but takes the power of numbers, which may end in another bit
    chord = across * across + np.cos(phi_a) * np.cos(phi_b) * (along * along)
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))


def trip_hours(elapsed_us: np.ndarray | int) -> Any:
    """Return how long a trip took, hours, an instant counted as ``SHORTEST_TRIP_H``."""
    return np.maximum(elapsed_us / HOUR_US, SHORTEST_TRIP_H)


def _places(history: History) -> pl.DataFrame:
    assert history.tables is not None
    homes = history.tables.table("customers").select("customer_id", "home_lat", "home_lon")
    shops = history.tables.table("merchants").select("merchant_id", "lat", "lon")
    return (
        history.rows.lazy()
        .select("customer_id", "merchant_id")
        .join(homes, on="customer_id", how="left", maintain_order="left")
        .join(shops, on="merchant_id", how="left", maintain_order="left")
        .collect()
    )
