"""Where payments are made: how far from home, and a map of homes and shops."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import polars as pl

from fraudsim.report.chart import Chart, Column, share, written
from fraudsim.report.gather import NO_PAYMENTS, bin_index, collected, count_of
from fraudsim.report.run import FRAUD, IN_PERSON, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

DISTANCE_EDGES_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DISTANCE_NAMES = (
    "below 1",
    *(f"{low}-{high}" for low, high in itertools.pairwise(DISTANCE_EDGES_KM)),
    "1000 and more",
)
EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of the WGS84 ellipsoid, IUGG

CITIES_DRAWN = 120
"""Dots on each map; the largest cities are kept."""


def distance(run: Run) -> Chart:
    """Distance from home to the shop, for payments made in person."""
    found = {
        row["bin"]: row
        for row in collected(
            _in_person(run)
            .with_columns(km=_great_circle_km())
            .group_by(bin=bin_index("km", DISTANCE_EDGES_KM))
            .agg(genuine=count_of(~FRAUD), fraud=count_of(FRAUD))
        )
    }
    none = {"genuine": 0, "fraud": 0}
    cells = [found.get(i, none) for i in range(len(DISTANCE_NAMES))]
    genuine, fraud = (sum(cell[key] for cell in cells) for key in ("genuine", "fraud"))
    rows = [
        (
            name,
            cell["genuine"],
            cell["fraud"],
            share(cell["genuine"], genuine),
            share(cell["fraud"], fraud),
        )
        for name, cell in zip(DISTANCE_NAMES, cells, strict=True)
    ]
    return Chart(
        "distance",
        "Distance from home",
        _distance_reading(rows),
        "kilometres from the customer's home to the shop or cash machine, payments in person; "
        "share of genuine and of fraudulent ones",
        (
            Column("km", "Distance (km)", "text"),
            Column("genuine", "Genuine", "count"),
            Column("fraud", "Fraud", "count"),
            Column("genuine_share", "Share of genuine", "share"),
            Column("fraud_share", "Share of fraud", "share"),
        ),
        rows if found else [],
        absent=NO_PAYMENTS,
    )


def _in_person(run: Run) -> pl.LazyFrame:
    homes = run.data.table("customers").select("customer_id", "home_lat", "home_lon")
    shops = run.data.table("merchants").select("merchant_id", "lat", "lon", "city", "country")
    return (
        run.payments.filter(pl.col("channel").cast(pl.String).is_in(IN_PERSON))
        .join(homes, on="customer_id", how="inner")
        .join(shops, on="merchant_id", how="inner")
    )


def _great_circle_km() -> pl.Expr:
    home_lat, home_lon = pl.col("home_lat").radians(), pl.col("home_lon").radians()
    lat, lon = pl.col("lat").radians(), pl.col("lon").radians()
    half_chord = ((lat - home_lat) / 2).sin() ** 2 + (
        home_lat.cos() * lat.cos() * ((lon - home_lon) / 2).sin() ** 2
    )
    return 2 * EARTH_RADIUS_KM * half_chord.clip(0, 1).sqrt().arcsin()


def _distance_reading(rows: Sequence[Sequence[Any]]) -> str:
    near = DISTANCE_EDGES_KM.index(20) + 1
    genuine = share(sum(row[1] for row in rows[:near]), sum(row[1] for row in rows))
    fraud = share(sum(row[2] for row in rows[:near]), sum(row[2] for row in rows))
    return (
        f"Within 20 km of home lie {written(genuine, 'share')} of genuine payments in person "
        f"and {written(fraud, 'share')} of fraudulent ones."
    )


def places(run: Run) -> Chart:
    """Where customers live and where they shop, with the share of fraud."""
    homes, shops = _homes(run), _shops(run)
    rows = [
        (
            kind,
            row["city"],
            row["lat"],
            row["lon"],
            row["total"],
            row["hit"],
            share(row["hit"], row["total"]),
        )
        for kind, cities in (("homes", homes), ("shops", shops))
        for row in cities
    ]
    return Chart(
        "places",
        "Map of homes and shops",
        _places_reading(homes, shops),
        "one dot a city; area is customers, or payments in person; colour is the share of "
        "customers who became victims, or of payments that are fraud; the two maps have their own "
        f"scales; the {CITIES_DRAWN} largest cities of homes, and of shops in the home country",
        (
            Column("kind", "Of", "text"),
            Column("city", "City", "text"),
            Column("lat", "Latitude", "number"),
            Column("lon", "Longitude", "number"),
            Column("total", "Customers or payments", "count"),
            Column("hit", "Victims or frauds", "count"),
            Column("share", "Share", "share"),
        ),
        rows,
        absent=NO_PAYMENTS,
    )


def _mean_degrees(column: str) -> pl.Expr:
    """Return the mean of coordinates with three decimals: an integer sum has no order."""
    thousandths = (pl.col(column) * 1000).round().cast(pl.Int64)
    return (thousandths.sum() / pl.len() / 1000).round(3)


def _largest(cities: pl.LazyFrame) -> list[dict[str, Any]]:
    order = ["total", "city", "country"]
    return collected(cities.sort(order, descending=[True, False, False]).head(CITIES_DRAWN))


def _homes(run: Run) -> list[dict[str, Any]]:
    victims = run.frauds.select("customer_id").unique().with_columns(victim=pl.lit(value=True))
    return _largest(
        run.data.table("customers")
        .join(victims, on="customer_id", how="left")
        .group_by(city="home_city", country="home_country")
        .agg(
            lat=_mean_degrees("home_lat"),
            lon=_mean_degrees("home_lon"),
            total=pl.len().cast(pl.Int64),
            hit=count_of(pl.col("victim").fill_null(value=False)),
        )
    )


def _shops(run: Run) -> list[dict[str, Any]]:
    return _largest(
        _in_person(run)
        .filter(pl.col("country") == run.setting.population.country)
        .group_by("city", "country")
        .agg(
            lat=_mean_degrees("lat"),
            lon=_mean_degrees("lon"),
            total=pl.len().cast(pl.Int64),
            hit=count_of(FRAUD),
        )
    )


def _places_reading(homes: Sequence[dict[str, Any]], shops: Sequence[dict[str, Any]]) -> str:
    if not homes or not shops:
        return NO_PAYMENTS
    worst = max(shops, key=lambda row: (row["hit"], row["total"]))
    if not worst["hit"]:
        return f"{homes[0]['city']} is the largest home; no fraud was met in person."
    return (
        f"Most customers live in {homes[0]['city']}; shops in {worst['city']} saw the most "
        f"fraud in person ({written(worst['hit'], 'count')} of "
        f"{written(worst['total'], 'count')} payments)."
    )
