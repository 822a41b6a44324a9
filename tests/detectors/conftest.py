"""Payments that a detector can learn from, and the key columns beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.base import FeatureInfo

KEYS = ("key_row", "key_time_us", "key_account", "key_device", "key_payee")


@dataclass(frozen=True)
class Payments:
    """Features, keys and truth of as many rows."""

    features: pl.DataFrame
    keys: pl.DataFrame
    fraud: np.ndarray
    info: FeatureInfo

    @property
    def with_keys(self) -> pl.DataFrame:
        return pl.concat([self.features, self.keys], how="horizontal")


def make(seed: int = 0, rows: int = 1500) -> Payments:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 12, rows)
    amount = rng.lognormal(3, 1, rows)
    fraud = rng.random(rows) < np.where((kind % 3 == 0) & (amount > 30), 0.6, 0.02)
    features = pl.DataFrame(
        {
            "amount": pl.Series(amount).cast(pl.Float32),
            "gap": pl.Series(rng.exponential(1e5, rows)).set(
                pl.Series(rng.random(rows) < 0.3), None
            ),
            "new": rng.random(rows) < 0.5,
            "kind": pl.Series([f"k{one}" for one in kind]).set(
                pl.Series(rng.random(rows) < 0.05), None
            ),
        }
    )
    keys = pl.DataFrame(
        {
            "key_row": np.arange(rows) + seed * rows,
            "key_time_us": np.sort(rng.integers(0, 10**11, rows)) + seed * 10**11,
            "key_account": rng.integers(0, 50, rows),
            "key_device": rng.integers(-1, 30, rows),
            "key_payee": rng.integers(-1, 30, rows),
        }
    )
    return Payments(features, keys, fraud, FeatureInfo(amount="amount", keys=KEYS))


@pytest.fixture(scope="session")
def past() -> Payments:
    """What is learnt from."""
    return make(0)


@pytest.fixture(scope="session")
def future() -> Payments:
    """What is scored."""
    return make(1)
