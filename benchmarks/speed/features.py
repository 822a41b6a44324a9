"""Look-back features of card payments: pandas' rolling windows against fraudsim's, value by value.

The columns are those that the Fraud Detection Handbook describes: for the customer, the number of
payments and their mean amount in 1, 7 and 30 days, this payment included; for the terminal, the
number of payments and the share of fraud among them in 1, 7 and 30 days that ended 7 days ago; and
whether it is a weekend or a night. The code is ours.

pandas comes twice: a function applied to the rows of each customer and terminal, which is how the
recipe is described, and one rolling call over all groups, which is the fastest that pandas offers.
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from fraudsim.features.base import Grouping
from fraudsim.features.windows import Past
from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

DAYS = (1, 7, 30)
DELAY_DAYS = 7
SPAN_DAYS = 183
PAYMENTS_PER_CUSTOMER = 350
TERMINALS_PER_CUSTOMER = 2
"""The Handbook's table has 5,000 customers, 10,000 terminals and 1.75 million payments in 183 days;
more rows here are more customers and terminals, not more payments of each."""
FRAUD_SHARE = 0.0084
NIGHT_UNTIL_HOUR = 6
FIRST_DAY_US = int(np.datetime64("2018-04-01", "us").astype(np.int64))


class Payments(NamedTuple):
    """Payments in the order of time, one array per column."""

    time_us: np.ndarray  # int64, since 1970
    customer: np.ndarray  # int64
    terminal: np.ndarray  # int64
    amount_minor: np.ndarray  # int64
    fraud: np.ndarray  # bool


Columns: TypeAlias = "Mapping[str, np.ndarray]"


def payments(rows: int, seed: int = 7) -> Payments:
    """Draw payments with the Handbook's columns and sizes; who pays where is even chance.

    A rolling window costs the same whoever is in it, so no more of a world is needed. Times are
    whole seconds, as in the Handbook, so some collide.
    """
    rng = np.random.Generator(np.random.SFC64(seed))
    customers = max(rows // PAYMENTS_PER_CUSTOMER, 1)
    terminals = customers * TERMINALS_PER_CUSTOMER
    second = np.sort(rng.integers(0, SPAN_DAYS * 86_400, rows))
    return Payments(
        time_us=FIRST_DAY_US + second * 1_000_000,
        customer=rng.integers(0, customers, rows),
        terminal=rng.integers(0, terminals, rows),
        amount_minor=rng.gamma(2.0, 2_700.0, rows).astype(np.int64),
        fraud=rng.random(rows) < FRAUD_SHARE,
    )


def with_fraudsim(table: Payments) -> Columns:
    """Compute the columns with fraudsim's windows."""
    columns = {}
    customers = Past.of(Grouping.of(table.customer), table.time_us)
    paid = customers.sums_before(table.amount_minor)
    lengths_us = [days * DAY_US for days in DAYS]
    for days, window in zip(DAYS, customers.windows(lengths_us, closed="right"), strict=True):
        count = customers.counts(window)
        columns[f"customer_count_{days}d"] = count
        columns[f"customer_mean_{days}d"] = customers.summed(window, paid) / count
    terminals = Past.of(Grouping.of(table.terminal), table.time_us)
    fraud = terminals.sums_before(table.fraud)
    windows = terminals.windows(lengths_us, delay_us=DELAY_DAYS * DAY_US, closed="right")
    for days, window in zip(DAYS, windows, strict=True):
        count = terminals.counts(window)
        columns[f"terminal_count_{days}d"] = count
        columns[f"terminal_risk_{days}d"] = terminals.summed(window, fraud) / np.maximum(count, 1)
    time = pl.Series(table.time_us).cast(pl.Datetime("us"))
    columns["weekend"] = (time.dt.weekday() >= 6).to_numpy()
    columns["night"] = (time.dt.hour() <= NIGHT_UNTIL_HOUR).to_numpy()
    return columns


def frame_of(table: Payments) -> pd.DataFrame:
    """Return the payments as the pandas table that the recipe starts from."""
    import pandas as pd

    columns = {name: values for name, values in table._asdict().items() if name != "time_us"}
    return pd.DataFrame(columns | {"time": table.time_us.astype("datetime64[us]")})


def with_pandas_by_group(frame: pd.DataFrame) -> Columns:
    """Compute the columns with a function applied to the rows of each customer and terminal."""
    import pandas as pd

    def of_customer(rows: pd.DataFrame) -> pd.DataFrame:
        amount = rows.set_index("time")["amount_minor"]
        found = {}
        for days in DAYS:
            count = amount.rolling(f"{days}D").count()
            found[f"customer_count_{days}d"] = count.to_numpy()
            found[f"customer_mean_{days}d"] = (amount.rolling(f"{days}D").sum() / count).to_numpy()
        return pd.DataFrame(found, index=rows.index)

    def of_terminal(rows: pd.DataFrame) -> pd.DataFrame:
        fraud = rows.set_index("time")["fraud"].astype(float)
        recent = fraud.rolling(f"{DELAY_DAYS}D")
        recent_frauds, recent_count = recent.sum(), recent.count()
        found = {}
        for days in DAYS:
            longer = fraud.rolling(f"{DELAY_DAYS + days}D")
            count = longer.count() - recent_count
            risk = ((longer.sum() - recent_frauds) / count).fillna(0)
            found[f"terminal_count_{days}d"] = count.to_numpy()
            found[f"terminal_risk_{days}d"] = risk.to_numpy()
        return pd.DataFrame(found, index=rows.index)

    parts = [
        frame.groupby(who, group_keys=False)[["time", value]].apply(function).sort_index()
        for who, value, function in (
            ("customer", "amount_minor", of_customer),
            ("terminal", "fraud", of_terminal),
        )
    ]
    return _columns_of(pd.concat([*parts, _when(frame)], axis=1))


def with_pandas_at_once(frame: pd.DataFrame) -> Columns:
    """Compute the columns with pandas' rolling windows over all groups at once."""
    import pandas as pd

    columns = {}
    # the result of a rolling call stands group by group; these put it back into the table's order
    back = {who: _places_by(frame[who].to_numpy()) for who in ("customer", "terminal")}
    amounts = frame[["customer", "time", "amount_minor"]].groupby("customer")
    frauds = frame[["terminal", "time", "fraud"]].astype({"fraud": float}).groupby("terminal")

    def rolled(who: str, days: int) -> tuple[np.ndarray, np.ndarray]:
        groups, value = {"customer": (amounts, "amount_minor"), "terminal": (frauds, "fraud")}[who]
        window = groups.rolling(f"{days}D", on="time")[value]
        return window.count().to_numpy()[back[who]], window.sum().to_numpy()[back[who]]

    for days in DAYS:
        count, total = rolled("customer", days)
        columns[f"customer_count_{days}d"] = count
        columns[f"customer_mean_{days}d"] = total / count
    recent_count, recent_frauds = rolled("terminal", DELAY_DAYS)
    for days in DAYS:
        count, total = rolled("terminal", DELAY_DAYS + days)
        count = count - recent_count
        columns[f"terminal_count_{days}d"] = count
        columns[f"terminal_risk_{days}d"] = (total - recent_frauds) / np.maximum(count, 1)
    return _columns_of(pd.concat([pd.DataFrame(columns), _when(frame)], axis=1))


def _places_by(codes: np.ndarray) -> np.ndarray:
    """Return where each row of the table stands once the rows are grouped by code."""
    places = np.empty(codes.size, np.int64)
    places[np.argsort(codes, kind="stable")] = np.arange(codes.size)
    return places


def _when(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    time = frame["time"].dt
    return pd.DataFrame({"weekend": time.day_of_week >= 5, "night": time.hour <= NIGHT_UNTIL_HOUR})


def _columns_of(frame: pd.DataFrame) -> Columns:
    return {name: frame[name].to_numpy() for name in frame.columns}


def assert_equal(found: Columns, wanted: Columns) -> None:
    """Hold that both have the same columns with the same values, to the last bit.

    Amounts and frauds are integers, so their sums are exact in float64 too, and each mean is one
    division of equal numbers.

    Raises:
        AssertionError: a column or a value differs.
    """
    assert set(found) == set(wanted), set(found) ^ set(wanted)
    for name, values in wanted.items():
        differs = np.flatnonzero(found[name] != values)
        assert differs.size == 0, f"{name} differs in {differs.size} rows, first {differs[0]}"


def cpu_s(function: Callable[..., Columns], *arguments: object) -> tuple[Columns, float]:
    """Return what a function gives and the CPU seconds that it took."""
    begin = time.process_time()
    found = function(*arguments)
    return found, time.process_time() - begin


def peak_gib() -> float:
    """Return the most memory that this process has had (Linux: in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=["by-group", "at-once"], help="the one way of pandas")
    arguments = parser.parse_args()
    with_fraudsim(payments(10_000))  # compiles the kernels
    rows, table = arguments.rows, payments(arguments.rows, arguments.seed)
    before_gib = peak_gib()
    ours, ours_s = cpu_s(with_fraudsim, table)
    print(f"{rows:,} rows, {len(ours)} columns")
    print(f"{'fraudsim':<16}{rows / ours_s:>12,.0f} rows per CPU second")
    print(f"{'peak memory':<16}{peak_gib():>12.2f} GiB, {before_gib:.2f} of it before")
    frame = frame_of(table)
    for name, function in (("by-group", with_pandas_by_group), ("at-once", with_pandas_at_once)):
        if arguments.only in (None, name):
            theirs, theirs_s = cpu_s(function, frame)
            assert_equal(ours, theirs)
            speed = f"{rows / theirs_s:>12,.0f} rows per CPU second"
            print(f"{'pandas ' + name:<16}{speed}, {theirs_s / ours_s:.1f} times as long")
    print("all values are equal")


if __name__ == "__main__":
    main()
