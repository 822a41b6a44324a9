"""Frauds drawn by taking noise back: TabDDPM (Kotelnikov et al. 2023)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.generating import GENUINE_ROWS, LEAST_FRAUDS, LearnsRows, Lesson

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from fraudsim.rebalancers.kit.mixed_columns import Parts


class TabularDiffusion(LearnsRows):
    """Keep all rows and add frauds that begin as noise and lose it step by step.

    Written after the paper: Gaussian diffusion of numbers as normal scores, multinomial diffusion
    of codes, a perceptron that is told the class.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        levels: of noise; each is one pass of the network when rows are drawn.
        steps: of training.
        batch: rows of a step.
        genuine_rows: genuine rows learnt beside the frauds, at most; 0 learns from frauds alone.
        least_frauds: known frauds that it takes; by kind, kinds with fewer are copied.
        random_state: the seed.
    """

    name: ClassVar[str] = "tabular_diffusion"
    summary: ClassVar[str] = "all rows and frauds drawn by a diffusion model"
    reference: ClassVar[str] = "Kotelnikov, Baranchuk, Rubachev and Babenko 2023, TabDDPM"
    smallest: ClassVar[Mapping[str, int]] = {"levels": 2, "steps": 1, "batch": 2, "genuine_rows": 0}

    def __init__(
        self,
        ratio: float = MILD_RATIO,
        levels: int = 100,
        steps: int = 1500,
        batch: int = 256,
        genuine_rows: int = GENUINE_ROWS,
        least_frauds: int = LEAST_FRAUDS,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.levels = levels
        self.steps = steps
        self.batch = batch
        self.genuine_rows = genuine_rows
        self.least_frauds = least_frauds
        self.random_state = random_state

    def _sampled(self, learnt: Lesson, wanted: int, rng: np.random.Generator) -> Parts:
        from fraudsim.rebalancers.kit.neural.denoising import trained_and_sampled

        return trained_and_sampled(
            learnt, wanted, levels=self.levels, steps=self.steps, batch=self.batch, rng=rng
        )
