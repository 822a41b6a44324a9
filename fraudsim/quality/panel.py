"""Payments put in order by who made them: what habits, gaps and runs are measured on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject


@dataclass(frozen=True)
class Panel:
    """Payments of H holders, sorted by holder, then in the order they came in.

    Attributes:
        frame: N rows; the payments without those of no holder.
        holder: [N] index of the holder of each row, ascending.
        start: [H + 1] first row of each holder, and N.
    """

    frame: pl.DataFrame
    holder: NDArray[np.int64]
    start: NDArray[np.int64]

    @property
    def count(self) -> NDArray[np.int64]:
        """[H] payments of each holder."""
        return np.diff(self.start)

    @property
    def number(self) -> NDArray[np.int64]:
        """[N] how many payments of the same holder came before each."""
        number: NDArray[np.int64] = np.arange(len(self.holder)) - self.start[self.holder]
        return number

    @property
    def follows(self) -> NDArray[np.bool_]:
        """[N] whether the row before is of the same holder."""
        return self.number > 0

    def seconds(self) -> NDArray[np.float64]:
        """[N] event time in seconds since 1970."""
        time_us = self.frame["event_time"].dt.epoch("us").to_numpy()
        seconds: NDArray[np.float64] = time_us / 1e6
        return seconds

    def of_holders(self, chosen: NDArray[np.bool_]) -> Panel:
        """Return the panel of the chosen holders; ``chosen`` is [H]."""
        count = self.count[chosen]
        return Panel(
            self.frame.filter(pl.Series(chosen[self.holder])),
            np.repeat(np.arange(len(count)), count),
            np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        )


def panel(payments: pl.DataFrame, holder: str) -> Panel:
    """Return the payments sorted by ``holder``; those of one holder keep their order."""
    frame = payments.filter(pl.col(holder).is_not_null()).sort(holder, maintain_order=True)
    begins = frame[holder].ne_missing(frame[holder].shift(1)).to_numpy()
    return Panel(
        frame,
        np.cumsum(begins, dtype=np.int64) - 1,
        np.append(np.flatnonzero(begins), len(begins)).astype(np.int64),
    )


def codes(column: pl.Series) -> NDArray[np.int64]:
    """Return ``[N]`` dense codes from 0, equal where the values are equal; nulls are -1."""
    if column.dtype == pl.Int64 and not column.null_count():
        values = column.to_numpy()
        dense: NDArray[np.int64] = np.searchsorted(column.unique().sort().to_numpy(), values)
        return dense
    ranks: NDArray[np.int64] = column.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
    return ranks - 1


def pairs(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one code for each pair of codes; not dense."""
    if not len(left):
        return left
    both: NDArray[np.int64] = left * (int(right.max()) + 2) + right + 1
    return both


def seen_before(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return ``[N]`` whether the same value stood in an earlier row."""
    seen: NDArray[np.bool_] = ~pl.Series(values).is_first_distinct().to_numpy()
    return seen


def most_of_one(holder: NDArray[np.int64], pair: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``[H]`` how often each holder has the pair that it has most often.

    Args:
        holder: [N] index of the holder of each row; all of them occur.
        pair: [N] codes that differ between holders.
    """
    counted = (
        pl.DataFrame({"holder": holder, "pair": pair})
        .group_by("pair")
        .agg(pl.col("holder").first(), pl.len().alias("times"))
        .group_by("holder")
        .agg(pl.col("times").max())
        .sort("holder")
    )
    most: NDArray[np.int64] = counted["times"].cast(pl.Int64).to_numpy()
    return most


def first_of(subject: Subject, names: Sequence[str]) -> str:
    """Return the first of these columns that the payments have.

    Raises:
        CannotCheckError: they have none.
    """
    for name in names:
        if name in subject.payments.columns:
            return name
    raise CannotCheckError(f"no column for {' or '.join(names)}")


def who_pays(subject: Subject) -> str:
    """Return the column that tells persons apart best: customer, else account, else card."""
    return first_of(subject, ("customer", "account", "card"))


def which_account(subject: Subject) -> str:
    """Return the column that tells accounts apart best: account, else card, else customer."""
    return first_of(subject, ("account", "card", "customer"))
