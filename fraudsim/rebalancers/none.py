"""The training rows as they are: what every rebalancer is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import Rebalanced, Rebalancer, take

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class NoRebalancing(Rebalancer):
    """Leave the training rows as they are."""

    name: ClassVar[str] = "none"
    summary: ClassVar[str] = "the training rows as they are"
    reference: ClassVar[str] = "the floor of every comparison"

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        return take(frame, fraud, np.arange(fraud.size))
