"""A few days of a small world, with every kernel compiled or every kernel as plain Python.

As a script it takes a file to write and seeds, and runs the kernels as plain Python: the very same
source, interpreted. What Python and numba hold differently is bridged here: a record of an array
gives its fields as attributes, and a number read from an array widens to 64 bits.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

WORLD = (
    "population.customers=60",
    "population.block_size=20",
    "calendar.days=12",
    # over the end of a month: paydays, bills, the days after; and two weekends
    "calendar.start=2025-01-24",
    *(f"attacks.{k}.first_day=0" for k in range(8)),
    *(f"attacks.{k}.last_day=4" for k in range(8)),
    *(f"attacks.{k}.parameters={{listen_days: 2.0, wait_days: 1.0}}" for k in (1, 3)),
)
"""Three blocks, twelve days, and every attack of the preset ``tiny``."""


class Record:
    """One record of an array: its fields as attributes, numbers as Python's own."""

    __slots__ = ("_void",)

    def __init__(self, void):
        object.__setattr__(self, "_void", void)

    def __getattr__(self, name):
        return plain(self._void[name])

    def __setattr__(self, name, value):
        self._void[name] = value


class Array:
    """A view of an array that gives plain numbers, records and further views."""

    __slots__ = ("_values",)

    def __init__(self, values):
        self._values = values

    def __len__(self):
        return len(self._values)

    def __getitem__(self, at):
        return plain(self._values[at])

    def __setitem__(self, at, value):
        self._values[at] = value._void if isinstance(value, Record) else value

    def __getattr__(self, name):
        return getattr(self._values, name)

    def copy(self):
        return Array(self._values.copy())


def plain(value):
    """Bridge a value on its way into a kernel, or out of an array."""
    if isinstance(value, np.void):
        return Record(value)
    if isinstance(value, np.ndarray):
        return Array(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(plain, value))
    return value


def has_records(value):
    if isinstance(value, tuple):
        return any(map(has_records, value))
    return isinstance(value, np.ndarray) and value.dtype.names is not None


def bridged(kernel):
    """The kernel for callers that hold arrays of records; for others as it is."""

    def call(*arguments):
        if any(map(has_records, arguments)):
            return kernel(*map(plain, arguments))
        return kernel(*arguments)

    return call


def take_kernels_as_python():
    """Make ``njit`` do nothing from now on, and bridge the calls from outside into kernels.

    Returns how many kernels there are.
    """
    import numba

    assert os.environ["NUMBA_DISABLE_JIT"] == "1", "set it before numba is imported"
    assert not any(name.startswith("fraudsim") for name in sys.modules)
    kernels = set()

    def njit(**_how):
        def keep(function):
            kernels.add(function)
            return function

        return keep

    numba.njit = njit
    import fraudsim.engine.local
    import fraudsim.engine.model  # noqa: F401 -- the two import all that a day needs

    homes = {kernel.__module__ for kernel in kernels}
    for name, module in list(sys.modules.items()):
        if name.startswith("fraudsim") and name not in homes:
            for key, value in list(vars(module).items()):
                if callable(value) and value in kernels:
                    setattr(module, key, bridged(value))
    return len(kernels)


def lived(seed):
    """Live through ``WORLD`` and return all that its blocks settled, and how they ended."""
    from fraudsim.engine.entered import Entered
    from fraudsim.engine.local import LocalPopulation
    from fraudsim.engine.model import PaymentModel
    from fraudsim.engine.population import block_count
    from fraudsim.registry import ATTACKS, discover
    from fraudsim.scenario_attacks import check_attacks
    from fraudsim.scenario_files import load_scenario
    from fraudsim.sinks.local_place import LocalPlace
    from fraudsim.streams import Streams
    from fraudsim.world.world import build_world

    scenario, streams = load_scenario("tiny", overrides=list(WORLD)), Streams(seed)
    world = build_world(scenario, streams)
    chosen = check_attacks(scenario, discover(ATTACKS))
    patterns = [
        Entered(one, (), entry) for one, entry in zip(chosen, scenario.attacks, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        place = LocalPlace(Path(folder) / "world")
        place.folder.mkdir()
        model = PaymentModel(
            world,
            streams,
            patterns,
            lambda model, merchants: LocalPopulation(
                model, world, streams, range(block_count(scenario)), place, merchants
            ),
        )
        blocks = model.population._blocks.values()
        days = {"rows": [], "messages": [], "sent": []}
        for block in blocks:
            block.settle_day = kept(block.settle_day, days)
        for _day in range(scenario.calendar.days):
            model.step()
    found = {name: np.concatenate(parts) for name, parts in days.items()}
    found["states"] = np.concatenate([block.states for block in blocks])
    found["people"] = np.concatenate([block.people for block in blocks])
    return found


def kept(settle_day, days):
    def settle():
        settled = settle_day()
        for name, parts in days.items():
            parts.append(getattr(settled, name))
        return settled

    return settle


def main():
    out, *seeds = sys.argv[1:]
    kernels = take_kernels_as_python()
    np.seterr(over="ignore")  # draws are taken modulo 2**64
    found = {f"{seed}-{name}": a for seed in seeds for name, a in lived(int(seed)).items()}
    np.savez(out, kernels=kernels, **found)


if __name__ == "__main__":
    main()
