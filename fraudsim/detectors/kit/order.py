"""Any number as a score between 0 and 1 that keeps the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDEST = 711.0
"""``arcsinh`` of the largest double is 710.5."""


def squashed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of any size between 0 and 1, the larger the larger, .5 for 0.

    The scale is that of a logarithm with a sign, so two values stay apart wherever they differ by
    more than a part in 10**12 (or, near 0, by more than 10**-12); a sigmoid would give 1 to all
    above 37. Each value is mapped alone: nothing depends on the other rows.

    >>> squashed(np.array([-np.inf, -1.0, 0.0, 1e6, 1e300])).round(3).tolist()
    [0.0, 0.499, 0.5, 0.51, 0.986]
    """
    return 0.5 + np.clip(np.arcsinh(values), -WIDEST, WIDEST) / (2 * WIDEST)
