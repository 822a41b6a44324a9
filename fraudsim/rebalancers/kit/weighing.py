"""Weights of frauds that sum to a share of the genuine rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.rebalancers.base import check_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fraud_weights(
    ratio: float,
    fraud: NDArray[np.bool_],
    cost: NDArray[np.float64],
    kind: NDArray[np.object_] | None = None,
) -> NDArray[np.float64]:
    """Return weights: 1 of genuine rows, in proportion to ``cost`` of frauds.

    Args:
        ratio: weight of all frauds over that of all genuine rows.
        fraud: bool, of each row.
        cost: above 0, of each row; only that of frauds counts.
        kind: what kind of fraud each is; the frauds of every kind then sum to the same.

    Raises:
        UsageError: the ratio is none, or below the present one.
    """
    check_ratio(ratio, fraud)
    total = ratio * float((~fraud).sum())
    weight = np.ones(fraud.size)
    of_kinds = [fraud] if kind is None else [kind == name for name in sorted(set(kind[fraud]))]
    for mine in of_kinds:
        weight[mine] = cost[mine] * (total / len(of_kinds) / cost[mine].sum())
    return weight
