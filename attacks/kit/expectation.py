"""What a pattern says of its campaigns, so that a change that breaks the story is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from fraudsim.rows import DEPOSIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Measure: TypeAlias = Literal[
    "payments", "victims", "amount_minor", "taken_minor", "days", "gap_minutes", "payees", "shops"
]


@dataclass(frozen=True)
class Expectation:
    """The median of a measure over campaigns that a bank approves in full lies in a band.

    Attributes:
        measure: ``payments`` and ``victims`` of a campaign, its median ``amount_minor``, what it
            takes in all (``taken_minor``), the ``days`` it lasts, the median ``gap_minutes``
            between two payments, the ``payees`` and the ``shops`` it uses.
        low: least median.
        high: largest median.
        because: where the band is from.
    """

    measure: Measure
    low: float
    high: float
    because: str

    def median(self, campaigns: Sequence[np.ndarray]) -> float:
        """Return the median over campaigns, given as their payment rows; each has one at least."""
        return float(np.median([MEASURES[self.measure](rows) for rows in campaigns]))


def _distinct(column: str) -> Callable[[np.ndarray], float]:
    def count(rows: np.ndarray) -> float:
        values = rows[column]
        return float(len(np.unique(values[values > 0 if column == "payee" else values >= 0])))

    return count


def _gap_minutes(rows: np.ndarray) -> float:
    gaps = np.diff(np.sort(rows["time_us"]))
    return float(np.median(gaps)) / 6e7 if len(gaps) else 0.0


MEASURES: Mapping[Measure, Callable[[np.ndarray], float]] = {
    "payments": lambda rows: float(len(rows)),
    "victims": _distinct("customer"),
    "amount_minor": lambda rows: float(np.median(rows["amount_minor"])),
    "taken_minor": lambda rows: float(rows["amount_minor"][rows["kind"] != DEPOSIT].sum()),
    "days": lambda rows: float(np.ptp(rows["time_us"])) / 8.64e10,
    "gap_minutes": _gap_minutes,
    "payees": _distinct("payee"),
    "shops": _distinct("merchant"),
}
