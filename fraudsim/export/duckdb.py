"""One DuckDB file with all tables, their keys and references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.errors import CheckFailedError, FraudsimError, UsageError
from fraudsim.export.folder import orphan_line
from fraudsim.export.sql import check_queries, column_checks, create_table, literal, quoted
from fraudsim.export.tables import references
from fraudsim.sinks.whole_file import written_whole

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from fraudsim.export.tables import ExportTables
    from fraudsim.schema import Table

MOST_ROWS_WITH_REFERENCES = 200_000
"""Rows up to which a table has foreign keys: DuckDB keeps an index for each of them while it loads,
which is slow for large tables (assumption). Larger ones are held by ``--check`` alone."""


def write(tables: ExportTables, out: Path, *, overwrite: bool) -> None:
    """Write the tables into one file.

    Raises:
        UsageError: DuckDB is not installed, or ``out`` exists.
        CheckFailedError: DuckDB refuses a row: a key twice, or a reference to nothing.
        FraudsimError: the file cannot be written.
    """
    engine = _engine()
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists; choose another file or pass --overwrite")
    with written_whole(out) as aside:
        aside.unlink(missing_ok=True)  # what a killed export left
        log = aside.with_name(aside.name + ".wal")
        try:
            _load(engine, aside, tables)
        except engine.ConstraintException as error:
            raise CheckFailedError(f"{out}: {_first_line(error)}; nothing was kept") from error
        except engine.Error as error:
            raise FraudsimError(f"cannot write {out}: {_first_line(error)}") from error
        finally:
            log.unlink(missing_ok=True)
            _beside(aside).unlink(missing_ok=True)


def orphans(tables: ExportTables, out: Path) -> list[str]:
    """Return a line for each reference in the file that leads nowhere."""
    engine = _engine()
    with engine.connect(str(out), read_only=True) as connection:
        found = [
            row
            for query in check_queries(tables.tables)
            for row in connection.execute(query).fetchall()
        ]
    lines = []
    for where, other, count, example in found:
        table, column = where.split(".")
        lines.append(orphan_line(table, column, other, count, example))
    return lines


def _load(engine: ModuleType, path: Path, tables: ExportTables) -> None:
    with engine.connect(str(path)) as connection:
        for table in tables.tables:
            connection.execute(create_table(table, _inside(table, tables.rows[table.name])))
            connection.execute(
                f"comment on table {quoted(table.name)} is "
                f"{literal(f'{table.meaning} (is_synthetic=true)')}"
            )
            for column in table.columns:
                connection.execute(
                    f"comment on column {quoted(table.name)}.{quoted(column.name)} is "
                    f"{literal(column.meaning)}"
                )
            _insert(connection, path, table, tables)


def _insert(connection: Any, aside: Path, table: Table, tables: ExportTables) -> None:
    names = ", ".join(quoted(name) for name in table.column_names)
    files = [
        tables.dataset.path / file for file in tables.dataset.manifest.tables[table.name].files
    ]
    if table.name == "cards" and tables.full_pans:
        files = [_with_full_pans(aside, table, tables)]
    if files:
        source = f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"
        connection.execute(
            f"insert into {quoted(table.name)} ({names}) from {source} select {names}"
        )


def _with_full_pans(aside: Path, table: Table, tables: ExportTables) -> Path:
    """Write the cards with whole numbers beside the file, for DuckDB to read."""
    (cards,) = tables.parts(table)
    path = _beside(aside)
    cards.write_parquet(path)
    return path


def _beside(aside: Path) -> Path:
    return aside.with_name(aside.name + ".cards")


def _inside(table: Table, rows: int) -> list[str]:
    lines = [f"primary key ({quoted(table.key)})"]
    lines += [f"check ({condition})" for _, condition in column_checks(table)]
    if rows <= MOST_ROWS_WITH_REFERENCES:
        lines += [
            f"foreign key ({quoted(column.name)}) references {quoted(other)} ({quoted(key)})"
            for column, other, key in references(table)
        ]
    return lines


def _engine() -> ModuleType:
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise UsageError(
            "the format duckdb needs the package duckdb: pip install 'fraudsim[duckdb]'"
        ) from error
    return duckdb


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
