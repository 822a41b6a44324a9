"""Checkpoints: from where a run that was killed goes on.

Where the run is written, ``checkpoint/`` holds one file per block as the last settled day left it
(``day-00012/``), what was told to the fraudsters until then (``journal-00012.npz`` and those
before it), and ``checkpoint.json``, which says whose run it is, which day it is and which part
files were written. That file is replaced last and in one step, so a kill at any moment leaves the
checkpoint before it or the new one.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from itertools import pairwise
from pathlib import PurePosixPath
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError, model_validator

from fraudsim.engine.arrays import damaged
from fraudsim.errors import CheckFailedError, CheckpointError, FraudsimError
from fraudsim.manifest import (
    MANIFEST_NAME,
    AttackSource,
    DataPath,
    Manifest,
    Sha256,
    installed_versions,
    manifest_in,
)
from fraudsim.sinks.parquet import PartInfo
from fraudsim.sinks.place import first_changed
from fraudsim.sinks.staging import CHECKPOINT_MARK, CHECKPOINT_NAME, UNFINISHED_NAME
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fraudsim.engine.journal import Answer, Journal
    from fraudsim.scenario import Scenario
    from fraudsim.sinks.place import Place
    from fraudsim.world.world import World

FORMAT: Literal["fraudsim.checkpoint/1"] = "fraudsim.checkpoint/1"
MARK = f"{CHECKPOINT_NAME}/{CHECKPOINT_MARK}"
COST_SHARE = 0.02
"""Part of the time of a run that checkpoints may take. So what a kill costs is at most fifty times
what one checkpoint costs: seconds for a small world, minutes for a large one."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunIdentity(_Frozen):
    """What makes two runs the same: all that the bytes depend on, and no engine."""

    scenario_name: str
    scenario_digest: str
    seed: NonNegativeInt
    versions: dict[str, str]
    attacks_from: tuple[AttackSource, ...]

    @classmethod
    def of(cls, scenario: Scenario, seed: int, attacks_from: Iterable[AttackSource]) -> Self:
        """Return the identity of the run of ``scenario`` with ``seed`` by this version."""
        return cls(
            scenario_name=scenario.name,
            scenario_digest=scenario.digest,
            seed=seed,
            versions=installed_versions(),
            attacks_from=tuple(sorted(attacks_from, key=lambda source: source.name)),
        )

    @classmethod
    def in_manifest(cls, manifest: Manifest) -> Self:
        """Return the identity of the run that wrote a dataset."""
        return cls(**{name: getattr(manifest, name) for name in cls.model_fields})

    def check_is(self, other: RunIdentity, where: str) -> None:
        """Refuse to go on with ``where``, which ``other`` left, unless it is the same run.

        Raises:
            CheckpointError: saying what differs.
        """
        what = self._difference(other)
        if what:
            raise CheckpointError(
                f"{where} was left by another run: {what}; resume with what that run had, or start "
                "again with --overwrite"
            )

    def _difference(self, other: RunIdentity) -> str:
        if self.scenario_digest != other.scenario_digest:
            return f"its scenario '{other.scenario_name}' is not this '{self.scenario_name}'"
        if self.seed != other.seed:
            return f"its seed is {other.seed}, not {self.seed}"
        for name in sorted(self.versions.keys() | other.versions.keys()):
            then, now = other.versions.get(name, "unknown"), self.versions.get(name, "unknown")
            if then != now:
                return f"it had {name} {then}, this is {name} {now}"
        now_from, then_from = (
            {source.name: source.file_sha256 for source in one.attacks_from}
            for one in (self, other)
        )
        for name in sorted(now_from.keys() | then_from.keys()):
            if now_from.get(name, "") != then_from.get(name, ""):
                return f"the file of the attack '{name}' is another"
            if now_from[name] is None:
                return f"the attack '{name}' stands in no file, so it may be another"
        return ""


class _Part(_Frozen):
    path: DataPath
    rows: NonNegativeInt
    bytes: NonNegativeInt
    sha256: Sha256


class Checkpoint(_Frozen):
    """Whose run it is, how many days are settled, and which files hold them."""

    format: Literal["fraudsim.checkpoint/1"] = FORMAT
    run: RunIdentity
    day: NonNegativeInt = 0
    journal: tuple[NonNegativeInt, ...] = ()  # days at which a piece of the journal ends, rising
    parts: tuple[_Part, ...] = ()

    @model_validator(mode="after")
    def _journal_ends_with_the_day(self) -> Self:
        days = (0, *self.journal)
        if days[-1] != self.day or any(a >= b for a, b in pairwise(days)):
            raise ValueError("journal: should rise to the day of the checkpoint")
        return self

    @property
    def written(self) -> list[PartInfo]:
        """The part files that were written until then."""
        return [PartInfo(**part.model_dump()) for part in self.parts]


class Checkpoints:
    """The checkpoints of one run, where it is written.

    Args:
        place: where it is written.
        run: the run.

    Attributes:
        latest: the last one; of day 0 when a run begins.
    """

    def __init__(self, place: Place, run: RunIdentity) -> None:
        self.latest = Checkpoint(run=run)
        self._place = place
        self._run = run
        self._earlier: list[PartInfo] = []
        self._cost_s = 0.0
        self._ended_s = perf_counter()

    @property
    def blocks(self) -> str:
        """The folder with the blocks of the last checkpoint."""
        return _blocks_of(self.latest.day)

    @property
    def where(self) -> str:
        """What messages call that folder."""
        return self._place.shown(self.blocks)

    def begin(self) -> None:
        """Say whose run it is, so that it can be resumed however early it is killed."""
        self._publish(self.latest)

    def find(self) -> None:
        """Read the checkpoint that a killed run left, and hold its part files to it.

        Raises:
            CheckpointError: there is none, it is damaged, or another run left it.
        """
        self.latest = _read(self._place)
        self._run.check_is(self.latest.run, self._place.shown())
        changed = first_changed(self._place, {part.path: part for part in self.latest.written})
        if changed is not None:
            raise damaged(self._place.shown(changed), "it is not what was written")

    def finished(self) -> Manifest | None:
        """Return the manifest of a run that was killed when all was written, if it was.

        Raises:
            CheckpointError: another run left it.
            UsageError: the manifest is damaged.
            CheckFailedError: a file is not what the manifest says.
        """
        if MANIFEST_NAME not in self._place.files():
            return None
        where = self._place.shown(MANIFEST_NAME)
        try:
            manifest = manifest_in(self._place.read(MANIFEST_NAME), where)
        except OSError as error:
            raise damaged(where, f"it cannot be read: {error.strerror}") from error
        self._run.check_is(RunIdentity.in_manifest(manifest), self._place.shown())
        changed = first_changed(self._place, manifest.files)
        if changed is not None:
            raise CheckFailedError(
                f"{self._place.shown(changed)} is not what the manifest says; the run cannot be "
                "resumed: start it again with --overwrite"
            )
        return manifest

    def tidy(self) -> list[PartInfo]:
        """Remove what was written after the last checkpoint; return the part files before it."""
        known = {part.path for part in self.latest.parts} | {UNFINISHED_NAME, MARK}
        known |= {_journal_of(end) for end in self.latest.journal}
        self._place.remove(
            [
                name
                for name in self._place.files()
                if name not in known and _folder_of(name) != self.blocks
            ]
        )
        self._earlier = self.latest.written
        return self._earlier

    def told(self, world: World) -> Iterator[Answer]:
        """Yield what the population answered until the last checkpoint."""
        from fraudsim.engine.journal import read_answers  # with the kernels: late

        for end in self.latest.journal:
            yield from read_answers(self._place, _journal_of(end), world)

    def is_due(self) -> bool:
        """Whether the next one would keep the cost of all within ``COST_SHARE`` of the time.

        The clock decides only when one is written; no result depends on that.
        """
        return (perf_counter() - self._ended_s) * COST_SHARE >= self._cost_s

    def write(self, day: int, journal: Journal) -> None:
        """Write a checkpoint of the first ``day`` days, all settled.

        Raises:
            FraudsimError: the disk is full.
        """
        from fraudsim.engine.journal import write_answers  # with the kernels: late

        began_s = perf_counter()
        before = self.blocks
        parts = [*self._earlier, *journal.save(_blocks_of(day))]
        write_answers(self._place, _journal_of(day), journal.take())
        latest = Checkpoint(
            run=self._run,
            day=day,
            journal=(*self.latest.journal, day),
            parts=tuple(_Part(**asdict(part)) for part in parts),
        )
        self._publish(latest)
        self.latest = latest
        self._forget(before)
        self._ended_s = perf_counter()
        self._cost_s = self._ended_s - began_s

    def _publish(self, checkpoint: Checkpoint) -> None:
        self._place.seal(MARK, json.dumps(checkpoint.model_dump(mode="json")).encode())

    def _forget(self, blocks: str) -> None:
        """Remove the blocks of the checkpoint before; who resumes tidies up what is left."""
        with suppress(FraudsimError):
            self._place.remove([name for name in self._place.files() if _folder_of(name) == blocks])


def _blocks_of(day: int) -> str:
    return f"{CHECKPOINT_NAME}/day-{day:05d}"


def _journal_of(day: int) -> str:
    return f"{CHECKPOINT_NAME}/journal-{day:05d}.npz"


def _folder_of(name: str) -> str:
    return str(PurePosixPath(name).parent)


def _read(place: Place) -> Checkpoint:
    mark = place.shown(MARK)
    try:
        value: Any = json.loads(place.read(MARK))
    except (FileNotFoundError, IsADirectoryError):
        raise CheckpointError(
            f"{place.shown()}: there is nothing to resume in it (no {CHECKPOINT_MARK}); "
            "start the run again with --overwrite"
        ) from None
    except OSError as error:
        raise damaged(mark, f"it cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # JSON and UTF-8 errors
        raise damaged(mark, "it is not JSON") from error
    try:
        return validated(Checkpoint, value)
    except ValidationError as error:
        key_path, mistake = first_mistake(error, Checkpoint)
        raise damaged(
            mark, ": ".join([".".join(map(str, key_path)), mistake]).strip(": ")
        ) from error
