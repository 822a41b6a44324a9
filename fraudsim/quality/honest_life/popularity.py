"""How popular merchants are: a few have most of the payments, many have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.counts import gini, top_share
from fraudsim.quality.honest_life.purchases import purchases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

LEAST_MERCHANTS = 50
"""Merchants without which no line is seen (a choice)."""

LEAST_PURCHASES = 5
"""The tail below this is steps of one payment, not a line (a choice)."""

POINTS = 30
"""Ranks that the line goes through, evenly spaced in the logarithm, so that the tail does not
decide alone (a choice)."""


def zipf_exponent(counts: NDArray[np.int64]) -> float:
    """Return s of count ~ rank^-s: the slope of log count on log rank, least squares.

    Args:
        counts: payments of each merchant, any order; those with fewer than 5 are left out.
    """
    largest = np.sort(counts)[::-1]
    largest = largest[largest >= LEAST_PURCHASES]
    if len(largest) < 2:
        return float("nan")
    ranks = np.unique(np.geomspace(1, len(largest), POINTS).round().astype(np.int64))
    slope = np.polyfit(np.log(ranks), np.log(largest[ranks - 1]), 1)[0]
    return float(-slope)


def _popularity(subject: Subject) -> Iterator[Measurement]:
    rows = purchases(subject, "merchant")
    counts = (
        rows.filter(pl.col("merchant").is_not_null())
        .group_by("merchant")
        .len()
        .sort("merchant")["len"]
        .cast(pl.Int64)
        .to_numpy()
    )
    if len(counts) < LEAST_MERCHANTS:
        raise CannotCheckError(f"too few merchants: {len(counts)}, at least {LEAST_MERCHANTS}")
    s, unequal, top = zipf_exponent(counts), gini(counts), top_share(counts, 0.01)
    detail = {"merchants": len(counts), "largest": np.sort(counts)[::-1][:10].tolist()}
    yield Measurement(
        "popularity_zipf",
        s,
        f"purchases of a merchant fall with its rank to the power of {s:.2f}",
        detail=detail,
    )
    yield Measurement(
        "popularity_gini",
        unequal,
        f"purchases per merchant have a Gini of {unequal:.2f}",
        detail=detail,
    )
    yield Measurement(
        "popularity_top_hundredth",
        top,
        f"one in a hundred merchants, the largest, have {top:.0%} of the purchases",
        detail=detail,
    )


CHECKS: tuple[Check, ...] = (
    Check("honest_life", "popularity", "Are merchants as unequal as they are?", _popularity),
)
