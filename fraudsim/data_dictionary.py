"""The data dictionary: every table and column of a dataset, generated from the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.schema import RESPONSE_CODES, TABLES, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROLES = {
    "observed": "what the bank sees",
    "truth": "the truth, apart from what the bank sees",
    "hindsight": "hindsight, never a feature",
}

_CONVENTIONS = (
    "Times are UTC with microseconds; money is an integer in minor units of `currency`; ids carry "
    "neither order nor meaning; coordinates are WGS84 degrees."
)


def data_dictionary() -> list[dict[str, Any]]:
    """Return the tables in their order, as plain values for JSON."""
    return [
        {
            "table": table.name,
            "meaning": table.meaning,
            "role": table.role,
            "key": table.key,
            "partitioned_by_month": table.partitioned,
            "columns": [_column(column) for column in table.columns],
        }
        for table in TABLES.values()
    ]


def data_dictionary_markdown() -> str:
    """Return the tables in their order, as Markdown.

    >>> print(data_dictionary_markdown().splitlines()[0])
    # Data dictionary
    """
    parts = [
        "# Data dictionary",
        _CONVENTIONS,
        *(_table_markdown(table) for table in TABLES.values()),
        "## Response codes",
        _markdown_table(("code", "meaning"), list(RESPONSE_CODES.items())),
    ]
    return "\n\n".join(parts) + "\n"


def _column(column: Column) -> dict[str, Any]:
    return {
        "column": column.name,
        "type": column.type,
        "meaning": column.meaning,
        "nullable": column.nullable,
        "values": list(column.values),
        "refers_to": column.refers_to or None,
    }


def _table_markdown(table: Table) -> str:
    partitions = "; one folder per month" if table.partitioned else ""
    head = (
        f"## {table.name}\n\n{table.meaning} Key: `{table.key}`; {_ROLES[table.role]}{partitions}."
    )
    rows = [
        (
            f"`{column.name}`",
            column.type,
            "yes" if column.nullable else "",
            _full_meaning(column),
        )
        for column in table.columns
    ]
    return f"{head}\n\n{_markdown_table(('column', 'type', 'null', 'meaning'), rows)}"


def _full_meaning(column: Column) -> str:
    parts = [column.meaning]
    if column.values:
        parts.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    if column.refers_to:
        parts.append(f"refers to `{column.refers_to}`")
    return "; ".join(parts)


def _markdown_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
