"""Progress: a bar on a terminal, a line per 10 % elsewhere, nothing when quiet."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import pytest

from fraudsim.progress import BarProgress, LineProgress, SilentProgress, progress_for


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_stream_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(progress_for(io.StringIO()), LineProgress)
    assert isinstance(progress_for(FakeTerminal()), BarProgress)
    assert isinstance(progress_for(FakeTerminal(), quiet=True), SilentProgress)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(progress_for(FakeTerminal()), LineProgress)


def lines(total: int, *steps: int) -> list[str]:
    stream = io.StringIO()
    with progress_for(stream).task("work", total=total) as task:
        for step in steps:
            task.advance(step)
    return stream.getvalue().splitlines()


def test_a_line_per_tenth() -> None:
    assert lines(1000, *[1] * 1000) == [
        f"work: {tenth}0 % ({tenth}00 of 1000)" for tenth in range(1, 11)
    ]


def test_big_steps_write_one_line_each() -> None:
    assert lines(10, 3, 3, 4) == ["work: 30 % (3 of 10)", "work: 60 % (6 of 10)",
                                  "work: 100 % (10 of 10)"]  # fmt: skip


def test_work_of_no_steps_is_allowed() -> None:
    assert lines(0) == []
    assert lines(0, 1) == ["work: 100 % (1 of 0)"]


def test_quiet_writes_nothing() -> None:
    stream = FakeTerminal()
    with progress_for(stream, quiet=True).task("work", total=2) as task:
        task.advance()
    assert stream.getvalue() == ""


SCRIPT = """
import sys
from fraudsim.progress import progress_for
with progress_for(sys.stderr).task("simulate", total=4) as task:
    for _ in range(4):
        task.advance()
print("result")
"""


def on_a_terminal(environment: dict[str, str]) -> tuple[bytes, bytes]:
    """Run the script with stderr on a terminal; return what came on stdout and on stderr."""
    main_end, other_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=other_end, env=environment
    )
    os.close(other_end)
    stderr = b""
    try:
        while chunk := os.read(main_end, 4096):
            stderr += chunk
    except OSError:  # how Linux says that the other end of a terminal is closed
        pass
    os.close(main_end)
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return stdout, stderr


def test_a_bar_is_drawn_on_a_terminal_and_results_stay_apart(environment: dict[str, str]) -> None:
    colourful = {**environment, "TERM": "xterm-256color"}
    colourful.pop("NO_COLOR", None)
    stdout, stderr = on_a_terminal(colourful)
    assert stdout == b"result\n"
    assert b"simulate" in stderr
    assert b"4/4" in stderr
    assert b"\x1b[3" in stderr or b"\x1b[38" in stderr


@pytest.mark.parametrize("value", ["1", "yes"])
def test_no_color_is_respected(environment: dict[str, str], value: str) -> None:
    _, stderr = on_a_terminal({**environment, "TERM": "xterm-256color", "NO_COLOR": value})
    assert b"4/4" in stderr
    assert b"\x1b[3" not in stderr
