"""Begin a pattern: a file that already keeps the contract, its test and its page."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fraudsim.attack_tools.describe import page_of
from fraudsim.attack_tools.find import find
from fraudsim.attack_tools.templates import pattern_template, playbook_template, test_template
from fraudsim.errors import UsageError
from fraudsim.registry import ATTACKS, NOT_PLUGINS, discover
from fraudsim.sinks.whole_file import written_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME = 30


@dataclass(frozen=True)
class NewPattern:
    """The files that were written."""

    name: str
    pattern: Path
    test: Path
    page: Path


def new(name: str, *, folder: str | Path = ".", playbook: bool = False) -> NewPattern:
    """Write ``NAME.py``, ``tests/test_NAME.py`` and ``docs/NAME.md`` below a folder.

    Args:
        name: of the pattern: lower case, digits and ``_``.
        folder: where to; it must exist.
        playbook: write the pattern as a playbook, ``NAME.yaml``, instead of Python.

    Raises:
        UsageError: the name cannot be one or is taken, or one of the files exists.
    """
    _refuse_name(name)
    base = Path(folder)
    if not base.is_dir():
        raise UsageError(f"{base}: no such folder; make it first")
    made = NewPattern(
        name,
        pattern=base / f"{name}{'.yaml' if playbook else '.py'}",
        test=base / "tests" / f"test_{name}.py",
        page=base / "docs" / f"{name}.md",
    )
    for path in (made.pattern, made.test, made.page):
        if path.exists():
            raise UsageError(f"{path} exists; take another name or folder, or move it away")
    template = playbook_template(name) if playbook else pattern_template(name)
    _write({made.pattern: template, made.test: test_template(name, made.pattern.name)})
    (cls,) = find(str(made.pattern.resolve()))
    _write({made.page: page_of(cls)})
    return made


def _refuse_name(name: str) -> None:
    if (
        not re.fullmatch("[a-z][a-z0-9_]*", name)
        or keyword.iskeyword(name)
        or name in NOT_PLUGINS
        or name.startswith("test_")
        or len(name) > LONGEST_NAME
    ):
        raise UsageError(
            f"'{name}' cannot be the name of a pattern; take lower case, digits and _, such as "
            f"gift_card_drain, {LONGEST_NAME} letters at most"
        )
    if name in discover(ATTACKS):
        raise UsageError(f"there is a pattern named '{name}': fraudsim attacks show {name}")


def _write(texts: Mapping[Path, str]) -> None:
    for path, text in texts.items():
        path.parent.mkdir(exist_ok=True)
        with written_whole(path) as aside:
            aside.write_text(text, encoding="utf-8")
