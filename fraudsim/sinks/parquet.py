"""Writing a dataset: Parquet files and pages in a place, the manifest last.

Any number of processes write parts of one dataset at once: each calls ``write_part`` with the
place and hands the ``PartInfo`` back; the one that holds the ``DatasetWriter`` commits.

Example::

    with DatasetWriter("world") as writer:
        parts = [write_part(writer.place, "customers", customers), ...]
        parts.append(write_part(writer.place, "events", january, month="2025-01", part=0))
        dataset = writer.commit(parts, scenario=scenario, seed=7)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import polars as pl
from polars.io.plugins import register_io_source

from fraudsim.dataset import Dataset
from fraudsim.dataset_card import pages
from fraudsim.errors import FraudsimError, nearest
from fraudsim.manifest import (
    MANIFEST_NAME,
    AttackSource,
    FileEntry,
    Manifest,
    table_of,
)
from fraudsim.schema import TABLES, Table, polars_schema
from fraudsim.sinks.place import Place, first_changed, place_of
from fraudsim.sinks.staging import CHECKPOINT_MARK, CHECKPOINT_NAME, UNFINISHED_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import IO

    from fraudsim.scenario import Scenario

# Stated, so that a new default of polars does not change the bytes of a run.
ROW_GROUP_ROWS = 131_072
DATA_PAGE_BYTES = 1_048_576
ZSTD_LEVEL = 1
AT_ONCE_ROWS = 1 << 20
"""Tables of fewer rows are written at once: streaming takes some 90 MB of its own (measured)."""
METADATA = {"is_synthetic": "true"}
"""Key-value metadata of every file: it says what it is wherever it is copied to."""
_SETTINGS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": ZSTD_LEVEL,
    "statistics": True,
    "row_group_size": ROW_GROUP_ROWS,
    "data_page_size": DATA_PAGE_BYTES,
    "metadata": METADATA,
}


@dataclass(frozen=True)
class PartInfo:
    """A file of a table as it was written; small, and can be sent between processes."""

    path: str  # relative to the dataset, with slashes
    rows: int
    bytes: int
    sha256: str


class DatasetWriter:
    """Writes a dataset that is whole or absent.

    A context manager. ``place`` is where the parts are written to: a folder aside, or the URL
    itself. When the body raises, what was written is removed. When the process is killed it
    stays, and the next run refuses it by name; it stays, too, after an error that says so
    (``keeps_the_folder``), and whatever happens to a run that was resumed once.

    Args:
        out: the folder to be, or a URL such as ``s3://bucket/world``.
        overwrite: replace an earlier dataset in ``out``, and what a killed run left. A folder
            keeps the earlier one until the new one is whole; at a URL it is removed at the start.
        resume: go on with what a killed run left, instead of a new one.

    Raises:
        UsageError: on entering, when something is in the way or the place cannot be written to.
    """

    def __init__(self, out: str | Path, *, overwrite: bool = False, resume: bool = False) -> None:
        """Remember where to write; nothing is touched before the ``with`` statement."""
        self.overwrite = overwrite
        self.resume = resume
        self._place = place_of(out)
        self._entered = False
        self._claim: IO[bytes] | None = None
        self._committed = False

    def __enter__(self) -> Self:
        """Take the place, or go back to it."""
        self._claim = self._place.begin(overwrite=self.overwrite, resume=self.resume)
        self._entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove what was written unless it was committed or is to be resumed."""
        if self._claim is not None:
            self._claim.close()
        keeps = isinstance(error, FraudsimError) and error.keeps_the_folder
        if self._committed or self.resume or keeps:
            return
        self._place.abandon()
        if error is None:
            raise RuntimeError("the DatasetWriter was left without commit(): nothing was kept")

    @property
    def place(self) -> Place:
        """Where to write, for ``write_part``."""
        if not self._entered:
            raise RuntimeError("use the DatasetWriter in a with statement")
        return self._place

    def commit(
        self,
        parts: Iterable[PartInfo],
        *,
        scenario: Scenario,
        seed: int,
        attacks_from: Iterable[AttackSource] = (),
    ) -> Dataset:
        """Check what was written, write the manifest and put the dataset in its place.

        Args:
            parts: what every ``write_part`` returned, in any order.
            scenario: what was simulated.
            seed: with which seed.
            attacks_from: the attack patterns from outside fraudsim.

        Raises:
            FraudsimError: a table is missing, a file is not what was written, or the disk is full.
        """
        files = _file_entries(parts)
        _check_tables_are_written(files)
        _check_files_in_place(self.place, files)
        manifest = Manifest.build(files, scenario=scenario, seed=seed, attacks_from=attacks_from)
        for name, text in {**pages(manifest), MANIFEST_NAME: manifest.to_json()}.items():
            self.place.seal(name, text.encode())
        return self.put_in_place(manifest)

    def put_in_place(self, manifest: Manifest) -> Dataset:
        """Make what is whole with its manifest the dataset.

        Raises:
            FraudsimError: it cannot be renamed, or ``out`` appeared in the meantime.
        """
        discard_checkpoint(self.place)
        self.place.finish(overwrite=self.overwrite)
        self._committed = True
        return Dataset(self.place.out, manifest)


def discard_checkpoint(place: Place) -> None:
    """Remove what a killed run would go on from, its mark first: it is whole or absent."""
    mark = f"{CHECKPOINT_NAME}/{CHECKPOINT_MARK}"
    names = [name for name in place.files() if _is_of_the_checkpoint(name)]
    place.remove(sorted(names, key=lambda name: name != mark))


def write_part(
    place: Place, table: str, frame: pl.DataFrame, *, month: str | None = None, part: int = 0
) -> PartInfo:
    """Write one file of a table, and return what was written.

    Equal frames give equal bytes, whatever their chunks and the number of threads.

    Args:
        place: ``DatasetWriter.place``.
        table: the name of a table of ``fraudsim.schema``.
        frame: its rows, with exactly the columns and types of the schema. Rows of a partitioned
            table are sorted by ``event_time``, then by key: the order must tell nothing.
        month: for a partitioned table the month (UTC) of all the rows, such as ``2025-01``.
        part: for a partitioned table the number of the file within its month.

    Raises:
        FraudsimError: the frame is not what the schema says, the file is there already, or it
            cannot be written (a full disk).
    """
    spec = _table(table)
    relative = _part_path(spec, month, part)
    _check_frame(spec, frame)
    if month is not None:
        _check_month_and_order(spec, frame, month)
    return _written(place, relative, parquet_bytes(frame), frame.height)


def write_pieces(place: Place, table: str, pieces: Iterable[pl.DataFrame]) -> PartInfo:
    """Write the file of a table that is never whole in memory, and return what was written.

    The bytes are those that ``write_part`` gives for all pieces in one frame.

    Args:
        place: ``DatasetWriter.place``.
        table: the name of a table of ``fraudsim.schema`` that is one file.
        pieces: its rows in the order of the key, each piece as for ``write_part``; asked for one
            after the other.

    Raises:
        FraudsimError: as ``write_part``.
    """
    spec = _table(table)
    left = iter(pieces)
    first: list[pl.DataFrame] = []
    while sum(piece.height for piece in first) < AT_ONCE_ROWS:
        if (piece := next(left, None)) is None:
            whole = pl.concat(first) if first else pl.DataFrame(schema=polars_schema(spec))
            return write_part(place, table, whole)
        _check_frame(spec, piece)
        first.append(piece)
    buffer, rows = _streamed(spec, chain(first, left))
    return _written(place, _part_path(spec, None, 0), buffer, rows)


def _streamed(spec: Table, pieces: Iterable[pl.DataFrame]) -> tuple[BytesIO, int]:
    """Return the bytes of a file and its rows; a piece is let go when its row groups are full."""
    rows = 0
    failed: list[BaseException] = []

    def source(*_asked: object) -> Iterator[pl.DataFrame]:
        nonlocal rows
        try:
            for piece in pieces:
                _check_frame(spec, piece)
                rows += piece.height
                yield piece
        except BaseException as error:
            failed.append(error)  # polars would tell of it in a text of its own
            raise

    buffer = BytesIO()
    try:
        register_io_source(source, schema=polars_schema(spec)).sink_parquet(
            buffer, engine="streaming", **_SETTINGS
        )
    except pl.exceptions.PolarsError:
        if failed:
            raise failed[0] from None
        raise
    return buffer, rows


def _written(place: Place, relative: str, buffer: BytesIO, rows: int) -> PartInfo:
    data = buffer.getbuffer()
    place.write(relative, data)
    return PartInfo(relative, rows, data.nbytes, sha256(data).hexdigest())


def _table(name: str) -> Table:
    if name not in TABLES:
        raise FraudsimError(f"there is no table '{name}'{nearest(name, TABLES)}")
    return TABLES[name]


def _part_path(table: Table, month: str | None, part: int) -> str:
    if not table.partitioned:
        if month is not None or part:
            raise FraudsimError(f"{table.name} is one file: it has no month and no part")
        return f"{table.name}.parquet"
    if month is None or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month, re.ASCII):
        raise FraudsimError(
            f"{table.name} is partitioned by month: month must be like '2025-01', not {month!r}"
        )
    if part < 0:
        raise FraudsimError(f"{table.name}: part must be 0 or more, not {part}")
    return f"{table.name}/month={month}/part-{part:05d}.parquet"


def _check_frame(table: Table, frame: pl.DataFrame) -> None:
    types = frame.schema  # made anew at every look
    for column, right in polars_schema(table).items():
        if column not in types:
            raise FraudsimError(f"{table.name}.{column} is missing from the frame to write")
        if (found := types[column]) != right:
            raise FraudsimError(f"{table.name}.{column} must be {right}, not {found}")
    for column in types:
        if column not in table.column_names:
            raise FraudsimError(
                f"{table.name} has no column '{column}'{nearest(column, table.column_names)}"
            )
    if list(types) != table.column_names:
        right_order = ", ".join(table.column_names)
        raise FraudsimError(f"{table.name}: the columns must be in this order: {right_order}")
    for spec in table.columns:
        if not spec.nullable and (nulls := frame[spec.name].null_count()):
            raise FraudsimError(f"{table.name}.{spec.name} cannot be null, and is in {nulls} rows")


def _check_month_and_order(table: Table, frame: pl.DataFrame, month: str) -> None:
    time, key = pl.col("event_time"), pl.col(table.key)
    later, earlier = time, time.shift(1)
    out_of_order = (later < earlier) | ((later == earlier) & (key < key.shift(1)))
    first, last, disorder = frame.select(
        first=time.min().dt.strftime("%Y-%m"),
        last=time.max().dt.strftime("%Y-%m"),
        disorder=out_of_order.any(),
    ).row(0)
    for found in (first, last):
        if found not in (month, None):
            raise FraudsimError(f"{table.name}: a row of month {found} stands in month {month}")
    if disorder:
        raise FraudsimError(
            f"{table.name}: the rows must be sorted by event_time, then {table.key}"
        )


def parquet_bytes(frame: pl.DataFrame) -> BytesIO:
    """Return a frame as the bytes of a file, with the settings of all files of a dataset."""
    # Encoded in memory: the hash needs no second reading, and a full disk meets Python's own
    # OSError, not the text of an error of polars.
    buffer = BytesIO()
    frame.write_parquet(buffer, **_SETTINGS)
    return buffer


def _file_entries(parts: Iterable[PartInfo]) -> dict[str, FileEntry]:
    files: dict[str, FileEntry] = {}
    for part in parts:
        if part.path in files:
            raise FraudsimError(f"{part.path} was written twice: give each part its own number")
        files[part.path] = FileEntry(sha256=part.sha256, bytes=part.bytes, rows=part.rows)
    return files


def _check_tables_are_written(files: Collection[str]) -> None:
    written = {table_of(path) for path in files}
    for table in TABLES.values():
        if not table.partitioned and table.name not in written:
            raise FraudsimError(f"the table {table.name} was not written")


def _check_files_in_place(place: Place, files: dict[str, FileEntry]) -> None:
    """Compare what lies there with what was written: another process may have written there."""
    present = {
        name
        for name in place.files()
        if name != UNFINISHED_NAME and not _is_of_the_checkpoint(name)
    }
    for name in sorted(present ^ set(files)):
        state = "was not handed to commit()" if name in present else "is gone"
        raise FraudsimError(f"{place.shown(name)} {state}; nothing was kept")
    changed = first_changed(place, files)
    if changed is not None:
        raise FraudsimError(f"{place.shown(changed)} is not what was written; nothing was kept")


def _is_of_the_checkpoint(name: str) -> bool:
    return name.startswith(f"{CHECKPOINT_NAME}/")
