"""Frauds that were made, beside the real ones they were made from and real ones they were not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.errors import UsageError
from fraudsim.rebalancers.kit.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fraudsim.rebalancers.base import Rebalancer

LEAST_ROWS = 20
"""Rows of each kind below which nothing can be said (a choice)."""


@dataclass(frozen=True)
class Sequences:
    """Rows that say whose they are and when, for what only the order of rows can show.

    Attributes:
        real: frauds that happened, with the columns named below.
        made: frauds that were made, with the same.
        by: whose row it is: a campaign, an account, a card.
        time: when, a date or time.
        of: a category whose course is compared, such as the kind of merchant; ``None`` for none.
    """

    real: pl.DataFrame
    made: pl.DataFrame
    by: str
    time: str
    of: str | None = None

    def __post_init__(self) -> None:
        """Refuse tables without the columns named."""
        for which, frame in (("real", self.real), ("made", self.made)):
            for name in filter(None, (self.by, self.time, self.of)):
                if name not in frame.columns:
                    raise UsageError(f"the {which} sequences have no column '{name}'")
            if not frame.schema[self.time].is_temporal():
                raise UsageError(
                    f"the column '{self.time}' of the {which} sequences is of the type "
                    f"{frame.schema[self.time]}; a date or time is needed"
                )


@dataclass(frozen=True)
class MadeRows:
    """What is judged.

    Attributes:
        train: real frauds that the method learnt from.
        held_out: real frauds that it did not learn from, of the same period: what happened later
            differs for other reasons as well.
        made: frauds that it made, with the same columns.
        remake: makes frauds from other training frauds, in the same way; for planted canaries.
        sequences: the same frauds with whose and when; ``None`` where made rows do not say.
        seed: of everything random in the checks.
    """

    train: pl.DataFrame
    held_out: pl.DataFrame
    made: pl.DataFrame
    remake: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    sequences: Sequences | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse tables that cannot be compared."""
        for name in ("train", "held_out", "made"):
            frame: pl.DataFrame = getattr(self, name)
            if frame.schema != self.train.schema:
                raise UsageError(f"{name} has other columns or types than train")
            if frame.height < LEAST_ROWS:
                raise UsageError(
                    f"{name} has {frame.height} rows; {LEAST_ROWS} or more are needed to say "
                    "anything"
                )

    @cached_property
    def numbers(self) -> Numbers:
        """What turns rows into points; its scales are those of the real rows."""
        return Numbers(pl.concat([self.train, self.held_out]))

    def points(self, frame: pl.DataFrame) -> NDArray[Any]:
        """Return a point for each row."""
        return self.numbers.points(frame, np.float64)

    def some(self, frame: pl.DataFrame, most: int) -> pl.DataFrame:
        """Return at most so many rows, drawn without replacement."""
        if frame.height <= most:
            return frame
        return frame[np.random.default_rng(self.seed).permutation(frame.height)[:most]]


def distances(points: NDArray[Any], among: NDArray[Any]) -> NDArray[np.float64]:
    """Return the Euclidean distance of each point to the nearest of others."""
    from sklearn.neighbors import NearestNeighbors

    found, _ = NearestNeighbors(n_neighbors=1).fit(among).kneighbors(points)
    nearest: NDArray[np.float64] = found[:, 0]
    return nearest


def remade_by(
    rebalancer: Rebalancer, genuine: pl.DataFrame
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what makes frauds from training frauds by a rebalancer.

    Args:
        rebalancer: adds frauds; its ratio is above that of the frauds and genuine rows given.
        genuine: the genuine training rows.
    """

    def remake(frauds: pl.DataFrame) -> pl.DataFrame:
        frame = pl.concat([genuine, frauds])
        result = rebalancer.rebalance(frame, np.arange(frame.height) >= genuine.height)
        return result.features.filter(result.origin != "real")

    return remake
