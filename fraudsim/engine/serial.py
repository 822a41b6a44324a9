"""The engine ``serial``: every block lives in this process."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from fraudsim.engine.engines import Engine, PopulationMaker
from fraudsim.engine.local import LocalPopulation
from fraudsim.engine.population import block_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.scenario import Scenario
    from fraudsim.sinks.place import Place
    from fraudsim.streams import Streams


@contextmanager
def _open(
    scenario: Scenario,
    streams: Streams,
    workers: int,  # noqa: ARG001 -- the protocol of engines
    place: Place,
) -> Iterator[PopulationMaker]:
    blocks = range(block_count(scenario))
    yield lambda model, merchants: LocalPopulation(
        model, model.world, streams, blocks, place, merchants
    )


ENGINE = Engine("serial", "this process", open=_open, cores=lambda: 1)
