"""All trials in one world, one after the other: what one worker does at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.examples import open_examples
from fraudsim.tracks.trial import World, run_trial
from fraudsim.tracks.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.tracks.plan import Group, TrialPlan
    from fraudsim.tracks.store import Store


def run_group(group: Group, store: Store) -> Iterator[tuple[TrialPlan, str | None]]:
    """Run the trials of a group and keep what came of them.

    Yields:
        Each trial when it is done, with the reason if it failed; the others go on.
    """
    world = World(open_examples(world_of(store.worlds, group.world, group.world_seed)))
    for plan in group.trials:
        try:
            store.put(plan, run_trial(plan, world, store))
        except Exception as error:  # noqa: BLE001 -- somebody's detector may raise anything
            yield plan, f"{type(error).__name__}: {' '.join(str(error).split())}"
        else:
            yield plan, None
