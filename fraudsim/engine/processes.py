"""Blocks spread over processes of this machine.

Each worker is ``python -m fraudsim.engine.worker``, our own entry module, so a user's script needs
no ``__main__`` guard. Parent and worker speak over the worker's pipes: a length, then a pickle of
our own making; nothing else can write there.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

from fraudsim.engine.population import Closing, DayReport, Orders, gather_profiles, sort_rows
from fraudsim.errors import FraudsimError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt

    from fraudsim.attacks.kit.nouns import Profile
    from fraudsim.streams import Streams
    from fraudsim.world.world import World

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


class ProcessPopulation:
    """The population of a run, its blocks dealt to worker processes in turn.

    Args:
        world: the world; the workers build the same from scenario and seed.
        streams: the randomness of the run.
        workers: number of processes, at most one per block.
        staging: the folder aside; the workers write into it themselves.
    """

    def __init__(self, world: World, streams: Streams, workers: int, staging: Path) -> None:
        self._world = world
        self._seed = streams.seed
        self._staging = staging
        self._count = workers
        self._workers: list[subprocess.Popen[bytes]] = []
        self._size = world.scenario.population.block_size

    def __enter__(self) -> Self:
        """Start the workers and give each its blocks."""
        blocks = -(-self._world.customers // self._size)
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "POLARS_MAX_THREADS": "1",  # the workers are the threads
        }
        for number in range(self._count):
            self._workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "fraudsim.engine.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                )
            )
            mine = list(range(number, blocks, self._count))
            self._send(number, (self._world.scenario, self._seed, mine, self._staging))
        for number in range(self._count):
            self._receive(number)
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
                    _close(pipe)

    def plan_day(self, day: int, orders: Orders) -> None:
        """Plan the honest payments of ``day`` in every block."""
        owner = self._owner(orders.received["customer"])
        self._ask_all(
            "plan_day",
            [
                (day, orders._replace(received=orders.received[owner == number]))
                for number in range(self._count)
            ],
        )

    def attempt(self, rows: np.ndarray) -> np.ndarray:
        """Answer attempts at once, in the order given."""
        answered = rows.copy()
        owner = self._owner(rows["customer"])
        asked = [int(number) for number in np.unique(owner)]
        for number in asked:
            self._send(number, ("attempt", (rows[owner == number],)))
        for number in asked:
            answered[owner == number] = self._receive(number)
        return answered

    def settle_day(self, day: int) -> DayReport:
        """Settle the rest of ``day`` in every block and record it."""
        reports: list[DayReport] = self._ask_all("settle_day", [(day,)] * self._count)
        return DayReport(
            sort_rows([r.messages for r in reports]),
            sort_rows([r.sent for r in reports]),
            sort_rows([r.heard for r in reports]),
            sum(r.rows for r in reports),
        )

    def profile(self, customers: npt.NDArray[np.int64]) -> Profile:
        """Return what the books say of these customers, in order."""
        owner = self._owner(customers)
        asked = [int(number) for number in np.unique(owner)]
        for number in asked:
            self._send(number, ("profile", (customers[owner == number],)))
        return gather_profiles(owner, {number: self._receive(number) for number in asked})

    def close(self, received: np.ndarray) -> Closing:
        """Book the last deposits, write what is left and return the standing tables."""
        owner = self._owner(received["customer"])
        closings: list[Closing] = self._ask_all(
            "close", [(received[owner == number],) for number in range(self._count)]
        )
        names = closings[0].tables
        return Closing(
            tables={name: [f for c in closings for f in c.tables[name]] for name in names},
            parts=[part for c in closings for part in c.parts],
            received_minor=np.sum([c.received_minor for c in closings], axis=0),
            notices=sort_rows([c.notices for c in closings]),
            devices=np.unique(np.concatenate([c.devices for c in closings])),
        )

    def _owner(self, customers: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        owner: npt.NDArray[np.int64] = customers.astype(np.int64) // self._size % self._count
        return owner

    def _ask_all(self, verb: str, arguments: list[Any]) -> list[Any]:
        for number, args in enumerate(arguments):
            self._send(number, (verb, args))
        return [self._receive(number) for number in range(self._count)]

    def _send(self, number: int, message: object) -> None:
        pipe = self._workers[number].stdin
        assert pipe is not None
        try:
            send(pipe, message)
        except BrokenPipeError:
            raise self._died(number) from None

    def _receive(self, number: int) -> Any:
        pipe = self._workers[number].stdout
        assert pipe is not None
        try:
            answer = receive(pipe)
        except EOFError:
            raise self._died(number) from None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _died(self, number: int) -> FraudsimError:
        code = self._workers[number].wait()
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        return FraudsimError(
            f"worker process {number + 1} of {self._count} died ({how}); nothing was kept. "
            "Was memory short? Try fewer workers or a smaller population.block_size"
        )


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # unsent bytes for a worker that is gone
