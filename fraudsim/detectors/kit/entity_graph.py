"""Who shares what: features of a payment from the graph of accounts and the things they use.

The graph has accounts on one side and merchants, payees, devices and whatever else is a key on the
other; a payment is an edge. A snapshot of past payments, with what is known of fraud in them, gives
for a later payment:

- of each thing: how many accounts use it, and its share of fraud, drawn towards that of all rows
  where few payments are known (additive smoothing);
- of the account: its own known frauds, how many other accounts use its things, and the share of
  fraud of those others there.

Counts are of integers, so no order of rows changes a bit. They are per snapshot row, so that
snapshots of different sizes can be compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.detectors.kit.key_columns import NOBODY, account_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SMOOTHING = 20.0
"""Payments' worth of the share of all rows that are mixed into each share (a choice)."""


class Snapshot:
    """Past payments as a graph.

    Args:
        keys: int64 codes, ``NOBODY`` for none; a column for each of ``entities``.
        fraud: what is known to be fraud.
        entities: the columns; one is the account (``account_of``), the others are what it uses.
    """

    def __init__(
        self, keys: pl.DataFrame, fraud: NDArray[np.bool_], entities: Sequence[str]
    ) -> None:
        self.entities = list(entities)
        self.account = account_of(entities) or ""
        self.things = [name for name in entities if name != self.account]
        rows = keys.select(self.entities).with_columns(fraud=pl.Series(fraud).cast(pl.Int64))
        self.rows = rows.height
        self.share = (float(fraud.sum()) + 1.0) / (fraud.size + 2.0)
        self.by_entity = {name: self._by_entity(rows, name) for name in self.entities}
        self.near = self._near(rows)

    def features(self, keys: pl.DataFrame) -> pl.DataFrame:
        """Return the features of payments, float64, null where the payment has no such entity."""
        asked = keys.select(self.entities)
        columns = [self._of_entity(asked, name) for name in self.entities]
        columns.append(self._of_neighbours(asked))
        return pl.concat(columns, how="horizontal")

    def _by_entity(self, rows: pl.DataFrame, name: str) -> pl.DataFrame:
        """Count the payments, known frauds and accounts of each code."""
        return (
            rows.filter(pl.col(name) != NOBODY)
            .group_by(name)
            .agg(
                payments=pl.len().cast(pl.Int64),
                frauds=pl.col("fraud").sum(),
                accounts=pl.col(self.account).n_unique(),
            )
            .sort(name)
        )

    def _near(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Sum for each account, over the things it uses, what others did there."""
        parts = [self._others(rows, thing) for thing in self.things]
        if not parts:
            parts = [pl.DataFrame(schema=dict.fromkeys((self.account, *_OTHERS), pl.Int64))]
        return pl.concat(parts).group_by(self.account).agg(pl.col(_OTHERS).sum()).sort(self.account)

    def _others(self, rows: pl.DataFrame, thing: str) -> pl.DataFrame:
        mine = (
            rows.filter(pl.col(thing) != NOBODY, pl.col(self.account) != NOBODY)
            .group_by(self.account, thing)
            .agg(my_payments=pl.len().cast(pl.Int64), my_frauds=pl.col("fraud").sum())
        )
        whole = self.by_entity[thing]
        return mine.join(whole, on=thing, how="left").select(
            self.account,
            others=(pl.col("accounts") - 1).cast(pl.Int64),
            other_payments=pl.col("payments") - pl.col("my_payments"),
            other_frauds=pl.col("frauds") - pl.col("my_frauds"),
        )

    def _of_entity(self, asked: pl.DataFrame, name: str) -> pl.DataFrame:
        found = asked.select(name).join(
            self.by_entity[name], on=name, how="left", maintain_order="left"
        )
        known = pl.col(name) != NOBODY
        short = name.removeprefix("key_")
        return found.select(
            pl.when(known).then(self._size("payments")).alias(f"graph_{short}_payments"),
            pl.when(known).then(self._smoothed("frauds", "payments")).alias(f"graph_{short}_fraud"),
            pl.when(known).then(self._size("accounts")).alias(f"graph_{short}_accounts"),
        )

    def _of_neighbours(self, asked: pl.DataFrame) -> pl.DataFrame:
        found = asked.select(self.account).join(
            self.near, on=self.account, how="left", maintain_order="left"
        )
        known = pl.col(self.account) != NOBODY
        return found.select(
            pl.when(known).then(self._size("others")).alias("graph_neighbours"),
            pl.when(known)
            .then(self._smoothed("other_frauds", "other_payments"))
            .alias("graph_neighbours_fraud"),
        )

    def _size(self, column: str) -> pl.Expr:
        """Return the log of a count per million rows of the snapshot."""
        return (pl.col(column).fill_null(0) * (1e6 / max(self.rows, 1))).log1p()

    def _smoothed(self, frauds: str, payments: str) -> pl.Expr:
        counted = pl.col(frauds).fill_null(0) + SMOOTHING * self.share
        return counted / (pl.col(payments).fill_null(0) + SMOOTHING)


_OTHERS = ("others", "other_payments", "other_frauds")


def out_of_fold(
    keys: pl.DataFrame,
    fraud: NDArray[np.bool_],
    fold: NDArray[np.int64],
    entities: Sequence[str],
) -> pl.DataFrame:
    """Return the features of training payments, each from the payments of all other folds.

    A snapshot with the payment itself would hand it its own label.
    """
    parts, positions = [], []
    for number in np.unique(fold):
        inside = np.flatnonzero(fold == number)
        outside = np.flatnonzero(fold != number)
        snapshot = Snapshot(keys[outside], fraud[outside], entities)
        parts.append(snapshot.features(keys[inside]))
        positions.append(inside)
    return pl.concat(parts)[np.argsort(np.concatenate(positions), kind="stable")]
