"""Whether a row has the columns of its table, and values of their types."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.schema import Column, Table

TYPES: Mapping[str, tuple[type, ...]] = {
    "int64": (int,),
    "int16": (int,),
    "float64": (float, int),
    "bool": (bool,),
    "date": (date,),
    "time": (datetime,),
    "string": (str,),
    "country": (str,),
    "enum": (str,),
}
"""The Python types of a column, by its type in ``fraudsim.schema``."""


class Columns:
    """The columns that the rows of a table need, and those that they may have.

    Args:
        table: the table, as the schema has it.
        needed: columns that every row must have; all but ``leave_out`` by default.
        leave_out: columns that no row needs to have, if ``needed`` does not say it.
        also: further values of an enumeration, by column.
    """

    def __init__(
        self,
        table: Table,
        *,
        needed: Sequence[str] = (),
        leave_out: Sequence[str] = (),
        also: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._table = table.name
        self._known = frozenset(table.column_names)
        self.needed = tuple(needed) or tuple(
            name for name in table.column_names if name not in leave_out
        )
        self._columns = [
            (
                column.name,
                frozenset(TYPES[column.type]),
                frozenset((*column.values, *(also or {}).get(column.name, ()))),
                column,
            )
            for column in map(table.column, self.needed)
        ]

    def check(self, row: Mapping[str, Any]) -> None:
        """Hold that a row fits.

        Raises:
            UsageError: a column is unknown or missing, or a value is none of the column's.
        """
        if not row.keys() <= self._known:
            unknown = min(name for name in row if name not in self._known)
            raise UsageError(
                f"{self._table}: unknown column '{unknown}'{nearest(unknown, self._known)}"
            )
        for name, types, values, column in self._columns:
            try:
                value = row[name]
            except KeyError:
                raise UsageError(
                    f"{self._table}: the row has no column '{name}'; needed are "
                    f"{', '.join(self.needed)}"
                ) from None
            # most values pass here, at the price of two look-ups
            if type(value) not in types or (values and value not in values):
                self._look_closer(column, value, values)
            elif column.type == "time" and value.tzinfo is None:
                raise UsageError(
                    f"{self._table}: {name} is {value}, without a timezone; times are UTC, such "
                    f"as {value}+00:00"
                )

    def _look_closer(self, column: Column, value: object, values: frozenset[str]) -> None:
        where = f"{self._table}: {column.name}"
        if value is None:
            if not column.nullable:
                raise UsageError(f"{where} is None, and it is never null ({column.meaning})")
            return
        types = TYPES[column.type]
        confused = isinstance(value, bool) and bool not in types
        confused |= isinstance(value, datetime) and datetime not in types
        if confused or not isinstance(value, types):
            raise UsageError(
                f"{where} is {value!r}, of type {type(value).__name__}, and must be "
                f"{' or '.join(one.__name__ for one in types)} ({column.meaning})"
            )
        if values and value not in values:
            raise UsageError(f"{where} has no value '{value}'{nearest(str(value), values)}")
