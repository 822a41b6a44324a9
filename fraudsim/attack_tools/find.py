"""Find the patterns that somebody means by a name or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fraudsim.errors import UsageError, nearest
from fraudsim.registry import ATTACKS, discover, source_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.attacks.kit.pattern import AttackPattern


def find(what: str, extra: Sequence[str | Path] = ()) -> list[type[AttackPattern]]:
    """Return the patterns of that name, or in that file or folder, in the order of their names.

    Args:
        what: a name, or a path: something with a slash or a dot, or that exists.
        extra: files or folders with patterns, for names. **They are run.**

    Raises:
        UsageError: there is none; says the nearest name.
    """
    if "/" not in what and "." not in what and not Path(what).exists():
        known = discover(ATTACKS, extra)
        if what not in known:
            raise UsageError(f"unknown attack pattern '{what}'{nearest(what, known)}")
        return [known[what]]
    path = Path(what).resolve()
    known = discover(ATTACKS)
    ours = [cls for cls in known.values() if _is_in(cls, path)]
    if ours:
        return ours
    return [cls for name, cls in discover(ATTACKS, [what]).items() if name not in known]


def _is_in(cls: type[AttackPattern], path: Path) -> bool:
    """Return whether one of our patterns is of that file, or of that folder itself."""
    file = source_file(cls)
    return file is not None and path in (Path(file).resolve(), Path(file).resolve().parent)
