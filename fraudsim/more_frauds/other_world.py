"""Frauds of a simulated world under the columns of somebody's own table.

The map that tells the audit what the columns of a table mean is read the other way round: amounts,
places and ids of the world get the names, the units and the values of the table. Amounts are moved
so that genuine ones have the table's log-mean and log-sd. Look-back features are computed along the
world's own history and clock, as the table's are along its own.

Payments that the table has no words for are left out. What the map does not speak of cannot be
simulated: those columns are taken, together, from a known fraud drawn at random, so they neither
help nor give the row away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.errors import UsageError
from fraudsim.examples import IS_SCORED, examples_of_table
from fraudsim.quality.column_map import TRUTH
from fraudsim.quality.of_dataset import subject_of_dataset
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.dataset import Dataset
    from fraudsim.own_table import OwnTable
    from fraudsim.quality.column_map import ColumnMap

LEAST_LOG_SD = 0.1
"""Amounts that hardly differ are moved and not stretched."""


@dataclass(frozen=True)
class OtherWorldFrauds:
    """Frauds of another world as rows of a table.

    Attributes:
        features: the columns of the table's examples, with their types.
        attack: name of the pattern of each.
        source: int64, row of the table, in time order, that the columns without a meaning are
            from; -1 if there is no such column.
        borrowed: those columns.
    """

    features: pl.DataFrame
    attack: pl.Series
    source: NDArray[np.int64]
    borrowed: tuple[str, ...]


def frauds_for_table(
    table: OwnTable,
    world: Dataset,
    meaning: ColumnMap,
    *,
    known_fraud: NDArray[np.int64],
    before_us: int,
    seed: int,
) -> OtherWorldFrauds:
    """Return the frauds of a world, in time order, as rows of a table.

    Args:
        table: whose columns they get.
        world: a simulated dataset.
        meaning: what the columns of the table mean.
        known_fraud: positions, in the time order of the table, of the frauds that may be learnt
            from.
        before_us: amounts and values of the table are looked at up to then only.
        seed: of values drawn at random.

    Raises:
        UsageError: the map does not say what an entity of the table is, or has no amount where
            the table has one.
    """
    past = _until(table, before_us)
    ours = subject_of_dataset(world).payments
    ours = ours.filter(IS_SCORED).sort("local_time", "tx_id")
    ours = _that_it_has_words_for(ours, past, meaning)
    lived = _as_table(ours, past, meaning, seed)
    theirs = examples_of_table(table).features
    made = examples_of_table(lived).features.filter(pl.Series(lived.fraud))
    fraud = ours.filter("is_fraud")
    borrowed = tuple(name for name in theirs.columns if name not in made.columns)
    rows = _borrowed_from(known_fraud, fraud.height, seed)
    features = pl.concat([made, theirs[rows].select(borrowed)], how="horizontal")
    return OtherWorldFrauds(
        features=features.select(
            pl.col(name).cast(dtype, strict=False) for name, dtype in theirs.schema.items()
        ),
        attack=fraud["attack"],
        source=rows if borrowed else np.full(fraud.height, -1),
        borrowed=borrowed,
    )


def _until(table: OwnTable, before_us: int) -> OwnTable:
    """Return the rows of a table before a moment."""
    count = int(np.searchsorted(table.time_us, before_us))
    return replace(
        table,
        row_number=table.row_number[:count],
        time_us=table.time_us[:count],
        fraud=table.fraud[:count],
        amount=None if table.amount is None else table.amount[:count],
        entities={name: column[:count] for name, column in table.entities.items()},
        features=table.features[:count],
    )


def _as_table(ours: pl.DataFrame, past: OwnTable, meaning: ColumnMap, seed: int) -> OwnTable:
    """Return payments of the world as a table with the columns of another, where they mean any."""
    features = {
        name: _values(ours, past.features[name], meanings, meaning, seed)
        for name, meanings in _meanings(past, meaning).items()
    }
    amount = _amounts(ours, past, meaning)
    columns = {name: ours[means] for name, means in _entities(past, meaning)}
    if amount is not None and past.amount_name in past.features.columns:
        features[str(past.amount_name)] = amount
    order = [name for name in past.features.columns if name in features]
    return replace(
        past,
        row_number=np.arange(ours.height),
        time_us=ours["local_time"].dt.timestamp("us").to_numpy(),
        fraud=ours["is_fraud"].to_numpy(),
        amount=amount,
        entities=columns,
        features=pl.DataFrame({name: features[name] for name in order}),
    )


def _entities(past: OwnTable, meaning: ColumnMap) -> Iterator[tuple[str, str]]:
    """Yield each entity of the table with what it means in our words."""
    for name in past.entities:
        meanings = [ours for ours, theirs in meaning.columns.items() if theirs == name]
        if not meanings:
            raise UsageError(
                f"{past.path}: the map '{meaning.name}' does not say who '{name}' (--entity) is, "
                "so a simulated row cannot have a history; add it to the map under columns, or "
                "leave it out"
            )
        yield name, meanings[0]


def _meanings(past: OwnTable, meaning: ColumnMap) -> dict[str, list[str]]:
    """Return the features of the table that the map speaks of, with our names for each."""
    found: dict[str, list[str]] = {}
    for ours, theirs in meaning.columns.items():
        if theirs in past.features.columns and ours not in ("amount", "event_time", *TRUTH):
            found.setdefault(theirs, []).append(ours)
    return found


def _amounts(ours: pl.DataFrame, past: OwnTable, meaning: ColumnMap) -> pl.Series | None:
    """Return the world's amounts with the log-mean and log-sd of the table's genuine ones."""
    if past.amount is None:
        return None
    if meaning.columns.get("amount") != past.amount_name:
        raise UsageError(
            f"{past.path}: the map '{meaning.name}' takes "
            f"'{meaning.columns.get('amount', 'no column')}' for the amount, --amount is "
            f"'{past.amount_name}'; they must be the same column"
        )
    theirs = np.log(_above_zero(past.amount.to_numpy()[~past.fraud]))
    of_world = np.log(np.maximum(ours["amount"].to_numpy(), 0.01))
    genuine = of_world[~ours["is_fraud"].to_numpy()]
    stretch = theirs.std() / max(genuine.std(), LEAST_LOG_SD)
    moved = np.exp(theirs.mean() + stretch * (of_world - genuine.mean()))
    return pl.Series(past.amount_name, np.round(moved, 2))


def _above_zero(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    above = amounts[amounts > 0]
    if above.size == 0:
        raise UsageError("the table has no amount above 0 to fit simulated amounts to")
    return above


def _that_it_has_words_for(ours: pl.DataFrame, past: OwnTable, meaning: ColumnMap) -> pl.DataFrame:
    """Leave out payments that a table cannot tell of: cash machines in one of shops, say."""
    for name, meanings in _meanings(past, meaning).items():
        column = past.features[name]
        if not column.dtype.is_numeric():
            words = column.cast(pl.String).drop_nulls().unique().to_list()
            said = ours.select(meanings).unique(maintain_order=True)
            spoken = [
                any(_fits(word, row, meanings, words, meaning) for word in words)
                for row in said.cast(pl.String).rows()
            ]
            ours = ours.join(
                said.filter(pl.Series(spoken, dtype=pl.Boolean)),
                on=meanings,
                how="semi",
                nulls_equal=True,
                maintain_order="left",
            )
    return ours


def _values(
    ours: pl.DataFrame, column: pl.Series, meanings: list[str], meaning: ColumnMap, seed: int
) -> pl.Series:
    """Return the world's values of a column in the words of the table.

    Numbers are taken as they are. Of texts, the words that mean what the world says are drawn as
    often as the table has them.
    """
    if column.dtype.is_numeric():
        return ours[meanings[0]].alias(column.name)
    theirs = column.cast(pl.String).drop_nulls().value_counts(sort=True).sort(column.name)
    words, often = theirs[column.name].to_list(), theirs["count"].to_numpy()
    said = ours.select(pl.col(name).cast(pl.String) for name in meanings).with_row_index("row")
    rng = Streams(seed).get(f"values of {column.name}")
    drawn = np.empty(said.height, dtype=object)
    for value, places in said.group_by(meanings, maintain_order=True):
        weight = often * [_fits(word, value, meanings, words, meaning) for word in words]
        at = places["row"].to_numpy()
        drawn[at] = rng.choice(np.array(words, dtype=object), at.size, p=weight / weight.sum())
    return pl.Series(column.name, drawn.tolist(), dtype=pl.String)


def _fits(
    word: str, said: tuple[object, ...], meanings: list[str], words: list[str], meaning: ColumnMap
) -> bool:
    """Whether a word of the table can mean what the world says of a payment, in each sense.

    A sense that the map translates must agree. One that it does not is taken for the same word
    where the table has it, and else may be any.
    """
    for ours, value in zip(meanings, said, strict=True):
        translation = meaning.values.get(ours)
        if translation is None:
            if value in words and word != value:
                return False
        elif translation.get(word, translation.get("*", word)) != value:
            return False
    return True


def _borrowed_from(known_fraud: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    return Streams(seed).get("borrowed columns").choice(known_fraud, count)
