"""What a benchmark will run, decided before anything is: every trial."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fraudsim import __version__
from fraudsim.detectors.kit.resolve import digest_of, resolve, resolve_all
from fraudsim.errors import UsageError
from fraudsim.harness.play import Contender
from fraudsim.registry import REBALANCERS, get

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fraudsim.tracks.track import Arm, Track

ALWAYS = ("random", "amount", "oracle")
"""The floors and the ceiling, which stand beside every figure."""

JUDGED_BY = 1
"""Raised when metrics change their meaning: trials are judged anew, from their scores."""

COMPUTES = ("numpy", "polars", "scikit-learn", "imbalanced-learn", "lightgbm")


@dataclass(frozen=True)
class Spec:
    """Who runs, as it is asked for: a detector, behind a rebalancer if one is named.

    Attributes:
        detector: what ``fraudsim.detectors.kit.resolve`` takes.
        rebalancer: name of a rebalancer.
        name: of the detector in results.
        digest: of the code or file that it comes from: another one is another contender.
    """

    detector: str
    rebalancer: str = "none"
    name: str = ""
    digest: str = ""

    @classmethod
    def of(cls, text: str) -> Spec:
        """Return what ``DETECTOR`` or ``DETECTOR+REBALANCER`` asks for.

        Raises:
            UsageError: there is no such rebalancer; says the nearest.
        """
        detector, plus, rebalancer = text.rpartition("+")
        if not plus or "/" in rebalancer or ":" in rebalancer:
            return cls(text)
        get(REBALANCERS, rebalancer)
        return cls(detector, rebalancer)

    @property
    def contender_name(self) -> str:
        """The detector in results, with the rebalancer where there is one."""
        behind = "" if self.rebalancer == "none" else f"+{self.rebalancer}"
        return f"{self.name}{behind}"

    def contender(self) -> Contender:
        """Return who runs.

        Raises:
            UsageError: there is no such detector, or it cannot be used here.
        """
        return Contender(resolve(self.detector), self.rebalancer)


@dataclass(frozen=True)
class TrialPlan:
    """One detector in one arm of a track, in one world.

    Attributes:
        track: name.
        arm: name.
        left_out: the attack left out of the training rows, if one is.
        spec: who runs.
        world: name of the scenario.
        world_seed: of the world.
        fit_seed: of the detector.
        key: of everything else that the result depends on.
    """

    track: str
    arm: str
    left_out: str | None
    spec: Spec
    world: str
    world_seed: int
    fit_seed: int
    key: str

    @property
    def id(self) -> str:
        """Return a name for files, unlike that of any other trial."""
        text = json.dumps(asdict(self), sort_keys=True)
        return sha256(text.encode()).hexdigest()[:20]

    @property
    def title(self) -> str:
        """Return what a reader is told of it."""
        out = f", without {self.left_out}" if self.left_out else ""
        return f"{self.track}, {self.arm}{out}, world {self.world_seed}: {self.spec.contender_name}"


@dataclass(frozen=True)
class Group:
    """Trials of one track in one world, which is opened once for them."""

    world: str
    world_seed: int
    trials: tuple[TrialPlan, ...]


def specs_of(detectors: Sequence[str]) -> list[Spec]:
    """Return who runs: the floors and the ceiling first, then those that were asked for.

    Raises:
        UsageError: a name is unknown; says the nearest.
    """
    if isinstance(detectors, str):
        raise UsageError(f"a list of detectors was expected, not the text '{detectors}'")
    asked = dict.fromkeys(Spec.of(text) for text in (*ALWAYS, *detectors))
    named = resolve_all([spec.detector for spec in asked])
    names = dict(zip(dict.fromkeys(spec.detector for spec in asked), named, strict=True))
    return [
        replace(
            spec,
            name=names[spec.detector].name,
            digest=digest_of(spec.detector, names[spec.detector]),
        )
        for spec in asked
    ]


def planned(
    tracks: Sequence[Track], specs: Sequence[Spec], *, worlds: int | None = None
) -> tuple[Group, ...]:
    """Return all trials, those of one track in one world together.

    Args:
        tracks: what to run.
        specs: who runs.
        worlds: only the first so many seeds of each track; all by default.
    """
    groups: dict[tuple[str, str, int], list[TrialPlan]] = {}
    for track in tracks:
        for trial in _trials(track, specs, worlds):
            groups.setdefault((track.name, trial.world, trial.world_seed), []).append(trial)
    return tuple(Group(world, seed, tuple(trials)) for (_, world, seed), trials in groups.items())


def _trials(track: Track, specs: Sequence[Spec], worlds: int | None) -> Iterator[TrialPlan]:
    for place, world_seed in enumerate(track.world_seeds[:worlds]):
        for arm in track.arms:
            for left_out in _left_out(arm, place, len(track.world_seeds)):
                for spec in specs:
                    for fit_seed in track.fit_seeds:
                        yield TrialPlan(
                            track=track.name,
                            arm=arm.name,
                            left_out=left_out,
                            spec=spec,
                            world=track.world_of(arm),
                            world_seed=world_seed,
                            fit_seed=fit_seed,
                            key=_key(track, arm),
                        )


def _left_out(arm: Arm, place: int, worlds: int) -> tuple[str | None, ...]:
    return (None,) if arm.leave_out is None else arm.leave_out.of_world(place, worlds)


def _key(track: Track, arm: Arm) -> str:
    value: dict[str, Any] = {
        "fraudsim": __version__,
        "track": track.model_dump(exclude={"arms", "question", "world_seeds"}),
        "arm": arm.model_dump(exclude={"leave_out"}),
        "versions": {name: version(name) for name in COMPUTES},
    }
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def without(groups: Sequence[Group], done: set[str]) -> tuple[Group, ...]:
    """Return the groups without trials of these ids; groups with nothing left are gone."""
    left = [
        replace(group, trials=tuple(one for one in group.trials if one.id not in done))
        for group in groups
    ]
    return tuple(group for group in left if group.trials)
