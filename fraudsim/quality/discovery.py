"""Finds the checks: every module of a group's folder that has ``CHECKS``, sorted by name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from fraudsim.errors import UsageError, nearest
from fraudsim.quality.check import GROUPS, Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def discover() -> tuple[Check, ...]:
    """Return all checks: groups in their order, files by name, checks as they stand in a file."""
    return tuple(check for group in GROUPS for check in _checks_of(group))


def choose(checks: Sequence[Check], only: Sequence[str]) -> tuple[Check, ...]:
    """Return the checks that ``only`` names: groups, or checks as ``group.name``; all if empty.

    Raises:
        UsageError: there is no such group or check.
    """
    names = {f"{check.group}.{check.name}" for check in checks} | {check.group for check in checks}
    for name in only:
        if name not in names:
            raise UsageError(f"no group or check '{name}'{nearest(name, names)}")
    if not only:
        return tuple(checks)
    return tuple(
        check for check in checks if check.group in only or f"{check.group}.{check.name}" in only
    )


def _checks_of(group: str) -> Iterator[Check]:
    package = f"fraudsim.quality.{group}"
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    for module in sorted(found.name for found in iter_modules(places or [])):
        yield from getattr(import_module(f"{package}.{module}"), "CHECKS", ())
