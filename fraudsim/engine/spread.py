"""A population whose blocks are dealt to holders: processes here, or actors on other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from fraudsim.engine.population import Closing, DayReport, Orders, gather_profiles, sort_rows
from fraudsim.rows import joined, put

if TYPE_CHECKING:
    import numpy.typing as npt

    from fraudsim.attacks.kit.nouns import Profile
    from fraudsim.sinks.parquet import PartInfo


class Holders(Protocol):
    """Those who hold the blocks; each answers the verbs of a ``Shard``, in the order asked."""

    @property
    def count(self) -> int:
        """How many there are; holder ``n`` has the blocks n, n + count, n + 2 count, ..."""

    def ask(self, number: int, verb: str, arguments: tuple[Any, ...]) -> None:
        """Ask a holder to do a verb; raises ``WorkerDiedError`` when it is gone."""

    def answer(self, number: int) -> Any:
        """Wait for the answer; raises what the verb raised, or ``WorkerDiedError``."""


def dealt(blocks: int, count: int, number: int) -> list[int]:
    """Return the blocks that holder ``number`` of ``count`` has.

    >>> dealt(5, 2, 0), dealt(5, 2, 1)
    ([0, 2, 4], [1, 3])
    """
    return list(range(number, blocks, count))


class SpreadPopulation:
    """The population of a run in the hands of holders.

    Args:
        holders: who holds the blocks.
        block_size: customers in a block.
    """

    def __init__(self, holders: Holders, block_size: int) -> None:
        self._holders = holders
        self._count = holders.count
        self._size = block_size
        self._planning: set[int] = set()  # holders that were asked to plan and not yet heard

    def plan_day(self, day: int, orders: Orders) -> None:
        """Plan the honest payments of ``day`` in every block.

        Nobody waits for it: the fraudsters think of what to do while the blocks plan.
        """
        owner = self._owner(orders.received["customer"])
        for number in range(self._count):
            mine = orders._replace(received=orders.received.compress(owner == number))
            self._holders.ask(number, "plan_day", (day, mine))
        self._planning = set(range(self._count))

    def attempt(self, rows: np.ndarray) -> np.ndarray:
        """Answer attempts at once, in the order given."""
        answered = joined([rows])
        owner = self._owner(rows["customer"])
        asked = [int(number) for number in np.unique(owner)]
        for number in asked:
            self._holders.ask(number, "attempt", (rows.compress(owner == number),))
        for number in asked:
            put(answered, owner == number, self._answer(number))
        return answered

    def settle_day(self, day: int) -> DayReport:
        """Settle the rest of ``day`` and record it."""
        reports: list[DayReport] = self._ask_all("settle_day", [(day,)] * self._count)
        return DayReport(
            sort_rows([r.messages for r in reports]),
            sort_rows([r.sent for r in reports]),
            sort_rows([r.heard for r in reports]),
            sum(r.rows for r in reports),
        )

    def profile(self, customers: npt.NDArray[np.int64]) -> Profile:
        """Return what the books say of these customers, in order."""
        owner = self._owner(customers)
        asked = [int(number) for number in np.unique(owner)]
        for number in asked:
            self._holders.ask(number, "profile", (customers[owner == number],))
        return gather_profiles(owner, {number: self._answer(number) for number in asked})

    def save(self, folder: str) -> list[PartInfo]:
        """Store every block, each by its holder; return the files written so far."""
        parts = self._ask_all("save", [(folder,)] * self._count)
        return [part for of_one in parts for part in of_one]

    def load(self, folder: str, day: int) -> None:
        """Take up what was stored, each holder the blocks that it has now."""
        self._ask_all("load", [(folder, day)] * self._count)

    def close(self, received: np.ndarray) -> Closing:
        """Book the last deposits, write what is left and return the standing tables."""
        owner = self._owner(received["customer"])
        closings: list[Closing] = self._ask_all(
            "close", [(received.compress(owner == number),) for number in range(self._count)]
        )
        names = closings[0].tables
        return Closing(
            tables={name: [f for c in closings for f in c.tables[name]] for name in names},
            parts=[part for c in closings for part in c.parts],
            received_minor=np.sum([c.received_minor for c in closings], axis=0),
            notices=sort_rows([c.notices for c in closings]),
            devices=[part for c in closings for part in c.devices],
        )

    def _owner(self, customers: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        owner: npt.NDArray[np.int64] = customers.astype(np.int64) // self._size % self._count
        return owner

    def _ask_all(self, verb: str, arguments: list[Any]) -> list[Any]:
        for number, args in enumerate(arguments):
            self._holders.ask(number, verb, args)
        return [self._answer(number) for number in range(self._count)]

    def _answer(self, number: int) -> Any:
        """Wait for the answer of a holder, after that of its planning."""
        if number in self._planning:
            self._planning.remove(number)
            self._holders.answer(number)
        return self._holders.answer(number)
