"""Where the blocks of customers live: one interface, whichever processes hold them.

A day is ``plan_day``, any number of ``attempt``, then ``settle_day``. What crosses is small:
attempts and their answers, messages to the bank, money sent between customers, cards heard at
tapped merchants. All of it is sorted, so the shares of the processes leave no trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from fraudsim.attacks.kit.nouns import Profile
from fraudsim.rows import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from fraudsim.scenario import Scenario
    from fraudsim.sinks.parquet import PartInfo


class Orders(NamedTuple):
    """What the model tells every block in the morning."""

    received: np.ndarray  # deposits sent by other customers, due today or later
    flagged: npt.NDArray[np.int64]  # merchants whose online payments are challenged
    tapped: npt.NDArray[np.int64]  # merchants that fraudsters listen at


class DayReport(NamedTuple):
    """What the blocks tell the model in the evening; every array in a total order."""

    messages: np.ndarray  # notices and false disputes
    sent: np.ndarray  # deposits for customers anywhere, for coming days
    heard: np.ndarray  # rows of cards used at tapped merchants
    rows: int  # settled


@dataclass
class Closing:
    """What the blocks leave behind."""

    tables: dict[str, list[pl.DataFrame]]
    parts: list[PartInfo]
    received_minor: npt.NDArray[np.int64]  # by merchant
    notices: np.ndarray  # fraud that will be noticed after the end
    devices: list[npt.NDArray[np.int64]]  # keys of all devices seen, block by block


class Population(Protocol):
    """The customers of a run."""

    def plan_day(self, day: int, orders: Orders) -> None:
        """Plan the honest payments of ``day`` in every block."""

    def attempt(self, rows: np.ndarray) -> np.ndarray:
        """Answer attempts at once, in the order given."""

    def settle_day(self, day: int) -> DayReport:
        """Settle the rest of ``day`` and record it."""

    def profile(self, customers: npt.NDArray[np.int64]) -> Profile:
        """Return what the books say of these customers, in order."""

    def save(self, folder: str) -> list[PartInfo]:
        """Store every block in ``folder`` after a settled day; return the files written so far."""

    def load(self, folder: str, day: int) -> None:
        """Take up what ``save`` stored when ``day`` days were settled, any blocks in any hands.

        The population is fresh: no day was planned in it.
        """

    def close(self, received: np.ndarray) -> Closing:
        """Book the last deposits, write what is left and return the standing tables."""


def block_count(scenario: Scenario) -> int:
    """Return the number of blocks."""
    return -(-scenario.population.customers // scenario.population.block_size)


def sort_rows(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join rows and sort them by a total order that does not depend on who held them."""
    rows = joined(parts)
    order = np.argsort(rows["time_us"])
    times = rows["time_us"][order]
    if (times[1:] > times[:-1]).all():  # mostly so: no two of one moment
        return rows.take(order)
    keys = ("amount_minor", "receiver", "kind", "serial", "slot", "customer", "time_us")
    return rows.take(np.lexsort([rows[key] for key in keys]))


def gather_profiles(owner: npt.NDArray[np.int64], parts: dict[int, Profile]) -> Profile:
    """Put the profiles that several owners told back into the order of ``owner``."""
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return Profile(none, none.astype(bool), none.reshape(0, 2), *(none,) * 6)
    order = np.argsort(owner, kind="stable")
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    asked = [parts[number] for number in sorted(parts)]
    return Profile(*(np.concatenate(columns)[back] for columns in zip(*asked, strict=True)))
