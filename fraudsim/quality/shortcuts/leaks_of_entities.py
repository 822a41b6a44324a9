"""Whether the ids of people, cards, merchants and devices tell which of them meet fraud (R8).

Such an id comes back in many rows, and frauds share them: each is looked at once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.shortcuts.chance import DRAWS, band_of_chance
from fraudsim.quality.shortcuts.form import numbers_in, shape_of_ids
from fraudsim.quality.shortcuts.leaks import place_in_slice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

ENTITIES = ("customer", "account", "card", "merchant", "terminal", "device", "payee")
LEAST_TOUCHED = 20


def _entity(subject: Subject, entity: str) -> Iterator[Measurement]:
    subject.need(entity)
    seen = _once_each(subject, entity)
    touched = seen["touched"].to_numpy()
    if min(touched.sum(), (~touched).sum()) < LEAST_TOUCHED:
        raise CannotCheckError(
            f"{int(touched.sum()):,} of {touched.size:,} meet fraud: at least {LEAST_TOUCHED} who "
            "do and who do not are needed"
        )
    rng = subject.rng(f"leak_of_{entity}")
    moved = [_shuffled_within(seen["alike"].to_numpy(), touched, rng) for _ in range(DRAWS)]
    worst, auc, z, chance = "", 0.5, 0.0, np.zeros(DRAWS)
    for name, values in _features(seen["entity"]):
        places = place_in_slice(values)
        if np.ptp(places) == 0:
            continue
        by_chance = np.array([places[labels].mean() for labels in moved])
        mean, sd = by_chance.mean(), by_chance.std(ddof=1)
        if sd == 0:
            continue
        found = float(places[touched].mean())
        chance = np.maximum(chance, np.abs(by_chance - mean) / sd)
        if abs(found - mean) / sd > z:
            worst, auc, z = name, found, float(abs(found - mean) / sd)
    band = band_of_chance(chance.tolist(), "exchanged within a channel")
    yield Measurement(
        f"leak_of_{entity}",
        z,
        f"Of the ids of {entity}s, '{worst}' says most of who meets fraud: its AUC is {auc:.3f}, "
        f"{z:.1f} standard deviations of chance, which reaches {band.high:.1f}.",
        band,
        {"feature": worst, "auc": auc, "entities": touched.size, "touched": int(touched.sum())},
    )


def _once_each(subject: Subject, entity: str) -> pl.DataFrame:
    """Return each entity once, by first appearance: whether it met fraud, and its first channel.

    Some tables number by first appearance, and who appears early is hit more: so ids are compared
    among those who appear at about the same time, and labels change places within a channel.
    """
    payments = subject.payments
    channel = "channel" if "channel" in payments.columns else None
    seen = (
        payments.lazy()
        .filter(pl.Series(subject.is_request))
        .rename({entity: "entity"})
        .drop_nulls("entity")
        .group_by("entity", maintain_order=True)
        .agg(
            touched=pl.col("is_fraud").any(),
            since=pl.col("event_time").first(),
            channel=pl.col(channel).first() if channel else pl.lit("all"),
        )
        .sort("since", "entity")
        .with_columns(alike=pl.col("channel").rank("dense"))
    )
    return seen.collect()


def _shuffled_within(
    groups: NDArray[np.int64], touched: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the rows that are marked when the labels are shuffled within every group."""
    by_group = np.argsort(groups, kind="stable")
    shuffled = np.lexsort((rng.random(groups.size), groups))
    return by_group[touched[shuffled]]


def _features(entity: pl.Series) -> Iterator[tuple[str, NDArray[np.float64]]]:
    numbers = numbers_in(entity)
    yield "id", numbers
    yield "id_odd", numbers % 2
    yield "id_tenth", numbers % 10
    yield "id_seventh", numbers % 7
    yield from shape_of_ids(entity)


CHECKS = tuple(
    Check(
        "shortcuts",
        f"leak_of_{entity}",
        f"Does the id of a {entity} tell whether it meets fraud?",
        partial(_entity, entity=entity),
    )
    for entity in ENTITIES
)
