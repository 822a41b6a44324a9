"""Whether probabilities are what they say (prior correction: Dal Pozzolo et al. 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def prior_corrected(
    probability: NDArray[np.float64], *, learnt_odds: float, true_odds: float
) -> NDArray[np.float64]:
    """Return probabilities for the share of fraud in the data rather than in what was learnt from.

    Args:
        probability: as the classifier gave them.
        learnt_odds: frauds per genuine row in its training rows, by weight.
        true_odds: the same before rebalancing.
    """
    factor = true_odds / learnt_odds
    return factor * probability / (factor * probability + (1.0 - probability))


def calibration_metrics(
    probability: NDArray[np.float64], fraud: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the Brier score and the log loss (natural, probabilities kept within 1e-9)."""
    bounded = np.clip(probability, 1e-9, 1 - 1e-9)
    return {
        "brier": float(np.mean((probability - fraud) ** 2)),
        "log_loss": float(-np.mean(np.where(fraud, np.log(bounded), np.log1p(-bounded)))),
    }


def expected_calibration_error(
    probability: NDArray[np.float64], fraud: NDArray[np.bool_], *, bins: int = 20
) -> float:
    """Return how far probabilities lie from shares of fraud, in the mean over rows.

    Rows are cut into ``bins`` of equal size by probability, and equal probabilities stay together:
    with bins of equal width nearly all payments would share the first (Nixon et al. 2019, Measuring
    Calibration in Deep Learning, section 3).
    """
    order = np.argsort(probability, kind="stable")
    rising = probability[order]
    edges = rising[(np.arange(1, bins) * rising.size) // bins]
    of_bin = np.searchsorted(np.unique(edges), probability, side="right")
    gap = np.bincount(of_bin, probability) - np.bincount(of_bin, fraud.astype(np.float64))
    return float(np.abs(gap).sum() / fraud.size)
