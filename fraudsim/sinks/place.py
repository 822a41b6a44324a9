"""Where the files of one run lie: a folder, or a URL in an object store.

Everybody who holds blocks of a run is handed its place and writes there. Files have names with
slashes; a file is whole or absent, in any place.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import IO

# One slash is enough: pathlib makes one of two. A letter before the colon is a drive of Windows.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::|:/)")


class Written(Protocol):
    """What is known of a file that was written."""

    @property
    def bytes(self) -> int:
        """Its size."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes."""


class Place(Protocol):
    """The files of one run. Small, and can be sent to processes and machines."""

    @property
    def out(self) -> Path | str:
        """What was asked for: the folder or the URL of the dataset to be."""

    def shown(self, name: str = "") -> str:
        """Return what messages call the place, or a file in it."""

    def everywhere(self) -> Place:
        """Return it under a name that means the same on every machine."""

    def begin(self, *, overwrite: bool, resume: bool) -> IO[bytes] | None:
        """Take the place for a new run, or for one that goes on.

        Returns:
            A file that holds the place for this run while it is open, where there are locks.

        Raises:
            UsageError: something is in the way, there is nothing to resume, or the place cannot
                be written to. Nothing was changed.
        """

    def seen_by(self, machine: str) -> None:
        """Check that a holder of blocks, on whatever machine, can write here.

        Raises:
            UsageError: it cannot; names the machine.
        """

    def write(self, name: str, data: memoryview) -> None:
        """Write a new file.

        Raises:
            FraudsimError: it is there already, or cannot be written (a full disk).
        """

    def seal(self, name: str, data: bytes) -> None:
        """Write, or replace in one step, a file which says that what it names is whole.

        Raises:
            FraudsimError: it cannot be written, or another run took the place over.
        """

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; raises ``OSError``."""

    def files(self) -> dict[str, int]:
        """Return the names of all files with their sizes, sorted."""

    def is_as_written(self, name: str, sha256: str) -> bool:
        """Whether a file of the right size still has the bytes that were written."""

    def remove(self, names: Collection[str]) -> None:
        """Remove files, the first of them first."""

    def finish(self, *, overwrite: bool) -> None:
        """Make a dataset of what is whole with its manifest.

        Raises:
            FraudsimError: it cannot be done; nothing that was there is lost.
        """

    def abandon(self) -> None:
        """Remove what this run wrote; what cannot be removed is refused by name by the next run."""


def first_changed(place: Place, written: Mapping[str, Written]) -> str | None:
    """Return the first file that is gone or is not what was written, if there is one."""
    sizes = place.files()
    for name, file in written.items():
        if sizes.get(name) != file.bytes or not place.is_as_written(name, file.sha256):
            return name
    return None


def is_url(where: str | Path) -> bool:
    """Whether this names an object store and not a folder.

    >>> is_url("s3://bucket/world"), is_url("worlds/7"), is_url(r"C:/worlds")
    (True, False, False)
    """
    return _URL.match(str(where)) is not None


def place_of(out: str | Path) -> Place:
    """Return the place of the dataset ``out``, a folder or a URL; nothing is touched yet.

    Raises:
        UsageError: the URL is no place for a dataset, or the package for it is missing.
    """
    if is_url(out):
        from fraudsim.sinks.remote_place import RemotePlace  # fsspec: only for who asks for it

        return RemotePlace.at(str(out))
    from fraudsim.sinks.local_place import LocalPlace

    return LocalPlace(Path(out))
