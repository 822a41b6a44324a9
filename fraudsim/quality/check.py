"""What a check is, and what it says: a value, the band it should lie in, and a sentence.

A check is a function of a ``Subject`` that yields measurements. It never judges: the bands do,
which stand in ``bands.yaml`` with their sources, or come with the measurement where only a
permutation of the labels can say what is chance. A check that cannot be made raises
``CannotCheckError`` with the reason, and shows up as not made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fraudsim.errors import FraudsimError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fraudsim.quality.subject import Subject

GROUPS = ("shortcuts", "difficulty", "honest_life", "fraud_life", "invariants")
"""The groups of checks, in the order in which they are shown."""

Verdict = Literal["pass", "warn", "fail", "info", "not_made"]


class CannotCheckError(FraudsimError):
    """The subject lacks what a check needs; the message says what: a column, enough frauds."""


@dataclass(frozen=True)
class Band:
    """Where a value should lie; an open end is ``None``.

    Attributes:
        low: least value that passes.
        high: largest value that passes.
        warn_low: below this a value that passes is a warning.
        warn_high: above this a value that passes is a warning.
        source: where the band is from: a data set, a report, or "permutation of the labels".
    """

    low: float | None
    high: float | None
    source: str
    warn_low: float | None = None
    warn_high: float | None = None

    def verdict(self, value: float, interval: tuple[float, float] | None = None) -> Verdict:
        """Judge a value; what is not a number fails.

        Where a 95 % interval of the value is known, the value fails only if all of it lies outside,
        and is a warning if only the value does: a figure of some hundred frauds from a few dozen
        accounts can differ by half between two draws of the same world.
        """
        if math.isnan(value):
            return "fail"
        if _outside(value, self.low, self.high):
            return "warn" if interval is not None and self._reached_by(*interval) else "fail"
        return "warn" if _outside(value, self.warn_low, self.warn_high) else "pass"

    def _reached_by(self, low: float, high: float) -> bool:
        too_high = self.high is not None and low > self.high
        too_low = self.low is not None and high < self.low
        return not (math.isnan(low) or math.isnan(high) or too_high or too_low)


@dataclass(frozen=True)
class Measurement:
    """One value of a check.

    Attributes:
        name: what was measured, unique within its group: ``repeat_rate``, ``hour_of_grocery``.
        value: the number.
        sentence: what it means, for a manager, the value included.
        band: its own band, where it comes from a permutation; else that of ``bands.yaml``.
        detail: what else was seen, as JSON values.
        interval: the 95 % interval of the value where few frauds leave it open, by resampling
            accounts.
    """

    name: str
    value: float
    sentence: str
    band: Band | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Check:
    """A check by name.

    Attributes:
        group: one of ``GROUPS``.
        name: unique within the group; its measurements are ``name`` or begin with it.
        question: what it asks, one line.
        measure: the function.
    """

    group: str
    name: str
    question: str
    measure: Callable[[Subject], Iterator[Measurement]]


@dataclass(frozen=True)
class Finding:
    """What the audit says of one measurement, or of one check that could not be made.

    Attributes:
        id: group and name: ``honest_life.repeat_rate``.
        verdict: ``info`` where no band applies, ``not_made`` where the check could not be made.
        value: the number; ``None`` when not made.
        band: the band it was judged by, if one.
        interval: the 95 % interval of the value, where it was estimated.
        sentence: for a manager; the reason when not made.
        detail: what else was seen.
    """

    id: str
    verdict: Verdict
    value: float | None
    band: Band | None
    interval: tuple[float, float] | None
    sentence: str
    detail: Mapping[str, Any]


def _outside(value: float, low: float | None, high: float | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)
