"""Frauds drawn from a Gaussian copula.

Every column keeps its own distribution; a multivariate normal one holds how the columns go together
(Nelsen 2006, chapter 5.2; for tables of mixed types Patki, Wedge and Veeramachaneni 2016, *The
Synthetic Data Vault*). A category lies on the normal axis in intervals as wide as it is frequent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.generating import LEAST_FRAUDS, Generates
from fraudsim.rebalancers.kit.mixed_columns import MixedColumns, Parts, Ranks

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class GaussianCopula(Generates):
    """Keep all rows and add frauds drawn from a Gaussian copula of the frauds.

    The correlations are shrunk towards none (Ledoit and Wolf 2004), or a few dozen frauds with
    as many columns would have no density.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        least_frauds: known frauds that it takes; by kind, kinds with fewer are copied.
        random_state: the seed.
    """

    name: ClassVar[str] = "gaussian_copula"
    summary: ClassVar[str] = "all rows and frauds drawn from their margins and correlations"
    reference: ClassVar[str] = "Patki, Wedge and Veeramachaneni 2016; Ledoit and Wolf 2004"

    def __init__(
        self, ratio: float = MILD_RATIO, least_frauds: int = LEAST_FRAUDS, random_state: int = 1
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.least_frauds = least_frauds
        self.random_state = random_state

    def _made(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],
        wanted: int,
        rng: np.random.Generator,
    ) -> pl.DataFrame:
        frauds = frame.filter(fraud)
        columns = MixedColumns(frauds)
        parts = columns.parts(frauds)
        axes = _Axes.learnt(parts, columns.sizes)
        correlation = _correlation(axes.normal(parts, rng))
        drawn = rng.multivariate_normal(
            np.zeros(len(correlation)), correlation, wanted, method="cholesky"
        )
        return columns.frame(axes.parts(drawn), rng)


@dataclass(frozen=True)
class _Axes:
    """Rows as points of the normal space: values first, then codes.

    Attributes:
        ranks: of the values.
        edges: of each coded column, where its codes end in (0, 1); the last is 1.
    """

    ranks: Ranks
    edges: tuple[NDArray[np.float64], ...]

    @classmethod
    def learnt(cls, parts: Parts, sizes: tuple[int, ...]) -> _Axes:
        shares = (
            np.bincount(column, minlength=size) / len(column)
            for column, size in zip(parts.codes.T, sizes, strict=True)
        )
        return cls(Ranks(parts.values), tuple(np.cumsum(share) for share in shares))

    def normal(self, parts: Parts, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return a point for each row; what has no value, and where in a code, is by chance."""
        from scipy.special import ndtri

        chance = rng.random((len(parts.codes), parts.values.shape[1] + len(self.edges)))
        ranks = self.ranks.ranks(parts.values)
        width = ranks.shape[1]
        uniform = np.empty(chance.shape)
        uniform[:, :width] = np.where(np.isnan(ranks), chance[:, :width], ranks)
        for j, edges in enumerate(self.edges):
            code = parts.codes[:, j]
            low = np.append(0.0, edges)[code]
            uniform[:, width + j] = low + chance[:, width + j] * (edges[code] - low)
        points: NDArray[np.float64] = ndtri(np.clip(uniform, 1e-6, 1 - 1e-6))
        return points

    def parts(self, points: NDArray[np.float64]) -> Parts:
        """Return the rows that points stand for."""
        from scipy.special import ndtr

        uniform = ndtr(points)
        width = points.shape[1] - len(self.edges)
        codes = np.empty((len(points), len(self.edges)), np.int64)
        for j, edges in enumerate(self.edges):
            at = np.searchsorted(edges, uniform[:, width + j], "right")
            codes[:, j] = np.minimum(at, len(edges) - 1)
        return Parts(self.ranks.values(uniform[:, :width]), codes)


def _correlation(points: NDArray[np.float64]) -> NDArray[np.float64]:
    from sklearn.covariance import ledoit_wolf

    scale = points.std(axis=0)
    shrunk, _ = ledoit_wolf((points - points.mean(axis=0)) / np.where(scale > 0, scale, 1.0))
    spread = np.sqrt(np.diag(shrunk))
    correlation: NDArray[np.float64] = shrunk / np.outer(spread, spread)
    return correlation
