"""Frauds written column by column by a small transformer, the way of language models."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.generating import GENUINE_ROWS, LEAST_FRAUDS, LearnsRows, Lesson

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from fraudsim.rebalancers.kit.mixed_columns import Parts


class Autoregressive(LearnsRows):
    """Keep all rows and add frauds whose columns are drawn one after the other.

    A transformer of two layers learns from nothing which value comes next; numbers are bins of
    ranks. TabularARGN (Tiwald et al. 2025) is kin to it, GReaT (Borisov et al. 2023) starts from
    a model of English instead.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        bins: that a number is cut into, by rank.
        steps: of training; with many more it learns single frauds by heart.
        batch: rows of a step.
        genuine_rows: genuine rows learnt beside the frauds, at most; 0 learns from frauds alone.
        least_frauds: known frauds that it takes; by kind, kinds with fewer are copied.
        random_state: the seed.
    """

    name: ClassVar[str] = "autoregressive"
    summary: ClassVar[str] = "all rows and frauds written column by column by a small transformer"
    reference: ClassVar[str] = "Vaswani et al. 2017; Borisov et al. 2023; Tiwald et al. 2025"
    smallest: ClassVar[Mapping[str, int]] = {"bins": 2, "steps": 1, "batch": 2, "genuine_rows": 0}

    def __init__(
        self,
        ratio: float = MILD_RATIO,
        bins: int = 32,
        steps: int = 100,
        batch: int = 64,
        genuine_rows: int = GENUINE_ROWS,
        least_frauds: int = LEAST_FRAUDS,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.bins = bins
        self.steps = steps
        self.batch = batch
        self.genuine_rows = genuine_rows
        self.least_frauds = least_frauds
        self.random_state = random_state

    def _sampled(self, learnt: Lesson, wanted: int, rng: np.random.Generator) -> Parts:
        from fraudsim.rebalancers.kit.neural.gpt import trained_and_sampled

        return trained_and_sampled(
            learnt, wanted, bins=self.bins, steps=self.steps, batch=self.batch, rng=rng
        )
