"""A folder of CSV files and texts that is whole or absent, with a list of what is in it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from fraudsim.errors import UsageError
from fraudsim.schema import polars_schema
from fraudsim.sinks.staging import (
    FolderKind,
    create_staging,
    naming_the_file,
    publish,
    remove_staging,
    sync,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from fraudsim.export.tables import ExportTables
    from fraudsim.schema import Table

LIST_NAME = "export.json"
FORMAT = "fraudsim.export/1"
TIMES = "%Y-%m-%dT%H:%M:%S%.6fZ"  # ISO 8601, UTC


def write_text(path: Path, text: str) -> None:
    """Write a text with newlines as they are.

    Raises:
        FraudsimError: it cannot be written (a full disk, say).
    """
    with naming_the_file(path):
        path.write_text(text, encoding="utf-8", newline="\n")


def write_csv(path: Path, table: Table, parts: Iterable[pl.DataFrame]) -> None:
    """Write a table as CSV (RFC 4180, UTF-8, with a header); a null is an empty field.

    An empty text is a field of two quotation marks, so that the two can be told apart.

    Raises:
        FraudsimError: it cannot be written (a full disk, say).
    """
    with naming_the_file(path), path.open("wb") as file:
        file.write(",".join(table.column_names).encode() + b"\r\n")
        for part in parts:
            text = part.write_csv(
                include_header=False, datetime_format=TIMES, line_terminator="\r\n"
            )
            file.write(text.encode())


def read_csv(path: Path, table: Table) -> pl.LazyFrame:
    """Return the keys of a table that ``write_csv`` wrote."""
    keys = [column.name for column in table.columns if column.name == table.key or column.refers_to]
    schema = polars_schema(table)
    every = {name: schema[name] if name in keys else pl.String() for name in table.column_names}
    return pl.scan_csv(path, schema=every, glob=False).select(keys)


@contextmanager
def written_folder(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield a folder aside to write to; it takes the place of ``out`` at the end.

    Raises:
        UsageError: something is in the way, as with ``create_staging``.
        FraudsimError: the disk is full.
    """
    staging = create_staging(out, overwrite=overwrite, kind=EXPORT)
    try:
        yield staging
        names = sorted(path.name for path in staging.iterdir() if path.name != "UNFINISHED")
        listed = {"format": FORMAT, "files": names}
        write_text(staging / LIST_NAME, json.dumps(listed, indent=2) + "\n")
        with naming_the_file(staging):
            for path in sorted(staging.iterdir()):
                sync(path)
        publish(staging, out, overwrite=overwrite, kind=EXPORT)
    finally:
        remove_staging(staging)


def orphan_lines(tables: ExportTables, keys_of: Callable[[Table], pl.LazyFrame]) -> list[str]:
    """Return a line for each foreign key with values that are in no row of the other table.

    Args:
        tables: what was exported.
        keys_of: reads the keys of a table back.
    """
    from fraudsim.export.tables import references

    by_name = {table.name: table for table in tables.tables}
    lines = []
    for table in tables.tables:
        for column, other, key in references(table):
            orphans = (
                keys_of(table)
                .select(pl.col(column.name).drop_nulls())
                .join(
                    keys_of(by_name[other]).select(key),
                    left_on=column.name,
                    right_on=key,
                    how="anti",
                )
                .select(pl.len(), pl.col(column.name).min())
            )
            count, example = orphans.collect().row(0)
            if count:
                lines.append(orphan_line(table.name, column.name, other, count, example))
    return lines


def orphan_line(table: str, column: str, other: str, count: int, example: object) -> str:
    """Return what is said of a foreign key with orphans."""
    rows = "1 row refers" if count == 1 else f"{count} rows refer"
    return f"{table}.{column}: {rows} to nothing in {other}, such as {example}"


def _contents(folder: Path) -> Collection[str]:
    path = folder / LIST_NAME
    try:
        listed = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if not isinstance(listed, dict) or listed.get("format") != FORMAT:
        raise UsageError(f"{path}: is not the list of a fraudsim export")
    return [str(name) for name in listed.get("files", [])]


EXPORT = FolderKind("export", LIST_NAME, _contents)
