"""The command line, run as a user does: another process, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fraudsim

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(fraudsim.__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment of a user whose Python has the fraudsim under test."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


@pytest.fixture
def run(
    tmp_path: Path, environment: dict[str, str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``fraudsim`` with arguments in the empty folder ``tmp_path``."""

    def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fraudsim", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return _run


@pytest.fixture
def own_table(tmp_path: Path) -> str:
    """A CSV of 600 payments over 30 days; each twentieth is a fraud, half of those are high."""
    rows = ["when,cents,kind,bad"]
    for number in range(600):
        bad = number % 20 == 3
        amount = 500 + number % 7 + 400 * (number % 40 == 3)
        rows.append(f"{number * 4320},{amount},{'ab'[number % 2]},{int(bad)}")
    (tmp_path / "own.csv").write_text("\n".join(rows) + "\n")
    return "own.csv"
