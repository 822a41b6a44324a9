"""Probabilities after rebalancing: corrected for the share of fraud, and recalibrated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fraudsim.harness.play import fitted, scores_of_test
from fraudsim.metrics import prior_corrected
from fraudsim.training_set import training_set

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fraudsim.comparison.trial import Course
    from fraudsim.rebalancers.base import Rebalanced, Rebalancer
    from fraudsim.splits import Split
    from fraudsim.training_set import Kinds

LATER_SHARE = 0.25
"""Training rows, the latest, that the map of isotonic recalibration is learnt from (a choice)."""

FEWEST_FRAUDS = 10
"""Known frauds on either side without which no map is learnt (a choice)."""


def corrected(
    score: NDArray[np.float64], training: Rebalanced, known_fraud: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Undo what a rebalancer did to probabilities by the share of fraud (Dal Pozzolo et al. 2015).

    Args:
        score: probabilities of a classifier fitted to ``training``.
        training: what the rebalancer made.
        known_fraud: bool, of the training rows before.
    """
    fraud = training.fraud
    learnt = float(training.weight[fraud].sum() / training.weight[~fraud].sum())
    true = float(known_fraud.sum() / (~known_fraud).sum())
    return prior_corrected(score, learnt_odds=learnt, true_odds=true)


def isotonic(
    course: Course,
    rebalancer: Rebalancer,
    seed: int,
    by: Kinds | None,
    probability: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """Return probabilities of the test, recalibrated with a later slice of the training rows.

    The detector is fitted once more, behind the same rebalancer, to the training rows before the
    slice; the slice, as it is, then says what its probabilities are worth, and the map from one to
    the other (isotonic regression: Zadrozny, Elkan 2002) is applied to the test. No probability
    is below half a fraud in the slice: a map learnt from so many rows cannot tell less.

    Args:
        course: what all trials share.
        rebalancer: that of the trial.
        seed: that of the trial.
        by: what frauds are told apart by.
        probability: of the test, corrected.

    Returns:
        ``None`` if the slice or what lies before it has fewer than ``FEWEST_FRAUDS`` frauds.
    """
    from sklearn.isotonic import IsotonicRegression

    split = course.split
    begin = int(split.train.size * (1 - LATER_SHARE))
    earlier = _part(split, slice(0, begin))
    later = _part(split, slice(begin, None))
    if min(earlier.known_fraud.sum(), later.known_fraud.sum()) < FEWEST_FRAUDS:
        return None
    training = training_set(course.examples, earlier, rebalancer, by)
    examples = course.examples if by is None else replace(course.examples, features=by.features)
    classifier = fitted(course.detector, examples, earlier, training, seed=seed)
    starts_us = int(examples.time_us[later.train[0]])  # the slice is its test, with no delay
    slice_of = replace(earlier, test=later.train, train_until_us=starts_us, fitted_at_us=starts_us)
    score = scores_of_test(classifier, course.detector, examples, slice_of)
    learnt = IsotonicRegression(y_min=0.5 / later.train.size, y_max=1.0, out_of_bounds="clip")
    learnt.fit(corrected(score, training, earlier.known_fraud), later.known_fraud)
    calibrated: NDArray[np.float64] = learnt.predict(probability)
    return calibrated


def _part(split: Split, rows: slice) -> Split:
    return replace(split, train=split.train[rows], known_fraud=split.known_fraud[rows])
