"""``fraudsim export``: a dataset for a database or a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fraudsim.cli.options import as_json, dataset_argument
from fraudsim.cli.printing import aligned, print_result
from fraudsim.cli.shape import EXPORT_EXITS, Command

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command(
    cls=Command, example="fraudsim export sql world -o world-sql --check", epilog=EXPORT_EXITS
)
@click.argument("form", metavar="FORMAT")
@dataset_argument
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder or file to write."
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier export.")
@click.option(
    "--truth/--no-truth",
    default=True,
    show_default=True,
    help="With labels, campaigns and balances, which no bank has.",
)
@click.option("--full-pans", is_flag=True, help="Whole card numbers: valid, on test prefixes.")
@click.option("--check", is_flag=True, help="Look for references to nothing in what was written.")
@as_json
def export(*, form: str, dataset: Path | str, as_json: bool, **settings: Any) -> None:
    """Write a dataset for a database or a spreadsheet.

    FORMAT is sql (a folder with CSV files and scripts for PostgreSQL's psql), duckdb (one file,
    which needs the package duckdb) or csv (a folder, safe to open in a spreadsheet).
    """
    from dataclasses import asdict

    from fraudsim.export import export as run

    result = run(dataset, form=form, **settings)

    def text() -> Iterable[str]:
        yield f"wrote {result.path}"
        yield from aligned(("", name, count) for name, count in result.rows.items())
        if result.checked:
            yield "every reference leads somewhere"
        if result.full_pans:
            yield "card numbers are whole: valid, on test prefixes that no issuer has"
        if result.format == "sql":
            yield f"next: cd {result.path} && psql -f all.sql"

    print_result(asdict(result), as_json, text)
