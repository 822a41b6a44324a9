"""What can go wrong in a way that the caller can mend, and the exit code of each.

Every message says what is wrong, where, what would be right and, for names, the nearest match.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class FraudsimError(Exception):
    """The command could not do its work (exit code 1)."""

    exit_code = 1
    keeps_the_folder = False
    """Whether what a run wrote so far stays, so that it can be resumed."""


class UsageError(FraudsimError):
    """What was asked for is wrong: a scenario, an option, a table (exit code 2)."""

    exit_code = 2


class CheckFailedError(FraudsimError):
    """The work was done and a check on it did not pass (exit code 3)."""

    exit_code = 3


class WorkerDiedError(FraudsimError):
    """Somebody who held a share of a run is gone (exit code 1); the run can be resumed."""

    keeps_the_folder = True


class TakenOverError(FraudsimError):
    """Another run resumed or replaced this one (exit code 1); what lies there is its own."""

    keeps_the_folder = True


class CheckpointError(UsageError):
    """A run cannot be resumed: nothing is there, it is damaged, or of another run (exit code 2)."""

    keeps_the_folder = True


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest of ``known``, else the list of them.

    >>> nearest("card_tesing", ["card_testing", "bust_out"])
    "; did you mean 'card_testing'?"
    >>> nearest("zzz", ["b", "a"])
    '; known: a, b'
    """
    names = sorted(known)
    match = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"; did you mean '{match[0]}'?" if match else f"; known: {', '.join(names)}"
