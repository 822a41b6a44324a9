"""The issuer: an agent that hears what customers report and adapts its controls.

Requests are answered by its rules in ``authorise``; here is what it learns from day to day.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import mesa
import numpy as np
import numpy.typing as npt

from fraudsim.rows import ACCOUNT, joined

if TYPE_CHECKING:
    from fraudsim.world.world import World

REPORT_WINDOW_DAYS = 30


class Issuer(mesa.Agent):  # type: ignore[misc]  # mesa ships no types
    """The bank's fraud desk.

    Attributes:
        notices: what was reported so far, rows of kind NOTICE.
        false_disputes: honest payments that customers dispute, rows of kind FALSE_DISPUTE.
        flagged: per merchant, whether its online payments are challenged.
    """

    def __init__(self, model: mesa.Model, world: World) -> None:
        super().__init__(model)
        self.notices: list[np.ndarray] = []
        self.false_disputes: list[np.ndarray] = []
        self.flagged: npt.NDArray[np.bool_] = np.zeros(len(world.merchants.category), dtype=bool)
        self._threshold = world.scenario.issuer.flag_after_reports
        self._reports: dict[int, list[int]] = defaultdict(list)  # merchant -> days of reports
        self._claims: dict[tuple[int, int], list[int]] = defaultdict(list)

    def remember(self, answered: np.ndarray) -> None:
        """Keep approved card frauds on file: the merchants that a victim will name."""
        fields = ("response", "customer", "slot", "merchant")
        columns = (answered[field].tolist() for field in fields)
        for response, customer, slot, merchant in zip(*columns, strict=True):
            if response == 0 and merchant >= 0 and slot != ACCOUNT:
                self._claims[customer, slot].append(merchant)

    def hear(self, day: int, notices: np.ndarray, false_disputes: np.ndarray) -> None:
        """Take the day's reports, and flag merchants that victims keep naming."""
        self.notices.append(notices)
        self.false_disputes.append(false_disputes)
        for notice in notices:
            key = int(notice["customer"]), int(notice["slot"])
            for merchant in self._claims.pop(key, []):
                self._reports[merchant].append(day)
        self._reflag(day)

    def _reflag(self, day: int) -> None:
        for merchant in list(self._reports):
            recent = [d for d in self._reports[merchant] if d > day - REPORT_WINDOW_DAYS]
            self._reports[merchant] = recent
            self.flagged[merchant] = len(recent) >= self._threshold
            if not recent:
                del self._reports[merchant]

    def all_notices(self) -> np.ndarray:
        """Return every notice so far."""
        return joined(self.notices)

    def all_false_disputes(self) -> np.ndarray:
        """Return every false dispute so far."""
        return joined(self.false_disputes)
