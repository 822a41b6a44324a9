"""Catch a detector that knows more than it was told.

The same course is run several times with what must not matter changed: what comes later, the truth
that nobody has reported, what was run before. A detector whose scores change has looked. It is no
proof that one whose scores stay is honest: it may read files, or look where nothing was changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.examples import NEVER_US
from fraudsim.harness.play import Contender, play
from fraudsim.harness.schedule import Round
from fraudsim.moments import DAY_US
from fraudsim.splits import TimeSplit
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fraudsim.detectors.base import Detector
    from fraudsim.examples import Examples

SEED = 1
FOUND_BY = 1e-9
"""Scores that differ by less are equal: sums may be taken in another order."""


@dataclass(frozen=True)
class Dishonesty:
    """Something that a detector did and must not.

    Attributes:
        name: ``reads_labels``, ``peeks_ahead``, ``keeps_state`` or ``not_repeatable``.
        sentence: what was seen and what would be right.
    """

    name: str
    sentence: str


NOT_REPEATABLE = Dishonesty(
    "not_repeatable",
    "fitted twice on the same rows with the same seed it gave other scores: draw from a generator "
    "made of the seed that build is given, and keep nothing from the run before",
)
KEEPS_STATE = Dishonesty(
    "keeps_state",
    "after it was fitted with another seed to other labels, the first rows and seed gave other "
    "scores: something is kept from run to run; build should return what knows nothing",
)


def check_honesty(
    detector: Detector, examples: Examples, *, split: TimeSplit | None = None
) -> tuple[Dishonesty, ...]:
    """Return what a detector did that it must not; nothing if it was not caught.

    Args:
        detector: a fresh one; it is fitted six times.
        examples: of a small world, as time goes; twenty days or more.
        split: how to split them; the last 30 % of the time are the test by default.

    Raises:
        UsageError: as ``play``.
    """
    one = Round((split or TimeSplit()).apply(examples))
    silent = _nobody_reports(examples, one)
    test = one.split.test
    first = _scores(detector, silent, one)
    if differing(first, _scores(detector, silent, one)):
        return (NOT_REPEATABLE,)  # nothing else can be asked of it
    found = []
    if seen := differing(first, _scores(detector, _other_truth(silent, test), one)):
        found.append(
            Dishonesty(
                "reads_labels",
                f"the truth of the test was changed, which nobody has reported, and {seen:,} of "
                f"{test.size:,} scores changed: it reads labels that it has not been told",
            )
        )
    early, changed = _later_changed(silent, test)
    if seen := differing(first[early], _scores(detector, changed, one)[early]):
        found.append(
            Dishonesty(
                "peeks_ahead",
                f"rows of later days were changed, and {seen:,} of {int(early.sum()):,} scores of "
                "earlier days changed: a score may depend on the row and on what came before it",
            )
        )
    _scores(detector, *_learnt_otherwise(silent, one), seed=SEED + 1)
    if differing(first, _scores(detector, silent, one)):
        found.append(KEEPS_STATE)
    return tuple(found)


def differing(left: NDArray[np.float64], right: NDArray[np.float64]) -> int:
    """Return how many scores differ."""
    return int((np.abs(left - right) > FOUND_BY).sum())


def _scores(
    detector: Detector, examples: Examples, one: Round, seed: int = SEED
) -> NDArray[np.float64]:
    return play(examples, [one], Contender(detector), seed=seed).score


def _learnt_otherwise(examples: Examples, one: Round) -> tuple[Examples, Round]:
    """Return examples and a round with as many known frauds to learn from, but others."""
    known = Streams(SEED).get("other labels").permutation(one.split.known_fraud)
    fraud, known_at_us = examples.fraud.copy(), examples.known_at_us.copy()
    train = one.split.train
    fraud[train], known_at_us[train] = known, np.where(known, examples.time_us[train], NEVER_US)
    changed = replace(examples, fraud=fraud, known_at_us=known_at_us)
    return changed, replace(one, split=replace(one.split, known_fraud=known))


def _nobody_reports(examples: Examples, one: Round) -> Examples:
    """Return examples of which no fraud after the training rows is ever reported."""
    late = examples.time_us >= one.split.train_until_us
    return replace(examples, known_at_us=np.where(late, NEVER_US, examples.known_at_us))


def _other_truth(examples: Examples, test: NDArray[np.int64]) -> Examples:
    """Return examples with another truth of the test rows."""
    fraud = examples.fraud.copy()
    fraud[test] = Streams(SEED).get("another truth").permutation(~fraud[test])
    return replace(examples, fraud=fraud)


def _later_changed(
    examples: Examples, test: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], Examples]:
    """Return which test rows are of the earlier days, and examples with other rows in the later."""
    day = examples.time_us // DAY_US
    middle = day[test[test.size // 2]]
    early = day[test] < middle
    later = test[~early]
    order = np.arange(examples.size)
    # few of them, many times over: a rank or a mean among later rows changes, too
    order[later] = Streams(SEED).get("later rows").choice(later[:10], later.size)
    keys = examples.keys
    if keys is not None:  # times stay: only what comes at them changes
        keys = keys[order].with_columns(keys["key_time_us"])
    return early, replace(examples, features=examples.features[order], keys=keys)
