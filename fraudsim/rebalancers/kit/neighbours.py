"""Searches for near rows that look at few of them, and give what looking at all would.

Tomek links and edited neighbours are defined by the nearest rows of every row, which takes a
number of distances that grows with the square of the rows. Fraud is rare, and only what is near
fraud matters:

* A Tomek link has a fraud in it, so the nearest row is sought of frauds, and of the genuine rows
  that are nearest to one.
* A genuine row has a fraud among its ``k`` nearest unless ``k`` other rows are nearer than its
  nearest fraud. Going through the rows in any order, most genuine rows have seen those ``k`` after
  a few dozen.

Distances are Euclidean, in float64, over points of float32 or float64. A row is nearer only if it
is strictly nearer; of equally near rows the first counts as the nearest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 256
WIDTH = 4096
"""Rows asked about and looked at in one product: 4 MiB of distances, which stay in the cache."""

STRIDE = 16
"""Columns summed before a sum is compared with the bar: whoever is over it is left."""


def nearest_others(points: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return, for each point, the positions of the nearest others, nearest first.

    Args:
        points: one per row; there are more than ``count``.
        count: how many of each.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=count).fit(points)
    found: NDArray[np.int64] = search.kneighbors(
        return_distance=False
    )  # leaves out the point itself
    return found


def nearest_rows(
    points: NDArray[Any], rows: NDArray[np.int64], among: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return, for each of ``rows``, the nearest other of ``among``, and the squared distance.

    The search is by matrix products of float32, which is some ten times as fast as pair by pair;
    the distance returned is in float64. Another row may be nearer by what float32 rounds away: some
    1e-6 of the squared length of the points.

    Args:
        points: one per row.
        rows: positions that are asked about.
        among: positions that are looked at, rising, at least one other than each row asked about.
    """
    centre = points.mean(axis=0, dtype=np.float64).astype(np.float32)
    asked = points[rows].astype(np.float32) - centre
    looked_at = points[among].astype(np.float32) - centre
    itself = _place_of(rows, among)
    nearest = np.concatenate(
        [
            _nearest_in_block(
                asked[start : start + BLOCK], looked_at, itself[start : start + BLOCK]
            )
            for start in range(0, rows.size, BLOCK)
        ]
        or [np.zeros(0, np.int64)]
    )
    distance = np.empty(rows.size, np.float64)
    _distances(points, rows, among[nearest], distance)
    return among[nearest], distance


def _nearest_in_block(
    asked: NDArray[np.float32], looked_at: NDArray[np.float32], itself: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the place of the nearest of ``looked_at``; half the squared distance is compared."""
    best = np.full(asked.shape[0], np.inf, np.float32)
    nearest = np.zeros(asked.shape[0], np.int64)
    everyone = np.arange(asked.shape[0])
    for start in range(0, looked_at.shape[0], WIDTH):
        part = looked_at[start : start + WIDTH]
        half = asked @ part.T
        np.subtract(0.5 * np.einsum("ij,ij->i", part, part), half, out=half)
        mine = (itself >= start) & (itself < start + part.shape[0])
        half[everyone[mine], itself[mine] - start] = np.inf
        at = half.argmin(axis=1)
        found = half[everyone, at]
        nearer = found < best
        best[nearer] = found[nearer]
        nearest[nearer] = at[nearer] + start
    return nearest


def _place_of(rows: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where in ``among``, which rises, each of ``rows`` stands; -1 where it does not."""
    place = np.searchsorted(among, rows)
    there = among[np.minimum(place, among.size - 1)] == rows
    return np.where(there, place, -1)


def have_nearer(
    points: NDArray[Any],
    rows: NDArray[np.int64],
    among: NDArray[np.int64],
    bar: NDArray[np.float64],
    count: int,
) -> NDArray[np.bool_]:
    """Return which of ``rows`` have at least ``count`` others of ``among`` nearer than a bar.

    Args:
        points: one per row.
        rows: positions that are asked about.
        among: positions that are looked at, in an order that matters for the time only: by chance.
        bar: squared distance, of each row asked about.
        count: how many it takes.
    """
    found = np.empty(rows.size, np.bool_)
    _have_nearer(points, rows, among, bar, count, found)
    return found


@kernel
def _squared(points: np.ndarray, a: int, b: int, bar: float) -> float:
    """Return the squared distance of two points, or some number over the bar if it is over it."""
    total = 0.0
    columns = points.shape[1]
    start = 0
    while start < columns and total <= bar:
        for j in range(start, min(start + STRIDE, columns)):
            step = float(points[a, j]) - float(points[b, j])
            total += step * step
        start += STRIDE
    return total


@kernel
def _distances(points: np.ndarray, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Sum as ``_have_nearer`` does: a distance is never below itself."""
    for i in range(a.size):
        out[i] = _squared(points, a[i], b[i], np.inf)


@kernel
def _have_nearer(
    points: np.ndarray,
    rows: np.ndarray,
    among: np.ndarray,
    bar: np.ndarray,
    count: int,
    found: np.ndarray,
) -> None:
    for i in range(rows.size):
        nearer = 0
        k = 0
        while k < among.size and nearer < count:
            if among[k] != rows[i] and _squared(points, rows[i], among[k], bar[i]) < bar[i]:
                nearer += 1
            k += 1
        found[i] = nearer >= count
