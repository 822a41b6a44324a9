"""CSV for spreadsheets and loaders: RFC 4180, with formulas made harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.export.folder import orphan_lines, read_csv, write_csv, write_text, written_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fraudsim.export.tables import ExportTables
    from fraudsim.schema import Table

STARTS_OF_FORMULAS = r"^[=+\-@\t\r]"
"""What makes a spreadsheet take a text for a formula (OWASP, CSV Injection)."""


def write(tables: ExportTables, out: Path, *, overwrite: bool) -> None:
    """Write a CSV file per table and a README with the order of loading."""
    with written_folder(out, overwrite=overwrite) as folder:
        for table in tables.tables:
            write_csv(folder / f"{table.name}.csv", table, _harmless(tables, table))
        write_text(folder / "README.md", _readme(tables))


def orphans(tables: ExportTables, out: Path) -> list[str]:
    """Return a line for each reference in the CSV files that leads nowhere."""
    return orphan_lines(tables, lambda table: read_csv(out / f"{table.name}.csv", table))


def _harmless(tables: ExportTables, table: Table) -> Iterator[pl.DataFrame]:
    for part in tables.parts(table):
        text = pl.col(pl.String)
        quoted = pl.when(text.str.contains(STARTS_OF_FORMULAS)).then("'" + text).otherwise(text)
        yield part.with_columns(quoted.name.keep())


def _readme(tables: ExportTables) -> str:
    dataset = tables.dataset.manifest
    rows = "\n".join(
        f"{place}. `{name}.csv`, {count:,} rows"
        for place, (name, count) in enumerate(tables.rows.items(), start=1)
    )
    return f"""\
# CSV of {dataset.scenario_name}, seed {dataset.seed}

Synthetic data, made by fraudsim: no row describes a real person. Digest of the dataset:
`{dataset.digest}`.

RFC 4180, UTF-8, with a header. A null is an empty field. Times are ISO 8601 in UTC, money is an
integer in minor units. A text that a spreadsheet would take for a formula (it starts with =, +, -,
@, a tab or a return) has an apostrophe in front: telephone numbers do.

Load in this order; every table then comes after all that it refers to:

{rows}
"""
