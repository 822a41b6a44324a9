"""Export a dataset, and check that what was exported holds together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fraudsim.dataset import open_dataset
from fraudsim.errors import CheckFailedError, UsageError, nearest
from fraudsim.export import csv, duckdb, sql
from fraudsim.export.tables import ExportTables

if TYPE_CHECKING:
    from collections.abc import Mapping


class Exporter(Protocol):
    """A module of this folder; its name is the name of the format."""

    def write(self, tables: ExportTables, out: Path, *, overwrite: bool) -> None:
        """Write the tables to ``out``, whole or not at all."""

    def orphans(self, tables: ExportTables, out: Path) -> list[str]:
        """Return a line for each reference in ``out`` that leads nowhere."""


FORMATS: Mapping[str, Exporter] = {"sql": sql, "duckdb": duckdb, "csv": csv}


@dataclass(frozen=True)
class ExportResult:
    """What was exported, and where to."""

    path: Path
    format: str
    rows: dict[str, int]  # in the order of loading
    checked: bool
    full_pans: bool


def export(
    dataset: str | Path,
    *,
    form: str,
    out: str | Path,
    overwrite: bool = False,
    truth: bool = True,
    full_pans: bool = False,
    check: bool = False,
) -> ExportResult:
    """Write a dataset as SQL, as a DuckDB file or as CSV.

    Args:
        dataset: the folder of the dataset.
        form: ``sql`` (a folder for PostgreSQL's psql), ``duckdb`` (one file) or ``csv`` (a folder).
        out: what to write; it is whole or absent.
        overwrite: replace an earlier export in ``out``.
        truth: with the tables of truth and hindsight (labels, campaigns, balances).
        full_pans: with whole card numbers: valid, on test prefixes, as systems under test want.
        check: read back what was written and look for references to nothing.

    Raises:
        UsageError: there is no dataset or no such format, ``out`` is in the way, or the package of
            the format is missing.
        FraudsimError: the disk is full.
        CheckFailedError: something refers to nothing; the export is kept.
    """
    if form not in FORMATS:
        raise UsageError(f"there is no format '{form}'{nearest(form, FORMATS)}")
    tables = ExportTables.of(open_dataset(dataset), truth=truth, full_pans=full_pans)
    path = Path(out)
    FORMATS[form].write(tables, path, overwrite=overwrite)
    if check and (lines := FORMATS[form].orphans(tables, path)):
        raise CheckFailedError(f"{path}: {lines[0]}{_more(len(lines) - 1)}")
    return ExportResult(path, form, tables.rows, check, full_pans)


def _more(count: int) -> str:
    return f" (and {count} more such columns)" if count else ""
