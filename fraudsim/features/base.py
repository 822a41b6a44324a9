"""What the feature families work on, and what they give.

A :class:`History` is a table in its total order with the arrays that the kernels need. A family is
a function from a history to columns; each column says its meaning and how far back it looks, next
to where it is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from fraudsim.features.kernels import number_values, pair_numbers, sort_by_number
from fraudsim.moments import DAY_US, HOUR_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOWS_US: Mapping[str, int] = {
    "1h": HOUR_US,
    "1d": DAY_US,
    "7d": 7 * DAY_US,
    "30d": 30 * DAY_US,
}
"""The look-back windows by name, microseconds: the Fraud Detection Handbook's and one hour."""

NOBODY = -1
"""The code of a row that has no such entity (a transfer has no merchant)."""

ENTITY_COLUMNS: Mapping[str, str] = {
    "account": "account_id",
    "card": "card_id",
    "merchant": "merchant_id",
    "device": "device_id",
    "payee": "payee_id",
}
"""The entities whose past is counted in a simulated dataset, and their columns."""


class Tables(Protocol):
    """What the families need of a dataset; ``fraudsim.dataset.Dataset`` has it."""

    def table(self, name: str) -> pl.LazyFrame:
        """Return a table with the columns of ``fraudsim.schema``."""


@dataclass(frozen=True)
class FeatureColumn:
    """One feature: its name, what it means, how far back it looks, and its values.

    ``window`` is ``now`` for what stands in the row itself or is fixed, ``previous`` for the row
    before, ``all`` for everything before, else the length of the window.
    """

    name: str
    meaning: str
    window: str
    values: pl.Series


@dataclass(frozen=True)
class Grouping:
    """The rows of a table by entity.

    Attributes:
        codes: int64, the entity of each row; ``NOBODY`` where there is none.
        order: int64 row numbers, sorted by code, then in the order of the table.
    """

    codes: NDArray[np.int64]
    order: NDArray[np.int64]

    @classmethod
    def of(cls, codes: NDArray[np.int64]) -> Grouping:
        """Group rows by their codes."""
        return cls(codes, sorted_by(codes, np.arange(codes.size)))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether each row has such an entity."""
        present: NDArray[np.bool_] = self.codes != NOBODY
        return present


@dataclass(frozen=True)
class History:
    """A table in its total order (time, then id), ready for the kernels.

    Attributes:
        rows: the table itself.
        time_us: int64, time of each row, microseconds.
        amount_minor: int64, amount of each row, minor units; ``None`` if the table has none.
        outgoing: whether the row takes money out of the account.
        declined: whether the row was declined; ``None`` if the table does not say.
        entities: grouping by name of the entity.
        owner: the entity whose habits amounts are compared with; ``None`` is nobody.
        timezone: IANA zone of local times; ``None`` if the times are no dates.
        tables: the dataset that the table is from; ``None`` for somebody's own table.
    """

    rows: pl.DataFrame
    time_us: NDArray[np.int64]
    amount_minor: NDArray[np.int64] | None
    outgoing: NDArray[np.bool_]
    declined: NDArray[np.bool_] | None
    entities: Mapping[str, Grouping]
    owner: str | None
    timezone: str | None
    tables: Tables | None


MOST_NUMBERS_PER_ROW = 2
"""Codes that span at most so many numbers for each row are sorted by counting, as they are."""
ROWS_PER_DISTINCT = 4
"""Other codes are numbered first, if a code has so many rows on the average."""

Family = Callable[[History], Iterator[FeatureColumn]]


def codes_of(column: pl.Series) -> NDArray[np.int64]:
    """Return non-negative int64 codes of a column, ``NOBODY`` for null.

    Integers that are not negative are their own codes; anything else is numbered by value.
    """
    if column.dtype.is_integer() and (column.len() == column.null_count() or _minimum(column) >= 0):
        coded = column.cast(pl.Int64)
    elif column.dtype == pl.String:  # the same numbers as by rank, without sorting every row
        texts = pl.Enum(column.drop_nulls().unique().sort())
        coded = column.cast(texts).to_physical().cast(pl.Int64) + 1
    else:
        coded = column.rank("dense").cast(pl.Int64)
    return coded.fill_null(NOBODY).to_numpy()


def sorted_by(codes: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort row numbers by the code of their row; rows of equal codes stay in the order given.

    ``order`` has every row once.
    """
    numbers, count = numbered_in_order(codes)
    if count:
        rows = np.empty_like(order)
        sort_by_number(numbers, order, np.zeros(count + 1, np.int64), rows)
        return rows
    # polars' stable sort: it takes half the time of numpy's
    by_code = pl.DataFrame({"code": codes[order]}).select(
        pl.arg_sort_by("code", maintain_order=True)
    )
    sorted_rows: NDArray[np.int64] = order[by_code.to_series().to_numpy()]
    return sorted_rows


def numbered_in_order(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return small numbers that stand in the order of the codes, and a bound above them.

    The bound is 0 where there are too many distinct codes for numbering them to be worth it.
    """
    if codes.size == 0:
        return codes, 0
    low = int(codes.min())
    span = int(codes.max()) - low + 1
    if span <= MOST_NUMBERS_PER_ROW * codes.size:
        return codes - low, span
    distinct = np.empty(codes.size // ROWS_PER_DISTINCT, np.int64)
    slots = np.full(1 << (2 * distinct.size).bit_length(), -1, np.int64)
    numbers = np.empty_like(codes)
    count = number_values(codes, slots, distinct, numbers)
    if count < 0:
        return codes, 0
    place = np.empty(count, np.int64)
    place[np.argsort(distinct[:count])] = np.arange(count)
    return place[numbers], count


def pairs_of(left: Grouping, right: Grouping) -> Grouping:
    """Group the same rows by both of their entities; ``NOBODY`` where either is."""
    order = sorted_by(left.codes, right.order)
    codes = np.empty_like(order)
    pair_numbers(order, left.codes, right.codes, codes)
    somebody = left.present & right.present
    codes[~somebody] = NOBODY
    nobody = np.flatnonzero(~somebody)
    return Grouping(codes, np.concatenate([nobody, order[somebody[order]]]))


def column_where(
    values: NDArray[np.generic], present: NDArray[np.bool_], dtype: type[pl.DataType]
) -> pl.Series:
    """Return ``values`` as a column, null where not ``present``."""
    series = pl.Series(values).cast(dtype)
    if present.all():
        return series
    return pl.select(pl.when(pl.Series(present)).then(series)).to_series()


def _minimum(column: pl.Series) -> int:
    return int(column.min())  # type: ignore[arg-type]  # an integer column with a value
