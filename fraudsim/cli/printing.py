"""What commands print: a value as JSON, or lines of text; progress goes to stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fraudsim.progress import Progress


def print_result(value: Any, as_json: bool, text: Callable[[], Iterable[str]]) -> None:
    """Print ``value`` as JSON, or the lines of ``text``."""
    if as_json:
        click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
    else:
        for line in text():
            click.echo(line)


def aligned(rows: Iterable[Sequence[object]]) -> list[str]:
    """Return rows as lines with columns of equal width; numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        return []
    widths = [max(len(text) for text, _ in column) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            text.rjust(width) if is_number else text.ljust(width)
            for (text, is_number), width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def _cell(value: object) -> tuple[str, bool]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ("" if value is None else str(value)), False
    return (f"{value:,}" if isinstance(value, int) else f"{value:.4g}"), True


def given(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given; the library knows the defaults of the others."""
    return {name: value for name, value in settings.items() if value not in (None, ())}


def progress_on_stderr(quiet: bool = False) -> Progress:
    """Return where a command shows how far it is."""
    from fraudsim.progress import progress_for

    return progress_for(sys.stderr, quiet=quiet)
