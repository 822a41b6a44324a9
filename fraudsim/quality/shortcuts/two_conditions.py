"""Every rule of two conditions: does one catch much fraud and is mostly right (R2)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import Check, Measurement
from fraudsim.quality.shortcuts.requests import Feature, Stream, raw_features, streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

PRECISION = 0.8
MOST_GENUINE = 100_000
"""Genuine rows that rules are searched on; the best rules are then counted on all rows."""

MOST_VALUES = 24
CUTS = 16
CANDIDATES = 50

Condition = tuple[str, "NDArray[np.bool_]"]


def _two_conditions(subject: Subject) -> Iterator[Measurement]:
    for stream in streams(subject):
        conditions = [
            condition
            for feature in raw_features(subject, stream)
            for condition in _conditions(feature, stream)
        ]
        best, rule = 0.0, ""
        test = ~stream.train
        frauds = int(stream.fraud[test].sum())
        rng = subject.rng(f"two_conditions {stream.name}")
        for left, right in _candidates(conditions, stream, rng):
            hit = conditions[left][1] & conditions[right][1] & test
            caught = int((hit & stream.fraud).sum())
            if caught and caught >= PRECISION * hit.sum() and caught / frauds > best:
                best = caught / frauds
                rule = " and ".join(dict.fromkeys((conditions[left][0], conditions[right][0])))
        sentence = (
            f"The rule '{rule}' catches {best:.1%} of fraud and is right {PRECISION:.0%} of the "
            "time or more."
            if rule
            else f"No rule of two conditions is right {PRECISION:.0%} of the time."
        )
        detail = {"rule": rule, "conditions": len(conditions)}
        yield Measurement(f"two_conditions_{stream.name}", best, sentence, detail=detail)


def _conditions(feature: Feature, stream: Stream) -> Iterator[Condition]:
    """Yield conditions on one feature: its values that come often in fraud, and thresholds."""
    frauds = np.bincount(feature.codes[stream.fraud & stream.train], minlength=feature.count)
    common = np.argsort(-frauds, kind="stable")[:MOST_VALUES]
    if feature.numbers is None:
        for code in np.sort(common[frauds[common] > 0]):
            yield f"{feature.name} is {feature.labels[code]}", feature.codes == code
        return
    numbers = feature.numbers
    values = numbers[stream.fraud & stream.train & np.isfinite(numbers)]
    if not values.size:
        return
    for cut in np.unique(np.quantile(values, np.linspace(0, 1, CUTS + 1), method="nearest")):
        yield f"{feature.name} up to {cut:g}", numbers <= cut
        yield f"{feature.name} from {cut:g}", numbers >= cut
    often, counts = np.unique(values, return_counts=True)
    for value in often[counts >= 0.05 * values.size][:MOST_VALUES]:
        yield f"{feature.name} is {value:g}", numbers == value


def _candidates(
    conditions: list[Condition], stream: Stream, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return the pairs that are precise on the first part, those that catch most first."""
    fraud = np.flatnonzero(stream.fraud & stream.train)
    genuine = np.flatnonzero(~stream.fraud & stream.train)
    sample = np.sort(rng.permutation(genuine)[:MOST_GENUINE])
    caught = _pairs(conditions, fraud)
    alarms = _pairs(conditions, sample) * (genuine.size / max(sample.size, 1))
    # the sample may miss the few genuine rows of a rule: those that fail are sorted out later
    precise = np.triu((caught > 0) & (caught >= PRECISION * (caught + alarms)))
    left, right = np.nonzero(precise)
    order = np.lexsort((right, left, -caught[left, right]))[:CANDIDATES]
    return [(int(left[i]), int(right[i])) for i in order]


def _pairs(conditions: list[Condition], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    hits = np.stack([hit[rows] for _, hit in conditions], axis=1).astype(np.float32)
    counts: NDArray[np.float32] = hits.T @ hits
    return counts


CHECKS = (
    Check(
        "shortcuts", "two_conditions", "Is there a simple rule that finds fraud?", _two_conditions
    ),
)
