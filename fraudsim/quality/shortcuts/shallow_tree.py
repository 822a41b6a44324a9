"""A tree of three questions against gradient boosting, both with the look-back features (R2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.detectors.lightgbm import LightGBMClassifier
from fraudsim.encoding import TableEncoder
from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.shortcuts.requests import streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.shortcuts.requests import Stream
    from fraudsim.quality.subject import Subject

DEPTH = 3
MOST_GENUINE = 40_000
"""Genuine rows that are learnt from, and as many that are judged; weighted to stand for all."""

LEAST_IN_LEAF = 20
LEAST_LIFT = 2.0
"""Two models that find nothing are not compared: boosting should do so many times as well as chance
(a choice)."""


def _shallow_tree(subject: Subject) -> Iterator[Measurement]:
    from sklearn.metrics import average_precision_score
    from sklearn.tree import DecisionTreeClassifier

    for stream in streams(subject)[: 1 if subject.derived else None]:
        rng = subject.rng(f"shallow_tree {stream.name}")
        train, weight = _sample(stream, stream.train, rng)
        test, test_weight = _sample(stream, ~stream.train, rng)
        past, future = (subject.features[stream.rows[rows]] for rows in (train, test))
        encoder = TableEncoder().fit(past)
        learnt, asked = encoder.transform(past, np.float32), encoder.transform(future, np.float32)
        tree = DecisionTreeClassifier(
            max_depth=DEPTH, min_samples_leaf=LEAST_IN_LEAF, random_state=0
        ).fit(learnt, stream.fraud[train], sample_weight=weight)
        boosting = LightGBMClassifier(n_estimators=100, learning_rate=0.05).fit(
            past, stream.fraud[train], sample_weight=weight
        )
        truth = stream.fraud[test]
        of_tree, of_boosting = (
            float(average_precision_score(truth, scores, sample_weight=test_weight))
            for scores in (
                tree.predict_proba(asked)[:, 1],
                boosting.predict_proba(future)[:, 1],
            )
        )
        chance = float(np.average(truth, weights=test_weight))
        if of_boosting < LEAST_LIFT * chance:
            raise CannotCheckError(
                f"boosting finds no fraud either: an average precision of {of_boosting:.3f}, "
                f"chance gives {chance:.3f}"
            )
        ratio = of_tree / of_boosting
        # questions about principal components are no questions that a rule could ask
        name, aside = (
            ("shallow_tree_derived", " Its columns are computed from many fields: no band applies.")
            if subject.derived
            else (f"shallow_tree_{stream.name}", "")
        )
        yield Measurement(
            name,
            ratio,
            f"Three yes-or-no questions reach {ratio:.0%} of the average precision of gradient "
            f"boosting ({of_tree:.3f} of {of_boosting:.3f}).{aside}",
            detail={
                "tree_average_precision": of_tree,
                "boosting_average_precision": of_boosting,
                "genuine_learnt": int((~stream.fraud[train]).sum()),
                "genuine_judged": int((~truth).sum()),
            },
        )


def _sample(
    stream: Stream, part: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return all frauds and some genuine rows of a part, and the weight of each."""
    fraud = np.flatnonzero(part & stream.fraud)
    genuine = np.flatnonzero(part & ~stream.fraud)
    sample = rng.permutation(genuine)[:MOST_GENUINE]
    rows = np.sort(np.concatenate([fraud, sample]))
    return rows, np.where(stream.fraud[rows], 1.0, genuine.size / max(sample.size, 1))


CHECKS = (
    Check("shortcuts", "shallow_tree", "Do three questions do the work of a model?", _shallow_tree),
)
