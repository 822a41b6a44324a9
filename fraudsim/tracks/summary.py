"""What all trials together say: every figure with an interval, and beside it floor and ceiling."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.harness.diverged import lost_to_simpler
from fraudsim.harness.judge import REPLICATES
from fraudsim.metrics import LEVEL, rounded
from fraudsim.streams import Streams
from fraudsim.tracks.ties import Standing, standings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fraudsim.tracks.plan import TrialPlan
    from fraudsim.tracks.track import Track

    Trial = tuple[TrialPlan, dict[str, Any]]

HEADLINES = ("average_precision", "recall_in_budget_100")
"""The metrics by which detectors are ranked and ties are declared."""


@dataclass(frozen=True)
class Figure:
    """A metric of one detector in one arm.

    Attributes:
        mean: over worlds and fits; ``None`` where it exists in none.
        low: of its 95 % interval; ``None`` with one world and no replicates.
        high: of the same.
        worlds: how many trials have it.
    """

    mean: float | None
    low: float | None
    high: float | None
    worlds: int


@dataclass(frozen=True)
class Line:
    """What came of one detector in one arm of a track.

    Attributes:
        track: name.
        arm: name; all attacks left out are one arm.
        detector: its name.
        rebalancer: its name.
        floor: whether it is there to be beaten.
        ceiling: whether it is told the truth.
        figures: by name of the metric.
        costs: mean by name; measured on this machine.
        by_round: mean of each round, by name of the metric.
        by_attack: mean over worlds of each attack, by name.
        curve: precision over recall, of the first world.
        unnoticed: share of victims unnoticed after 0, 1, 2, ... payments, mean.
        uneven: share of genuine rows flagged, by attribute and group, mean.
    """

    track: str
    arm: str
    detector: str
    rebalancer: str
    floor: bool
    ceiling: bool
    figures: Mapping[str, Figure]
    costs: Mapping[str, float | None]
    by_round: Sequence[Mapping[str, float | None]]
    by_attack: Mapping[str, Mapping[str, float | None]]
    curve: Mapping[str, Sequence[float]]
    unnoticed: Sequence[float]
    uneven: Mapping[str, Mapping[str, float | None]]

    @property
    def name(self) -> str:
        """The detector, with the rebalancer where there is one."""
        return self.detector if self.rebalancer == "none" else f"{self.detector}+{self.rebalancer}"


@dataclass(frozen=True)
class Summary:
    """What all trials say.

    Attributes:
        tracks: name, question and worlds of each track.
        lines: one per track, arm, detector and rebalancer, in the order they were planned.
        standings: by track, arm and headline: who is where, and who ties.
        warnings: what a reader should know before trusting a figure.
    """

    tracks: Sequence[Mapping[str, Any]]
    lines: Sequence[Line]
    standings: Sequence[Standing]
    warnings: Sequence[str]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "tracks": [dict(track) for track in self.tracks],
            "lines": [asdict(line) for line in self.lines],
            "standings": [asdict(standing) for standing in self.standings],
            "warnings": list(self.warnings),
        }


def summarised(tracks: Sequence[Track], trials: Sequence[Trial]) -> Summary:
    """Return the summary of trials.

    Args:
        tracks: those that were run.
        trials: what was planned, with what came of it.
    """
    groups: dict[tuple[str, str, str], list[Trial]] = defaultdict(list)
    for plan, value in trials:
        groups[plan.track, plan.arm, plan.spec.contender_name].append((plan, value))
    lines = [_line(of_one) for of_one in groups.values()]
    return Summary(
        tracks=[_described(one) for one in tracks],
        lines=lines,
        standings=_standings(groups),
        warnings=_warnings(lines),
    )


def _described(track: Track) -> dict[str, Any]:
    return {
        "name": track.name,
        "question": track.question,
        "world": track.world,
        "world_seeds": list(track.world_seeds),
        "arms": [arm.name for arm in track.arms],
        "newcomers": list(track.newcomers),
    }


TIDY_SCHEMA = {
    "track": pl.String,
    "arm": pl.String,
    "left_out": pl.String,
    "detector": pl.String,
    "rebalancer": pl.String,
    "world": pl.String,
    "world_seed": pl.Int64,
    "fit_seed": pl.Int64,
    "round": pl.Int64,
    "attack": pl.String,
    "kind": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
}


def tidy(trials: Sequence[Trial]) -> pl.DataFrame:
    """Return one row per trial and metric, also by round and by attack.

    ``kind`` is ``quality`` for what the scores say, which is reproducible, and ``cost`` for what
    was measured by the clock. ``round`` and ``attack`` are null where all are meant.
    """
    rows: list[tuple[Any, ...]] = []
    for plan, value in trials:
        head = (
            plan.track, plan.arm, plan.left_out, plan.spec.name, plan.spec.rebalancer,
            plan.world, plan.world_seed, plan.fit_seed,
        )  # fmt: skip
        rows += [(*head, None, None, "quality", k, v) for k, v in value["metrics"].items()]
        rows += [(*head, None, None, "cost", k, v) for k, v in value["costs"].items()]
        for number, found in enumerate(value["by_round"]):
            rows += [(*head, number, None, "quality", k, v) for k, v in found.items()]
        for attack, found in value["by_attack"].items():
            rows += [(*head, None, attack, "quality", k, v) for k, v in found.items()]
    return pl.DataFrame(rows, schema=TIDY_SCHEMA, orient="row")


# One line


def _line(trials: Sequence[Trial]) -> Line:
    plan, first = trials[0]
    values = [value for _, value in trials]
    return Line(
        track=plan.track,
        arm=plan.arm,
        detector=plan.spec.name,
        rebalancer=plan.spec.rebalancer,
        floor=first["floor"],
        ceiling=first["ceiling"],
        figures={name: _figure(name, trials) for name in first["metrics"]},
        costs=_means([value["costs"] for value in values]),
        by_round=[
            _means([value["by_round"][number] for value in values])
            for number in range(len(first["by_round"]))
        ],
        by_attack=_by_attack(trials),
        curve=first["curve"],
        unnoticed=[
            round(float(np.mean(after)), 6)
            for after in zip(*(value["unnoticed"] for value in values), strict=True)
        ],
        uneven={
            name: _means([value["uneven"].get(name, {}) for value in values])
            for name in first["uneven"]
        },
    )


def _figure(name: str, trials: Sequence[Trial]) -> Figure:
    values = np.array([value["metrics"].get(name) for _, value in trials], np.float64)
    known = values[~np.isnan(values)]
    if known.size == 0:
        return Figure(None, None, None, 0)
    low, high = _interval(drawn(name, trials))
    return Figure(rounded(float(known.mean())), low, high, int(known.size))


def drawn(name: str, trials: Sequence[Trial]) -> NDArray[np.float64]:
    """Return the mean of a metric over trials, many times over: worlds and accounts drawn anew.

    A world is drawn with all its trials. In each the accounts are drawn anew where the metric has
    replicates; the n-th draw is of the same worlds and accounts for every detector.
    """
    worlds: dict[tuple[str, int], list[NDArray[np.float64]]] = defaultdict(list)
    for plan, value in trials:
        worlds[plan.world, plan.world_seed].append(_replicates(name, value))
    by_world = np.array([np.mean(found, axis=0) for found in worlds.values()])
    count, replicates = by_world.shape
    which = Streams(0).get("worlds drawn").integers(0, count, (count, replicates))
    means: NDArray[np.float64] = np.take_along_axis(by_world, which, axis=0).mean(axis=0)
    return means


def _replicates(name: str, value: Mapping[str, Any]) -> NDArray[np.float64]:
    found = value["replicates"].get(name)
    if found is not None:
        return np.array(found, np.float64)
    one = value["metrics"].get(name)
    return np.full(REPLICATES, np.nan if one is None else one, np.float64)


def _interval(values: NDArray[np.float64]) -> tuple[float | None, float | None]:
    known = values[~np.isnan(values)]
    if known.size == 0 or np.ptp(known) == 0:
        return None, None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return rounded(float(low)), rounded(float(high))


def _means(values: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    names = dict.fromkeys(name for value in values for name in value)
    found: dict[str, float | None] = {}
    for name in names:
        known = [value[name] for value in values if value.get(name) is not None]
        found[name] = (
            rounded(float(np.mean([one for one in known if one is not None]))) if known else None
        )
    return found


def _by_attack(trials: Sequence[Trial]) -> dict[str, dict[str, float | None]]:
    """Return what was found of each attack; where attacks are left out, of that one alone."""
    found: dict[str, list[Mapping[str, float | None]]] = defaultdict(list)
    for plan, value in trials:
        for attack, figures in value["by_attack"].items():
            if plan.left_out in (None, attack):
                found[attack].append(figures)
    return {attack: _pooled(figures) for attack, figures in sorted(found.items())}


def _pooled(figures: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return shares weighted by what they are shares of; sums of counts; mean days."""
    frauds = np.array([one["frauds"] for one in figures], np.float64)
    victims = np.array([one["victims"] for one in figures], np.float64)
    days = [one["days_until_found"] for one in figures]
    known = [one for one in days if one is not None]
    return {
        "frauds": float(frauds.sum()),
        "recall": rounded(float(frauds @ _of(figures, "recall") / frauds.sum())),
        "victims": float(victims.sum()),
        "victims_alerted": rounded(
            float(victims @ _of(figures, "victims_alerted") / victims.sum())
        ),
        "days_until_found": rounded(float(np.mean(known))) if known else None,
        "never_found": float(len(days) - len(known)),
    }


def _of(figures: Sequence[Mapping[str, float | None]], name: str) -> NDArray[np.float64]:
    return np.array([one[name] for one in figures], np.float64)


# All lines


def _standings(groups: Mapping[tuple[str, str, str], Sequence[Trial]]) -> list[Standing]:
    arms: dict[tuple[str, str], dict[str, Sequence[Trial]]] = defaultdict(dict)
    for (track, arm, name), trials in groups.items():
        if not trials[0][1]["ceiling"]:
            arms[track, arm][name] = trials
    found = []
    for (track, arm), contenders in arms.items():
        for metric in HEADLINES:
            means = {name: drawn(metric, trials) for name, trials in contenders.items()}
            blocks = {name: _by_world(metric, trials) for name, trials in contenders.items()}
            found.append(standings(track, arm, metric, means, blocks))
    return found


def _by_world(metric: str, trials: Sequence[Trial]) -> dict[int, float]:
    """Return the mean of a metric in each world."""
    worlds: dict[int, list[float]] = defaultdict(list)
    for plan, value in trials:
        one = value["metrics"].get(metric)
        worlds[plan.world_seed].append(float("nan") if one is None else one)
    return {seed: float(np.mean(found)) for seed, found in worlds.items()}


def _warnings(lines: Sequence[Line]) -> list[str]:
    """Return where boosting, which should not, ranks below a simpler detector."""
    by_arm: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for line in lines:
        mean = line.figures["average_precision"].mean
        if mean is not None:
            by_arm[line.track, line.arm][line.name] = mean
    return [
        f"{track}, {arm}: {boosted} loses to {simple} (average precision {means[boosted]:.3g} to "
        f"{means[simple]:.3g}): a boosted model that loses to something simpler may have diverged"
        for (track, arm), means in by_arm.items()
        for boosted, simple in lost_to_simpler(means)
    ]
