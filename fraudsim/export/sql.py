"""SQL for PostgreSQL: tables, data to copy, constraints and indexes after it, and a check.

``all.sql`` runs everything in one transaction: ``cd OUT && psql -f all.sql``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.export.folder import orphan_lines, read_csv, write_csv, write_text, written_folder
from fraudsim.export.tables import references

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fraudsim.export.tables import ExportTables
    from fraudsim.schema import Column, Table

TYPES = {
    "int64": "bigint",
    "int32": "integer",
    "int16": "smallint",
    "float64": "double precision",
    "bool": "boolean",
    "date": "date",
    "time": "timestamp with time zone",
    "string": "text",
    "enum": "text",
    "country": "text",
}

_ALL = """\
-- Run with psql in this folder: psql -f all.sql
\\set ON_ERROR_STOP on
begin;
\\i schema.sql
\\i load.sql
\\i constraints.sql
\\i indexes.sql
commit;
\\i check.sql
"""


def write(tables: ExportTables, out: Path, *, overwrite: bool) -> None:
    """Write the CSV files and the scripts that load them."""
    with written_folder(out, overwrite=overwrite) as folder:
        for table in tables.tables:
            write_csv(folder / f"{table.name}.csv", table, tables.parts(table))
        for name, text in scripts(tables).items():
            write_text(folder / name, text)


def orphans(tables: ExportTables, out: Path) -> list[str]:
    """Return a line for each reference in the files to load that leads nowhere."""
    return orphan_lines(tables, lambda table: read_csv(out / f"{table.name}.csv", table))


def scripts(tables: ExportTables) -> dict[str, str]:
    """Return the text of every script by its name."""
    manifest = tables.dataset.manifest
    head = (
        f"-- Synthetic data (is_synthetic=true), made by fraudsim {manifest.versions['fraudsim']}: "
        f"scenario {manifest.scenario_name}, seed {manifest.seed}\n"
    )
    every = tables.tables
    made = {
        "schema.sql": [create_table(table) + _comments(table) for table in every],
        "load.sql": [_copy(table) for table in every],
        "constraints.sql": [_constraints(table) for table in every],
        "indexes.sql": [*(_indexes(table) for table in every), "analyze;\n"],
        "check.sql": ["-- Every query returns no row.\n", *check_queries(every)],
    }
    texts = {
        name: head + "\n" + "\n".join(part for part in parts if part)
        for name, parts in made.items()
    }
    return {**texts, "all.sql": head + "\n" + _ALL}


def create_table(table: Table, inside: Iterable[str] = ()) -> str:
    """Return ``create table`` with the columns and what else is to stand inside."""
    columns = [f"{quoted(c.name)} {TYPES[c.type]}{_not_null(c)}" for c in table.columns]
    lines = ",\n".join(f"  {line}" for line in [*columns, *inside])
    return f"create table {quoted(table.name)} (\n{lines}\n);\n"


_CHECK = """\
select '{table}.{column}' as reference, '{other}' as missing_in,
  count(*) as orphans, min(child."{column}") as example
from "{table}" as child
where child."{column}" is not null and not exists (
  select 1 from "{other}" as parent where parent."{key}" = child."{column}"
)
having count(*) > 0;
"""


def check_queries(tables: Iterable[Table]) -> list[str]:
    """Return a query for each foreign key; its rows are the orphans: how many, and an example."""
    return [
        _CHECK.format(table=table.name, column=column.name, other=other, key=key)
        for table in tables
        for column, other, key in references(table)
    ]


def column_checks(table: Table) -> list[tuple[str, str]]:
    """Return (name, condition) for the values that a table's columns may have."""
    checks = []
    for column in table.columns:
        name, at = f"{table.name}_{column.name}_check", quoted(column.name)
        if column.values:
            checks.append((name, f"{at} in ({', '.join(literal(v) for v in column.values)})"))
        elif column.type == "country":
            checks.append((name, f"length({at}) = 2"))
        elif column.name == "amount_minor":
            checks.append((name, f"{at} >= 0"))
    return checks


def quoted(name: str) -> str:
    """Return an identifier in quotation marks: ``end`` is a column."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL has it.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _not_null(column: Column) -> str:
    return "" if column.nullable else " not null"


def _comments(table: Table) -> str:
    meaning = f"{table.meaning} (is_synthetic=true)"
    lines = [f"comment on table {quoted(table.name)} is {literal(meaning)};"]
    lines += [
        f"comment on column {quoted(table.name)}.{quoted(c.name)} is {literal(c.meaning)};"
        for c in table.columns
    ]
    return "\n".join(lines) + "\n"


def _copy(table: Table) -> str:
    names = ", ".join(quoted(name) for name in table.column_names)
    return (
        f"\\copy {quoted(table.name)} ({names}) from '{table.name}.csv' "
        "with (format csv, header true, null '', encoding 'UTF8')\n"
    )


def _constraints(table: Table) -> str:
    alter = f"alter table {quoted(table.name)}\n  add"
    lines = [f"{alter} primary key ({quoted(table.key)});"]
    lines += [
        f"{alter} constraint {quoted(name)} check ({condition});"
        for name, condition in column_checks(table)
    ]
    lines += [
        f"{alter} foreign key ({quoted(column.name)}) references {quoted(other)} ({quoted(key)});"
        for column, other, key in references(table)
    ]
    return "\n".join(lines) + "\n"


def _indexes(table: Table) -> str:
    wanted = [column.name for column, _, _ in references(table) if column.name != table.key]
    wanted += ["event_time"] if table.partitioned else []
    return "".join(f"create index on {quoted(table.name)} ({quoted(name)});\n" for name in wanted)
