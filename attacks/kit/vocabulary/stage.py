"""A campaign on its stage: its state, its clock, and how fraudsters of the day are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.attacks.kit.fashion import in_fashion, learnt
from fraudsim.attacks.kit.purse import Purse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.attacks.kit.nouns import Floats
    from fraudsim.attacks.kit.underworld import Ring, Underworld

DAY_S = 86_400


class Stage:
    """What a campaign is at the moment, and what time it is there."""

    def __init__(
        self,
        underworld: Underworld,
        *,
        rng: np.random.Generator,
        campaign: int,
        start_us: int,
        stages: Sequence[str],
    ) -> None:
        self.rng = rng
        self.now_us = start_us
        self.point_of_compromise = -1
        self.gave_up = ""
        self.purse = Purse()
        self.facts: dict[str, bool | float | str] = {}
        self.obtained: dict[str, int] = {}
        self._ring: Ring | None = None
        self._underworld = underworld
        self._world = underworld.world
        self._campaign = campaign
        self.stages = tuple(stages)
        self._made = 0
        self._holds: list[int] = []

    @property
    def days_left(self) -> float:
        """Days until the run ends."""
        return (self._world.calendar.end_us - self.now_us) / (DAY_S * 1e6)

    def wait(self, *, days: float = 0.0, hours: float = 0.0) -> None:
        """Let time pass."""
        self.now_us += round((days * DAY_S + hours * 3600) * 1e6)

    @property
    def local_hour(self) -> float:
        """The local time of day that the clock shows, 0 to 24, in hours."""
        return self.hour_at(self.now_us)

    def hour_at(self, time_us: int) -> float:
        """Return the local time of day of a time, 0 to 24, in hours."""
        calendar = self._world.calendar
        return (time_us - calendar.day_start_us(calendar.day_of(time_us))) / 3.6e9

    def wait_until_hour(self, hour: float) -> None:
        """Let time pass until the clock next shows this local hour (0 to 24, exclusive)."""
        day = self._world.calendar.day_of(self.now_us)
        local_us = self.now_us - self._world.calendar.day_start_us(day)
        wait_us = round(hour * 3600 * 1e6) - local_us
        self.now_us += wait_us if wait_us >= 0 else wait_us + DAY_S * 1_000_000

    def pace(self, count: int, *, median_s: float, log_sd: float = 1.0) -> Floats:
        """Return ``count`` cumulative offsets in seconds with log-normal gaps between them."""
        return self.rng.lognormal(np.log(median_s), log_sd, count).cumsum()

    def give_up(self, reason: str) -> None:
        """Note why the campaign ends before its story does; then ``return``."""
        self.gave_up = reason

    def note(self, **facts: bool | float | str) -> None:
        """Keep what was drawn for this campaign, such as ``price=19.99``, for its story."""
        self.facts |= facts

    @property
    def craft(self) -> float:
        """How well fraudsters of this world copy honest life by now, 0 to 1."""
        scenario = self._world.scenario
        return learnt(scenario.overlap.craft, self._day, scenario.calendar.days)

    def in_fashion(self, categories: Sequence[str]) -> Floats:
        """Return the factor on the weight of each category that today's fraudsters buy, (n,)."""
        return in_fashion(self._underworld.streams, categories, self._day)

    @property
    def _day(self) -> float:
        """Days since the run began."""
        return (self.now_us - self._world.calendar.day_start_us(0)) / (DAY_S * 1e6)
