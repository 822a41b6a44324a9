"""The features of a simulated world, each computed again in plain Python, row by row."""

from __future__ import annotations

import math
import statistics
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from fraudsim.features import build_features

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
WINDOWS_US = {"1h": HOUR_US, "1d": DAY_US, "7d": 7 * DAY_US, "30d": 30 * DAY_US}
ENTITIES = ("account", "card", "merchant", "device", "payee")
RARE_EVENTS = ("login_failed", "device_enrolled", "contact_changed", "password_reset")
STEP = 29  # every so many rows are looked at: all of them would take minutes


@pytest.fixture(scope="module")
def rows(world) -> list[dict[str, Any]]:
    table = world.frames["transactions"].sort("event_time", "tx_id")
    return table.with_columns(t=pl.col("event_time").dt.timestamp("us")).to_dicts()


def compare(world, rows, family, naive, also=(), rare=frozenset()) -> None:
    """Compare a family, at some rows, with what ``naive(row, earlier rows)`` gives.

    Looks at every STEP-th row and at those in ``also``. Features that are zero or null in all of
    them must be named as ``rare``.
    """
    found = build_features(world, [family], timezone=world.timezone).to_dicts()
    names = set(found[0]) - {"tx_id"}
    seen: set[str] = set()
    for i in sorted({*range(0, len(rows), STEP), *also}):
        wanted = naive(rows[i], rows[:i])
        assert set(wanted) == names
        for name, value in wanted.items():
            assert same(found[i][name], value), (i, name, found[i][name], value)
            if value:
                seen.add(name)
    assert seen >= names - rare, f"never anything but nothing: {sorted(names - seen)}"


def where(rows, **columns: set[Any]) -> list[int]:
    """Return the numbers of the rows whose columns have one of these values, at most 300."""
    return [
        i
        for i, row in enumerate(rows)
        if all(row[name] in values for name, values in columns.items())
    ][-300:]


def same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float) and found is not None:
        return math.isclose(found, wanted, rel_tol=2e-4, abs_tol=2e-4)  # columns are float32
    return found == wanted


def soonest_again(rows, name: str, *, after_refusal: bool = False) -> list[int]:
    """Return the ten rows that follow soonest on a row of the same entity."""
    last: dict[int, int] = {}
    gaps = []
    for i, row in enumerate(rows):
        who = row[name]
        if who in last:
            gaps.append((row["t"] - last[who], i))
        if who is not None and not (after_refusal and row["approved"]):
            last[who] = row["t"]
    return [i for _, i in sorted(gaps)[:10]]


def test_velocity(world, rows):
    def naive(row, earlier):
        out = {}
        for entity in ENTITIES:
            who = row[f"{entity}_id"]
            met = [one for one in earlier if one[f"{entity}_id"] == who]
            for window, length_us in WINDOWS_US.items():
                near = [one for one in met if one["t"] >= row["t"] - length_us]
                paid = sum(one["amount_minor"] for one in near if one["direction"] == "debit")
                out[f"{entity}_count_{window}"] = None if who is None else len(near)
                out[f"{entity}_amount_{window}"] = None if who is None else paid
                if window != "30d":
                    declined = sum(not one["approved"] for one in near)
                    out[f"{entity}_declined_{window}"] = None if who is None else declined
        return out

    # few come back to the same payee or device soon: look at the soonest of them
    also = [*soonest_again(rows, "payee_id"), *soonest_again(rows, "device_id", after_refusal=True)]
    rare = {f"payee_declined_{window}" for window in WINDOWS_US}
    compare(world, rows, "velocity", naive, also, rare)


def test_recency(world, rows):
    def naive(row, earlier):
        out = {}
        for entity in ENTITIES:
            who = row[f"{entity}_id"]
            times = [one["t"] for one in earlier if who and one[f"{entity}_id"] == who]
            out[f"{entity}_gap_s"] = (row["t"] - times[-1]) / 1e6 if times else None
        return out

    compare(world, rows, "recency", naive)


def test_novelty(world, rows):
    def naive(row, earlier):
        out = {}
        for name in ("merchant", "device", "payee", "ip_country", "mcc"):
            column = name if name in row else f"{name}_id"
            thing = row[column]
            times = [
                one["t"]
                for one in earlier
                if one["account_id"] == row["account_id"] and one[column] == thing
            ]
            out[f"new_{name}"] = None if thing is None else not times
            met = thing is not None and times
            out[f"{name}_relation_days"] = (row["t"] - times[0]) / DAY_US if met else None
        return out

    compare(world, rows, "novelty", naive)


def test_amount(world, rows):
    def naive(row, earlier):
        paid = [
            one["amount_minor"]
            for one in earlier
            if one["account_id"] == row["account_id"]
            and one["direction"] == "debit"
            and one["t"] >= row["t"] - 30 * DAY_US
        ]
        mean = statistics.fmean(paid) if paid else None
        sd = statistics.pstdev(paid) if len(paid) > 1 else 0.0
        amount = row["amount_minor"]
        return {
            "amount_mean_30d": mean,
            "amount_log_ratio_30d": None if mean is None else math.log((1 + amount) / (1 + mean)),
            "amount_z_30d": (amount - mean) / sd if mean is not None and sd else None,
        }

    compare(world, rows, "amount", naive)


def test_place(world, rows):
    homes = {one["customer_id"]: one for one in world.frames["customers"].to_dicts()}
    shops = {one["merchant_id"]: one for one in world.frames["merchants"].to_dicts()}

    def naive(row, earlier):
        if row["channel"] not in {"pos", "atm"}:
            return dict.fromkeys(("home_distance_km", "previous_place_km", "previous_place_kmh"))
        home, shop = homes[row["customer_id"]], shops[row["merchant_id"]]
        here = shop["lat"], shop["lon"]
        places = [
            one
            for one in earlier
            if one["customer_id"] == row["customer_id"] and one["channel"] in {"pos", "atm"}
        ]
        distance = speed = None
        if places:
            last = shops[places[-1]["merchant_id"]]
            distance = km(last["lat"], last["lon"], *here)
            speed = distance / max((row["t"] - places[-1]["t"]) / HOUR_US, 1 / 60)
        return {
            "home_distance_km": km(home["home_lat"], home["home_lon"], *here),
            "previous_place_km": distance,
            "previous_place_kmh": speed,
        }

    compare(world, rows, "place", naive)


def km(lat_a, lon_a, lat_b, lon_b) -> float:
    """The angle between two unit vectors, times the radius: not the formula of the family."""

    def unit(lat, lon):
        phi, lam = math.radians(lat), math.radians(lon)
        return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)

    return 6371.0088 * 2 * math.asin(min(1, math.dist(unit(lat_a, lon_a), unit(lat_b, lon_b)) / 2))


def test_events(world, rows):
    """Most logins are made something else here: the kinds that matter are too rare otherwise."""
    table = world.frames["events"].sort("event_id")
    kinds = pl.Series((*RARE_EVENTS, "login", "payee_added"), dtype=table["event_type"].dtype)
    dealt = kinds.gather(pl.int_range(table.height, eager=True) % kinds.len())
    table = table.with_columns(event_type=dealt, t=pl.col("event_time").dt.timestamp("us"))
    happened = table.sort("t", "event_id").to_dicts()

    def naive(row, earlier):
        mine = [
            one
            for one in happened
            if one["customer_id"] == row["customer_id"] and one["t"] < row["t"]
        ]

        def since(kind, **of_this):
            times = [
                one["t"]
                for one in mine
                if one["event_type"] == kind
                and all(value is not None and one[key] == value for key, value in of_this.items())
            ]
            return (row["t"] - times[-1]) / 1e6 if times else None

        def count(kind, window):
            first = row["t"] - WINDOWS_US[window]
            return sum(one["event_type"] == kind and one["t"] >= first for one in mine)

        return {
            **{f"since_{kind}_s": since(kind) for kind in ("payee_added", *RARE_EVENTS[1:])},
            "login_count_1d": count("login", "1d"),
            **{
                f"login_failed_count_{window}": count("login_failed", window)
                for window in ("1h", "1d", "7d")
            },
            "since_this_device_enrolled_s": since("device_enrolled", device_id=row["device_id"]),
            "since_this_payee_added_s": since("payee_added", payee_id=row["payee_id"]),
        }

    compare(
        world.but(events=table.drop("t")),
        rows,
        "events",
        naive,
        also=where(rows, payee_id=set(world.frames["payees"]["payee_id"])),
    )


def test_context(world, rows):
    customers = {one["customer_id"]: one for one in world.frames["customers"].to_dicts()}
    accounts = {one["account_id"]: one for one in world.frames["accounts"].to_dicts()}
    cards = {one["card_id"]: one for one in world.frames["cards"].to_dicts()}
    devices = {one["device_id"]: one for one in world.frames["devices"].to_dicts()}
    payees = {one["payee_id"]: one for one in world.frames["payees"].to_dicts()}
    zone = ZoneInfo(world.timezone)

    def naive(row, earlier):
        customer, account = customers[row["customer_id"]], accounts[row["account_id"]]
        card, payee = cards.get(row["card_id"]), payees.get(row["payee_id"])
        local = row["event_time"].astimezone(zone)
        home, at = customer["home_country"], row["event_time"]
        three_ds = row["three_ds"]
        raw = ("amount_minor", "rail", "tx_type", "direction", "channel", "entry_mode", "mcc")
        opened = at.date() - account["opened_on"]
        return {
            **{name: row[name] for name in (*raw, "cvv_result")},
            "local_hour": local.hour + local.minute / 60,
            "weekday": local.isoweekday(),
            "log_amount": math.log1p(row["amount_minor"]),
            "three_ds": "asked" if three_ds in {"challenged", "failed"} else three_ds,
            "merchant_abroad": other_country(row["merchant_country"], home),
            "ip_abroad": other_country(row["ip_country"], home),
            "funding": card and card["funding"],
            "account_type": account["account_type"],
            "card_age_days": card and (at - card["issued_at"]).total_seconds() / 86400,
            "account_age_days": opened.days + (row["t"] % DAY_US) / DAY_US,
            "age_years": at.year - customer["birth_year"],
            "amount_to_income": row["amount_minor"] / (1 + customer["income_minor"]),
            "device_type": row["device_id"] and devices[row["device_id"]]["device_type"],
            "payee_type": payee and payee["payee_type"],
            "payee_abroad": other_country(payee and payee["country"], home),
            "payee_banks_here": None if payee is None else payee["account_id"] is not None,
        }

    compare(world, rows, "context", naive, also=where(rows, payee_id=set(payees)))


def other_country(country: str | None, home: str) -> bool | None:
    return None if country is None else country != home
