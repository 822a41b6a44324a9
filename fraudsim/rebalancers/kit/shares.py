"""Numbers of frauds, shared among kinds and sources."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def in_proportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split a number by weights, with nothing lost to rounding; their sum is above 0.

    >>> in_proportion(10, [2, 1])
    [7, 3]
    """
    whole = sum(weights)
    bounds = [round(total * part / whole) for part in accumulate(weights)]
    return [bound - before for before, bound in pairwise([0, *bounds])]


def equal_shares(known: dict[str, int], total: int) -> dict[str, int]:
    """Share ``total`` equally among kinds that keep at least what they have.

    >>> equal_shares({"a": 60, "b": 10, "c": 1}, 100)
    {'a': 60, 'b': 20, 'c': 20}
    """
    shares = dict(known)
    open_kinds, rest = sorted(known, key=lambda name: (-known[name], name)), total
    while open_kinds:
        share = rest // len(open_kinds)
        largest = open_kinds[0]
        if known[largest] <= share:
            shares.update(dict.fromkeys(open_kinds, share))
            break
        rest -= known[largest]
        open_kinds = open_kinds[1:]
    return shares
