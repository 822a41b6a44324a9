"""The engines: who holds the blocks of a run. Any of them gives the same bytes.

One file each, found by its name: ``fraudsim simulate --engine NAME``.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from fraudsim.engine.population import Population
    from fraudsim.scenario import Scenario
    from fraudsim.sinks.place import Place
    from fraudsim.streams import Streams

PopulationMaker: TypeAlias = "Callable[[Any, Any], Population]"
"""Makes the population of a model (``PaymentModel``) with its merchants (``MerchantBlock``)."""


@dataclass(frozen=True)
class Engine:
    """A way to hold the blocks.

    Attributes:
        name: what it is called.
        summary: where the blocks live, in a few words.
        open: starts ``workers`` holders for a run that writes to a place, and ends them.
        cores: how many holders there are when nobody says.
        restarts: whether a run goes on from its last checkpoint by itself when a holder died.
    """

    name: str
    summary: str
    open: Callable[[Scenario, Streams, int, Place], AbstractContextManager[PopulationMaker]]
    cores: Callable[[], int]
    restarts: bool = False


MODULES = {
    "serial": "fraudsim.engine.serial",
    "processes": "fraudsim.engine.processes",
    "ray": "fraudsim.engine.on_ray",
}
"""Name of each engine -> the module that defines it as ``ENGINE``; loaded when it is asked for."""


def engine_named(name: str) -> Engine:
    """Return an engine by its name.

    Raises:
        UsageError: there is none of that name; says the nearest.
    """
    if name not in MODULES:
        raise UsageError(f"unknown engine '{name}'{nearest(name, MODULES)}")
    engine: Engine = importlib.import_module(MODULES[name]).ENGINE
    return engine


def choose(name: str | None, workers: int | None, blocks: int) -> tuple[Engine, int]:
    """Return the engine that was asked for and how many holders it has, at most one per block.

    Args:
        name: of the engine; None is ``serial`` for one worker and ``processes`` for more.
        workers: how many; None is one, or with an engine of several as many as there are cores.
        blocks: how many blocks there are to hold.

    Raises:
        UsageError: the engine is unknown, or the two contradict each other.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"workers must be at least 1, not {workers}")
    if name == "serial" and workers is not None and workers > 1:
        raise UsageError(
            f"the engine 'serial' is one process and cannot have {workers} workers: "
            "leave out --workers, or choose --engine processes"
        )
    if name is None:
        name = "serial" if min(workers or 1, blocks) == 1 else "processes"
    engine = engine_named(name)
    return engine, min(workers or engine.cores(), blocks)
