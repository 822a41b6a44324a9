"""A folder that is whole or absent: written aside, then renamed.

The folder aside is ``NAME.partial``. It holds the file ``UNFINISHED`` as long as it is being
written, which tells it from a folder of somebody else that happens to have that name.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudsim.dataset_card import PAGE_NAMES
from fraudsim.errors import FraudsimError, UsageError
from fraudsim.manifest import MANIFEST_NAME, files_named_in

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path
    from typing import IO

UNFINISHED_NAME = "UNFINISHED"
UNFINISHED_TEXT = (
    "fraudsim is writing this dataset. If no run is going on, one was killed: "
    "go on with simulate --resume, or remove the folder, or run again with --overwrite.\n"
)
CHECKPOINT_NAME = "checkpoint"
"""The folder in the folder aside from which a killed run goes on; no part of the dataset."""
CHECKPOINT_MARK = "checkpoint.json"
"""Written last in it and removed first: what stands beside it is whole where it is there."""


@dataclass(frozen=True)
class FolderKind:
    """What a folder of ours is, so that nothing else is replaced."""

    name: str
    manifest_name: str
    contents: Callable[[Path], Collection[str]]  # the files that the manifest in a folder names


DATASET = FolderKind(
    "dataset", MANIFEST_NAME, lambda folder: {*PAGE_NAMES, *files_named_in(folder)}
)


def staging_of(out: Path) -> Path:
    """Return the folder aside in which ``out`` is written."""
    return out.with_name(out.name + ".partial")


def replaced_of(out: Path) -> Path:
    """Return where the old ``out`` stands while the new one takes its place."""
    return out.with_name(out.name + ".replaced")


def create_staging(out: Path, *, overwrite: bool, kind: FolderKind = DATASET) -> Path:
    """Create the folder aside, exclusively, and return it.

    Args:
        out: the folder to be; parents that are missing are created.
        overwrite: whether an earlier dataset, or what a killed run left, may be replaced.
        kind: what the folder is.

    Raises:
        UsageError: something is in the way that may not be replaced, or the place cannot be
            written to. Nothing was changed.
        FraudsimError: the disk is full.
    """
    staging = staging_of(out)
    if overwrite:
        _clear_the_way(out, kind)
    else:
        _refuse_what_exists(out, kind)
    try:
        staging.parent.mkdir(parents=True, exist_ok=True)
        staging.mkdir()
    except OSError as error:
        raise UsageError(f"cannot write to {out}: {error.filename}: {error.strerror}") from error
    mark = staging / UNFINISHED_NAME
    try:
        with naming_the_file(mark):
            mark.write_text(UNFINISHED_TEXT, encoding="utf-8")
    except FraudsimError:
        remove_staging(staging)
        raise
    return staging


def continue_staging(out: Path, *, overwrite: bool, kind: FolderKind = DATASET) -> Path:
    """Return the folder aside that a killed run of ``out`` left; nothing is changed.

    Args:
        out: the folder to be.
        overwrite: whether an earlier dataset in ``out`` may be replaced when the run is done.
        kind: what the folder is.

    Raises:
        UsageError: there is no such folder, or something is in the way that may not be replaced.
    """
    staging = staging_of(out)
    if staging.is_symlink() or not staging.is_dir():
        raise UsageError(
            f"{staging} does not exist: there is no killed run of {out} to resume; "
            "leave out --resume to start one"
        )
    if not any((staging / name).is_file() for name in (UNFINISHED_NAME, kind.manifest_name)):
        raise UsageError(f"{staging} was not left by a run of fraudsim; it cannot be resumed")
    for folder in (out, replaced_of(out)):
        if overwrite and os.path.lexists(folder):
            refuse_foreign(folder, kind)
        elif os.path.lexists(folder):
            raise UsageError(
                f"{folder} exists; add --overwrite to replace it when the resumed run is done"
            )
    return staging


def claim(staging: Path) -> IO[bytes] | None:
    """Hold the folder aside as long as the returned file is open, where the system has locks.

    Raises:
        UsageError: another run that is still going holds it.
    """
    mark = staging / UNFINISHED_NAME
    if sys.platform == "win32" or not mark.is_file():
        return None
    file = mark.open("rb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise UsageError(f"{staging}: the run that writes it is still going") from None
    except OSError:  # a file system without locks
        file.close()
        return None
    return file


def publish(staging: Path, out: Path, *, overwrite: bool, kind: FolderKind = DATASET) -> None:
    """Put the finished folder in its place: ``out`` is the old one or the new one, never a part.

    With ``overwrite`` the old one is moved aside first and removed after.

    Raises:
        FraudsimError: the folder cannot be renamed, or ``out`` appeared in the meantime.
    """
    with naming_the_file(out):
        (staging / UNFINISHED_NAME).unlink(missing_ok=True)
        sync(staging)
        old = replaced_of(out)
        replacing = overwrite and out.exists()
        if replacing:
            refuse_foreign(out, kind)
            out.rename(old)
        elif os.path.lexists(out):
            raise FraudsimError(f"{out} appeared while this run was going; it was left as it is")
        staging.rename(out)
        sync(out.parent)
        if overwrite and old.exists():
            shutil.rmtree(old)


def remove_staging(staging: Path) -> None:
    """Remove the folder aside; what cannot be removed is refused by name by the next run."""
    shutil.rmtree(staging, ignore_errors=True)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    if os.name == "nt" and path.is_dir():  # Windows cannot open a folder, and needs no sync of it
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def naming_the_file(path: Path) -> Iterator[None]:
    """Turn an error of the operating system (a full disk, say) into one line that names the file.

    Raises:
        FraudsimError: in the place of any ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise FraudsimError(f"cannot write {path}: {error.strerror or error}") from error


def refuse_foreign(folder: Path, kind: FolderKind = DATASET) -> None:
    """Refuse to replace anything but an empty folder or a dataset with nothing else in it.

    Raises:
        UsageError: naming what would have been lost.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder; --overwrite replaces only fraudsim {kind.name}s"
        )
    present = sorted(_files_under(folder))
    if not present:
        return
    if kind.manifest_name not in present:
        raise UsageError(
            f"{folder} is not a fraudsim {kind.name} (it has no {kind.manifest_name}); "
            "--overwrite does not replace it: choose another folder"
        )
    ours = {kind.manifest_name, *kind.contents(folder)}
    foreign = [name for name in present if name not in ours]
    if foreign:
        raise UsageError(
            f"{folder} holds {foreign[0]}, which is not part of the {kind.name}; --overwrite would "
            "remove it: move it away or choose another folder"
        )


def _refuse_what_exists(out: Path, kind: FolderKind) -> None:
    if os.path.lexists(out):
        raise UsageError(f"{out} exists; choose another folder or pass --overwrite")
    staging, old = staging_of(out), replaced_of(out)
    if os.path.lexists(staging):
        resume = "go on with simulate --resume, or " if kind is DATASET else ""
        raise UsageError(
            f"{staging} is left from a run that was killed or is still going; "
            f"{resume}remove it or pass --overwrite"
        )
    if os.path.lexists(old):
        raise UsageError(
            f"{old} is an earlier dataset, moved aside by a run that was killed; "
            f"rename it to {out.name} or remove it, or pass --overwrite"
        )


def _clear_the_way(out: Path, kind: FolderKind) -> None:
    staging, old = staging_of(out), replaced_of(out)
    if os.path.lexists(out):
        refuse_foreign(out, kind)
    if os.path.lexists(old):
        refuse_foreign(old, kind)
    if os.path.lexists(staging) and not (staging / UNFINISHED_NAME).is_file():
        refuse_foreign(staging, kind)
    for folder in (staging, old):
        if os.path.lexists(folder):
            with naming_the_file(folder):
                shutil.rmtree(folder)


def _files_under(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if not path.is_dir() or path.is_symlink():
            yield path.relative_to(folder).as_posix()
