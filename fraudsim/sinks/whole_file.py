"""A file that is whole or absent: written aside, then renamed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fraudsim.errors import UsageError
from fraudsim.sinks.staging import naming_the_file, staging_of, sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check_target(path: Path) -> None:
    """Refuse a file that cannot be written, before the work is done.

    Raises:
        UsageError: ``path`` is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {path}: the folder {path.parent} does not exist")


def write_json(path: Path, value: Any, *, indent: int | None = 1) -> None:
    """Write a JSON value as a file that is whole or absent; NaN is no JSON.

    Raises:
        UsageError: as ``check_target``.
        FraudsimError: it cannot be written.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    with written_whole(path) as aside:
        aside.write_text(text + "\n", encoding="utf-8")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; it takes the place of ``path`` at the end.

    What is there stays as it was until then, and for good if the block fails.

    Raises:
        UsageError: as ``check_target``.
        FraudsimError: it cannot be written (a full disk, say).
    """
    check_target(path)
    aside = staging_of(path)
    try:
        with naming_the_file(path):
            yield aside
            sync(aside)
            aside.replace(path)
            sync(path.parent)
    finally:
        aside.unlink(missing_ok=True)
