"""Rebalancers that keep every row and add frauds, overall or of each kind."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import (
    NOWHERE,
    ORIGINS,
    Rebalanced,
    Rebalancer,
    add_frauds,
    check_ratio,
    take,
)
from fraudsim.rebalancers.kit.drawing import copies
from fraudsim.rebalancers.kit.shares import equal_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Added:
    """Frauds that were made.

    Attributes:
        features: the columns of the given rows.
        origin: one of ``ORIGINS``.
        source: int64, position among the given rows that each is made from; ``None`` if none.
        second: int64, position of the other row; ``None`` if there is none or several.
    """

    features: pl.DataFrame
    origin: str
    source: NDArray[np.int64] | None = None
    second: NDArray[np.int64] | None = None


class AddsFrauds(Rebalancer):
    """Keeps all rows and adds frauds; a subclass has ``_added`` and the parameter ``ratio``.

    By kind, every kind of fraud gets an equal share of the frauds that there will be. A kind that
    has more already keeps what it has, and the others share the rest. A kind with fewer known
    frauds than the method needs (``_least``) is copied.
    """

    ratio: float
    random_state: int

    @abstractmethod
    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        """Make ``wanted`` frauds, 1 or more; there are at least ``_least()`` to make them from.

        A method whose own rule rounds may make some more or fewer.
        """

    def _least(self) -> int:
        """Return how many known frauds the method needs."""
        return 1

    def _why_so_many(self) -> str:
        """Return what makes the method need ``_least()`` frauds, for its error."""
        return "ratio"

    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        check_ratio(self.ratio, fraud)
        frauds = int(fraud.sum())
        if frauds < self._least():
            raise UsageError(
                f"{self.name} needs more than {self._least() - 1} known frauds "
                f"({self._why_so_many()}), the training rows have {frauds}; lower "
                f"{self._why_so_many()} or use random_over"
            )
        wanted = frauds_wanted(self.ratio, fraud) - frauds
        if wanted < 1:
            return take(frame, fraud, np.arange(fraud.size))
        made = self._added(frame, fraud, wanted)
        return add_frauds(
            frame, fraud, made.features, origin=made.origin, source=made.source, second=made.second
        )

    def _rebalance_by(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], kind: NDArray[np.object_]
    ) -> Rebalanced:
        check_ratio(self.ratio, fraud)
        known = {name: np.flatnonzero(kind == name) for name in sorted(set(kind[fraud]))}
        shares = equal_shares(
            {name: rows.size for name, rows in known.items()}, frauds_wanted(self.ratio, fraud)
        )
        parts = [take(frame, fraud, np.arange(fraud.size))]
        for name, frauds in known.items():
            wanted = shares[name] - frauds.size
            if wanted > 0:
                try:
                    parts.append(_named(self._of_kind(frame, fraud, frauds, wanted), name))
                except UsageError as error:
                    raise UsageError(f"frauds of the kind '{name}': {error}") from error
        return _together(parts)

    def _of_kind(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],
        frauds: NDArray[np.int64],
        wanted: int,
    ) -> Rebalanced:
        """Return ``wanted`` frauds made from the rows ``frauds`` and those around them."""
        if frauds.size < self._least():
            rows = copies(frauds, wanted, self.random_state)
            made = Added(frame[rows], "copied", source=rows)
        else:
            rows = np.flatnonzero(~fraud)
            rows = np.sort(np.append(rows, frauds))
            made = self._added(frame[rows], fraud[rows], wanted)
            made = replace(made, source=_at(rows, made.source), second=_at(rows, made.second))
        return _alone(made)


class AddsBetweenNeighbours(AddsFrauds):
    """Adds frauds between a fraud and one of its nearest; a subclass has ``_added``.

    It needs one known fraud more than the neighbours that a fraud may be paired with.
    """

    neighbours: ClassVar[str] = "k_neighbors"
    """The parameter that says how many those are."""

    def _least(self) -> int:
        return int(getattr(self, self.neighbours)) + 1

    def _why_so_many(self) -> str:
        return self.neighbours


def frauds_wanted(ratio: float, fraud: NDArray[np.bool_]) -> int:
    """Return how many frauds there are at a ratio; never fewer than there are now."""
    frauds = int(fraud.sum())
    return max(frauds, int(ratio * (fraud.size - frauds)))


def _at(rows: NDArray[np.int64], inside: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """Return positions among all rows of positions among ``rows``."""
    return None if inside is None else np.where(inside == NOWHERE, NOWHERE, rows[inside])


def _alone(made: Added) -> Rebalanced:
    nothing = made.features.clear()
    return add_frauds(
        nothing,
        np.zeros(0, np.bool_),
        made.features,
        origin=made.origin,
        source=made.source,
        second=made.second,
    )


def _named(made: Rebalanced, kind: str) -> Rebalanced:
    """Say what kind rows without a source are of; those with one are of its kind."""
    of = pl.select(pl.repeat(kind, made.source.size, dtype=pl.String).alias("kind")).to_series()
    return replace(made, made_kind=of.set(pl.Series(made.source != NOWHERE), None))


def _kinds_of(parts: list[Rebalanced]) -> pl.Series:
    return pl.concat(
        pl.Series("kind", [None] * part.source.size, dtype=pl.String)
        if part.made_kind is None
        else part.made_kind
        for part in parts
    )


def _together(parts: list[Rebalanced]) -> Rebalanced:
    def joined(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    return Rebalanced(
        features=pl.concat([part.features for part in parts]),
        fraud=joined("fraud"),
        weight=joined("weight"),
        origin=pl.concat([part.origin for part in parts]).cast(ORIGINS),
        source=joined("source"),
        second=joined("second"),
        made_kind=_kinds_of(parts),
    )
