"""Test rows with the truth and a score: what every metric is of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Scored:
    """Test rows in time order with the truth and a score.

    Attributes:
        score: float64, higher is more suspect.
        fraud: bool.
        time_us: int64, microseconds, not falling.
        day: int64, running number of the day.
        account: int64, who is alerted and what the intervals resample; numbered from 0.
        at_risk: float64, lost if the row is fraud and nothing is done; ``None`` without amounts.
    """

    score: NDArray[np.float64]
    fraud: NDArray[np.bool_]
    time_us: NDArray[np.int64]
    day: NDArray[np.int64]
    account: NDArray[np.int64]
    at_risk: NDArray[np.float64] | None


def scored(
    score: NDArray[np.float64],
    *,
    fraud: NDArray[np.bool_],
    time_us: NDArray[np.int64],
    account: NDArray[np.int64],
    at_risk: NDArray[np.float64] | None,
) -> Scored:
    """Put scores beside the truth.

    Args:
        score: higher is more suspect.
        fraud: the truth.
        time_us: microseconds, not falling.
        account: any codes.
        at_risk: currency units.

    Raises:
        UsageError: there is one class only, or a score is not finite.
    """
    if not np.isfinite(score).all():
        raise UsageError(f"{int((~np.isfinite(score)).sum())} scores are not finite numbers")
    if fraud.all() or not fraud.any():
        raise UsageError("test rows of both classes are needed")
    return Scored(
        score=score,
        fraud=fraud,
        time_us=time_us,
        day=(time_us - time_us[0]) // DAY_US,
        account=np.unique(account, return_inverse=True)[1].astype(np.int64),
        at_risk=at_risk,
    )


def rounded(value: float | None) -> float | None:
    """Return six significant digits, so that results read well and compare; ``None`` for NaN."""
    if value is None or math.isnan(value):
        return None
    return float(f"{value:.6g}")
