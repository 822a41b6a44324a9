from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from fraudsim.errors import UsageError
from fraudsim.scenario import Population, Scenario
from fraudsim.world.places import (
    DESTINATIONS,
    DESTINATIONS_PER_COUNTRY,
    build_places,
    distance_km,
    load_cities,
)


def scenario(**population: object) -> Scenario:
    return Scenario(population=Population.model_validate(population))


def test_the_shipped_table_is_small_sorted_and_whole():
    cities = load_cities()
    assert len(files("fraudsim.world").joinpath("cities.csv").read_bytes()) < 350_000
    assert cities.null_count().sum_horizontal()[0] == 0
    assert cities["geoname_id"].is_unique().all()
    assert cities.equals(
        cities.sort("country", "population", "geoname_id", descending=[False, True, False])
    )
    assert all(name.isascii() and name.isprintable() for name in cities["name"])
    assert cities["lat"].is_between(-90, 90).all()
    assert cities["lon"].is_between(-180, 180).all()


@pytest.mark.parametrize(
    ("country", "city", "lat", "lon"),
    [
        ("GB", "London", 51.5, -0.1),
        ("US", "New York City", 40.7, -74.0),
        ("PL", "Warsaw", 52.2, 21.0),
    ],
)
def test_known_cities_stand_where_they_are(country, city, lat, lon):
    places = build_places(scenario(country=country))
    assert places.name[0] == city
    assert places.lat[0] == pytest.approx(lat, abs=0.1)
    assert places.lon[0] == pytest.approx(lon, abs=0.1)


@pytest.mark.parametrize("country", ["GB", "US", "DE", "IE", "JP"])
def test_home_comes_first_and_destinations_lie_abroad(country):
    places = build_places(scenario(country=country, cities=12))
    assert places.home_count == 12
    assert len(places) == 12 + DESTINATIONS
    assert set(places.country[:12]) == {country}
    assert country not in places.country[12:]
    assert (np.diff(places.population[:12]) <= 0).all()
    assert (np.diff(places.trip_weight[12:]) <= 0).all()
    assert places.trip_weight[:12].sum() == 0
    assert places.trip_weight.sum() == pytest.approx(1)
    assert places.home_weight.sum() == pytest.approx(1)
    abroad = places.country[12:]
    assert max(abroad.count(code) for code in abroad) <= DESTINATIONS_PER_COUNTRY
    assert [places.countries[i] for i in places.country_code_index] == list(places.country)


def test_british_travellers_go_near():
    places = build_places(Scenario())
    assert places.name[places.home_count] == "Paris"
    assert "IE" in places.country
    assert "RU" not in places.country  # no cards from abroad there


@pytest.mark.parametrize("cities", [1, 2, 3, 5, 40])
def test_neighbours_are_the_nearest_other_home_cities(cities):
    places = build_places(scenario(cities=cities))
    assert places.neighbours.shape == (cities, 4)
    assert places.neighbours.min() >= 0
    assert places.neighbours.max() < cities
    home = slice(0, cities)
    for city, row in enumerate(places.neighbours):
        far = distance_km(
            places.lat[[city]], places.lon[[city]], places.lat[home], places.lon[home]
        )
        others = sorted(far[other] for other in range(cities) if other != city)[:4]
        if others:
            assert city not in row
            assert sorted(set(far[row])) == pytest.approx(others)
        else:
            assert set(row) == {city}


def test_distance_of_a_quarter_of_the_globe():
    zero, right_angle = np.array([0.0]), np.array([90.0])
    assert distance_km(zero, zero, right_angle, zero)[0] == pytest.approx(10_007.6, abs=0.1)
    assert distance_km(zero, zero, zero, zero)[0] == 0


def test_scatter_is_round_and_wider_in_large_cities():
    places = build_places(Scenario())
    london = np.zeros(20_000, dtype=np.int32)
    lat, lon = places.scatter(london, np.random.default_rng(1))
    north = distance_km(lat, places.lon[london], places.lat[london], places.lon[london])
    east = distance_km(places.lat[london], lon, places.lat[london], places.lon[london])
    # root mean square; its standard error is .5 % of 20,000 draws, 3 % is six of them
    for axis in (north, east):
        assert np.sqrt((axis**2).mean()) == pytest.approx(places.scatter_km[0], rel=0.03)
    assert (np.diff(places.scatter_km[: places.home_count]) <= 0).all()
    assert np.array_equal(lat, np.round(lat, 3))


def test_an_unknown_country_is_named_with_what_is_meant():
    with pytest.raises(UsageError, match=r"population\.country: .*'UK'; did you mean 'GB'\?"):
        build_places(scenario(country="UK"))
    with pytest.raises(UsageError, match=r"population\.country: .*'XX'; known: AE, .*GB"):
        build_places(scenario(country="XX"))


def test_too_many_cities_are_refused_with_the_number_known():
    with pytest.raises(UsageError, match=r"population\.cities: 60 .*'IE'.*43 are known; give 43"):
        build_places(scenario(country="IE", cities=60))
