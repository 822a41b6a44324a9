"""Which rows cleaning takes out: Tomek links and edited nearest neighbours.

Both give the rows of imbalanced-learn's classes, apart from rows that are equally near
(``fraudsim.rebalancers.kit.neighbours`` says how, and why it is fast where fraud is rare).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.rebalancers.kit.neighbours import have_nearer, nearest_rows
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from numpy.typing import NDArray


def tomek_links(
    points: NDArray[Any], fraud: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of a fraud and a genuine row that are the nearest of each other.

    Args:
        points: one per row.
        fraud: bool, of each.

    Returns:
        Positions of the frauds, rising, and of the genuine row of each.
    """
    frauds, everything = np.flatnonzero(fraud), np.arange(fraud.size)
    nearest, distance = nearest_rows(points, frauds, everything)
    to_genuine = ~fraud[nearest]
    frauds, genuine, bar = frauds[to_genuine], nearest[to_genuine], distance[to_genuine]
    mutual = ~have_nearer(points, genuine, everything, bar, 1)
    return frauds[mutual], genuine[mutual]


def has_other_class_near(
    points: NDArray[Any], fraud: NDArray[np.bool_], rows: NDArray[np.int64], count: int
) -> NDArray[np.bool_]:
    """Return which of ``rows``, all of one class, have the other among their ``count`` nearest.

    Args:
        points: one per row.
        fraud: bool, of each.
        rows: positions of rows of one class.
        count: nearest rows that are looked at.
    """
    if not rows.size:
        return np.zeros(0, np.bool_)
    mine = fraud == fraud[rows[0]]
    _, bar = nearest_rows(points, rows, np.flatnonzero(~mine))
    same = Streams(0).get("cleaning order").permutation(np.flatnonzero(mine))
    return ~have_nearer(points, rows, same, bar, count)
