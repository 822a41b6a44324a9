"""How samplers of imbalanced-learn that only choose rows are asked which ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def drawn_rows(sampler: Any, fraud: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the positions that ``sampler`` draws, rising; it never sees the features."""
    sampler.fit_resample(np.arange(fraud.size).reshape(-1, 1), fraud)
    rows: NDArray[np.int64] = np.sort(sampler.sample_indices_).astype(np.int64)
    return rows
