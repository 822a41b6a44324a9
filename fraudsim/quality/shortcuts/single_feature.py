"""One raw feature alone: how well it tells fraud, and whether one cut of it catches any (R1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.ranking import roc_auc
from fraudsim.quality.shortcuts.requests import LEAST_FRAUDS, Feature, Stream, raw_features, streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

SMOOTHING_ROWS = 100
"""A bin's rate of fraud is drawn to the mean as if so many average rows were in it (a choice)."""

PRECISION = 0.9


def _single_feature(subject: Subject) -> Iterator[Measurement]:
    for stream in streams(subject):
        aucs = {}
        for feature in raw_features(subject, stream):
            auc = _auc_within_channels(stream, feature)
            if auc is not None:
                aucs[feature.name] = auc
        if not aucs:
            raise CannotCheckError("no channel has frauds enough on both sides of the split")
        best = max(aucs, key=lambda name: (aucs[name], name))
        yield Measurement(
            f"single_feature_{stream.name}",
            aucs[best],
            f"Looking at '{best}' alone ranks a fraud above a genuine payment of its channel "
            f"{aucs[best]:.0%} of the time.",
            detail={"auc": dict(sorted(aucs.items(), key=lambda item: -item[1]))},
        )


def _auc_within_channels(stream: Stream, feature: Feature) -> float | None:
    """Return the AUC on the later part, each fraud against genuine rows of its own channel.

    The rate of fraud of each bin is learnt on the first part, so a feature may tell in any way,
    not only by more or less.
    """
    total, weight = 0.0, 0
    for channel in np.unique(stream.channel):
        there = stream.channel == channel
        train, test = there & stream.train, there & ~stream.train
        frauds = int(stream.fraud[test].sum())
        if stream.fraud[train].sum() < LEAST_FRAUDS or frauds < LEAST_FRAUDS:
            continue
        rate = rate_of_bins(feature, stream.fraud, train)
        total += frauds * roc_auc(stream.fraud[test], rate[feature.codes[test]])
        weight += frauds
    return total / weight if weight else None


def rate_of_bins(
    feature: Feature, fraud: NDArray[np.bool_], rows: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the smoothed rate of fraud of every bin, learnt on these rows."""
    count = np.bincount(feature.codes[rows], minlength=feature.count)
    frauds = np.bincount(feature.codes[rows & fraud], minlength=feature.count)
    mean = fraud[rows].mean()
    rate: NDArray[np.float64] = (frauds + SMOOTHING_ROWS * mean) / (count + SMOOTHING_ROWS)
    return rate


def _single_cut(subject: Subject) -> Iterator[Measurement]:
    for stream in streams(subject):
        best, said = 0.0, ""
        for feature in raw_features(subject, stream):
            for rule, hit in _cuts(stream, feature):
                test = hit & ~stream.train
                caught = int((test & stream.fraud).sum())
                share = caught / int(stream.fraud[~stream.train].sum())
                if caught and caught >= PRECISION * test.sum() and share > best:
                    best, said = share, rule
        sentence = (
            f"The rule '{said}' catches {best:.1%} of fraud and is right {PRECISION:.0%} of the "
            "time or more."
            if said
            else f"No single value or threshold is right {PRECISION:.0%} of the time."
        )
        yield Measurement(f"single_cut_{stream.name}", best, sentence, detail={"rule": said})


def _cuts(stream: Stream, feature: Feature) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the cuts that are precise on the first part: values, and the widest ends."""
    train = stream.train
    count = np.bincount(feature.codes[train], minlength=feature.count)
    frauds = np.bincount(feature.codes[train & stream.fraud], minlength=feature.count)
    for code in np.flatnonzero((frauds > 0) & (frauds >= PRECISION * count)):
        yield f"{feature.name}: {feature.labels[code]}", feature.codes == code
    if feature.numbers is not None:
        yield from _ends(stream, feature.name, feature.numbers)


def _ends(
    stream: Stream, name: str, numbers: NDArray[np.float64]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    there = stream.train & np.isfinite(numbers)
    order = np.argsort(numbers[there], kind="stable")
    values, fraud = numbers[there][order], stream.fraud[there][order]
    if not values.size:
        return
    last = np.append(values[1:] != values[:-1], True)  # a cut lies between different values
    first = np.append(True, values[1:] != values[:-1])
    below = np.cumsum(fraud) >= PRECISION * np.arange(1, fraud.size + 1)
    above = np.cumsum(fraud[::-1])[::-1] >= PRECISION * np.arange(fraud.size, 0, -1)
    if (below & last).any():
        cut = values[np.flatnonzero(below & last)[-1]]
        yield f"{name} up to {cut:g}", numbers <= cut
    if (above & first).any():
        cut = values[np.flatnonzero(above & first)[0]]
        yield f"{name} from {cut:g}", numbers >= cut


CHECKS = (
    Check(
        "shortcuts", "single_feature", "How well does one raw field tell fraud?", _single_feature
    ),
    Check("shortcuts", "single_cut", "Does one value or threshold catch fraud?", _single_cut),
)
