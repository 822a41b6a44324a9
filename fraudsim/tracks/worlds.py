"""The worlds of the tracks, simulated when they are first asked for and kept."""

from __future__ import annotations

from importlib.resources import as_file
from typing import TYPE_CHECKING

from fraudsim.dataset import open_dataset
from fraudsim.engine import simulate
from fraudsim.errors import UsageError
from fraudsim.scenario_files import load_scenario
from fraudsim.tracks.track import world_file

if TYPE_CHECKING:
    from pathlib import Path

    from fraudsim.dataset import Dataset


def world_of(folder: Path, name: str, seed: int) -> Dataset:
    """Return a world, simulated into ``folder`` unless it is there.

    Args:
        folder: where worlds are kept.
        name: of the scenario.
        seed: of the world.

    Raises:
        UsageError: there is no such scenario, or something else is in the way.
    """
    with as_file(world_file(name)) as path:
        scenario = load_scenario(str(path))
    place = folder / f"{name}-{seed}"
    if place.is_dir():
        found = open_dataset(place)
        if found.manifest.scenario_digest == scenario.digest:
            return found
        raise UsageError(
            f"{place} was simulated with another version of the world {name}; remove it, or give "
            "a new folder for the results"
        )
    return simulate(scenario, seed, place)
