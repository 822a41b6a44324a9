"""Fit a detector on the past and have it score the future, round by round.

The detector never holds more than it may know: training rows with the labels known when it is
fitted, then rows to score, and for one that listens the labels as they become known. One whose
answers depend on the rows before is given the days one by one, each row once; for the others the
order does not matter, so a whole test is handed over at once, and ``honesty`` sees to it that it
does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.detectors.base import FeatureInfo
from fraudsim.errors import UsageError
from fraudsim.features.base import NOBODY
from fraudsim.harness.schedule import judged_rows
from fraudsim.metrics import prior_corrected
from fraudsim.moments import DAY_US
from fraudsim.rebalancers.base import NOWHERE, make_rebalancer
from fraudsim.training_set import training_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from fraudsim.detectors.base import Detector, FraudClassifier
    from fraudsim.examples import Examples
    from fraudsim.harness.schedule import Round
    from fraudsim.rebalancers.base import Rebalanced, Rebalancer
    from fraudsim.splits import Split


@dataclass(frozen=True)
class Lived:
    """What came of one round.

    Attributes:
        classifier: who scored.
        fresh: whether it was fitted for this round.
        learnt_odds: frauds per other row that it was fitted at.
        score: of the test rows.
        seconds_fit: how long fitting took, 0 if it was fitted before.
        seconds_score: how long scoring took.
    """

    classifier: FraudClassifier
    fresh: bool
    learnt_odds: float
    score: NDArray[np.float64]
    seconds_fit: float
    seconds_score: float


@dataclass(frozen=True)
class Played:
    """The scores of one detector on the tests of all rounds.

    Attributes:
        rows: int64 positions of the rows tested, rising.
        round: int64, the number of the round of each.
        score: float64, higher is more suspect.
        probability: float64, the score corrected for what was done to the share of fraud in its
            training rows; the score itself where there is nothing to correct.
        seconds_fit: how long all fits took, by the clock.
        seconds_score: how long scoring took.
        fits: how many fits.
        classifier: what was fitted last.
        first: the first round.
    """

    rows: NDArray[np.int64]
    round: NDArray[np.int64]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]
    seconds_fit: float
    seconds_score: float
    fits: int
    classifier: FraudClassifier
    first: Lived


@dataclass(frozen=True)
class Contender:
    """A detector behind a rebalancer.

    Attributes:
        detector: what is fitted.
        rebalancer: name of what makes its training rows.
        ratio: frauds per genuine row, for a rebalancer that has a ratio; its own by default.
    """

    detector: Detector
    rebalancer: str = "none"
    ratio: float | None = None

    @property
    def name(self) -> str:
        """The detector, with the rebalancer where there is one."""
        behind = "" if self.rebalancer == "none" else f"+{self.rebalancer}"
        return f"{self.detector.name}{behind}"

    def sampler(self, examples: Examples, seed: int) -> Rebalancer:
        """Return a fresh rebalancer."""
        return make_rebalancer(
            self.rebalancer, ratio=self.ratio, seed=seed, amount=examples.amount_column
        )


def info_of(examples: Examples) -> FeatureInfo:
    """Return what a detector is told about the features of examples."""
    return FeatureInfo(
        amount=examples.amount_column,
        look_back=examples.look_back,
        keys=() if examples.keys is None else tuple(examples.keys.columns),
    )


def play(
    examples: Examples,
    rounds: Sequence[Round],
    contender: Contender,
    *,
    seed: int,
    true_odds: Sequence[float] | None = None,
    first: Lived | None = None,
) -> Played:
    """Run a contender over all rounds.

    Args:
        examples: all rows.
        rounds: the first is one to fit for.
        contender: who runs.
        seed: of the rebalancer and of the detector.
        true_odds: of each round, frauds known per other training row where the round has only part
            of them; counted in the round by default.
        first: the first round of a course that began as this one, played by the same contender with
            the same seed; not of one that goes on changing (``in_order`` or ``listens``).

    Raises:
        UsageError: the detector or the rebalancer refuses the rows, or scores are not finite.
    """
    lived: list[Lived] = []
    for number, one in enumerate(rounds):
        if number == 0 and first is not None:
            lived.append(first)
            continue
        before = lived[-1] if lived and not one.refit else None
        lived.append(_lived(examples, one.split, contender, before, seed=seed))
    odds = [known_odds(one.split) for one in rounds] if true_odds is None else true_odds
    corrects = contender.detector.learns and contender.detector.probabilities
    rows, of_round = judged_rows(rounds)
    return Played(
        rows=rows,
        round=of_round,
        score=np.concatenate([one.score for one in lived]),
        probability=np.concatenate(
            [
                prior_corrected(one.score, learnt_odds=one.learnt_odds, true_odds=true)
                if corrects
                else one.score
                for one, true in zip(lived, odds, strict=True)
            ]
        ),
        seconds_fit=sum(one.seconds_fit for one in lived),
        seconds_score=sum(one.seconds_score for one in lived),
        fits=sum(one.fresh for one in lived),
        classifier=lived[-1].classifier,
        first=lived[0],
    )


def _lived(
    examples: Examples, split: Split, contender: Contender, before: Lived | None, *, seed: int
) -> Lived:
    """Return what comes of a round, with who lived through the one before, or else fitted anew."""
    started = perf_counter()
    if before is None:
        training = training_set(examples, split, contender.sampler(examples, seed))
        started = perf_counter()
        classifier = fitted(contender.detector, examples, split, training, seed=seed)
        learnt_odds = _odds(training)
    else:
        classifier, learnt_odds = before.classifier, before.learnt_odds
    fitted_at = perf_counter()
    fresh = before is None
    score = scores_of_test(classifier, contender.detector, examples, split, fresh=fresh)
    return Lived(
        classifier=classifier,
        fresh=fresh,
        learnt_odds=learnt_odds,
        score=score,
        seconds_fit=fitted_at - started if fresh else 0.0,
        seconds_score=perf_counter() - fitted_at,
    )


def _odds(training: Rebalanced) -> float:
    fraud = training.fraud
    return float(training.weight[fraud].sum() / training.weight[~fraud].sum())


def known_odds(split: Split) -> float:
    """Return the frauds known per other training row."""
    return float(split.known_fraud.sum() / (~split.known_fraud).sum())


def fitted(
    detector: Detector, examples: Examples, split: Split, training: Rebalanced, *, seed: int
) -> FraudClassifier:
    """Return the classifier of a detector, fitted to the training set made of a split.

    Args:
        detector: what is fitted.
        examples: all rows.
        split: whose training rows ``training`` was made of.
        training: what a rebalancer made of them.
        seed: of the detector.
    """
    features = training.features
    if detector.wants_keys and examples.keys is not None:
        features = pl.concat([features, _keys_of(examples, split, training)], how="horizontal")
    classifier = detector.build(seed=seed, info=info_of(examples))
    # copies: what a detector keeps and changes is its own
    return classifier.fit(features, training.fraud.copy(), sample_weight=training.weight.copy())


def _keys_of(examples: Examples, split: Split, training: Rebalanced) -> pl.DataFrame:
    """Return the keys of training rows; a row that was made has none."""
    assert examples.keys is not None
    itself = (training.origin == "real").to_numpy() & (training.source != NOWHERE)
    keys = examples.keys[split.train[np.where(itself, training.source, 0)]]
    if itself.all():
        return keys
    real = pl.Series(itself)
    return keys.select(
        pl.when(real).then(pl.col(name)).otherwise(pl.lit(NOBODY, pl.Int64)).alias(name)
        for name in keys.columns
    )


def seen_by(detector: Detector, examples: Examples, rows: NDArray[np.int64]) -> pl.DataFrame:
    """Return rows as a detector sees them."""
    features = examples.features[rows]
    if detector.wants_keys and examples.keys is not None:
        features = pl.concat([features, examples.keys[rows]], how="horizontal")
    return features


def scores_of_test(
    classifier: FraudClassifier,
    detector: Detector,
    examples: Examples,
    split: Split,
    *,
    fresh: bool = True,
) -> NDArray[np.float64]:
    """Return the scores of the test rows of a split, handed over as the detector asks for them.

    Args:
        classifier: fitted for the split, or for one before it.
        detector: what built it.
        examples: all rows.
        split: which rows are the test.
        fresh: whether it was fitted for this split, so that one that goes in order lives through
            the label delay first.

    Raises:
        UsageError: the answer is of a wrong shape, or scores are not finite.
    """
    if detector.ceiling:
        _tell_the_truth(classifier, examples, split.test)
    if detector.in_order or detector.listens:
        score = _day_by_day(classifier, detector, examples, split, fresh=fresh)
    else:
        score = _asked(classifier, seen_by(detector, examples, split.test))
    if not np.isfinite(score).all():
        raise UsageError(f"{int((~np.isfinite(score)).sum()):,} scores are not finite numbers")
    return score


def _tell_the_truth(classifier: Any, examples: Examples, rows: NDArray[np.int64]) -> None:
    at_risk = None if examples.at_risk is None else examples.at_risk[rows]
    classifier.tell(examples.fraud[rows], at_risk)


def _asked(classifier: FraudClassifier, rows: pl.DataFrame) -> NDArray[np.float64]:
    answer = np.asarray(classifier.predict_proba(rows), np.float64)
    if answer.shape != (rows.height, 2):
        raise UsageError(
            f"predict_proba gave an array of shape {answer.shape} for {rows.height:,} rows; "
            f"({rows.height}, 2) was expected"
        )
    return answer[:, 1].copy()


def _day_by_day(
    classifier: FraudClassifier,
    detector: Detector,
    examples: Examples,
    split: Split,
    *,
    fresh: bool,
) -> NDArray[np.float64]:
    """Score the days one by one; one freshly fitted lives through the label delay first.

    Whose answers do not depend on the rows before need not answer for the rows of the delay.
    """
    score = np.full(examples.size, np.nan)
    lived = _delay_rows(examples, split) if fresh else np.array([], np.int64)
    rows = np.concatenate([lived, split.test])
    first = split.test[0]
    heard_until_us = split.fitted_at_us
    for day in _days(examples.time_us[rows]):
        today = rows[day]
        if detector.listens:
            now_us = int(examples.time_us[today[0]]) // DAY_US * DAY_US
            if now_us > heard_until_us:
                _tell_what_came(classifier, detector, examples, split, heard_until_us, now_us)
                heard_until_us = now_us
        if detector.in_order or today[-1] >= first:
            score[today] = _asked(classifier, seen_by(detector, examples, today))
    return score[split.test]


def _delay_rows(examples: Examples, split: Split) -> NDArray[np.int64]:
    """Return the rows between the training rows and the test."""
    return np.flatnonzero(
        (examples.time_us >= split.train_until_us) & (examples.time_us < split.fitted_at_us)
    )


def _days(time_us: NDArray[np.int64]) -> Iterator[slice]:
    """Yield the rows of each day."""
    day = time_us // DAY_US
    starts = np.flatnonzero(np.diff(day, prepend=day[:1] - 1)) if day.size else day
    for begin, end in zip(starts, [*starts[1:], day.size], strict=True):
        yield slice(int(begin), int(end))


def _tell_what_came(
    classifier: FraudClassifier,
    detector: Detector,
    examples: Examples,
    split: Split,
    from_us: int,
    until_us: int,
) -> None:
    """Tell which rows were reported since, and which have grown old without a report."""
    delay_us = split.fitted_at_us - split.train_until_us
    scored = examples.time_us >= split.train_until_us
    scored &= examples.time_us < until_us
    reported = scored & (examples.known_at_us >= from_us) & (examples.known_at_us < until_us)
    old = scored & (examples.known_at_us >= until_us)
    old &= (examples.time_us >= from_us - delay_us) & (examples.time_us < until_us - delay_us)
    rows = np.flatnonzero(reported | old)
    if split.told is not None:
        rows = rows[split.told[rows]]
    if rows.size:
        classifier.hear(seen_by(detector, examples, rows), reported[rows])
