"""Where: shops stay where they are, people buy near their home, and nobody flies to the till."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.purchases import IN_PERSON, enough, purchases
from fraudsim.quality.panel import panel, which_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

EARTH_RADIUS_KM = 6371.0

MOVED_KM = 1.0
"""A merchant whose payments lie further apart than this has moved (a choice: above rounding)."""

LEAST_OF_A_MERCHANT = 2
"""Payments that can show that a merchant moved."""

FLIGHT_KM_PER_H = 900.0
"""Cruising speed of an airliner."""

FAR_KM = 50.0
"""Below this a speed says nothing: clocks and coordinates are rough (a choice)."""


def distance_km(
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
    other_lat: NDArray[np.float64],
    other_lon: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return great-circle distances; the arguments are degrees (haversine formula)."""
    one, two = np.radians(lat), np.radians(other_lat)
    half = (
        np.sin((two - one) / 2) ** 2
        + np.cos(one) * np.cos(two) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    )
    km: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return km


def _home(subject: Subject) -> Iterator[Measurement]:
    rows = _placed(subject, "home_lat", "home_lon")
    km = distance_km(*(rows[name].to_numpy() for name in (*_HOME, *_PLACE)))
    median, p90, p99 = (float(value) for value in np.quantile(km, (0.5, 0.9, 0.99)))
    detail = {"purchases": len(km), "p90_km": p90}
    yield Measurement(
        "home_median_km",
        median,
        f"half of the purchases in person are within {median:.1f} km of home",
        detail=detail,
    )
    yield Measurement(
        "home_p99_km",
        p99,
        f"one in a hundred purchases in person is {p99:.0f} km from home or further",
        detail=detail,
    )


def _merchants_stay(subject: Subject) -> Iterator[Measurement]:
    rows = _placed(subject, "merchant")
    spread = (
        rows.group_by("merchant")
        .agg(
            pl.len(),
            *(pl.col(name).max().alias(f"{name}_max") for name in _PLACE),
            *(pl.col(name).min().alias(f"{name}_min") for name in _PLACE),
        )
        .filter(pl.col("len") >= LEAST_OF_A_MERCHANT)
        .sort("merchant")
    )
    enough(spread, "merchants with two payments", 20)
    corners = [f"{name}_{end}" for end in ("max", "min") for name in _PLACE]
    km = distance_km(*(spread[name].to_numpy() for name in corners))
    moved = float((km > MOVED_KM).mean())
    yield Measurement(
        "merchants_stay",
        moved,
        f"{moved:.1%} of shops are seen in places more than {MOVED_KM:.0f} km apart",
        detail={"merchants": len(km)},
    )


def _speed(subject: Subject) -> Iterator[Measurement]:
    card = "card" if "card" in subject.payments.columns else which_account(subject)
    of = panel(_placed(subject, card), card)
    lat, lon = (of.frame[name].to_numpy() for name in _PLACE)
    km = distance_km(lat, lon, np.roll(lat, 1), np.roll(lon, 1))[of.follows]
    hours = np.diff(of.seconds(), prepend=0.0)[of.follows] / 3600
    if not len(km):
        raise CannotCheckError("no card is used twice in person")
    fast = float(((km > FAR_KM) & (km > FLIGHT_KM_PER_H * hours)).mean())
    yield Measurement(
        "travel_too_fast",
        fast,
        f"{fast:.3%} of honest purchases in person are faster from the one before than a flight",
        detail={"purchases": len(km), "far_from_the_last": float((km > FAR_KM).mean())},
    )


_HOME = ("home_lat", "home_lon")
_PLACE = ("merchant_lat", "merchant_lon")


def _placed(subject: Subject, *columns: str) -> pl.DataFrame:
    """Return the purchases in person whose places are known."""
    channel = ("channel",) if "channel" in subject.payments.columns else ()
    rows = purchases(subject, *_PLACE, *columns, *channel)
    if channel:
        rows = rows.filter(pl.col("channel") == IN_PERSON)
    known = rows.select("event_time", *_PLACE, *columns).drop_nulls()
    return enough(known, "purchases in person with a place")


CHECKS: tuple[Check, ...] = (
    Check("honest_life", "home", "Do people buy near home, and sometimes far away?", _home),
    Check("honest_life", "merchants_stay", "Do shops stay where they are?", _merchants_stay),
    Check("honest_life", "travel", "Does nobody travel faster than a flight?", _speed),
)
