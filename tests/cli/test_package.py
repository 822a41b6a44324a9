"""The import package: its version, and public functions that keep their names."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import fraudsim

ROOT = Path(fraudsim.__file__).resolve().parents[1]


def test_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert fraudsim.__version__ == project["version"]


def test_types_are_shipped() -> None:
    assert (ROOT / "fraudsim" / "py.typed").is_file()


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'fraudsim' has no attribute 'simulte'"):
        _ = fraudsim.simulte


def test_public_names_are_listed_before_they_are_loaded() -> None:
    assert set(fraudsim.__all__) <= set(dir(fraudsim))


@pytest.mark.parametrize("first", ["", "import fraudsim.verify", "import fraudsim.report.page"])
def test_a_function_wins_over_the_module_of_its_name(
    first: str, environment: dict[str, str]
) -> None:
    script = f"{first}\nimport fraudsim\nprint(fraudsim.verify.__name__, fraudsim.report.__name__)"
    command = [sys.executable, "-W", "error::ImportWarning", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "verify report\n"
