"""``fraudsim audit``: whether data is worth learning from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fraudsim.cli.options import as_json, data_argument, quiet, seed_option
from fraudsim.cli.printing import given, print_result, progress_on_stderr
from fraudsim.cli.shape import AUDIT_EXITS, Command

if TYPE_CHECKING:
    from collections.abc import Iterable


MAPS = ("amlsim", "baf", "handbook", "ieee-cis", "paysim", "sparkov", "ulb")  # a test holds them


@click.command(
    cls=Command,
    example="fraudsim audit payments.csv --map map.yaml -o audit.html",
    epilog=AUDIT_EXITS,
)
@data_argument
@click.option(
    "--map",
    "map",
    help="What the columns of a table mean: a YAML file, or one that comes along: "
    f"{', '.join(MAPS)}.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="GROUP_OR_CHECK",
    help="A group (shortcuts) or a check (invariants.keys) to make. Can be repeated.",
)
@click.option(
    "--bands", type=click.Path(path_type=Path), help="YAML file with bands that go before ours."
)
@click.option(
    "--profile",
    type=click.Choice(["cards", "payments", "mixed", "any"]),
    help="Which bands apply.  [default: what the data is]",
)
@seed_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="HTML or JSON file to write.")
@quiet
@as_json
def audit(*, data: Path | str, quiet: bool, as_json: bool, **settings: Any) -> None:
    """Ask whether a dataset or table is worth learning from.

    Look for shortcuts and leaks in DATA, for life that is none, and for what cannot be. DATA is
    a dataset, or a CSV or Parquet table of your own with a map of its columns.
    """
    from fraudsim.errors import CheckFailedError
    from fraudsim.quality.audit import audit as run
    from fraudsim.quality.shown import text_lines

    result = run(data, progress=progress_on_stderr(quiet), **given(settings))

    def text() -> Iterable[str]:
        yield from text_lines(result)
        if result.path:
            yield f"wrote {result.path}"

    print_result(result.as_dict(), as_json, text)
    if result.failed:
        raise CheckFailedError(result.complaint)
