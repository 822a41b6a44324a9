"""A finished run: a folder of Parquet tables with a manifest, opened lazily.

The folder where simulating and learning meet. Truth (labels, campaigns) and transactions are
separate tables; ``Dataset.labelled`` is the one place where they are put together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from fraudsim.errors import CheckFailedError, UsageError, nearest
from fraudsim.manifest import MANIFEST_NAME, FileEntry, Manifest, read_manifest, sha256_of_file
from fraudsim.progress import SilentProgress
from fraudsim.schema import TABLES, polars_schema
from fraudsim.sinks.place import is_url
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    import polars as pl

    from fraudsim.progress import Progress
    from fraudsim.scenario import Scenario


def open_dataset(path: str | Path) -> Dataset:
    """Return the dataset in the folder ``path``.

    Reads the manifest and the sizes of the files; ``Dataset.check_files`` reads their bytes.

    Raises:
        UsageError: there is no whole dataset, with the reason.
    """
    folder = Path(path)
    if is_url(path):
        raise UsageError(_copy_first(str(path)))
    if not folder.is_dir():
        raise UsageError(_why_no_folder(folder))
    if not (folder / MANIFEST_NAME).is_file():
        raise UsageError(
            f"{folder} is not a finished fraudsim dataset: no {MANIFEST_NAME} (is it a killed run?)"
        )
    manifest = read_manifest(folder)
    _check_sizes(folder, manifest)
    return Dataset(folder, manifest)


class _TableOf:
    """An attribute of ``Dataset`` that is the table of its own name."""

    def __set_name__(self, owner: type[Dataset], name: str) -> None:
        self._name = name
        self.__doc__ = TABLES[name].meaning

    def __get__(self, dataset: Dataset | None, owner: type[Dataset]) -> pl.LazyFrame:
        if dataset is None:
            raise AttributeError(f"{self._name} is a table of an opened dataset")
        return dataset.table(self._name)


@dataclass(frozen=True)
class Dataset:
    """An opened dataset: ``open_dataset(path)``.

    Attributes:
        where: the folder, or the URL that a run was written to.
        manifest: what made it and what lies in it.
    """

    where: Path | str
    manifest: Manifest

    customers = _TableOf()
    identities = _TableOf()
    accounts = _TableOf()
    cards = _TableOf()
    devices = _TableOf()
    merchants = _TableOf()
    terminals = _TableOf()
    payees = _TableOf()
    transactions = _TableOf()
    events = _TableOf()
    disputes = _TableOf()
    labels = _TableOf()
    campaigns = _TableOf()
    campaign_events = _TableOf()
    balances = _TableOf()

    @property
    def path(self) -> Path:
        """The folder.

        Raises:
            UsageError: it lies in an object store.
        """
        if not isinstance(self.where, Path):
            raise UsageError(_copy_first(self.where))
        return self.where

    @property
    def digest(self) -> str:
        """The digest of the data files: equal for equal runs."""
        return self.manifest.digest

    def scenario(self) -> Scenario:
        """Return the scenario that the dataset was made from.

        Raises:
            UsageError: this version of fraudsim does not accept it; says where.
        """
        from fraudsim.scenario import Scenario

        try:
            return validated(Scenario, self.manifest.scenario)
        except ValidationError as error:
            key_path, mistake = first_mistake(error, Scenario)
            raise UsageError(
                f"{self.where}: this fraudsim does not accept the scenario in its manifest: "
                f"{'.'.join(('scenario', *key_path))}: {mistake}"
            ) from error

    @property
    def row_counts(self) -> dict[str, int]:
        """The number of rows of every table, in the order of the schema."""
        return {name: self.manifest.tables[name].rows for name in TABLES}

    def table(self, name: str) -> pl.LazyFrame:
        """Return a table, lazily, with its columns in the order of the schema.

        Files follow each other in order of path. The rows of a partitioned table are sorted by
        time within a file, so sort by ``event_time`` and the key where the order matters.

        Raises:
            UsageError: there is no table of that name.
        """
        import polars as pl

        if name not in TABLES:
            raise UsageError(f"a dataset has no table '{name}'{nearest(name, TABLES)}")
        schema = polars_schema(TABLES[name])
        files = [self.path / file for file in self.manifest.tables[name].files]
        if not files:
            return pl.LazyFrame(schema=schema)
        return pl.scan_parquet(files, hive_partitioning=False, glob=False).select(list(schema))

    def labelled(self) -> pl.LazyFrame:
        """Return the transactions with the truth beside each, in the order of ``transactions``.

        Adds ``is_fraud`` (never null) and ``attack``, ``campaign_id``, ``stage`` and
        ``reported_at``, which are null for honest transactions. This is hindsight: a detector
        may know a label only from ``reported_at`` on.
        """
        import polars as pl

        truth = self.labels.select("tx_id", "attack", "campaign_id", "stage", "reported_at")
        return (
            self.transactions.join(
                truth.with_columns(is_fraud=pl.lit(value=True)),
                on="tx_id",
                how="left",
                validate="1:1",
                maintain_order="left",
            )
            .with_columns(pl.col("is_fraud").fill_null(value=False))
            .select(
                *TABLES["transactions"].column_names,
                *("is_fraud", "attack", "campaign_id", "stage", "reported_at"),
            )
        )

    def check_files(self, progress: Progress | None = None) -> None:
        """Read every file and compare its SHA-256 with the manifest.

        Args:
            progress: where to show how far it is, in files.

        Raises:
            CheckFailedError: naming the first file that differs, is gone, or does not belong.
        """
        files = self.manifest.files
        with (progress or SilentProgress()).task("check files", total=len(files)) as task:
            for file, entry in files.items():
                _check_hash(self.path / file, entry)
                task.advance()
        for path in sorted(self.path.rglob("*.parquet")):
            if path.relative_to(self.path).as_posix() not in self.manifest.files:
                raise CheckFailedError(
                    f"{path} does not belong to the dataset: not in its manifest"
                )

    def check_keys(self) -> list[str]:
        """Return what is wrong with keys: duplicates, nulls and references to nothing.

        Every line names table and column, counts the rows and gives an example. No problems, no
        lines.
        """
        from fraudsim.integrity import key_problems

        return key_problems(self)

    def check_ledger(self) -> list[str]:
        """Return where money appeared or was lost, in minor units.

        * Of every account, closing = opening + approved credits - approved debits.
        * Every approved transfer to a payee who banks here arrives as a deposit of that amount.
        * Every repayment that leaves a current account arrives on a credit account of its holder.
        * No amount is negative.
        """
        from fraudsim.integrity import ledger_problems

        return ledger_problems(self)


def _copy_first(url: str) -> str:
    return (
        f"{url} is in an object store, and datasets are read from folders: copy it first, like "
        "`aws s3 cp --recursive s3://bucket/world world`, or scan its tables with "
        "polars.scan_parquet"
    )


def _why_no_folder(folder: Path) -> str:
    partial = folder.with_name(folder.name + ".partial")
    if folder.exists():
        return f"{folder} is a file; a fraudsim dataset is a folder with a {MANIFEST_NAME}"
    if partial.exists():
        return (
            f"{folder} does not exist; {partial.name} beside it is left from a run that was killed "
            "or is still going"
        )
    return f"{folder} does not exist; a fraudsim dataset is a folder with a {MANIFEST_NAME}"


def _check_sizes(folder: Path, manifest: Manifest) -> None:
    for file, entry in manifest.files.items():
        path = folder / file
        if not path.is_file():
            raise UsageError(f"{path} is missing: the dataset is not whole")
        if (size := path.stat().st_size) != entry.bytes:
            raise UsageError(
                f"{path} has {size} bytes, the manifest says {entry.bytes}: the dataset is damaged"
            )


def _check_hash(path: Path, entry: FileEntry) -> None:
    try:
        found = sha256_of_file(path)
    except OSError as error:
        raise CheckFailedError(f"{path}: cannot be read: {error.strerror}") from error
    if found != entry.sha256:
        raise CheckFailedError(
            f"{path} was changed after it was written: its SHA-256 is {found}, "
            f"the manifest says {entry.sha256}"
        )
