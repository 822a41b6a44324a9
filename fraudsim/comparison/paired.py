"""Differences between methods with intervals, and what is a tie.

A difference is the mean over seeds. Its interval is from resampling accounts and seeds, the same
for both sides. With twenty methods one would seem to help by chance, so the intervals hold for all
methods of a comparison at once with 95 %: their width is that of the largest of the studentised
differences (max-t bootstrap: Romano, Wolf 2005).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.comparison.trial import COMPARED
from fraudsim.metrics import LEVEL
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fraudsim.comparison.trial import Trial

LOWER_IS_BETTER = ("brier", "log_loss")


@dataclass(frozen=True)
class Difference:
    """A method less what it is compared with.

    Attributes:
        mean: over the seeds.
        low: of the interval that holds for all methods at once.
        high: of the same.
        verdict: ``better``, ``worse`` or ``tie``.
    """

    mean: float
    low: float
    high: float
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def differences(
    trials: Mapping[str, Sequence[Trial]], baseline: str
) -> dict[str, dict[str, Difference]]:
    """Return, of each method but the baseline, its difference in each metric.

    Args:
        trials: of each method, one per seed, in the same order.
        baseline: what the others are compared with.
    """
    others = [name for name in trials if name != baseline]
    found: dict[str, dict[str, Difference]] = {name: {} for name in others}
    if not others:
        return found
    for metric in COMPARED:
        if metric not in trials[baseline][0].replicates:
            continue
        mean = np.array([_mean(trials[name], trials[baseline], metric) for name in others])
        drawn = np.array([_drawn(trials[name], trials[baseline], metric) for name in others])
        for name, one in zip(others, _simultaneous(metric, mean, drawn), strict=True):
            found[name][metric] = one
    return found


def _mean(method: Sequence[Trial], baseline: Sequence[Trial], metric: str) -> float:
    pairs = zip(method, baseline, strict=True)
    return float(
        np.mean([(a.metrics[metric] or 0.0) - (b.metrics[metric] or 0.0) for a, b in pairs])
    )


def _drawn(method: Sequence[Trial], baseline: Sequence[Trial], metric: str) -> NDArray[np.float64]:
    """Return the difference in each replicate, with seeds drawn with replacement, too."""
    pairs = zip(method, baseline, strict=True)
    by_seed = np.array([np.subtract(a.replicates[metric], b.replicates[metric]) for a, b in pairs])
    seeds, replicates = by_seed.shape
    which = Streams(0).get("comparison seeds").integers(0, seeds, (seeds, replicates))
    drawn: NDArray[np.float64] = np.take_along_axis(by_seed, which, axis=0).mean(axis=0)
    return drawn


def simultaneous_widths(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return half the width of intervals that hold for all rows at once with 95 %.

    Args:
        drawn: replicates of each difference, shape (differences, replicates); NaN where a
            replicate does not exist.
    """
    usable = drawn[:, ~np.isnan(drawn).any(axis=0)]
    if usable.shape[1] < 2:
        return np.full(drawn.shape[0], np.nan)
    spread = usable.std(axis=1, ddof=1)
    scale = np.where(spread > 0, spread, np.inf)  # without spread there is nothing to widen
    largest = (np.abs(usable - usable.mean(axis=1, keepdims=True)) / scale[:, None]).max(axis=0)
    widths: NDArray[np.float64] = float(np.quantile(largest, LEVEL)) * spread
    return widths


def _simultaneous(
    metric: str, mean: NDArray[np.float64], drawn: NDArray[np.float64]
) -> list[Difference]:
    width = simultaneous_widths(drawn)
    return [_difference(metric, *row) for row in zip(mean, mean - width, mean + width, strict=True)]


def _difference(metric: str, mean: float, low: float, high: float) -> Difference:
    if metric in LOWER_IS_BETTER:
        verdict = "better" if high < 0 else "worse" if low > 0 else "tie"
    else:
        verdict = "better" if low > 0 else "worse" if high < 0 else "tie"
    mean, low, high = (float(f"{value:.6g}") for value in (mean, low, high))
    return Difference(mean, low, high, verdict)
