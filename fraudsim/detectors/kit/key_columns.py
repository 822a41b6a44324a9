"""Key columns beside the features: which row it is, when, and who takes part.

They are int64 with ``NOBODY`` for none, and there only for detectors that want them;
``FeatureInfo.keys`` has their names. A table of somebody who names no entities has only the row and
the time, and features put together by hand may have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl
    from numpy.typing import NDArray

ROW = "key_row"
TIME = "key_time_us"
ACCOUNT = "key_account"
NOBODY = -1


def without_keys(frame: pl.DataFrame, keys: Collection[str]) -> pl.DataFrame:
    """Return the features alone."""
    return frame.select(name for name in frame.columns if name not in keys)


def entities_of(keys: Collection[str]) -> list[str]:
    """Return those keys that say who takes part, in their order."""
    return [name for name in keys if name not in (ROW, TIME)]


def account_of(keys: Collection[str]) -> str | None:
    """Return the key whose rows are one history: the account, else who is named first."""
    named = entities_of(keys)
    return ACCOUNT if ACCOUNT in named else next(iter(named), None)


def made_rows(frame: pl.DataFrame, keys: Collection[str]) -> NDArray[np.bool_]:
    """Return which rows a rebalancer made: they are no row of the table, so nothing is a key."""
    if ROW not in keys:
        return np.zeros(frame.height, np.bool_)
    return (frame[ROW] == NOBODY).to_numpy()


def real_rows(
    frame: pl.DataFrame,
    keys: Collection[str],
    fraud: NDArray[np.bool_],
    weight: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows that nobody made, rising, and weights that make up for the others.

    A row that was made has no past and shares nothing. A detector that looks at who takes part
    would learn that this is fraud, of which no real payment has the sign. The rows of a class weigh
    as much as with those that were made; a class that was made whole is kept.
    """
    real = ~made_rows(frame, keys)
    scaled = weight.copy()
    for mine in (fraud, ~fraud):
        if (mine & real).any():
            scaled[mine] *= weight[mine].sum() / weight[mine & real].sum()
        else:
            real = real | mine
    rows = np.flatnonzero(real)
    return rows, scaled[rows]


def in_order_of_time(frame: pl.DataFrame, keys: Collection[str]) -> NDArray[np.int64]:
    """Return the positions of the rows by time, then row; as they stand if neither is a key.

    Rows that a rebalancer made have no time: they are spread evenly among the others.
    """
    time, row = (
        frame[name].to_numpy() if name in keys else np.zeros(frame.height, np.int64)
        for name in (TIME, ROW)
    )
    made = made_rows(frame, keys)
    if made.any() and not made.all():
        known = np.sort(time[~made])
        time = time.copy()
        time[made] = known[np.arange(made.sum()) * known.size // made.sum()]
    order: NDArray[np.int64] = np.lexsort((row, time))
    return order
