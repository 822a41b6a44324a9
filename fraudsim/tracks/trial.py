"""One trial: a contender runs an arm of a track in a world that is open."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim import metrics
from fraudsim.harness.groups import groups_of
from fraudsim.harness.judge import Answers, judge
from fraudsim.harness.latency import latencies, peak_memory_mb
from fraudsim.harness.play import known_odds, play, seen_by
from fraudsim.harness.variants import (
    dealt_at_random,
    few_frauds,
    labels_at_once,
    part_of_genuine,
    part_of_test,
    without_attack,
)
from fraudsim.streams import Streams
from fraudsim.tracks.store import Scores
from fraudsim.tracks.track import load_track

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from fraudsim.examples import Examples
    from fraudsim.harness.play import Contender, Lived, Played
    from fraudsim.harness.schedule import Round
    from fraudsim.tracks.plan import TrialPlan
    from fraudsim.tracks.store import Store
    from fraudsim.tracks.track import Arm, Track


TIMED_ROWS = 1_500
"""Rows that latency is measured on."""


@dataclass(frozen=True)
class Course:
    """An arm of a track in a world: what is the same for all who run it.

    Attributes:
        examples: all rows, with what is known of them in this arm.
        rounds: the rounds.
        true_odds: of each round, known frauds per other row, before rows were left away.
        groups: of each row, by attribute.
    """

    examples: Examples
    rounds: tuple[Round, ...]
    true_odds: tuple[float, ...]
    groups: Mapping[str, pl.Series]


class World:
    """A world that is open, with the courses through it that were asked for last.

    Attributes:
        firsts: first rounds that another arm begins with, too: fitted once, or again and again.
    """

    def __init__(self, examples: Examples) -> None:
        self._examples = examples
        self._groups = groups_of(examples)
        self._last: tuple[tuple[str, str, str | None], Course] | None = None
        self.firsts: dict[str, Lived] = {}

    def course(self, plan: TrialPlan) -> Course:
        """Return the course of a trial; that of the trial before is kept."""
        which = (plan.track, plan.arm, plan.left_out)
        if self._last is None or self._last[0] != which:
            self._last = (which, self._made(plan))
        return self._last[1]

    def _made(self, plan: TrialPlan) -> Course:
        track = load_track(plan.track)
        [arm] = [one for one in track.arms if one.name == plan.arm]
        streams = Streams(plan.world_seed)
        examples, groups = self._examples, self._groups
        if arm.labels == "at_once":
            examples = labels_at_once(examples)
        if arm.labels == "random_split":
            examples, groups = dealt_at_random(examples, streams), {}
        rounds = track.schedule_of(arm).apply(examples)
        odds = tuple(known_odds(one.split) for one in rounds)
        change = _changes(track, arm, plan, examples, streams)
        return Course(examples, tuple(change(one) for one in rounds), odds, groups)


def run_trial(plan: TrialPlan, world: World, store: Store) -> dict[str, Any]:
    """Play and judge one trial, and keep its scores; those kept before are judged as they are.

    Raises:
        Exception: whatever somebody's detector raises.
    """
    course = world.course(plan)
    contender = plan.spec.contender()
    scores = store.scores(plan)
    if scores is None:
        scores = _played(plan, course, contender, world.firsts)
        store.put_scores(plan, scores)
    judgement = judge(
        course.examples,
        _judged(scores, course),
        groups=course.groups,
        probabilities=contender.detector.probabilities,
    )
    return {
        **judgement.as_dict(),
        "costs": dict(scores.costs),
        "floor": contender.detector.floor,
        "ceiling": contender.detector.ceiling,
        "train_known_frauds": int(course.rounds[-1].split.known_fraud.sum()),
        "test_rows": int(scores.rows.size),
        "test_frauds": int(
            sum(course.examples.fraud[one.split.test].sum() for one in course.rounds)
        ),
    }


def _played(
    plan: TrialPlan, course: Course, contender: Contender, firsts: dict[str, Lived]
) -> Scores:
    """Fit and score, and measure what that takes."""
    found: list[Played] = []
    shared = _first_round(plan)
    given = None if shared is None else firsts.pop(shared, None)

    def work() -> None:
        found.append(
            play(
                course.examples,
                course.rounds,
                contender,
                seed=plan.fit_seed,
                true_odds=course.true_odds,
                first=given,
            )
        )

    measured = load_track(plan.track).latency and not contender.detector.ceiling
    costs: dict[str, float | None] = {}
    if measured:
        costs["peak_memory_mb"] = peak_memory_mb(work)
    else:
        work()
    [played] = found
    goes_on_changing = contender.detector.in_order or contender.detector.listens
    if shared is not None and given is None and not goes_on_changing:
        firsts[shared] = played.first
    costs["seconds_fit"] = played.seconds_fit / played.fits
    costs["us_per_row"] = played.seconds_score / played.rows.size * 1e6
    if measured:
        some = played.rows[:TIMED_ROWS]
        costs |= latencies(played.classifier, seen_by(contender.detector, course.examples, some))
    return Scores(
        rows=course.examples.row_id[played.rows],
        round=played.round,
        score=played.score,
        probability=played.probability,
        costs={name: metrics.rounded(value) for name, value in costs.items()},
    )


def _first_round(plan: TrialPlan) -> str | None:
    """Return what the first round of a trial depends on; ``None`` if no other arm begins so."""
    track = load_track(plan.track)
    [mine] = [arm for arm in track.arms if arm.name == plan.arm]
    begins = mine.model_dump(exclude={"name", "refit"})
    if sum(arm.model_dump(exclude={"name", "refit"}) == begins for arm in track.arms) == 1:
        return None
    return json.dumps([begins, plan.left_out, asdict(plan.spec), plan.fit_seed], sort_keys=True)


def _judged(scores: Scores, course: Course) -> Answers:
    """Return scores by the rows of the course that they are of."""
    place = np.argsort(course.examples.row_id, kind="stable")
    rows = place[np.searchsorted(course.examples.row_id[place], scores.rows)]
    return Answers(rows, scores.round, scores.score, scores.probability)


def _changes(
    track: Track, arm: Arm, plan: TrialPlan, examples: Examples, streams: Streams
) -> Callable[[Round], Round]:
    """Return what an arm changes about each round."""
    genuine_rows = arm.genuine_rows or track.genuine_rows

    def change(one: Round) -> Round:
        if plan.left_out is not None:
            one = without_attack(one, examples, plan.left_out)
        if arm.frauds is not None:
            one = few_frauds(one, examples, arm.frauds, streams)
        if genuine_rows is not None:
            one = part_of_genuine(one, examples, genuine_rows, streams)
        if track.test_genuine_rows is not None:
            one = part_of_test(one, examples, track.test_genuine_rows, streams)
        return one

    return change
