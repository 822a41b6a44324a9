"""Mode-specific normalisation: a number as the bell that it lies under, and where under it.

CTGAN and TVAE learn numbers so (Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019, *Modeling
Tabular Data using Conditional GAN*, section 4.2): amounts have several modes, and a network with a
single output per number would cover the one in the middle.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.rebalancers.kit.mixed_columns import Parts, one_hot

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_MODES = 10
LEAST_WEIGHT = 0.005
"""Both as in the paper's code: bells to begin with, and the weight below which one is dropped."""

MOST_ROWS = 1000
"""Rows that the bells of a column are fitted to (a choice: the fit is most of the time otherwise).
"""

REACH = 4.0
"""A value lies at -1 or 1 when it is so many standard deviations from the mean of its bell."""


@dataclass(frozen=True)
class Span:
    """Neighbouring columns of the matrix that belong together.

    Attributes:
        start: first column.
        width: number of columns.
        one_of: whether exactly one of them is 1; else it is one number from -1 to 1.
    """

    start: int
    width: int
    one_of: bool

    @property
    def at(self) -> slice:
        """The columns."""
        return slice(self.start, self.start + self.width)


class ModeSpace:
    """Rows as the matrix that CTGAN and TVAE learn, and back.

    For each number one column from -1 to 1 and one per bell; then one per code.

    Attributes:
        spans: of the matrix, in order.
        coded: the spans of the coded columns alone.
        width: columns of the matrix.
    """

    def __init__(self, parts: Parts, sizes: tuple[int, ...], seed: int) -> None:
        """Learn the bells from rows.

        Args:
            parts: the rows.
            sizes: codes of each coded column.
            seed: of the fits.
        """
        self._sizes = sizes
        self._modes = [_learnt(column[~np.isnan(column)], seed) for column in parts.values.T]
        widths: list[tuple[int, bool]] = []
        for modes in self._modes:
            widths += [(1, False), (len(modes.mean), True)]
        widths += [(size, True) for size in sizes]
        starts = np.cumsum([0, *(width for width, _ in widths)]).tolist()
        self.spans = [
            Span(start, width, one_of)
            for start, (width, one_of) in zip(starts[:-1], widths, strict=True)
        ]
        self.coded = self.spans[len(self.spans) - len(sizes) :]
        self.width: int = starts[-1]

    def matrix(self, parts: Parts, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return rows as a matrix; of several bells that a value may lie under one is drawn."""
        blocks = [
            modes.into(column, rng)
            for modes, column in zip(self._modes, parts.values.T, strict=True)
        ]
        return np.hstack([*blocks, one_hot(parts.codes, self._sizes)]).astype(np.float32)

    def parts(self, matrix: NDArray[np.float32]) -> Parts:
        """Return the rows of a matrix; the largest of columns that belong together counts."""
        rows = len(matrix)
        values = np.empty((rows, len(self._modes)))
        for j, modes in enumerate(self._modes):
            where, which = self.spans[2 * j], self.spans[2 * j + 1]
            bell = matrix[:, which.at].argmax(axis=1)
            values[:, j] = modes.mean[bell] + REACH * modes.spread[bell] * np.clip(
                matrix[:, where.start], -1.0, 1.0
            )
        codes = np.empty((rows, len(self.coded)), np.int64)
        for j, span in enumerate(self.coded):
            codes[:, j] = matrix[:, span.at].argmax(axis=1)
        return Parts(values, codes)


@dataclass(frozen=True)
class _Modes:
    """The bells of a column; of a value that is missing, the first stands with its mean."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    weight: NDArray[np.float64]

    def into(self, values: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        missing = np.isnan(values)
        known = np.where(missing, self.mean[0], values)
        off = (known[:, None] - self.mean) / self.spread
        density = np.log(self.weight) - np.log(self.spread) - off**2 / 2
        bell = (density + rng.gumbel(size=density.shape)).argmax(axis=1)  # in proportion to it
        bell[missing] = 0
        rows = np.arange(len(values))
        block = np.zeros((len(values), 1 + len(self.mean)))
        block[:, 0] = np.clip(off[rows, bell] / REACH, -0.99, 0.99)
        block[rows, 1 + bell] = 1.0
        return block


def _learnt(known: NDArray[np.float64], seed: int) -> _Modes:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import BayesianGaussianMixture

    some = np.random.default_rng(seed).permutation(known)[:MOST_ROWS]
    scale = float(some.std()) if some.size else 0.0
    if scale == 0.0:
        centre = some[:1] if some.size else np.zeros(1)
        return _Modes(centre, np.ones(1), np.ones(1))
    centre = some.mean()
    mixture = BayesianGaussianMixture(
        n_components=min(MOST_MODES, some.size),
        weight_concentration_prior=0.001,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # bells that are not settled after 100 rounds are still bells
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(((some - centre) / scale).reshape(-1, 1))
    kept = mixture.weights_ > LEAST_WEIGHT
    return _Modes(
        mixture.means_[kept, 0] * scale + centre,
        np.sqrt(mixture.covariances_[kept, 0, 0]) * scale,
        mixture.weights_[kept],
    )
