"""The README does what it says: its blocks run, its tables and links are those of the project.

Before every block of code stands a comment that says what happens to it here:

* ``<!-- run -->``: it is run, in one folder for all, in order
* ``<!-- write: NAME -->``: it is saved under that name
* ``<!-- file: PATH -->``: it is a copy of that file of the project, saved under its name
* ``<!-- not run: WHY -->``
"""

import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- (.*?) -->\n)?```(\w+)\n(.*?)```\n", re.DOTALL)
CODE = ("bash", "python", "yaml")


@dataclass(frozen=True)
class Block:
    marker: str
    language: str
    code: str
    line: int


def blocks_of(text):
    return [
        Block(marker or "", language, code, text.count("\n", 0, found.start()) + 1)
        for found in BLOCK.finditer(text)
        for marker, language, code in [found.groups()]
        if language in CODE
    ]


def follow(block, folder, environment):
    """Do with a block what its marker says; fails with what the block printed."""
    action, _, name = block.marker.partition(": ")
    if action == "not run":
        assert name, f"line {block.line}: say why it is not run"
    elif action == "write":
        (folder / name).write_text(block.code, encoding="utf-8")
    elif action == "file":
        assert block.code == (ROOT / name).read_text(encoding="utf-8"), f"differs from {name}"
        (folder / Path(name).name).write_text(block.code, encoding="utf-8")
    else:
        assert action == "run", f"line {block.line}: what is to be done with this block?"
        run(block, folder, environment)


def run(block, folder, environment):
    if block.language == "bash":
        command = ["bash", "-euo", "pipefail", "-c", block.code]
    else:
        script = folder / f"readme_line_{block.line}.py"
        script.write_text(block.code, encoding="utf-8")
        command = [sys.executable, script.name]
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"README line {block.line}:\n{done.stdout}{done.stderr}"


@pytest.fixture
def environment():
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path}


def test_the_code_runs_in_order(tmp_path, environment):
    for block in blocks_of(README):
        follow(block, tmp_path, environment)
    for made in ("world.html", "balanced.parquet", "results.json", "mine.html"):
        assert (tmp_path / made).stat().st_size > 0


@pytest.mark.parametrize(
    "text",
    [
        "```bash\ntrue\n```\n",  # no marker
        "<!-- run -->\n```bash\nfalse\ntrue\n```\n",
        "<!-- run -->\n```python\nraise SystemExit(3)\n```\n",
        "<!-- not run: -->\n```bash\ntrue\n```\n",
        "<!-- file: docs/tutorial/gift_card_drain.py -->\n```python\npass\n```\n",
    ],
)
def test_a_block_that_does_not_hold_is_caught(tmp_path, environment, text):
    (block,) = blocks_of(text)
    with pytest.raises(AssertionError):
        follow(block, tmp_path, environment)


def names_in_column(heading):
    """The names in backticks in the first column of the tables of a section."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def requirement_names(lines):
    return sorted(re.split(r"[<>=!~;\[ ]", line)[0] for line in lines)


def test_every_dependency_stands_there_with_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(names_in_column("Dependencies")) == requirement_names(project["dependencies"])
    extras = [line for extra in project["optional-dependencies"].values() for line in extra]
    section = README.partition("\n## Dependencies\n")[2].partition("\n## ")[0]
    assert [name for name in requirement_names(extras) if f"`{name}`" not in section] == []


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower() for line in pins if "==" in line}
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    normal = {name.lower().replace("_", "-") for name in pinned}
    assert {name.lower() for name in requirement_names(wanted)} - normal == set()


def test_the_tables_are_those_of_the_schema():
    from fraudsim.schema import TABLES

    assert names_in_column("What comes out") == list(TABLES)


def test_the_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_layout_is_that_of_the_project():
    layout = README.partition("\n## Layout\n")[2].partition("```text\n")[2].partition("```")[0]
    folder, missing = ROOT, []
    for line in layout.splitlines():
        names = re.findall(r"(?:^|\s)([\w.]+/?)(?=\s{2,}|$)", line.rstrip())
        if not line.startswith(" "):
            folder = ROOT / names[0]
            paths = [ROOT / name for name in names if name.endswith("/")]
        else:
            paths = [folder / line.split()[0]]
        missing += [str(path) for path in paths if not path.exists()]
    assert missing == []


def test_the_exit_codes_are_those_of_the_errors():
    from fraudsim import errors

    section = README.partition("\n## Exit codes\n")[2].partition("\n## ")[0]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    raised = {
        error.exit_code
        for error in (errors.FraudsimError, errors.UsageError, errors.CheckFailedError)
    }
    assert told == {0, 130} | raised


def test_the_targets_of_make_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert named
    assert {name for name in named if f"\n{name}: " not in makefile} == set()
