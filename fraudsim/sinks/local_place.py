"""A folder that is written aside, ``NAME.partial``, and renamed when it is whole."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.manifest import sha256_of_file
from fraudsim.sinks.staging import (
    claim,
    continue_staging,
    create_staging,
    naming_the_file,
    publish,
    remove_staging,
    staging_of,
    sync,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import IO


@dataclass(frozen=True)
class LocalPlace:
    """The place of the dataset ``out``, on a disk of this machine or one that machines share."""

    out: Path

    @property
    def folder(self) -> Path:
        """The folder aside."""
        return staging_of(self.out)

    def shown(self, name: str = "") -> str:
        """Return the path."""
        return str(self.folder / name)

    def everywhere(self) -> LocalPlace:
        """Return it with its whole path."""
        return LocalPlace(self.out.parent.resolve() / self.out.name)

    def begin(self, *, overwrite: bool, resume: bool) -> IO[bytes] | None:
        """Create the folder aside, or go back to it, and lock it."""
        enter = continue_staging if resume else create_staging
        return claim(enter(self.out, overwrite=overwrite))

    def seen_by(self, machine: str) -> None:
        """Check that the machine sees the folder aside."""
        if not self.folder.is_dir():
            raise UsageError(
                f"the machine {machine} does not see {self.folder}: write to a folder that every "
                "machine of the cluster shares, or to an object store"
            )

    def write(self, name: str, data: memoryview) -> None:
        """Write aside, then rename."""
        path = self.folder / name
        with naming_the_file(path):
            for parent in reversed(PurePosixPath(name).parents[:-1]):
                # never the folder aside itself: it must exist
                (self.folder / parent).mkdir(exist_ok=True)
            if path.exists():
                raise FraudsimError(f"{path} was written before: give each part its own number")
            temporary = path.with_name(path.name + ".tmp")
            temporary.write_bytes(data)
            temporary.rename(path)

    def seal(self, name: str, data: bytes) -> None:
        """Write aside, then put it in the place of the one before; the lock holds others off."""
        path = self.folder / name
        aside = path.with_name(path.name + ".tmp")
        with naming_the_file(path):
            path.parent.mkdir(exist_ok=True)
            aside.write_bytes(data)
            aside.replace(path)

    def read(self, name: str) -> bytes:
        """Read a file."""
        return (self.folder / name).read_bytes()

    def files(self) -> dict[str, int]:
        """Walk the folder aside; what is no folder is a file, a link too."""
        return {
            path.relative_to(self.folder).as_posix(): path.lstat().st_size
            for path in sorted(self.folder.rglob("*"))
            if path.is_symlink() or not path.is_dir()
        }

    def is_as_written(self, name: str, sha256: str) -> bool:
        """Read the file back: another process may have written into the same folder."""
        path = self.folder / name
        with naming_the_file(path):
            return not path.is_symlink() and sha256_of_file(path) == sha256

    def remove(self, names: Collection[str]) -> None:
        """Remove files, and the folders that this leaves empty."""
        for name in names:
            with naming_the_file(self.folder / name):
                (self.folder / name).unlink(missing_ok=True)
            with suppress(OSError):  # it is not empty, or gone already
                for parent in PurePosixPath(name).parents[:-1]:
                    (self.folder / parent).rmdir()

    def finish(self, *, overwrite: bool) -> None:
        """Wait until all is on the disk, then rename."""
        _remove_empty(self.folder)
        sync_tree(self.folder)
        publish(self.folder, self.out, overwrite=overwrite)

    def abandon(self) -> None:
        """Remove the folder aside."""
        remove_staging(self.folder)


def _remove_empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):  # what lies in a folder first
        with naming_the_file(path):
            if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
                path.rmdir()


def sync_tree(folder: Path) -> None:
    """Wait until every file and folder is on the disk.

    Raises:
        FraudsimError: the disk fails.
    """
    for path in [*sorted(folder.rglob("*")), folder]:
        with naming_the_file(path):
            sync(path)
