"""Groups of trials spread over processes of this machine; each takes the next when it is free.

Each worker is ``python -m fraudsim.tracks.worker``, our own entry module, so a user's script needs
no ``__main__`` guard.
"""

from __future__ import annotations

import subprocess
import sys
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING

from fraudsim.engine.processes import close, receive, send, worker_environment
from fraudsim.errors import FraudsimError, WorkerDiedError
from fraudsim.tracks.group import run_group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fraudsim.tracks.plan import Group, TrialPlan
    from fraudsim.tracks.store import Store

    Done = tuple[TrialPlan, str | None]


def run_groups(groups: Sequence[Group], store: Store, workers: int) -> Iterator[Done]:
    """Yield each trial when it is done, with the reason if it failed.

    Raises:
        WorkerDiedError: a worker is gone (out of memory, say); the same benchmark can be run again
            and goes on.
        FraudsimError: a world cannot be made.
    """
    if workers <= 1 or len(groups) < 2:
        for group in groups:
            yield from run_group(group, store)
        return
    yield from _Crew(groups, store, min(workers, len(groups))).run()


class _Crew:
    """Worker processes, and a thread for each that hands it groups and listens to it."""

    def __init__(self, groups: Sequence[Group], store: Store, workers: int) -> None:
        self._waiting: SimpleQueue[Group] = SimpleQueue()
        # the largest first, so that no worker is left with one at the end
        for group in sorted(groups, key=lambda one: -len(one.trials)):
            self._waiting.put(group)
        self._heard: SimpleQueue[Done | FraudsimError | None] = SimpleQueue()
        self._store = store
        self._workers = [_started() for _ in range(workers)]

    def run(self) -> Iterator[Done]:
        """Yield what is heard until no worker has anything left; then, or on an error, end all."""
        threads = [Thread(target=self._serve, args=(one,), daemon=True) for one in self._workers]
        try:
            for thread in threads:
                thread.start()
            at_work = len(threads)
            while at_work:
                message = self._heard.get()
                if message is None:
                    at_work -= 1
                elif isinstance(message, FraudsimError):
                    raise message
                else:
                    yield message
        finally:
            for worker in self._workers:
                worker.kill()
            for worker, thread in zip(self._workers, threads, strict=True):
                worker.wait()
                thread.join()
                close(_pipe(worker.stdin))
                close(_pipe(worker.stdout))

    def _serve(self, worker: subprocess.Popen[bytes]) -> None:
        try:
            send(_pipe(worker.stdin), self._store.folder)
            while True:
                send(_pipe(worker.stdin), self._waiting.get_nowait())
                self._listen(worker)
        except Empty:
            self._heard.put(None)
        except (EOFError, OSError):
            self._heard.put(
                WorkerDiedError(
                    "a worker of the benchmark died (was memory short?): the same command goes on "
                    "with what is left, and --workers 1 needs less"
                )
            )

    def _listen(self, worker: subprocess.Popen[bytes]) -> None:
        """Pass on what a worker says until it is through with its group."""
        while (message := receive(_pipe(worker.stdout))) is not None:
            self._heard.put(message)


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "fraudsim.tracks.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=worker_environment(OMP_NUM_THREADS="1"),
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # a worker is started with both
    return pipe
