"""Frauds drawn from a conditional adversarial network: CTGAN (Xu et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.generating import GENUINE_ROWS, LEAST_FRAUDS, LearnsRows, Lesson

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from fraudsim.rebalancers.kit.mixed_columns import Parts


class Ctgan(LearnsRows):
    """Keep all rows and add frauds that a critic could not tell from known ones.

    Written after the paper: mode-specific normalisation, a condition on one value, training by
    sampling, and a Wasserstein critic with a penalty on the gradient that sees ten rows at a time.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        steps: of training; one is a step of the critic and one of the generator.
        batch: rows of a step, rounded up to a multiple of 20: two classes, packs of ten.
        genuine_rows: genuine rows learnt beside the frauds, at most; 0 learns from frauds alone.
        least_frauds: known frauds that it takes; by kind, kinds with fewer are copied.
        random_state: the seed.
    """

    name: ClassVar[str] = "ctgan"
    summary: ClassVar[str] = "all rows and frauds drawn from a conditional adversarial network"
    reference: ClassVar[str] = "Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019, CTGAN"
    smallest: ClassVar[Mapping[str, int]] = {"steps": 1, "batch": 20, "genuine_rows": 0}

    def __init__(
        self,
        ratio: float = MILD_RATIO,
        steps: int = 300,
        batch: int = 500,
        genuine_rows: int = GENUINE_ROWS,
        least_frauds: int = LEAST_FRAUDS,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.steps = steps
        self.batch = batch
        self.genuine_rows = genuine_rows
        self.least_frauds = least_frauds
        self.random_state = random_state

    def _sampled(self, learnt: Lesson, wanted: int, rng: np.random.Generator) -> Parts:
        from fraudsim.rebalancers.kit.modes import ModeSpace
        from fraudsim.rebalancers.kit.neural.gan import trained_and_sampled

        space = ModeSpace(learnt.for_scales, learnt.columns.sizes, self.random_state)
        return trained_and_sampled(
            learnt, space, wanted, steps=self.steps, batch=-(-self.batch // 20) * 20, rng=rng
        )
