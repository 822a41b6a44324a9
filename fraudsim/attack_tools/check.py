"""Hold patterns to the public contract, and say of each fault what to change."""

from __future__ import annotations

import _thread
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.attack_tools.find import find
from fraudsim.attacks.kit.contract import CHECKS
from fraudsim.attacks.kit.rehearsal import EndlessError
from fraudsim.errors import FraudsimError
from fraudsim.registry import source_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fraudsim.attacks.kit.contract import Check
    from fraudsim.attacks.kit.pattern import AttackPattern

PATIENCE_S = 120.0
"""A check that takes longer is given up: the slowest takes some seconds. Work is counted, not
timed; the clock is for a story that does not even yield."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a pattern, what would be right, and the checks that found it."""

    checks: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Checked:
    """What the contract says of one pattern.

    Attributes:
        name: of the pattern.
        file: where it is defined.
        checks: how many there are.
        faults: what is wrong, in the order in which to mend it; empty when all is well.
    """

    name: str
    file: str
    checks: int
    faults: tuple[Fault, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "name": self.name,
            "file": self.file,
            "checks": self.checks,
            "well": not self.faults,
            "faults": [
                {"checks": list(fault.checks), "message": fault.message} for fault in self.faults
            ],
        }


def check(
    what: Sequence[str], *, attacks: Sequence[str | Path] = (), patience_s: float = PATIENCE_S
) -> list[Checked]:
    """Hold patterns, each alone, to the contract of ``fraudsim.attacks.kit.contract``.

    Args:
        what: names of patterns, or files and folders with patterns, which are run.
        attacks: files or folders with more patterns, for names.
        patience_s: seconds after which one check is given up.

    Raises:
        UsageError: a name or file has no pattern.
    """
    patterns = {cls.name: cls for one in what for cls in find(one, attacks)}
    return [_checked(cls, patience_s) for cls in patterns.values()]


def complaint(results: Sequence[Checked]) -> str:
    """Return one line that says which patterns fail, empty when none does."""
    failed = [result.name for result in results if result.faults]
    return f"{len(failed)} of {len(results)} patterns: {', '.join(failed)}" if failed else ""


def _checked(cls: type[AttackPattern], patience_s: float) -> Checked:
    found: dict[str, list[str]] = {}  # what is wrong -> the checks that say so
    for name, one in CHECKS.items():
        wrong, goes_on = _fault(cls, one, patience_s)
        if wrong:
            found.setdefault(wrong.removeprefix(f"{cls.name}: "), []).append(name)
        if not goes_on:
            break
    return Checked(
        cls.name,
        _shown(source_file(cls) or cls.__module__),
        len(CHECKS),
        tuple(Fault(tuple(checks), message) for message, checks in found.items()),
    )


def _fault(cls: type[AttackPattern], one: Check, patience_s: float) -> tuple[str, bool]:
    """Return what a check says, empty when all is well, and whether to make the others.

    Of a pattern that takes too long every other check would take as long.
    """
    try:
        with _patience(patience_s) as ran_out:
            one(cls)
    except EndlessError as error:
        return str(error), False
    except FraudsimError as error:
        return str(error), True
    except KeyboardInterrupt as error:
        if not ran_out.is_set():
            raise
        return _never_yields(cls, error, patience_s), False
    return "", True


def _never_yields(cls: type[AttackPattern], error: BaseException, patience_s: float) -> str:
    file = source_file(cls)
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    where = f" (line {lines[-1]})" if lines else ""
    return (
        f"does not come back within {patience_s:g} s{where}; bound every loop, and let every turn "
        "of it yield"
    )


@contextmanager
def _patience(seconds: float) -> Iterator[threading.Event]:
    """Interrupt the block as Ctrl-C does when it takes longer; the event tells the two apart."""
    ran_out, done = threading.Event(), threading.Event()

    def wait() -> None:
        if not done.wait(seconds):
            ran_out.set()
            _thread.interrupt_main()

    watch = threading.Thread(target=wait, daemon=True)
    watch.start()
    try:
        yield ran_out
    finally:
        done.set()
        watch.join()


def _shown(file: str) -> str:
    """Return a path as seen from here, if it lies below."""
    path = Path(file).resolve()
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
