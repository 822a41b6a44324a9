"""Genuine rows that are the nearest of a fraud go: Tomek links (Tomek 1976)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import Rebalanced, Rebalancer, take
from fraudsim.rebalancers.kit.cleaning import tomek_links
from fraudsim.rebalancers.kit.numbers import Numbers

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class TomekLinks(Rebalancer):
    """Take out each genuine row that is the nearest row of a fraud whose nearest row it is.

    Few rows are: this tidies the border and balances nothing.
    """

    name: ClassVar[str] = "tomek_links"
    summary: ClassVar[str] = "without the genuine rows that are closest to a fraud"
    reference: ClassVar[str] = "Tomek 1976; the rows of imbalanced-learn, TomekLinks"

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        _, genuine = tomek_links(Numbers(frame).points(frame), fraud)
        return take(frame, fraud, np.setdiff1d(np.arange(fraud.size), genuine))
