"""What is new: whether this account meets something for the first time, and for how long it has.

The past begins with the dataset, so in its first weeks much looks new that is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.features.base import (
    FeatureColumn,
    Grouping,
    History,
    codes_of,
    column_where,
    pairs_of,
)
from fraudsim.features.windows import Past
from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterator

MET_COLUMNS = {
    "merchant": "merchant_id",
    "device": "device_id",
    "payee": "payee_id",
    "ip_country": "ip_country",
    "mcc": "mcc",
}


def novelty(history: History) -> Iterator[FeatureColumn]:
    """Give, for each thing an account can meet, whether it is new and how old the relation is."""
    for name, column in MET_COLUMNS.items():
        met = history.entities.get(name) or Grouping.of(codes_of(history.rows[column]))
        pair = pairs_of(history.entities["account"], met)
        first = Past.of(pair, history.time_us).first_rows()
        age_us = history.time_us - history.time_us[first]
        itself = first == np.arange(first.size)
        yield FeatureColumn(
            f"new_{name}",
            f"this account meets this {name} for the first time",
            "all",
            column_where(itself, pair.present, pl.Boolean),
        )
        yield FeatureColumn(
            f"{name}_relation_days",
            f"days since this account first met this {name}; null the first time",
            "all",
            column_where(age_us / DAY_US, pair.present & ~itself, pl.Float32),
        )
