"""Rebalancers that draw frauds from a model of rows."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.rebalancers.kit.adding import Added, AddsFrauds
from fraudsim.rebalancers.kit.mixed_columns import MixedColumns, Parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    import polars as pl
    from numpy.typing import NDArray

LEAST_FRAUDS = 10
"""Known frauds below which a model of them is not worth the name (a choice)."""

GENUINE_ROWS = 2000
"""Genuine rows that are learnt beside the frauds (a choice, which bounds the time): a few hundred
frauds are too few to learn from alone how the columns of a payment go together."""


class Generates(AddsFrauds):
    """Keeps all rows and adds frauds that no row is the source of; a subclass has ``_made``."""

    least_frauds: int

    def _least(self) -> int:
        return self.least_frauds

    def _why_so_many(self) -> str:
        return "least_frauds"

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        rng = np.random.default_rng(self.random_state)
        return Added(self._made(frame, fraud, wanted, rng), "generated")

    @abstractmethod
    def _made(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],
        wanted: int,
        rng: np.random.Generator,
    ) -> pl.DataFrame:
        """Return ``wanted`` frauds with the columns and types of ``frame``."""


@dataclass(frozen=True)
class Lesson:
    """What a neural model learns from.

    Attributes:
        columns: turns figures back into rows.
        parts: the frauds, then a sample of the genuine rows, as figures.
        fraud: bool, of each of them.
    """

    columns: MixedColumns
    parts: Parts
    fraud: NDArray[np.bool_]

    @property
    def for_scales(self) -> Parts:
        """The frauds and as many genuine rows: neither class then takes all the resolution."""
        return self.parts[: 2 * int(self.fraud.sum())]


class LearnsRows(Generates):
    """Draws frauds from a neural model of frauds and genuine rows; a subclass has ``_sampled``.

    The model is told the class of each row that it learns from and is asked for frauds. Batches
    hold as many frauds as genuine rows, as drawing by class in CTGAN has it: in the proportions
    of the data a model would hardly see one.
    """

    smallest: ClassVar[Mapping[str, int]]
    """The least that each parameter may be."""

    genuine_rows: int

    def _made(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],
        wanted: int,
        rng: np.random.Generator,
    ) -> pl.DataFrame:
        for name, least in self.smallest.items():
            if getattr(self, name) < least:
                raise UsageError(
                    f"{self.name}: {name} must be {least} or more, not {getattr(self, name)}"
                )
        with _neural(self.name, self.random_state):
            learnt = lesson(frame, fraud, self.genuine_rows, rng)
            return learnt.columns.frame(self._sampled(learnt, wanted, rng), rng)

    @abstractmethod
    def _sampled(self, learnt: Lesson, wanted: int, rng: np.random.Generator) -> Parts:
        """Learn, and return ``wanted`` frauds; torch is there and its generator is at the seed."""


def lesson(
    frame: pl.DataFrame, fraud: NDArray[np.bool_], genuine_rows: int, rng: np.random.Generator
) -> Lesson:
    """Return what to learn from: all frauds, then a sample of the genuine rows.

    Categories, like scales, are learnt from the frauds and as many genuine rows.

    Args:
        frame: training rows.
        fraud: bool, of each of them.
        genuine_rows: genuine rows at most.
        rng: draws them.
    """
    frauds, genuine = np.flatnonzero(fraud), np.flatnonzero(~fraud)
    beside = rng.permutation(genuine)[:genuine_rows]
    rows = np.concatenate([frauds, beside])
    columns = MixedColumns(frame[rows[: 2 * frauds.size]])
    return Lesson(columns, columns.parts(frame[rows]), fraud[rows])


def balanced_batches(
    fraud: NDArray[np.bool_], batch: int, steps: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield ``steps`` times ``batch`` positions, half of them frauds if there are both classes."""
    classes = [rows for rows in (np.flatnonzero(fraud), np.flatnonzero(~fraud)) if rows.size]
    for _ in range(steps):
        yield np.concatenate([rng.choice(rows, batch // len(classes)) for rows in classes])


def _neural(name: str, seed: int) -> AbstractContextManager[None]:
    """Return what a model is trained in.

    Raises:
        UsageError: torch is not installed.
    """
    try:
        from fraudsim.rebalancers.kit.neural.repeatable import repeatable
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UsageError(
            f"{name} needs PyTorch, which is not installed: pip install 'fraudsim[neural]' "
            "(gaussian_copula needs nothing more)"
        ) from error
    return repeatable(seed)
