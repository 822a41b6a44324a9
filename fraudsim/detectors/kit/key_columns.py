"""Key columns beside the features: which row it is, when, and who takes part.

They are int64 with ``NOBODY`` for none, and there only for detectors that want them;
``FeatureInfo.keys`` has their names. A table of somebody who names no entities has only the row and
the time, and features put together by hand may have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

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


def in_order_of_time(frame: pl.DataFrame, keys: Collection[str]) -> NDArray[np.int64]:
    """Return the positions of the rows by time, then row; as they stand if neither is a key."""
    by = [name for name in (TIME, ROW) if name in keys]
    if not by:
        return np.arange(frame.height)
    order = frame.select(pl.arg_sort_by(by, maintain_order=True)).to_series()
    return order.to_numpy().astype(np.int64)
