"""Small imitations of well-known synthetic tables, with what is wrong with each.

They have the column names of the originals and are read through the maps that come along.
"""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

START = datetime(2018, 4, 1)  # noqa: DTZ001 -- the tables name no zone


def handbook(rows=60_000, customers=1200, days=90):
    """The Fraud Detection Handbook: fraud is an amount above 220, or a tampered terminal.

    Chapter 3, with fewer customers: amounts are normal per customer, terminals lie near on a
    100 x 100 grid. Scenario 2: every other day a terminal is tampered with for 28 days.
    """
    rng = np.random.default_rng(1)
    mean = rng.uniform(5, 100, customers)
    terminals = 2 * customers
    home, place = rng.uniform(0, 100, (customers, 2)), rng.uniform(0, 100, (terminals, 2))
    near = [np.flatnonzero(((place - at) ** 2).sum(1) < 25) for at in home]
    customer = rng.integers(0, customers, rows)
    terminal = np.array([rng.choice(near[c]) if near[c].size else 0 for c in customer])
    seconds = np.sort(rng.uniform(0, days * 86400, rows)).astype(np.int64)
    amount = np.abs(rng.normal(mean[customer], mean[customer] / 2)).round(2)
    scenario = np.where(amount > 220, 1, 0)
    for day in range(0, days, 2):
        tampered = np.isin(terminal, rng.integers(0, terminals, 1))
        window = (seconds // 86400 >= day) & (seconds // 86400 < day + 28)
        scenario[tampered & window & (scenario == 0)] = 2
    return pl.DataFrame(
        {
            "TRANSACTION_ID": np.arange(rows),
            "TX_DATETIME": [START + timedelta(seconds=int(s)) for s in seconds],
            "CUSTOMER_ID": customer,
            "TERMINAL_ID": terminal,
            "TX_AMOUNT": amount,
            "TX_TIME_SECONDS": seconds,
            "TX_TIME_DAYS": seconds // 86400,
            "TX_FRAUD": (scenario > 0).astype(int),
            "TX_FRAUD_SCENARIO": scenario,
        }
    )


def sparkov(rows=40_000, customers=300, days=120):
    """Sparkov: fraud at night in two categories, no life of victims on those days."""
    rng = np.random.default_rng(2)
    categories = np.array(
        ["grocery_pos", "gas_transport", "shopping_net", "misc_net", "food_dining", "home"]
    )
    customer = rng.integers(0, customers, rows)
    seconds = rng.integers(0, days * 86400, rows)
    hour = rng.choice(24, rows, p=np.r_[np.full(7, 0.02), np.full(15, 0.05), np.full(2, 0.055)])
    seconds = seconds // 86400 * 86400 + hour * 3600 + seconds % 3600
    category = rng.choice(categories, rows)
    amount = rng.lognormal(3.5, 1, rows)
    victims = rng.choice(customers, 150, replace=False)
    begin = rng.integers(10, days - 10, victims.size)
    rest = np.ones(rows, bool)
    fraud = []
    for victim, day in zip(victims, begin, strict=True):
        rest &= ~((customer == victim) & np.isin(seconds // 86400, (day, day + 1)))
        for _ in range(8):
            at = (day + rng.integers(0, 2)) * 86400 + (22 + rng.integers(0, 2)) * 3600
            where = rng.choice(["shopping_net", "grocery_pos"])
            fraud.append((victim, at + rng.integers(0, 3600), where, rng.lognormal(4.5, 0.8)))
    stolen = [np.array(column) for column in zip(*fraud, strict=True)]
    who = np.r_[customer[rest], stolen[0]]
    time = np.r_[seconds[rest], stolen[1]].astype(np.int64)
    order = np.argsort(time, kind="stable")
    place = rng.uniform(30, 48, (customers, 2)) * [1, -2]
    far = rng.uniform(-1, 1, (who.size, 2))
    return pl.DataFrame(
        {
            "trans_date_trans_time": [START + timedelta(seconds=int(s)) for s in time],
            "cc_num": who + 4_000_000_000_000_000,
            "merchant": [f"fraud_Shop {k}" for k in rng.integers(0, 80, who.size)],
            "category": np.r_[category[rest], stolen[2]],
            "amt": np.r_[amount[rest], stolen[3]].round(2),
            "lat": place[who, 0],
            "long": place[who, 1],
            "merch_lat": place[who, 0] + far[:, 0],
            "merch_long": place[who, 1] + far[:, 1],
            "trans_num": rng.permutation(who.size).astype(str),
            "unix_time": time,
            "is_fraud": np.r_[np.zeros(rest.sum(), int), np.ones(len(fraud), int)],
        }
    )[order]


def paysim(rows=40_000, hours=600):
    """PaySim: fraud empties accounts by TRANSFER and CASH_OUT; here also in one block an hour."""
    rng = np.random.default_rng(3)
    step = np.sort(rng.integers(1, hours, rows))
    kind = rng.choice(["PAYMENT", "CASH_OUT", "CASH_IN", "TRANSFER"], rows, p=[0.4, 0.3, 0.2, 0.1])
    before = rng.lognormal(9, 1.5, rows).round(2)
    amount = np.minimum(rng.lognormal(8, 1.5, rows), before * rng.uniform(0.1, 0.95, rows)).round(2)
    fraud = np.zeros(rows, int)
    for hour in rng.choice(np.arange(1, hours), 100, replace=False):
        block = np.flatnonzero(step == hour)[:4]
        fraud[block] = 1
        kind[block] = np.tile(["TRANSFER", "CASH_OUT"], 2)[: block.size]
        amount[block] = before[block]
    return pl.DataFrame(
        {
            "step": step,
            "type": kind,
            "amount": amount,
            "nameOrig": [f"C{k}" for k in rng.integers(10**8, 10**9, rows)],
            "oldbalanceOrg": before,
            "newbalanceOrig": (before - amount).round(2),
            "nameDest": [f"M{k}" for k in rng.integers(10**8, 10**9, rows)],
            "oldbalanceDest": rng.lognormal(9, 1.5, rows).round(2),
            "newbalanceDest": rng.lognormal(9, 1.5, rows).round(2),
            "isFraud": fraud,
            "isFlaggedFraud": np.zeros(rows, int),
        }
    )


def clean(rows=40_000, customers=800, days=60, seed=4, victims=160):
    """Payments whose frauds are more payments of the same people, made in the same way."""
    rng = np.random.default_rng(seed)
    victim = np.repeat(rng.choice(customers, victims, replace=False), 4)
    begin = np.repeat(rng.uniform(0, days - 1, victims), 4)
    customer = np.r_[rng.integers(0, customers, rows), victim]
    day = np.r_[rng.uniform(0, days, rows), begin + rng.uniform(0, 1, victim.size)]
    fraud = np.r_[np.zeros(rows, bool), np.ones(victim.size, bool)]
    order = np.argsort(day, kind="stable")
    customer, day, fraud = customer[order], day[order], fraud[order]
    rows = fraud.size
    has_phone = rng.random(customers) < 0.7  # the others have no device: it stays so in a run
    phone = np.where(has_phone, rng.permutation(90_000)[:customers] + 10_000, -1)[customer]
    shop = np.minimum(rng.zipf(1.3, rows), 400)
    return pl.DataFrame(
        {
            "when": pl.Series((day * 86400e6).astype(np.int64) + 1_546_300_800_000_000).cast(
                pl.Datetime("us")
            ),
            "fraud": fraud.astype(int),
            "id": rng.permutation(rows) + 10**9,
            "who": rng.permutation(10**6)[:customers][customer],
            "shop": rng.permutation(10**5)[:401][shop],
            "device": [None if number < 0 else f"d{number}" for number in phone],
            "paid": rng.lognormal(3, 1, rows).round(2),
            "kind": rng.choice(["food", "fuel", "other"], rows),
        }
    )


CLEAN_MAP = """
version: 1
name: clean
profile: cards
columns: {event_time: when, is_fraud: fraud, tx_id: id, customer: who, merchant: shop,
          device: device, amount: paid, category: kind}
constants: {channel: ecom}
"""
