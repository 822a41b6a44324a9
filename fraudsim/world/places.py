"""Where people live, shop and travel: real cities (GeoNames, see ``ATTRIBUTION.md``)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fraudsim.scenario import Scenario

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
KM_PER_DEGREE = EARTH_RADIUS_KM * np.pi / 180

DESTINATIONS = 40
"""Cities abroad that a world holds, for trips and foreign merchants (assumption)."""

DESTINATIONS_PER_COUNTRY = 3
"""At most this many of them in one country, so that trips reach many countries (assumption)."""

GRAVITY_OFFSET_KM = 500.0
"""Added to the distance in the gravity model, or the near would draw everybody (assumption)."""

NEIGHBOURS = 4

SCATTER_KM_OF_100K = 2.0
SCATTER_EXPONENT = 0.35
"""How far homes and shops lie from the centre: 2 km (sd, north and east each) in a city of 100,000,
growing as people**.35 (assumption: area grows more slowly than population)."""

# Cards issued elsewhere do not work there: the networks are absent, or left in 2022 (Russia).
_WITHOUT_FOREIGN_CARDS = ("CU", "IR", "KP", "RU", "SY")

# Codes that people write for a country whose ISO 3166 code is another.
_USUAL_MISTAKES = {"UK": "GB", "EL": "GR"}

_CITY_TYPES = {
    "geoname_id": pl.Int64(),
    "name": pl.String(),
    "country": pl.String(),
    "lat": pl.Float64(),
    "lon": pl.Float64(),
    "population": pl.Int64(),
    "timezone": pl.String(),
}


@dataclass(frozen=True)
class Places:
    """The cities of a world, P of them: home cities first, then destinations abroad.

    Home cities are sorted by population, largest first; destinations by ``trip_weight``.
    """

    name: tuple[str, ...]  # [P] ASCII
    country: tuple[str, ...]  # [P] ISO 3166
    timezone: tuple[str, ...]  # [P] IANA name
    countries: tuple[str, ...]  # the distinct countries, sorted
    country_code_index: NDArray[np.int16]  # [P] into `countries`
    lat: NDArray[np.float64]  # [P] degrees, three decimals
    lon: NDArray[np.float64]  # [P] degrees, three decimals
    population: NDArray[np.int64]  # [P]
    scatter_km: NDArray[np.float64]  # [P] sd of homes and shops around the centre, each axis
    trip_weight: NDArray[np.float64]  # [P] 0 at home; sums to 1 over the destinations
    home_count: int  # the first `home_count` rows are home cities
    neighbours: NDArray[np.int32]  # [home_count, 4] nearest home cities, nearest first

    def __len__(self) -> int:
        """Return the number of cities, at home and abroad."""
        return len(self.name)

    def scatter(
        self, city: NDArray[np.int32], rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draw a point around the centre of each of these cities: homes and shops alike.

        Returns:
            Latitudes and longitudes in degrees, three decimals (about 100 m), shaped as ``city``.
        """
        north, east = rng.standard_normal((2, len(city))) * self.scatter_km[city]
        lat = self.lat[city] + north / KM_PER_DEGREE
        lon = self.lon[city] + east / (KM_PER_DEGREE * np.cos(np.radians(self.lat[city])))
        return np.round(lat, 3), np.round(lon, 3)

    @property
    def home_weight(self) -> NDArray[np.float64]:
        """Share of each home city in their population: ``[home_count]``, sums to 1."""
        people = self.population[: self.home_count].astype(np.float64)
        weight: NDArray[np.float64] = people / people.sum()
        return weight


def load_cities() -> pl.DataFrame:
    """Return the shipped cities, sorted by country, then population (largest first), then id.

    Up to 800 cities of at least 15,000 people in each of BE, DE, ES, FR, GB, IE, IT, NL, PL, PT,
    SE and US, and of every other country up to 15 cities of at least 500,000.

    Source: GeoNames ``cities15000``, CC BY 4.0; see ``ATTRIBUTION.md`` beside this file.
    """
    data = files("fraudsim.world").joinpath("cities.csv").read_bytes()
    return pl.read_csv(data, schema=_CITY_TYPES)


def build_places(scenario: Scenario) -> Places:
    """Return the home cities of the scenario and the destinations abroad.

    Destinations are chosen and weighted by a gravity model from the home country's largest city:
    people / (distance + 500 km) squared, at most three cities per country (assumption).

    Raises:
        UsageError: ``population.country`` is not known, or has fewer cities than asked.
    """
    cities = load_cities()
    home = _home_cities(cities, scenario.population.country, scenario.population.cities)
    abroad = _destinations(cities, home)
    rows = pl.concat([home.with_columns(trip_weight=pl.lit(0.0)), abroad])
    countries = tuple(sorted(set(rows["country"])))
    position = {country: index for index, country in enumerate(countries)}
    population = rows["population"].to_numpy()
    return Places(
        name=tuple(rows["name"]),
        country=tuple(rows["country"]),
        timezone=tuple(rows["timezone"]),
        countries=countries,
        country_code_index=np.array([position[code] for code in rows["country"]], dtype=np.int16),
        lat=rows["lat"].to_numpy(),
        lon=rows["lon"].to_numpy(),
        population=population,
        scatter_km=SCATTER_KM_OF_100K * (population / 100_000) ** SCATTER_EXPONENT,
        trip_weight=rows["trip_weight"].to_numpy(),
        home_count=home.height,
        neighbours=_nearest_cities(home["lat"].to_numpy(), home["lon"].to_numpy()),
    )


def distance_km(
    lat_a: NDArray[np.float64],
    lon_a: NDArray[np.float64],
    lat_b: NDArray[np.float64],
    lon_b: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return great-circle distances in km (haversine, on the mean sphere); broadcasts.

    >>> london, paris = (51.509, -0.126), (48.853, 2.349)
    >>> round(float(distance_km(*map(np.float64, london + paris))))
    344
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lat = np.sin((phi_b - phi_a) / 2) ** 2
    half_lon = np.sin(np.radians(np.subtract(lon_b, lon_a)) / 2) ** 2
    chord = half_lat + np.cos(phi_a) * np.cos(phi_b) * half_lon
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distance


def _home_cities(cities: pl.DataFrame, country: str, count: int) -> pl.DataFrame:
    home = cities.filter(pl.col("country") == country)
    if home.is_empty():
        hint = _country_hint(country, set(cities["country"]))
        raise UsageError(f"population.country: no cities are known for '{country}'{hint}")
    if home.height < count:
        raise UsageError(
            f"population.cities: {count} cities of population.country '{country}' are asked for, "
            f"{home.height} are known; give {home.height} or fewer"
        )
    return home.head(count)


def _country_hint(country: str, known: set[str]) -> str:
    meant = _USUAL_MISTAKES.get(country)
    return f"; did you mean '{meant}'?" if meant else nearest(country, known)


def _destinations(cities: pl.DataFrame, home: pl.DataFrame) -> pl.DataFrame:
    """Return the most attractive cities abroad with their ``trip_weight``."""
    left_out = {home["country"][0], *_WITHOUT_FOREIGN_CARDS}
    abroad = cities.filter(~pl.col("country").is_in(left_out))
    far_km = distance_km(
        home["lat"].to_numpy()[:1],
        home["lon"].to_numpy()[:1],
        abroad["lat"].to_numpy(),
        abroad["lon"].to_numpy(),
    )
    pull = abroad["population"].to_numpy() / (far_km + GRAVITY_OFFSET_KM) ** 2
    return (
        abroad.with_columns(trip_weight=pull)
        .sort("trip_weight", "geoname_id", descending=[True, False])
        .filter(pl.int_range(pl.len()).over("country") < DESTINATIONS_PER_COUNTRY)
        .head(DESTINATIONS)
        .with_columns(pl.col("trip_weight") / pl.col("trip_weight").sum())
    )


def _nearest_cities(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the four nearest other cities of each; where there are fewer, the last repeats.

    A city that stands alone is its own neighbour, so an index is always valid.
    """
    far_km = distance_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
    np.fill_diagonal(far_km, np.inf)  # a city comes last among its own neighbours
    others = max(len(lat) - 1, 1)
    columns = np.minimum(np.arange(NEIGHBOURS), others - 1)
    order: NDArray[np.int32] = np.argsort(far_km, axis=1, kind="stable")[:, columns].astype(
        np.int32
    )
    return order
