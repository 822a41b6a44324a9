"""Where simulated frauds come from: what ``simulate`` asks of a world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from fraudsim.dataset import open_dataset
from fraudsim.errors import UsageError, nearest
from fraudsim.examples import examples_of_dataset
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Simulated:
    """Frauds that were simulated.

    Attributes:
        features: the columns of the training rows.
        attack: name of the pattern of each.
        source: int64, position of the training row that some of the columns are from; ``None`` if
            all are simulated.
        note: what the reader should know: what did not come, what is borrowed; empty if nothing.
    """

    features: pl.DataFrame
    attack: pl.Series
    source: NDArray[np.int64] | None = None
    note: str = ""


class FraudSource(Protocol):
    """A world that frauds can be asked of."""

    @property
    def usual(self) -> Mapping[str, int]:
        """How often each pattern is asked for, in parts of their sum, if nobody says otherwise."""

    def frauds(self, wanted: Mapping[str, int], seed: int) -> Simulated:
        """Return so many frauds of each pattern, or as many as there are."""


class GivenWorld:
    """The frauds of another dataset, as they stand there; for training rows of a dataset.

    Args:
        path: the dataset.

    Raises:
        UsageError: there is no whole dataset at ``path``, or it has no fraud to judge.
    """

    def __init__(self, path: str) -> None:
        """Read the frauds and their features."""
        examples = examples_of_dataset(open_dataset(path))
        assert examples.attack is not None  # a dataset's are known
        fraud = pl.Series(examples.fraud)
        if not fraud.any():
            raise UsageError(f"{path} has no fraud that could be learnt from")
        self._path = path
        self._features = examples.features.filter(fraud)
        self._attack = examples.attack.filter(fraud)

    @property
    def usual(self) -> Mapping[str, int]:
        """The frauds of each pattern in that world."""
        return dict(self._attack.value_counts().sort("attack").rows())

    def frauds(self, wanted: Mapping[str, int], seed: int) -> Simulated:
        """Return frauds drawn without replacement, in their order."""
        rows, note = drawn(self._attack, wanted, seed, where=self._path)
        return Simulated(self._features[rows], self._attack[rows], note=note)


def drawn(
    attack: pl.Series, wanted: Mapping[str, int], seed: int, *, where: str
) -> tuple[list[int], str]:
    """Return positions of so many frauds of each pattern, rising, and a note of what is missing.

    Raises:
        UsageError: there is no fraud of a pattern; says the nearest.
    """
    rng = Streams(seed).get("frauds of a given world")
    places: list[int] = []
    short = {}
    for pattern, count in sorted(wanted.items()):
        of_pattern = (attack == pattern).arg_true().to_numpy()
        if not of_pattern.size:
            raise UsageError(f"{where} has no fraud of '{pattern}'{nearest(pattern, set(attack))}")
        if of_pattern.size < count:
            short[pattern] = f"{of_pattern.size:,} of {count:,} {pattern}"
        places += rng.permutation(of_pattern)[:count].tolist()
    note = f"{where} has only {', '.join(short.values())}; simulate a larger one" if short else ""
    return sorted(places), note


def first_of_each(attack: pl.Series, most: Mapping[str, int]) -> NDArray[np.int64]:
    """Return the positions of the first frauds of each pattern, so many at the most."""
    found = [(attack == name).arg_true().to_numpy()[:count] for name, count in most.items()]
    return np.concatenate(found).astype(np.int64)
