"""Boosting that ranks below something simpler has diverged: its figures are no baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BOOSTING = ("lightgbm", "lightgbm_default", "lightgbm_tuned", "xgboost")
SIMPLER = ("logistic", "shallow_tree")


def lost_to_simpler(precision: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Yield each boosted detector with each simpler one that has a higher average precision.

    Args:
        precision: average precision by name of the detector, all on the same rows.
    """
    for boosted in BOOSTING:
        for simple in SIMPLER:
            if boosted in precision and precision.get(simple, 0.0) > precision[boosted]:
                yield boosted, simple
