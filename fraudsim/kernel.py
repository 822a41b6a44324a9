"""How kernels are compiled that read and write arrays handed to them, and make none.

``kernel`` is numba's ``njit`` with four settings. ``cache`` keeps the machine code on the disk.
``error_model`` lets a division by zero give infinity, as numpy does, rather than a check and a
branch at each. ``_nrt`` off leaves out the counting of references: a kernel that allocates nothing
cannot free anything either, and counting takes a large part of the time of a day, since each array
of a named tuple is counted at every use. numba then refuses, when it compiles, whatever
would allocate; such functions are plain ``njit(cache=True)``. ``forceinline`` puts a kernel into
those that call it: a named tuple of arrays is handed over as some hundred numbers, and a call that
pushes them takes longer than most of what is called. Fast-math is never on: the bytes of a run are
the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

_SETTINGS: dict[str, Any] = {
    "cache": True,
    "error_model": "numpy",
    "_nrt": False,
    "forceinline": True,
}


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that makes no array, on its first call with each set of types."""
    made: Callable[P, R] = njit(**_SETTINGS)(function)
    return made
