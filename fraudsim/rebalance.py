"""Make a balanced training set from the past of a dataset or of somebody's own table.

The data is split by time first, as the benchmark splits it; only the training past, with the labels
known when a model would be fitted, is rebalanced and written. No test row and no later label can
get into the file.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.errors import FraudsimError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.dataset import Dataset
    from fraudsim.examples import Examples
    from fraudsim.own_table import OwnTable
    from fraudsim.rebalancers.base import Rebalanced, Rebalancer
    from fraudsim.splits import Split, TimeSplit
    from fraudsim.training_set import Kinds

FORMAT = "fraudsim.training_set/1"
LABEL = "is_fraud"
"""The label column of a training set made from a simulated dataset."""


@dataclass(frozen=True)
class RebalanceResult:
    """A training set that was written.

    Attributes:
        path: the Parquet file.
        manifest_path: the JSON file beside it.
        method: name of the rebalancer.
        parameters: its parameters.
        split: the cuts and how many rows are on each side.
        rows: rows written.
        frauds: those labelled as fraud.
        origins: rows by origin.
        by: what gave every kind of fraud its share, and of each kind the known frauds, and the
            rows and weight that there are now; empty if nothing.
        sha256: of the Parquet file.
        notes: what the reader should know about the data.
    """

    path: Path
    manifest_path: Path
    method: str
    parameters: Mapping[str, Any]
    split: Mapping[str, Any]
    rows: int
    frauds: int
    origins: Mapping[str, int]
    by: Mapping[str, Any]
    sha256: str
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        value = asdict(self)
        return {**value, "path": str(self.path), "manifest_path": str(self.manifest_path)}


def rebalance(
    data: str | Path | Dataset | OwnTable,
    *,
    method: str,
    out: str | Path,
    ratio: float | None = None,
    by: str | None = None,
    label: str | None = None,
    time: str | None = None,
    amount: str | None = None,
    entity: Sequence[str] = (),
    attacks: Sequence[str] = (),
    world: str | Path | None = None,
    map: str | Path | None = None,  # noqa: A002 -- named after the option
    split: TimeSplit | None = None,
    seed: int = 1,
    overwrite: bool = False,
) -> RebalanceResult:
    """Write a balanced training set to ``out`` (Parquet) and its manifest beside (``.json``).

    The columns are the features, the label (that of an own table, ``is_fraud`` else), ``origin``
    (real, copied, interpolated, generated, simulated), ``source_id`` (``tx_id``, or the row number
    from 0 in an own table, of the row that it is or was made from; null if there is none),
    ``second_source_id`` (that of the row that it was interpolated with) and ``weight``.

    Args:
        data: a dataset, or somebody's own table as CSV or Parquet.
        method: name of a rebalancer.
        out: the file to write.
        ratio: frauds per genuine row; the rebalancer's own default if not given.
        by: what gives every kind of fraud an equal share: ``attack`` in a dataset, or a column. A
            column that has other values for fraud than for genuine rows is left out of the
            features, as it tells the truth.
        label: of an own table: the column that is 1 for fraud.
        time: of an own table: the column that says when.
        amount: of an own table: the column of amounts.
        entity: of an own table: columns that say who.
        attacks: for ``simulate``: patterns to simulate instead of those that are known.
        world: for ``simulate``: a simulated dataset whose frauds are taken; needed for an own
            table, and instead of the dataset's own world.
        map: for ``simulate`` and an own table: what its columns mean, as for ``audit``.
        split: how to split; by default what suits the kind of data (``default_split``).
        seed: of the rebalancer.
        overwrite: whether an earlier file may be replaced.

    Raises:
        UsageError: the data, a name or a number is wrong, a side of the split has one class, or
            ``out`` exists.
        FraudsimError: the file cannot be written.
    """
    from fraudsim.examples import open_examples
    from fraudsim.rebalancers.base import make_rebalancer
    from fraudsim.registry import REBALANCERS, get
    from fraudsim.splits import default_split
    from fraudsim.training_set import described, kinds_of, training_set

    path = Path(out)
    _check_out(path, overwrite=overwrite)
    in_world = world_settings(attacks, world, map)
    check_takes(get(REBALANCERS, method), method, ratio, in_world)
    examples = open_examples(data, label=label, time=time, amount=amount, entity=entity)
    rebalancer = make_rebalancer(
        method, ratio=ratio, seed=seed, amount=examples.amount_column, world=in_world
    )
    parts = (split or default_split(examples)).apply(examples)
    kinds = None if by is None else kinds_of(examples, by)
    made = training_set(examples, parts, rebalancer, kinds)
    table = _table(examples, parts, made, LABEL if label is None else label)
    sha256 = _write(table, path)
    result = RebalanceResult(
        path=path,
        manifest_path=manifest_of(path),
        method=method,
        parameters=rebalancer.get_params(),
        split=parts.describe(examples),
        rows=table.height,
        frauds=int(made.fraud.sum()),
        origins=_counts(made.origin),
        by={} if kinds is None else {kinds.name: described(kinds, parts, made)},
        sha256=sha256,
        notes=(*examples.notes, *_left_out(examples, kinds), *rebalancer.notes()),
    )
    _write_manifest(result, examples)
    return result


def world_settings(
    attacks: Sequence[str],
    world: str | Path | None,
    map: str | Path | None,  # noqa: A002 -- as above
) -> dict[str, Any]:
    """Return the parameters of rebalancers that take frauds from a world, those that are given."""
    given = {
        "attacks": tuple(attacks) or None,
        "world": None if world is None else str(world),
        "map": None if map is None else str(map),
    }
    return {name: value for name, value in given.items() if value is not None}


def check_takes(
    cls: type[Rebalancer], method: str, ratio: float | None, in_world: Mapping[str, Any]
) -> None:
    """Refuse what a rebalancer does not take.

    Raises:
        UsageError: it has no ratio, or takes nothing from a world.
    """
    if ratio is not None and "ratio" not in cls().get_params():
        raise UsageError(f"the rebalancer '{method}' has no ratio; leave it out")
    if in_world and not cls.needs_world:
        raise UsageError(
            f"the rebalancer '{method}' takes nothing from a world: leave out "
            f"{', '.join(in_world)}, or use simulate"
        )


def manifest_of(path: Path) -> Path:
    """Return where the manifest of a training set stands."""
    return path.with_name(f"{path.name}.json")


def _check_out(path: Path, *, overwrite: bool) -> None:
    from fraudsim.sinks.whole_file import check_target

    check_target(path)
    for one in (path, manifest_of(path)):
        if one.exists() and not overwrite:
            raise UsageError(f"{one} exists; choose another file or pass --overwrite")


def _table(examples: Examples, split: Split, made: Rebalanced, label: str) -> pl.DataFrame:
    import polars as pl

    from fraudsim.own_table import PROVENANCE, SECOND_SOURCE

    taken = sorted({label, SECOND_SOURCE, *PROVENANCE} & set(made.features.columns))
    if taken:
        raise UsageError(
            f"the table has a column '{taken[0]}' of its own, which the training set needs; "
            "rename it"
        )
    return made.features.with_columns(
        pl.Series(label, made.fraud),
        made.origin.alias("origin"),
        _ids(examples, split, made.source).alias("source_id"),
        _ids(examples, split, made.second).alias(SECOND_SOURCE),
        pl.Series("weight", made.weight),
    )


def _ids(examples: Examples, split: Split, positions: NDArray[np.int64]) -> pl.Series:
    """Return the id of each training row named by its position; null for nowhere."""
    import polars as pl

    ids = pl.Series(examples.row_id[split.train][positions])
    nowhere = positions < 0
    return ids.set(pl.Series(nowhere), None) if nowhere.any() else ids


def _left_out(examples: Examples, kinds: Kinds | None) -> tuple[str, ...]:
    if kinds is None or kinds.features.width == examples.features.width:
        return ()
    why = "it has other values for fraud than for genuine rows, so it tells the truth"
    return (f"left out column '{kinds.name}': {why}",)


def _counts(origin: pl.Series) -> dict[str, int]:
    counts = origin.value_counts().sort("origin").rows()
    return {str(name): int(count) for name, count in counts}


def _write(table: pl.DataFrame, path: Path) -> str:
    import polars as pl

    from fraudsim.manifest import sha256_of_file
    from fraudsim.sinks.whole_file import written_whole

    manifest_of(path).unlink(missing_ok=True)  # it would speak of the file before
    try:
        with written_whole(path) as aside:
            table.write_parquet(aside, compression="zstd")
            return sha256_of_file(aside)
    except pl.exceptions.ComputeError as error:  # how polars tells of a full disk
        raise FraudsimError(f"cannot write {path}: {error}") from error


def _write_manifest(result: RebalanceResult, examples: Examples) -> None:
    from fraudsim.sinks.whole_file import write_json

    value = {
        "format": FORMAT,
        "source": dict(examples.source),
        "method": result.method,
        "parameters": dict(result.parameters),
        "split": dict(result.split),
        "rows": result.rows,
        "frauds": result.frauds,
        "origins": dict(result.origins),
        "by": dict(result.by),
        "file": {"name": result.path.name, "sha256": result.sha256},
        "notes": list(result.notes),
    }
    write_json(result.manifest_path, value)
