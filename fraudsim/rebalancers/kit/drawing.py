"""How samplers of imbalanced-learn that only choose rows are asked which ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def drawn_rows(sampler: Any, fraud: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the positions that ``sampler`` draws, in its order; it never sees the features."""
    sampler.fit_resample(np.arange(fraud.size).reshape(-1, 1), fraud)
    rows: NDArray[np.int64] = sampler.sample_indices_.astype(np.int64)
    return rows


def copies(frauds: NDArray[np.int64], wanted: int, seed: int) -> NDArray[np.int64]:
    """Return ``wanted`` of the rows ``frauds``, drawn with replacement by RandomOverSampler.

    The sampler is handed the frauds and one row that stands for the other class: of that it would
    take all, and drop none.
    """
    from imblearn.over_sampling import RandomOverSampler

    sampler = RandomOverSampler(sampling_strategy={True: frauds.size + wanted}, random_state=seed)
    fraud = np.append(np.ones(frauds.size, np.bool_), [False])
    return frauds[drawn_rows(sampler, fraud)[fraud.size :]]
