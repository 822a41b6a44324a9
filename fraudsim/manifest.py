"""The manifest of a dataset: what made it and what lies in it, as one JSON file.

It is a pure function of scenario, seed and versions: no clock, host, user or folder is in it.
The digest covers the data files alone, so two versions of a library that write the same bytes
give the same digest.
"""

from __future__ import annotations

import json
import platform
import re
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    NonNegativeInt,
    StringConstraints,
    ValidationError,
    model_validator,
)

from fraudsim import __version__
from fraudsim.errors import UsageError
from fraudsim.registry import source_file
from fraudsim.schema import SCHEMA_VERSION, TABLES
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fraudsim.scenario import Scenario

MANIFEST_NAME = "manifest.json"
FORMAT: Literal["fraudsim.dataset/1"] = "fraudsim.dataset/1"
LIBRARIES = ("mesa", "numba", "numpy", "polars")
"""The libraries whose version can change the bytes of a run."""

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]

# Only these shapes: a manifest from elsewhere cannot name a file outside its folder.
_DATA_PATH = r"^[a-z_]+(/month=[0-9]{4}-[0-9]{2}/part-[0-9]{5,})?\.parquet$"
DataPath = Annotated[str, StringConstraints(pattern=_DATA_PATH, max_length=120)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AttackSource(_Frozen):
    """An attack pattern from outside fraudsim: its name and the SHA-256 of its file.

    A pattern that was typed into an interpreter stands in no file: its hash is null, and the
    dataset cannot be run again.
    """

    name: str
    file_sha256: Sha256 | None

    @classmethod
    def of(cls, pattern: type[Any]) -> Self:
        """Return where an attack pattern (a class with a ``name``) comes from."""
        file = source_file(pattern)
        if file is None or not Path(file).is_file():
            return cls(name=pattern.name, file_sha256=None)
        return cls(name=pattern.name, file_sha256=sha256_of_file(Path(file)))


class FileEntry(_Frozen):
    """One data file."""

    sha256: Sha256
    bytes: NonNegativeInt
    rows: NonNegativeInt


class TableEntry(_Frozen):
    """One table: its rows in all, and its files in order of path."""

    rows: NonNegativeInt
    files: tuple[DataPath, ...]


class Manifest(_Frozen):
    """What made a dataset and what lies in it."""

    format: Literal["fraudsim.dataset/1"] = FORMAT
    schema_version: str = SCHEMA_VERSION
    versions: dict[str, str]
    scenario_name: str
    scenario: dict[str, Any]
    scenario_digest: str
    seed: NonNegativeInt
    attacks_from: tuple[AttackSource, ...] = ()
    tables: dict[str, TableEntry]
    files: dict[DataPath, FileEntry]
    digest: Sha256

    @model_validator(mode="after")
    def _tables_files_and_digest_agree(self) -> Self:
        if tables := set(TABLES) ^ set(self.tables):
            raise ValueError(f"tables: missing or unknown: {', '.join(sorted(tables))}")
        if self.tables != tables_of(self.files):
            raise ValueError("tables: do not agree with files")
        if self.digest != digest_of(self.files):
            raise ValueError("digest: is not the digest of files")
        return self

    @classmethod
    def build(
        cls,
        files: Mapping[str, FileEntry],
        *,
        scenario: Scenario,
        seed: int,
        attacks_from: Iterable[AttackSource] = (),
    ) -> Self:
        """Return the manifest of ``files``, made from ``scenario`` and ``seed`` by this version."""
        return cls(
            versions=installed_versions(),
            scenario_name=scenario.name,
            scenario=scenario.as_dict(),
            scenario_digest=scenario.digest,
            seed=seed,
            attacks_from=tuple(sorted(attacks_from, key=lambda source: source.name)),
            tables=tables_of(files),
            files=dict(files),
            digest=digest_of(files),
        )

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, two spaces, a newline at the end."""
        value = self.model_dump(mode="json")
        return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in ``folder``.

    Raises:
        UsageError: it cannot be read, is damaged, or is of another format or schema version.
    """
    path = folder / MANIFEST_NAME
    return manifest_in(_bytes_of(path), path)


def manifest_in(data: bytes, where: Path | str) -> Manifest:
    """Return the manifest that ``data``, the bytes of the file ``where``, is.

    Raises:
        UsageError: it is damaged, or of another format or schema version.
    """
    value = _json_in(data, where)
    _check_edition(where, value)
    try:
        return validated(Manifest, value)
    except ValidationError as error:
        key_path, mistake = first_mistake(error, Manifest)
        place = ": ".join([str(where), *([".".join(key_path)] if key_path else [])])
        raise UsageError(f"{place}: damaged: {mistake}") from error


def files_named_in(folder: Path) -> set[str]:
    """Return the files that a manifest names, of whatever schema version it is.

    Raises:
        UsageError: the manifest cannot be read, is damaged or of another format.
    """
    path = folder / MANIFEST_NAME
    return names_in(_bytes_of(path), path)


def names_in(data: bytes, where: Path | str) -> set[str]:
    """Return the files that ``data``, the bytes of the manifest ``where``, names.

    Raises:
        UsageError: it is damaged or of another format.
    """
    value = _json_in(data, where)
    _check_format(where, value)
    files = value.get("files")
    if not isinstance(files, dict):
        raise UsageError(f"{where}: damaged: it names no files")
    return set(files)


def is_data_path(name: str) -> bool:
    """Whether a data file can have this name.

    >>> is_data_path("events/month=2025-01/part-00000.parquet"), is_data_path("mine.parquet")
    (True, False)
    """
    return re.fullmatch(_DATA_PATH, name, re.ASCII) is not None and table_of(name) in TABLES


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _json_in(data: bytes, where: Path | str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:  # JSON and UTF-8 errors both
        raise UsageError(f"{where}: damaged, not JSON: {error}") from error


def digest_of(files: Mapping[str, FileEntry]) -> str:
    """Return the digest of a dataset: SHA-256 over the lines ``path sha256`` in order of path."""
    lines = "".join(f"{path} {files[path].sha256}\n" for path in sorted(files))
    return sha256(lines.encode()).hexdigest()


def tables_of(files: Mapping[str, FileEntry]) -> dict[str, TableEntry]:
    """Return every table with its files; a table without files has no rows."""
    entries = {}
    for table in TABLES:
        paths = tuple(path for path in sorted(files) if table_of(path) == table)
        entries[table] = TableEntry(rows=sum(files[path].rows for path in paths), files=paths)
    return entries


def table_of(path: str) -> str:
    """Return the table that a data file belongs to.

    >>> table_of("events/month=2025-01/part-00000.parquet"), table_of("cards.parquet")
    ('events', 'cards')
    """
    return path.split("/", maxsplit=1)[0].removesuffix(".parquet")


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of the bytes of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def installed_versions() -> dict[str, str]:
    """Return the versions of all that can change the bytes of a run: ours, Python, libraries."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"fraudsim": __version__, "python": platform.python_version()} | libraries


def _check_format(path: Path | str, value: object) -> None:
    edition = value.get("format") if isinstance(value, dict) else None
    if edition != FORMAT:
        raise UsageError(f"{path}: its format is {edition!r}; this fraudsim reads {FORMAT!r}")


def _check_edition(path: Path | str, value: Any) -> None:
    _check_format(path, value)
    schema = value.get("schema_version")
    if schema != SCHEMA_VERSION:
        raise UsageError(
            f"{path}: its schema_version is {schema!r}; this fraudsim reads {SCHEMA_VERSION!r}; "
            "make the dataset again with this version, or open it with the one that wrote it"
        )
