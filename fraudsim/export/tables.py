"""What is exported: which tables, in which order, and their rows part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import polars as pl

from fraudsim.errors import FraudsimError
from fraudsim.identities.pans import with_pans
from fraudsim.schema import TABLES, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fraudsim.dataset import Dataset


@dataclass(frozen=True)
class ExportTables:
    """The tables of a dataset to export, parents before children."""

    dataset: Dataset
    tables: tuple[Table, ...]
    full_pans: bool

    @classmethod
    def of(cls, dataset: Dataset, *, truth: bool, full_pans: bool) -> Self:
        """Choose the tables: all, or what the bank sees alone."""
        chosen = [table for table in TABLES.values() if truth or table.role == "observed"]
        return cls(dataset, load_order(chosen), full_pans)

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows of every table, in the order of loading."""
        counts = self.dataset.row_counts
        return {table.name: counts[table.name] for table in self.tables}

    def parts(self, table: Table) -> Iterator[pl.DataFrame]:
        """Yield the rows of a table, a file of the dataset at a time.

        Raises:
            FraudsimError: a file cannot be read.
        """
        for file in self.dataset.manifest.tables[table.name].files:
            path = self.dataset.path / file
            try:
                frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
            except (pl.exceptions.PolarsError, OSError) as error:
                raise FraudsimError(
                    f"{path} cannot be read ({str(error).splitlines()[0]}); "
                    "`fraudsim verify --files-only` names the damaged file"
                ) from error
            if table.name == "cards" and self.full_pans:
                frame = with_pans(frame, full=True)
            yield frame.select(table.column_names)


def load_order(tables: Iterable[Table]) -> tuple[Table, ...]:
    """Return the tables so that each comes after all that it refers to.

    >>> [table.name for table in load_order([TABLES["cards"], TABLES["customers"]])]
    ['customers', 'cards']
    """
    waiting = list(tables)
    ordered: list[Table] = []
    while waiting:
        open_ = {table.name for table in waiting}
        ready = next(table for table in waiting if not (parents(table) & open_))
        ordered.append(ready)
        waiting.remove(ready)
    return tuple(ordered)


def parents(table: Table) -> set[str]:
    """Return the tables that a table refers to, other than itself."""
    return {other for _, other, _ in references(table)} - {table.name}


def references(table: Table) -> list[tuple[Column, str, str]]:
    """Return (column, other table, its key) for every foreign key of a table."""
    found = []
    for column in table.columns:
        if column.refers_to:
            other, key = column.refers_to.split(".")
            found.append((column, other, key))
    return found
