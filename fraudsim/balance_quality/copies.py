"""Whether made frauds are copies of real ones, exactly or nearly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.balance_quality.made_rows import distances
from fraudsim.quality.check import Band, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from fraudsim.balance_quality.made_rows import MadeRows

MOST = 5000
"""Made rows whose distances are measured; more add only time."""

NEAR = 0.05
"""Share of held-out frauds that count as near to a training fraud: the nearest ones."""


def exact(rows: MadeRows) -> Iterator[Measurement]:
    """Count made frauds that are the same as a training fraud in every column.

    Held-out frauds are sometimes the same as training frauds, too: where columns are few and
    coarse, being equal gives nobody away.
    """
    from scipy.stats import beta

    same, twins = (_same(frame, rows.train) for frame in (rows.made, rows.held_out))
    others = rows.held_out.height
    count = round(twins * others)
    most = 1.0 if count == others else float(beta.ppf(0.99, count + 1, others - count))
    yield Measurement(
        "exact",
        same,
        f"{same:.1%} of made frauds equal a training fraud in every column; of held-out real "
        f"frauds {twins:.1%} do.",
        Band(
            None,
            most,
            "upper end (99 %) of the share among held-out frauds, Clopper and Pearson",
            warn_high=twins,
        ),
    )


def near(rows: MadeRows) -> Iterator[Measurement]:
    """Count made frauds that are nearer to a training fraud than nearly all held-out ones.

    It is the distance to the closest record. It has no band: generators that leak have passed
    every threshold on it (Yao, Krčo, Ganev and de Montjoye 2025, arXiv 2505.01524).
    """
    train = rows.points(rows.train)
    to_held_out = distances(rows.points(rows.held_out), train)
    to_made = distances(rows.points(rows.some(rows.made, MOST)), train)
    bar = float(np.quantile(to_held_out, NEAR))
    share = float((to_made <= bar).mean())
    yield Measurement(
        "near",
        share,
        f"{share:.0%} of made frauds are as near to a training fraud as the nearest {NEAR:.0%} of "
        "held-out ones; shown only, since leaks have passed such thresholds.",
        detail={
            "median_distance_of_made": round(float(np.median(to_made)), 4),
            "median_distance_of_held_out": round(float(np.median(to_held_out)), 4),
        },
    )


def _same(frame: pl.DataFrame, among: pl.DataFrame) -> float:
    found = frame.join(among.unique(), on=among.columns, how="semi", nulls_equal=True)
    return found.height / frame.height
