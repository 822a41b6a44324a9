"""A small table of every type of column, and every method that draws rows from a model."""

import numpy as np
import polars as pl
import pytest

from fraudsim.rebalancers.kit.generating import LearnsRows
from fraudsim.registry import REBALANCERS, get

QUICK = {"ratio": 0.4, "steps": 20, "batch": 40, "levels": 8, "genuine_rows": 200}
"""Enough to see what a method promises; not enough to be like the data."""

METHODS = ("autoregressive", "ctgan", "gaussian_copula", "tabular_diffusion", "tvae")


def mixed(rows: int = 400, frauds: int = 60) -> tuple[pl.DataFrame, np.ndarray]:
    """Columns of every type, with nulls and frequent values, and labels."""
    rng = np.random.default_rng(4)
    y = np.zeros(rows, bool)
    y[rng.choice(rows, frauds, replace=False)] = True
    z = rng.normal(size=rows) + y
    amount = np.where(rng.random(rows) < 0.3, 1.0, np.exp(3 + z)).round(2)
    kind = np.array(["atm", "ecom", "pos"])[(z > 0).astype(int) + (z > 1)]

    def some_null(column: pl.Series) -> pl.Series:
        return column.set(pl.Series(rng.random(rows) < 0.2), None)

    start = np.datetime64("2025-01-01T00:00:00", "us")
    frame = pl.DataFrame(
        {
            "amount": amount,
            "exact": np.exp(z).astype(np.float32),
            "count": pl.Series(rng.poisson(np.exp(z / 2))).cast(pl.Int32),
            "gap": some_null(pl.Series(rng.exponential(100, rows))),
            "new": some_null(pl.Series(rng.random(rows) < 0.5)),
            "kind": some_null(pl.Series(kind)).cast(pl.Enum(["atm", "ecom", "moto", "pos"])),
            "shade": pl.Series(rng.choice(["a", "b"], rows)).cast(pl.Categorical),
            "shop": [f"shop {i}" for i in rng.integers(0, 150, rows)],
            "day": pl.Series(rng.integers(19_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date),
            "at": pl.Series(start + rng.integers(0, 10**12, rows)).cast(pl.Datetime("us", "UTC")),
            "same": pl.Series([7] * rows, dtype=pl.Int8),
            "nothing": pl.Series([None] * rows, dtype=pl.Float64),
        }
    )
    return frame, y


@pytest.fixture
def table():
    return mixed()


@pytest.fixture(params=METHODS)
def method(request):
    """What makes a rebalancer of one method, as quick as it can be."""
    cls = get(REBALANCERS, request.param)
    if issubclass(cls, LearnsRows):
        pytest.importorskip("torch", reason=f"{request.param} needs fraudsim[neural]")
    known = cls().get_params()
    quick = {name: value for name, value in QUICK.items() if name in known}
    return lambda **given: cls(**{**quick, **given})
