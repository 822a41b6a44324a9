"""Cells in which everything is fraud, and values that only fraud has (R9)."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import Check, Measurement
from fraudsim.quality.shortcuts.requests import Feature, raw_features, streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

LEAST_ROWS = 5
CHANCE = 1e-9
"""A cell counts if chance alone would fill it with nothing but fraud less often than this."""

ENUMERATION = 64
"""A column with more values than this is no enumeration (a choice)."""


def _pure_cells(subject: Subject) -> Iterator[Measurement]:
    stream = streams(subject)[0]
    features = raw_features(subject, stream)
    least = max(LEAST_ROWS, int(np.ceil(np.log(CHANCE) / np.log(stream.fraud.mean()))))
    inside = np.zeros(int(stream.fraud.sum()), np.bool_)
    worst: dict[str, int] = {}
    for pair in [(one, one) for one in features] + list(combinations(features, 2)):
        pure = _in_pure_cells(*pair, stream.fraud, least)
        inside |= pure
        if pure.any():
            worst[" and ".join(dict.fromkeys(f.name for f in pair))] = int(pure.sum())
    share = float(inside.mean())
    example = max(worst, key=lambda name: worst[name], default="")
    more = f", most of it by {example}" if example else ""
    yield Measurement(
        "pure_cells",
        share,
        f"{share:.1%} of fraud lies where one value or a pair of values means fraud every time"
        f"{more}.",
        detail={"least_rows": least, "frauds_by_columns": worst},
    )


def _in_pure_cells(
    left: Feature, right: Feature, fraud: NDArray[np.bool_], least: int
) -> NDArray[np.bool_]:
    """Return, for every fraud, whether the cell that it lies in holds enough rows, all fraud."""
    cells = left.codes * right.count + right.codes
    frauds = np.bincount(cells[fraud], minlength=left.count * right.count)
    everybody = np.bincount(cells, minlength=left.count * right.count)
    pure: NDArray[np.bool_] = ((frauds == everybody) & (frauds >= least))[cells[fraud]]
    return pure


def _only_fraud(subject: Subject) -> Iterator[Measurement]:
    stream = streams(subject)[0]
    found = []
    for feature in raw_features(subject, stream):
        if not feature.is_category or feature.count > ENUMERATION + 2:
            continue
        frauds = np.bincount(feature.codes[stream.fraud], minlength=feature.count)
        everybody = np.bincount(feature.codes, minlength=feature.count)
        only = (frauds == everybody) & (frauds >= LEAST_ROWS)
        found += [f"{feature.name}: {feature.labels[code]}" for code in np.flatnonzero(only)]
    said = f", such as {found[0]}" if found else ""
    yield Measurement(
        "only_fraud",
        len(found),
        f"{len(found)} values of enumerations occur in fraud only{said}.",
        detail={"values": found},
    )


CHECKS = (
    Check(
        "shortcuts", "pure_cells", "Do values or pairs of values mean fraud always?", _pure_cells
    ),
    Check("shortcuts", "only_fraud", "Are there values that only fraud has?", _only_fraud),
)
