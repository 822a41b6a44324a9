"""Checkpoints: from where a run that was killed goes on.

In the folder aside, ``checkpoint/`` holds one file per block as the last settled day left it
(``day-00012/``), what was told to the fraudsters until then (``journal-00012.npz`` and those
before it), and ``checkpoint.json``, which says whose run it is, which day it is and which part
files were written. That file is replaced last and in one step, so a kill at any moment leaves the
checkpoint before it or the new one.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError, model_validator

from fraudsim.dataset import Dataset
from fraudsim.engine.arrays import damaged
from fraudsim.engine.journal import read_answers, write_answers
from fraudsim.errors import CheckpointError
from fraudsim.manifest import (
    MANIFEST_NAME,
    AttackSource,
    DataPath,
    Manifest,
    Sha256,
    installed_versions,
    read_manifest,
    sha256_of_file,
)
from fraudsim.sinks.parquet import PartInfo
from fraudsim.sinks.staging import (
    CHECKPOINT_MARK,
    CHECKPOINT_NAME,
    UNFINISHED_NAME,
    naming_the_file,
)
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fraudsim.engine.journal import Answer, Journal
    from fraudsim.scenario import Scenario
    from fraudsim.world.world import World

FORMAT: Literal["fraudsim.checkpoint/1"] = "fraudsim.checkpoint/1"
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

    def check_is(self, other: RunIdentity, where: Path) -> None:
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
    """The checkpoints of one run in its folder aside.

    Args:
        staging: the folder aside.
        run: the run.

    Attributes:
        latest: the last one; of day 0 when a run begins.
    """

    def __init__(self, staging: Path, run: RunIdentity) -> None:
        self.latest = Checkpoint(run=run)
        self._staging = staging
        self._folder = staging / CHECKPOINT_NAME
        self._run = run
        self._earlier: list[PartInfo] = []
        self._cost_s = 0.0
        self._ended_s = perf_counter()

    @property
    def blocks(self) -> Path:
        """The folder with the blocks of the last checkpoint."""
        return self._blocks_of(self.latest.day)

    def begin(self) -> None:
        """Say whose run it is, so that it can be resumed however early it is killed."""
        with naming_the_file(self._folder):
            self._folder.mkdir()
        self._publish(self.latest)

    def find(self) -> None:
        """Read the checkpoint that a killed run left, and hold its part files to it.

        Raises:
            CheckpointError: there is none, it is damaged, or another run left it.
        """
        mark = self._folder / CHECKPOINT_MARK
        self.latest = _read(mark)
        self._run.check_is(self.latest.run, self._staging)
        for part in self.latest.written:
            path = self._staging / part.path
            if not path.is_file() or path.stat().st_size != part.bytes:
                raise damaged(path, "it is not what was written")
            if sha256_of_file(path) != part.sha256:
                raise damaged(path, "it is not what was written")

    def finished(self) -> Manifest | None:
        """Return the manifest of a run that was killed when all was written, if it was.

        Raises:
            CheckpointError: another run left it.
            UsageError: the manifest is damaged.
            CheckFailedError: a file is not what the manifest says.
        """
        # the mark is removed first: where it stands, the manifest may be half of one
        if (self._folder / CHECKPOINT_MARK).is_file():
            return None
        if not (self._staging / MANIFEST_NAME).is_file():
            return None
        manifest = read_manifest(self._staging)
        self._run.check_is(RunIdentity.in_manifest(manifest), self._staging)
        Dataset(self._staging, manifest).check_files()
        return manifest

    def tidy(self) -> list[PartInfo]:
        """Remove what was written after the last checkpoint; return the part files before it."""
        day, mine = self.latest.day, self._folder
        known = {self._staging / part.path for part in self.latest.parts}
        known |= {self._staging / UNFINISHED_NAME, mine / CHECKPOINT_MARK}
        known |= {self._journal_of(end) for end in self.latest.journal}
        for path in sorted(self._staging.rglob("*"), reverse=True):  # what lies in a folder first
            with naming_the_file(path):
                if path.is_dir() and not path.is_symlink():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path not in known and path.parent != self._blocks_of(day):
                    path.unlink()
        self._earlier = self.latest.written
        return self._earlier

    def told(self, world: World) -> Iterator[Answer]:
        """Yield what the population answered until the last checkpoint."""
        for end in self.latest.journal:
            yield from read_answers(self._journal_of(end), world)

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
        began_s = perf_counter()
        blocks, before = self._blocks_of(day), self.blocks
        with naming_the_file(blocks):
            blocks.mkdir()
        parts = [*self._earlier, *journal.save(blocks)]
        write_answers(self._journal_of(day), journal.take())
        latest = Checkpoint(
            run=self._run,
            day=day,
            journal=(*self.latest.journal, day),
            parts=tuple(_Part(**asdict(part)) for part in parts),
        )
        self._publish(latest)
        self.latest = latest
        shutil.rmtree(before, ignore_errors=True)  # tidied up by who resumes, if not now
        self._ended_s = perf_counter()
        self._cost_s = self._ended_s - began_s

    def _publish(self, checkpoint: Checkpoint) -> None:
        mark = self._folder / CHECKPOINT_MARK
        aside = mark.with_suffix(".tmp")
        with naming_the_file(mark):
            aside.write_text(json.dumps(checkpoint.model_dump(mode="json")), encoding="utf-8")
            aside.replace(mark)

    def _blocks_of(self, day: int) -> Path:
        return self._folder / f"day-{day:05d}"

    def _journal_of(self, day: int) -> Path:
        return self._folder / f"journal-{day:05d}.npz"


def _read(mark: Path) -> Checkpoint:
    if not mark.is_file():
        raise CheckpointError(
            f"{mark.parent.parent}: there is nothing to resume in it (no {CHECKPOINT_MARK}); "
            "start the run again with --overwrite"
        )
    try:
        value: Any = json.loads(mark.read_bytes())
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
