"""Whether a classifier tells made frauds from real ones.

It is the detection score of SDMetrics and of Lopez-Paz and Oquab (2017), *Revisiting classifier
two-sample tests*, with LightGBM: whatever it finds, a detector may learn instead of fraud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.encoding import TableEncoder
from fraudsim.quality.check import Band, CannotCheckError, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.balance_quality.made_rows import MadeRows

FOLDS, LEAST, MOST = 5, 50, 2000
"""Folds, and rows of each kind: with fewer the area is by chance, and more add only time."""

PASSES, FAILS = 0.75, 0.9
"""Areas under the curve that pass, and that warn (assumptions: above 0.9 made frauds are a kind of
their own); more is let pass where other real frauds are told from the held-out ones as well."""


def detection(rows: MadeRows) -> Iterator[Measurement]:
    """Cross-validate a classifier between made frauds and held-out real ones.

    Raises:
        CannotCheckError: there are too few.
    """
    fewest = min(rows.held_out.height, rows.made.height)
    if fewest < LEAST:
        raise CannotCheckError(
            f"{fewest} made or held-out frauds are too few to train a classifier; "
            f"{LEAST} are needed"
        )
    area = _area(rows, rows.made)
    reach = _area(rows, rows.train)
    yield Measurement(
        "detection",
        area,
        f"A classifier ranks a made fraud above a real one in {area:.0%} of cases; 50% is by "
        f"chance, and between real frauds it is {reach:.0%}.",
        Band(
            None,
            max(FAILS, reach),
            f"{FAILS} and {PASSES} are assumptions, or else the area between real frauds",
            warn_high=max(PASSES, reach),
        ),
        {"between_real": round(reach, 4), "rows_of_each": min(fewest, MOST)},
    )


def _area(rows: MadeRows, made: pl.DataFrame) -> float:
    from lightgbm import LGBMClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    most = min(MOST, rows.held_out.height, made.height)
    frame = pl.concat([rows.some(rows.held_out, most), rows.some(made, most)])
    is_made = np.arange(frame.height) >= most
    matrix = TableEncoder().fit(frame).transform(frame)
    score = np.empty(frame.height)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=rows.seed)
    for fitted, asked in folds.split(matrix, is_made):
        model = LGBMClassifier(
            n_estimators=60,
            num_leaves=15,
            random_state=rows.seed,
            n_jobs=1,
            deterministic=True,
            force_row_wise=True,
            verbose=-1,
        )
        model.fit(matrix[fitted], is_made[fitted])
        score[asked] = model.booster_.predict(matrix[asked])
    return float(roc_auc_score(is_made, score))
