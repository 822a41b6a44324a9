"""A town of a few hundred customers, drawn at random, that has what the report shows.

No simulation: times, amounts and frauds are independent draws. Written through the public writer.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.scenario import Calendar, Scenario
from fraudsim.schema import RESPONSE_CODES, TABLES, polars_schema
from fraudsim.sinks.parquet import DatasetWriter, write_part

if TYPE_CHECKING:
    from pathlib import Path

    from fraudsim.dataset import Dataset
    from fraudsim.sinks.place import Place

HOSTILE = "</script><img src=x onerror=alert(1)>"

ATTACKS = {
    "card_testing": (("probe", "spend"), "ecom"),
    "account_takeover": (("login", "drain"), "online_banking"),
    "lost_or_stolen": (("spend",), "pos"),
    "cash_out": (("withdraw",), "atm"),
}
CITIES = (
    ("London", 51.51, -0.13, 12),
    ("Birmingham", 52.48, -1.89, 5),
    ("Leeds", 53.80, -1.55, 4),
    ("Glasgow", 55.86, -4.25, 3),
    ("Cardiff", 51.48, -3.18, 2),
)
DAYS = 60
START = date(2025, 1, 1)
CHANNELS = ("pos", "ecom", "atm", "online_banking", "recurring")
MEDIAN_MINOR = {"pos": 1800, "ecom": 3500, "atm": 5000, "online_banking": 20_000, "recurring": 999}


def write_town(
    out: Path,
    *,
    customers: int = 200,
    payments: int = 6_000,
    campaigns_per_attack: int = 5,
    attacks: dict[str, tuple[tuple[str, ...], str]] = ATTACKS,
    city: str | None = None,
) -> Dataset:
    """Write a town and return it opened; ``city`` renames all its cities."""
    rng = np.random.default_rng(11)
    homes, shops = _homes(rng, customers), _shops(rng, max(customers // 3, 10))
    if city is not None:
        homes = [home | {"home_city": city} for home in homes]
        shops = [shop | {"city": city, "name": city} for shop in shops]
    honest = _honest(rng, payments, customers, len(shops))
    frauds, labels, campaigns = _fraud(rng, attacks, campaigns_per_attack, customers, len(shops))
    rows: dict[str, list[dict[str, Any]]] = {
        "customers": homes,
        "merchants": shops,
        "transactions": honest + frauds,
        "labels": labels,
        "campaigns": campaigns,
        "accounts": [_account(home["customer_id"]) for home in homes],
    }
    scenario = Scenario(name="town", calendar=Calendar(start=START, days=DAYS))
    with DatasetWriter(out) as writer:
        parts = [
            part for name in TABLES for part in _written(writer.place, name, rows.get(name, []))
        ]
        return writer.commit(parts, scenario=scenario, seed=11)


def write_benchmark(path: Path, attacks: tuple[str, ...] = tuple(ATTACKS)) -> Path:
    """Write results of three detectors behind three rebalancers."""
    rows = [
        _result(detector, rebalancer, 0.2 + 0.2 * i + 0.05 * j, attacks)
        for i, detector in enumerate(("rules", "logistic", "lightgbm"))
        for j, rebalancer in enumerate(("none", "random_under", "smotenc"))
    ]
    value = {"format": "fraudsim.benchmark/1", "source": "town", "seed": 11, "split": {}}
    path.write_text(json.dumps(value | {"rows": rows}))
    return path


def _result(detector: str, rebalancer: str, skill: float, attacks: tuple[str, ...]) -> dict:
    recall = np.linspace(0, 1, 400)
    precision = 0.004 + skill * (1 - recall) ** (1.5 - skill)
    return {
        "detector": detector,
        "rebalancer": rebalancer,
        "metrics": {"average_precision": skill, "roc_auc": 0.6 + skill / 3, "money_saved":
                    9e3 * skill, "recall_at_1pct_fpr": skill / 2, "precision_in_budget": None},
        "intervals": {"average_precision": [skill - 0.03, skill + 0.03]},
        "per_attack": {name: min(1, skill + 0.1 * k) for k, name in enumerate(attacks)},
        "curve": {"recall": recall.tolist(), "precision": precision.tolist()},
        "seconds_fit": 1.5,
    }  # fmt: skip


def _written(place: Place, name: str, rows: list[dict[str, Any]]) -> list[Any]:
    schema = polars_schema(TABLES[name])
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    if not TABLES[name].partitioned:
        return [write_part(place, name, frame)]
    month = pl.col("event_time").dt.strftime("%Y-%m")
    frame = frame.sort("event_time", TABLES[name].key)
    months = frame.select(month.unique().sort()).to_series().to_list()
    return [write_part(place, name, frame.filter(month == m), month=m) for m in months]


def _near(rng: np.random.Generator) -> tuple[str, float, float]:
    weights = np.array([city[3] for city in CITIES], dtype=float)
    city, lat, lon, _ = CITIES[rng.choice(len(CITIES), p=weights / weights.sum())]
    return city, round(lat + rng.normal(0, 0.05), 3), round(lon + rng.normal(0, 0.05), 3)


def _homes(rng: np.random.Generator, count: int) -> list[dict[str, Any]]:
    rows = []
    for i in range(count):
        city, lat, lon = _near(rng)
        rows.append({
            "customer_id": 1_000_000 + i, "persona": "worker", "birth_year": 1980,
            "home_city": city, "home_country": "GB", "home_lat": lat, "home_lon": lon,
            "income_minor": 200_000,
        })  # fmt: skip
    return rows


def _shops(rng: np.random.Generator, count: int) -> list[dict[str, Any]]:
    rows = []
    for i in range(count):
        city, lat, lon = _near(rng)
        rows.append({
            "merchant_id": 5_000_000 + i, "name": f"Shop {i}", "mcc": "5411", "category": "grocery",
            "online": False, "city": city, "country": "GB", "lat": lat, "lon": lon,
        })  # fmt: skip
    return rows


def _account(customer_id: int) -> dict[str, Any]:
    return {
        "account_id": customer_id, "customer_id": customer_id, "account_type": "current",
        "currency": "GBP", "opened_on": START, "limit_minor": 0,
    }  # fmt: skip


def _transaction(
    tx_id: int,
    at: datetime,
    *,
    customer: int,
    amount: int,
    channel: str,
    shop: int | None,
    code: str,
) -> dict[str, Any]:
    return {
        "tx_id": tx_id, "event_time": at, "rail": "card", "tx_type": "purchase",
        "direction": "debit", "amount_minor": amount, "currency": "GBP",
        "customer_id": 1_000_000 + customer, "account_id": 1_000_000 + customer,
        "merchant_id": None if shop is None else 5_000_000 + shop, "channel": channel,
        "entry_mode": "none", "three_ds": "none", "cvv_result": "not_provided",
        "response_code": code, "approved": code == "00",
    }  # fmt: skip


def _amount(rng: np.random.Generator, channel: str, factor: float = 1.0) -> int:
    return max(1, int(factor * MEDIAN_MINOR[channel] * rng.lognormal(0, 0.9)))


def _honest(rng: np.random.Generator, count: int, customers: int, shops: int) -> list[dict]:
    codes = list(RESPONSE_CODES)[:8]
    rows = []
    for i in range(count):
        hour = float(np.clip(rng.normal(14, 4), 0, 23.9))
        at = _moment(rng.integers(DAYS), hour)
        channel = CHANNELS[rng.choice(len(CHANNELS), p=[0.55, 0.2, 0.06, 0.09, 0.1])]
        code = "00" if rng.random() < 0.97 else codes[rng.integers(1, len(codes))]
        shop = int(rng.integers(shops)) if channel in ("pos", "atm") else None
        customer = int(rng.integers(customers))
        amount = _amount(rng, channel)
        rows.append(
            _transaction(
                i + 1, at, customer=customer, amount=amount, channel=channel, shop=shop, code=code
            )
        )
    return rows


def _moment(day: int, hour: float) -> datetime:
    midnight = datetime(START.year, START.month, START.day, tzinfo=UTC)
    return midnight + timedelta(days=int(day), seconds=int(3600 * hour))


def _fraud(
    rng: np.random.Generator,
    attacks: dict[str, tuple[tuple[str, ...], str]],
    per_attack: int,
    customers: int,
    shops: int,
) -> tuple[list[dict], list[dict], list[dict]]:
    frauds: list[dict] = []
    labels: list[dict] = []
    campaigns: list[dict] = []
    for attack, (stages, channel) in attacks.items():
        for _ in range(per_attack):
            campaign = 7_000_000 + len(campaigns)
            victims = rng.integers(customers, size=rng.integers(1, 12))
            day = rng.integers(DAYS - 6)
            for stage_number, stage in enumerate(stages):
                for victim in victims:
                    at = _moment(day + stage_number * 2, rng.uniform(0, 23.9))
                    code = "00" if rng.random() < 0.6 else "59"
                    tx_id = 2_000_000 + len(frauds)
                    shop = int(rng.integers(shops)) if channel in ("pos", "atm") else None
                    amount = _amount(rng, channel, 0.1 if stage == "probe" else 3)
                    frauds.append(
                        _transaction(
                            tx_id,
                            at,
                            customer=int(victim),
                            amount=amount,
                            channel=channel,
                            shop=shop,
                            code=code,
                        )
                    )
                    known = rng.random() < 0.85
                    labels.append({
                        "tx_id": tx_id, "attack": attack, "campaign_id": campaign, "stage": stage,
                        "reported_at": at + timedelta(days=rng.lognormal(1, 1)) if known else None,
                        "report_source": "customer_report" if known else None,
                    })  # fmt: skip
            campaigns.append({
                "campaign_id": campaign, "attack": attack, "fraudster_id": 1,
                "started_at": _moment(day, 0), "ended_at": _moment(day + 4, 0), "end": "finished",
                "victims": len(victims), "attempts": 1, "approved": 1, "taken_minor": 1,
                "received_minor": 0, "spent_minor": 0, "earned_minor": 1, "obtained": "{}",
                "parameters": "{}", "drawn": "{}", "gave_up": "", "point_of_compromise": None,
            })  # fmt: skip
    return frauds, labels, campaigns
