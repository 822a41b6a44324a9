"""How long work shows that it moves: a bar on a terminal, a line per 10 % elsewhere, or nothing.

The library is handed a :class:`Progress` and knows nothing of terminals:

>>> import sys
>>> with LineProgress(sys.stdout).task("simulate", total=4) as task:
...     for _day in range(4):
...         task.advance()
simulate: 25 % (1 of 4)
simulate: 50 % (2 of 4)
simulate: 75 % (3 of 4)
simulate: 100 % (4 of 4)
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as RichBar
    from rich.progress import TaskID


class Task(Protocol):
    """A piece of work under way."""

    def advance(self, steps: int = 1, /) -> None:
        """Say that ``steps`` more of the total are done."""


class Progress(Protocol):
    """Where work reports how far it is."""

    def task(self, description: str, *, total: int) -> AbstractContextManager[Task]:
        """Open a piece of work of ``total`` steps; it ends with the ``with`` block."""


class _SilentTask:
    def advance(self, steps: int = 1, /) -> None:
        """Say nothing."""


class SilentProgress:
    """Shows nothing: the default of the library, and ``--quiet``."""

    @contextmanager
    def task(self, description: str, *, total: int) -> Iterator[Task]:  # noqa: ARG002 -- protocol
        """Open a task that shows nothing."""
        yield _SilentTask()


@dataclass
class _LineTask:
    stream: TextIO
    description: str
    total: int
    done: int = 0
    tenths_shown: int = 0

    def advance(self, steps: int = 1, /) -> None:
        """Write a line each time another tenth of the total is passed."""
        self.done += steps
        tenths = 10 * self.done // self.total if self.total > 0 else 10
        if tenths > self.tenths_shown:
            self.tenths_shown = tenths
            percent = 100 * self.done // self.total if self.total > 0 else 100
            line = f"{self.description}: {percent} % ({self.done} of {self.total})"
            print(line, file=self.stream, flush=True)


@dataclass(frozen=True)
class LineProgress:
    """Writes a line per 10 % to ``stream``: for logs and files."""

    stream: TextIO

    @contextmanager
    def task(self, description: str, *, total: int) -> Iterator[Task]:
        """Open a task that writes at most ten lines."""
        yield _LineTask(self.stream, description, total)


@dataclass(frozen=True)
class BarProgress:
    """Draws a rich bar with the time left on ``stream``, which should be a terminal."""

    stream: TextIO

    @contextmanager
    def task(self, description: str, *, total: int) -> Iterator[Task]:
        """Open a task with a bar of its own."""
        from rich import progress as rich_progress
        from rich.console import Console

        columns = (
            rich_progress.TextColumn("{task.description}"),
            rich_progress.BarColumn(),
            rich_progress.TaskProgressColumn(),
            rich_progress.MofNCompleteColumn(),
            rich_progress.TimeRemainingColumn(),
        )
        with rich_progress.Progress(*columns, console=Console(file=self.stream)) as bar:
            yield _BarTask(bar, bar.add_task(description, total=total))


@dataclass(frozen=True)
class _BarTask:
    bar: RichBar
    task_id: TaskID

    def advance(self, steps: int = 1, /) -> None:
        """Move the bar."""
        self.bar.advance(self.task_id, steps)


def progress_for(stream: TextIO, *, quiet: bool = False) -> Progress:
    """Return the progress that suits ``stream``: a bar if it is a terminal, lines if not.

    A terminal that cannot move its cursor (``TERM=dumb``) gets lines. ``quiet`` shows nothing.
    Rich honours ``NO_COLOR`` by itself.
    """
    if quiet:
        return SilentProgress()
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        return BarProgress(stream)
    return LineProgress(stream)
