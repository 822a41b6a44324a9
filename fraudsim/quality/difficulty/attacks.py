"""How much of each attack is found: none should be given away, and the hardest is named (R27).

The frauds of an account are found or missed together, so there are as many trials as accounts: that
a few dozen were all found does not say that nothing of the attack ever gets through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim import metrics
from fraudsim.quality.check import CannotCheckError, Measurement
from fraudsim.quality.difficulty.course import LEAST_FRAUDS, check_of
from fraudsim.quality.intervals import interval_of_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.difficulty.course import Course, Judged


def _attack_recall(course: Course) -> Iterator[Measurement]:
    if course.examples.attack is None:
        raise CannotCheckError("no column for attack")
    found = course.judged("boosting")
    attack = course.examples.attack[course.split.test]
    recall = metrics.recall_per_attack(found.rows, found.order, attack)
    if not recall:
        raise CannotCheckError("no fraud has an attack")
    names = attack.to_numpy()
    table = {name: _row(found, names == name, recall[name]) for name in recall}
    judged = {name: row for name, row in table.items() if row["frauds"] >= LEAST_FRAUDS}
    for name, row in judged.items():
        yield Measurement(
            f"attack_recall_{course.stream}_{name}",
            row["recall_at_1pct_fpr"],
            f"{row['recall_at_1pct_fpr']:.0%} of the {row['frauds']:.0f} frauds of {name} are "
            "found while stopping 1 % of the genuine payments.",
            detail=row,
            interval=interval_of_share(row["recall_at_1pct_fpr"], row["accounts"]),
        )
    hardest, easiest = min(recall, key=recall.__getitem__), max(recall, key=recall.__getitem__)
    yield Measurement(
        f"attack_recall_spread_{course.stream}",
        recall[easiest] - recall[hardest],
        f"The hardest attack is {hardest} ({recall[hardest]:.0%} found), the easiest "
        f"{easiest} ({recall[easiest]:.0%}).",
        detail={"attacks": table},
    )


def _row(found: Judged, mine: NDArray[np.bool_], recall: float) -> dict[str, float]:
    """Count an attack, and rank it against the genuine rows alone."""
    weight = np.where(found.rows.fraud & ~mine, 0.0, 1.0)
    alone = metrics.weighted_ranking(found.rows, found.order, weight)
    return {
        "frauds": float(mine.sum()),
        "accounts": float(np.unique(found.rows.account[mine]).size),
        "recall_at_1pct_fpr": recall,
        "average_precision_alone": alone["average_precision"],
        "roc_auc_alone": alone["roc_auc"],
    }


CHECKS = (check_of("attack_recall", "Is any attack given away?", _attack_recall),)
