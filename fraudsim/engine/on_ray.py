"""The engine ``ray``: blocks live in actors of a Ray cluster, on any number of machines.

Needs the extra ``fraudsim[ray]``, the same fraudsim on every machine, and an output that all of
them reach: a folder under the same path, or an object store. Only attempts, answers and what a day
comes to cross the network; the actors write their part files and their share of a checkpoint
themselves. When one dies, or its machine, the run goes on from its last checkpoint with new actors.
"""

from __future__ import annotations

import logging
import os
import platform
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from fraudsim.engine.engines import Engine, PopulationMaker
from fraudsim.engine.population import block_count
from fraudsim.engine.shard import Shard, answer
from fraudsim.engine.spread import SpreadPopulation, dealt
from fraudsim.errors import UsageError, WorkerDiedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType, TracebackType

    from fraudsim.scenario import Scenario
    from fraudsim.sinks.place import Place
    from fraudsim.streams import Streams


CONNECT_S = 10.0
"""How long the machine at ``RAY_ADDRESS`` may take to answer."""


class Holder:
    """What an actor is: a shard. An error that the run should raise is returned, not raised."""

    def take(
        self, scenario: Scenario, seed: int, blocks: list[int], place: Place
    ) -> UsageError | None:
        """Make the shard; the error is that this machine does not see the place."""
        try:
            place.seen_by(platform.node())
        except UsageError as error:
            return error
        self._shard = Shard(scenario, seed, blocks, place)
        return None

    def do(self, verb: str, arguments: tuple[Any, ...]) -> Any:
        """Answer a verb."""
        return answer(self._shard, verb, arguments)


class RayHolders:
    """Actors that hold the blocks of a run, dealt to them in turn.

    Args:
        ray: the module, connected to a cluster.
        scenario: the actors build the world of it and of the seed themselves.
        seed: the seed of the run.
        actors: number of actors, at most one per block.
        place: where the run is written, by all machines.
    """

    def __init__(
        self, ray: ModuleType, scenario: Scenario, seed: int, actors: int, place: Place
    ) -> None:
        self._ray = ray
        self._place = place
        self._scenario = scenario
        self._seed = seed
        # SPREAD: no machine has all of them while another has none
        holder = ray.remote(Holder).options(num_cpus=1, scheduling_strategy="SPREAD")
        self._actors = [holder.remote() for _ in range(actors)]
        self._waiting: dict[int, list[Any]] = {number: [] for number in range(actors)}

    @property
    def count(self) -> int:
        """How many actors there are."""
        return len(self._actors)

    def __enter__(self) -> Self:
        """Give every actor its blocks."""
        blocks = block_count(self._scenario)
        for number, actor in enumerate(self._actors):
            mine = dealt(blocks, self.count, number)
            reference = actor.take.remote(self._scenario, self._seed, mine, self._place)
            self._waiting[number].append(reference)
        for number in range(self.count):
            self.answer(number)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the actors."""
        for actor in self._actors:
            self._ray.kill(actor)

    def ask(self, number: int, verb: str, arguments: tuple[Any, ...]) -> None:
        """Send the verb to an actor, which does one after the other."""
        self._waiting[number].append(self._actors[number].do.remote(verb, arguments))

    def answer(self, number: int) -> Any:
        """Wait for the answer to what was asked first; raises the error if it is one."""
        answer = self._get(number, self._waiting[number].pop(0))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _get(self, number: int, reference: Any) -> Any:
        lost = (self._ray.exceptions.RayActorError, self._ray.exceptions.ObjectLostError)
        try:
            return self._ray.get(reference)
        except lost as error:
            why = " ".join(str(error).split())[:200]
            raise WorkerDiedError(
                f"actor {number + 1} of {self.count} died; {self._place.shown()} is kept: "
                f"go on from its last checkpoint with --resume. Ray says: {why}"
            ) from None


@contextmanager
def _open(
    scenario: Scenario, streams: Streams, workers: int, place: Place
) -> Iterator[PopulationMaker]:
    """Start the actors in the cluster; they end with the context."""
    with RayHolders(connected(), scenario, streams.seed, workers, place.everywhere()) as holders:
        population = SpreadPopulation(holders, scenario.population.block_size)
        yield lambda _model, _merchants: population


def connected() -> ModuleType:
    """Return Ray, connected to the cluster that ``RAY_ADDRESS`` names, or to one of this machine.

    Raises:
        UsageError: Ray is not installed, or there is no cluster at the address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    try:
        import ray
    except ImportError:
        raise UsageError(
            "the engine 'ray' needs the package ray: pip install 'fraudsim[ray]'"
        ) from None
    if not ray.is_initialized():
        _check_address(os.environ.get("RAY_ADDRESS", ""))
        try:
            ray.init(logging_level=logging.ERROR, log_to_driver=False)
        except (ConnectionError, ValueError) as error:
            raise UsageError(f"the engine 'ray' cannot connect: {error}") from error
    return ray


def _check_address(address: str) -> None:
    """Look whether anybody listens at ``host:port``: Ray itself asks there for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        return  # none, "auto" or "local": Ray knows what to do
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_S).close()
    except OSError as error:
        raise UsageError(
            f"the engine 'ray' cannot connect to RAY_ADDRESS={address}: {error.strerror or error}; "
            "start a cluster there (ray start --head), or unset RAY_ADDRESS to use this machine"
        ) from error


def _cores() -> int:
    """Return the CPUs of the cluster."""
    return max(1, int(connected().cluster_resources().get("CPU", 1)))


ENGINE = Engine("ray", "actors of a Ray cluster", open=_open, cores=_cores, restarts=True)
