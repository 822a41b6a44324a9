"""Columns of the tables from the arrays of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.schema import TABLES, enumeration, polars_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

_MOST_IN_A_BYTE = 255


def frame_of(table: str, columns: Mapping[str, object]) -> pl.DataFrame:
    """Return a frame of ``table``, sorted by its key."""
    spec = TABLES[table]
    return pl.DataFrame(dict(columns), schema=polars_schema(spec)).sort(spec.key)


def enum(codes: npt.ArrayLike, values: tuple[str, ...]) -> pl.Series:
    """Return positions in ``values`` as an enumeration."""
    # polars keeps a small enumeration in bytes; from wider codes it takes thrice as long
    width = np.uint8 if len(values) <= _MOST_IN_A_BYTE else np.uint32
    return pl.Series(np.asarray(codes).astype(width)).cat.to(enumeration(values))


def times(time_us: npt.NDArray[np.int64]) -> pl.Series:
    """Return epoch microseconds as times in UTC."""
    return pl.Series(time_us).cast(pl.Datetime("us", "UTC"))


def where(present: npt.NDArray[np.bool_], values: pl.Series) -> pl.Series:
    """Return ``values`` with nulls where nothing is present."""
    return pl.select(pl.when(pl.Series(present, dtype=pl.Boolean)).then(values)).to_series()
