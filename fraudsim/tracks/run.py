"""``fraudsim benchmark --track``: every detector in every arm of every track."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim import __version__
from fraudsim.errors import FraudsimError, UsageError
from fraudsim.leaderboard import leaderboard
from fraudsim.progress import SilentProgress
from fraudsim.sinks.whole_file import write_json, written_whole
from fraudsim.tracks.admission import refused
from fraudsim.tracks.plan import planned, specs_of, without
from fraudsim.tracks.store import Store
from fraudsim.tracks.summary import summarised, tidy
from fraudsim.tracks.track import load_track, track_names
from fraudsim.tracks.workers import run_groups
from fraudsim.tracks.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.progress import Progress
    from fraudsim.tracks.plan import Group, TrialPlan
    from fraudsim.tracks.summary import Summary

FORMAT = "fraudsim.tracks/1"
RESULTS = "results.json"
TIDY = "results.parquet"
PAGE = "leaderboard.html"

EVERY_TRACK = "all"


@dataclass(frozen=True)
class TracksResult:
    """What came of a benchmark over tracks.

    Attributes:
        folder: where it lies: ``leaderboard.html``, ``results.parquet`` (tidy), ``results.json``,
            scores, worlds.
        command: what to type to make it again.
        summary: every figure with its interval, floor and ceiling.
        failed: detector -> why, for those that may not run and those of which a trial failed.
        trials: how many are there.
    """

    folder: Path
    command: str
    summary: Summary
    failed: Mapping[str, str]
    trials: int

    @property
    def page(self) -> Path:
        """The leaderboard."""
        return self.folder / PAGE

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "format": FORMAT,
            "fraudsim": __version__,
            "command": self.command,
            "trials": self.trials,
            "failed": dict(self.failed),
            **self.summary.as_dict(),
        }


def benchmark_tracks(
    tracks: Sequence[str],
    *,
    detectors: Sequence[str] | None = None,
    out: str | Path,
    workers: int = 1,
    worlds: int | None = None,
    progress: Progress | None = None,
) -> TracksResult:
    """Run detectors over tracks; trials that lie in ``out`` already are not run again.

    A detector from outside is asked first whether it is honest (``fraudsim.harness.honesty``); one
    that is not, or that fails, is named, and the others go on.

    Args:
        tracks: names of tracks, or ``["all"]``.
        detectors: what ``fraudsim.detectors.kit.resolve`` takes, each also as
            ``DETECTOR+REBALANCER``; by default all that are built in and installed. The floors and
            the oracle always run.
        out: the folder of results.
        workers: processes that run trials.
        worlds: only the first so many worlds of each track, for a quick look.
        progress: where to show how far it is, in trials.

    Raises:
        UsageError: a name or a number is wrong, or ``out`` is in the way.
        FraudsimError: a worker died, or nothing could be run.
    """
    if workers < 1:
        raise UsageError(f"workers must be at least 1, not {workers}")
    if worlds is not None and worlds < 1:
        raise UsageError(f"worlds must be at least 1, not {worlds}")
    if isinstance(tracks, str):
        raise UsageError(f"a list of tracks was expected, not the text '{tracks}'")
    names = track_names() if EVERY_TRACK in tracks else list(dict.fromkeys(tracks))
    chosen = [load_track(name) for name in names]
    specs = specs_of(every_detector() if detectors is None else detectors)
    store = Store.at(Path(out))
    failed = refused(specs, store.worlds)
    groups = planned(chosen, [one for one in specs if one.name not in failed], worlds=worlds)
    failed |= _run(groups, store, workers, progress or SilentProgress())
    done = _done(groups, store)
    if not done:
        raise FraudsimError(f"no trial could be run: {next(iter(failed.values()))}")
    result = TracksResult(
        folder=store.folder,
        command=_command(tracks, detectors, worlds),
        summary=summarised(chosen, done),
        failed=failed,
        trials=len(done),
    )
    with written_whole(store.folder / TIDY) as aside:
        tidy(done).write_parquet(aside)
    write_json(store.folder / RESULTS, result.as_dict())
    leaderboard(result.folder, result.page)
    return result


def _command(tracks: Sequence[str], detectors: Sequence[str] | None, worlds: int | None) -> str:
    words = ["fraudsim", "benchmark"]
    words += [word for name in tracks for word in ("--track", name)]
    words += [word for name in detectors or () for word in ("--detector", name)]
    words += [] if worlds is None else ["--worlds", str(worlds)]
    return shlex.join([*words, "-o", "results"])


def every_detector() -> tuple[str, ...]:
    """Return the names of the detectors that run by default: all whose packages are installed."""
    from fraudsim.detectors.base import FeatureInfo
    from fraudsim.registry import DETECTORS, discover

    found = []
    for name, cls in discover(DETECTORS).items():
        try:
            cls().build(seed=1, info=FeatureInfo())
        except UsageError:
            continue  # of an extra that is not installed
        found.append(name)
    return tuple(found)


def _run(groups: Sequence[Group], store: Store, workers: int, progress: Progress) -> dict[str, str]:
    """Run what is not done yet; return why detectors failed."""
    trials = [trial for group in groups for trial in group.trials]
    done = {trial.id for trial in trials if store.get(trial) is not None}
    failed: dict[str, str] = {}
    left = without(groups, done)
    _simulate_worlds(left, store, progress)
    with progress.task("benchmark", total=len(trials)) as task:
        task.advance(len(done))
        for trial, reason in run_groups(left, store, workers):
            task.advance()
            if reason is not None:
                failed.setdefault(trial.spec.contender_name, f"{trial.title}: {reason}")
    return failed


def _simulate_worlds(groups: Sequence[Group], store: Store, progress: Progress) -> None:
    """Simulate the worlds that are not there, before workers share them."""
    worlds = list(dict.fromkeys((group.world, group.world_seed) for group in groups))
    with progress.task("worlds", total=len(worlds)) as task:
        for name, seed in worlds:
            world_of(store.worlds, name, seed)
            task.advance()


def _done(groups: Sequence[Group], store: Store) -> list[tuple[TrialPlan, dict[str, Any]]]:
    found = []
    for group in groups:
        for trial in group.trials:
            value = store.get(trial)
            if value is not None:
                found.append((trial, value))
    return found
