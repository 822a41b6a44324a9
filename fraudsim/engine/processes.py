"""The engine ``processes``: blocks spread over processes of this machine.

This process is one of them: it plays the fraudsters and holds a share of the blocks, and asks the
others before it does its own. Each worker is ``python -m fraudsim.engine.worker``, our own entry
module, so a user's script needs no ``__main__`` guard. Parent and worker speak over the worker's
pipes: a length, then a pickle of our own making; nothing else can write there.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from collections import deque
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Self

from fraudsim.engine.engines import Engine, PopulationMaker
from fraudsim.engine.population import block_count
from fraudsim.engine.spread import SpreadPopulation, dealt
from fraudsim.errors import WorkerDiedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from fraudsim.agents.merchants import MerchantBlock
    from fraudsim.engine.model import PaymentModel
    from fraudsim.engine.population import Population
    from fraudsim.scenario import Scenario
    from fraudsim.sinks.place import Place
    from fraudsim.streams import Streams

_LENGTH = struct.Struct("<Q")


def send(pipe: IO[bytes], message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one message; raises ``EOFError`` when the other side is gone."""
    length = pipe.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        raise EOFError
    (size,) = _LENGTH.unpack(length)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 -- from our own worker, over its private pipe


def worker_environment(**more: str) -> dict[str, str]:
    """Return the environment of a worker: it finds what its parent finds, and is one thread."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "POLARS_MAX_THREADS": "1",  # the workers are the threads
        **more,
    }


class ProcessHolders:
    """This process and its workers, which hold the blocks of a run, dealt to them in turn.

    This process is the last of them. Whoever asks all asks it last: it does its share at once,
    while the others do theirs.

    Args:
        scenario: the workers build the world of it and of the seed themselves.
        seed: the seed of the run.
        count: number of processes with this one, at most one per block.
        place: where the run is written; the workers write there themselves.
    """

    def __init__(self, scenario: Scenario, seed: int, count: int, place: Place) -> None:
        self._scenario = scenario
        self._seed = seed
        self._place = place
        self._count = count
        self._workers: list[subprocess.Popen[bytes]] = []
        self._own: Population | None = None
        self._answers: deque[Any] = deque()  # of this process, in the order asked

    @property
    def count(self) -> int:
        """How many processes there are."""
        return self._count

    @property
    def own_blocks(self) -> list[int]:
        """The blocks that this process holds."""
        return dealt(block_count(self._scenario), self._count, self._count - 1)

    def hold(self, own: Population) -> None:
        """Take what this process holds; before anybody is asked."""
        self._own = own

    def __enter__(self) -> Self:
        """Start the workers and give each its blocks.

        Nobody waits for them: they get ready while the centre does, and take what it asks in order.
        """
        blocks = block_count(self._scenario)
        environment = worker_environment()
        for number in range(self._count - 1):
            self._workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "fraudsim.engine.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                )
            )
            mine = dealt(blocks, self._count, number)
            self._send(number, (self._scenario, self._seed, mine, self._place))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the workers, whatever state they are in."""
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.wait()
            for pipe in (worker.stdin, worker.stdout):
                if pipe is not None:
                    close(pipe)

    def ask(self, number: int, verb: str, arguments: tuple[Any, ...]) -> None:
        """Write the verb to a worker's pipe, or do it."""
        if number < len(self._workers):
            self._send(number, (verb, arguments))
        else:
            self._answers.append(getattr(self._own, verb)(*arguments))

    def answer(self, number: int) -> Any:
        """Read a worker's answer; raises the error if it is one."""
        if number >= len(self._workers):
            return self._answers.popleft()
        pipe = self._workers[number].stdout
        assert pipe is not None
        try:
            answer = receive(pipe)
        except EOFError:
            raise self._died(number) from None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _send(self, number: int, message: object) -> None:
        pipe = self._workers[number].stdin
        assert pipe is not None
        try:
            send(pipe, message)
        except BrokenPipeError:
            raise self._died(number) from None

    def _died(self, number: int) -> WorkerDiedError:
        code = self._workers[number].wait()
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        return WorkerDiedError(
            f"worker process {number + 1} of {len(self._workers)} died ({how}); "
            f"{self._place.shown()} is kept: go on from its last checkpoint with --resume. "
            "Was memory short? Try fewer workers: the result does not depend on them"
        )


def close(pipe: IO[bytes]) -> None:
    """Close a pipe to or from a worker, also one that is gone."""
    try:
        pipe.close()
    except BrokenPipeError:
        return  # unsent bytes for a worker that is gone


@contextmanager
def _open(
    scenario: Scenario, streams: Streams, workers: int, place: Place
) -> Iterator[PopulationMaker]:
    """Start the workers; they end with the context."""
    with ProcessHolders(scenario, streams.seed, workers, place) as holders:

        def population(model: PaymentModel, merchants: MerchantBlock) -> SpreadPopulation:
            from fraudsim.engine.local import LocalPopulation  # with the kernels: late

            own = LocalPopulation(model, model.world, streams, holders.own_blocks, place, merchants)
            holders.hold(own)
            return SpreadPopulation(holders, scenario.population.block_size)

        yield population


ENGINE = Engine(
    "processes", "processes of this machine", open=_open, cores=lambda: os.cpu_count() or 1
)
