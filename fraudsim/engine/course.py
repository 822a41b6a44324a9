"""The course of a run: from its first day, or its last checkpoint, to the end of its last day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fraudsim.errors import CheckpointError, WorkerDiedError
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fraudsim.engine.checkpoint import Checkpoints
    from fraudsim.engine.engines import Engine, PopulationMaker
    from fraudsim.engine.entered import Entered
    from fraudsim.engine.journal import Journal
    from fraudsim.engine.model import PaymentModel
    from fraudsim.engine.population import Closing
    from fraudsim.progress import Progress
    from fraudsim.scenario import Scenario
    from fraudsim.sinks.place import Place

MOST_DEATHS = 3
"""Holders that may die between two checkpoints before a run stops: by then it is no accident."""


class Setting(NamedTuple):
    """What is lived through, and where it is written."""

    scenario: Scenario
    seed: int
    patterns: Sequence[Entered]
    place: Place


def live(
    setting: Setting, engine: Engine, workers: int, checkpoints: Checkpoints, progress: Progress
) -> tuple[PaymentModel, Closing]:
    """Live through the days that the last checkpoint leaves, and close the books.

    Where the engine restarts, the death of a holder sends the run back to its last checkpoint.

    Returns:
        The model after its last day, and what the blocks left, with every part file of the run.

    Raises:
        WorkerDiedError: a holder died, and the engine does not restart, or too many did.
    """
    days = setting.scenario.calendar.days
    with progress.task(f"simulate {setting.scenario.name}", total=days) as task:
        shown = 0

        def show(day: int) -> None:
            nonlocal shown
            task.advance(max(0, day - shown))
            shown = max(day, shown)

        deaths = 0
        while True:
            began = checkpoints.latest.day
            try:
                with engine.open(
                    setting.scenario, Streams(setting.seed), workers, setting.place
                ) as population:
                    return _live_once(setting, population, checkpoints, show)
            except WorkerDiedError:
                deaths = deaths + 1 if checkpoints.latest.day == began else 1
                if not engine.restarts or deaths > MOST_DEATHS:
                    raise


def _live_once(
    setting: Setting,
    population: PopulationMaker,
    checkpoints: Checkpoints,
    show: Callable[[int], None],
) -> tuple[PaymentModel, Closing]:
    """Play again the days before the last checkpoint, then live through the others."""
    # seconds of imports, and the workers are on their way: theirs and ours go on side by side
    from fraudsim.engine.journal import Journal
    from fraudsim.engine.model import PaymentModel
    from fraudsim.world.world import build_world

    written = checkpoints.tidy()
    streams = Streams(setting.seed)
    world = build_world(setting.scenario, streams)
    told = checkpoints.told(world)
    model = PaymentModel(
        world, streams, setting.patterns, lambda *of: Journal(population(*of), told)
    )
    journal = model.population
    assert isinstance(journal, Journal)
    _play_again(model, journal, checkpoints)
    days = setting.scenario.calendar.days
    while model.day < days:
        show(model.day)
        model.step()
        if model.day < days and checkpoints.is_due():
            checkpoints.write(model.day, journal)
    show(model.day)
    closing = model.close()
    closing.parts = written + closing.parts
    return model, closing


def _play_again(model: PaymentModel, journal: Journal, checkpoints: Checkpoints) -> None:
    """Bring fraudsters, issuer and population to the day of the last checkpoint."""
    day = checkpoints.latest.day
    if day == 0:
        journal.begin()
        return
    if day >= model.world.scenario.calendar.days:
        raise CheckpointError(f"{checkpoints.where}: damaged: the run has no day {day}")
    for _ in range(day):
        model.step()
    journal.load(checkpoints.blocks, day)
