"""Customers: a Mesa agent that stands for a fixed run of them, held as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import mesa
import numpy as np
import numpy.typing as npt

from fraudsim.agents.customers.almanac import ALMANAC
from fraudsim.agents.customers.day import (
    RETRIES,
    Plan,
    attempt_from,
    gather,
    lay_out,
    settle_from,
    settled_at,
)
from fraudsim.agents.customers.desk import ROOM_PER_ROW, Beside, Desk
from fraudsim.agents.customers.people import build_people, open_states
from fraudsim.agents.customers.plan import plan_from
from fraudsim.agents.customers.telling import tell
from fraudsim.agents.customers.today import today_of
from fraudsim.rows import DEPOSIT, NOTICE, ROW, joined

if TYPE_CHECKING:
    from fraudsim.agents.customers.room import Room
    from fraudsim.agents.customers.town import Town
    from fraudsim.streams import Streams
    from fraudsim.world.world import World


class Settings(NamedTuple):
    """What all blocks of a process share."""

    world: World
    streams: Streams
    town: Town
    habits: np.ndarray  # one record of HABITS
    rules: np.ndarray  # one record of RULES
    room: Room  # to plan in; the one thing that is written to


class SettledDay(NamedTuple):
    """What a block's day came to."""

    rows: np.ndarray  # settled rows by time; those of one moment in no order
    messages: np.ndarray  # notices and false disputes
    sent: np.ndarray  # deposits for customers here or in other blocks, for coming days


class CustomerBlock(mesa.Agent):  # type: ignore[misc]  # mesa ships no types
    """Customers ``block * block_size`` and following, all stepped at once by kernels."""

    def __init__(self, model: mesa.Model, settings: Settings, block: int) -> None:
        super().__init__(model)
        self.block = block
        self.people = build_people(settings.world, block, settings.streams)
        self.states = open_states(self.people, block, settings.streams)
        self.opening = (self.states["balance"].copy(), self.states["owed"].copy())
        self.first = int(self.people["customer"][0])
        self.size = len(self.people)
        self._settings = settings
        self._almanacs = np.zeros(self.size, dtype=ALMANAC)
        self._later = np.empty(0, dtype=ROW)
        self._attempted: list[np.ndarray] = []
        self._desk = Desk(
            _beside(4 * ROOM_PER_ROW), _beside(4 * ROOM_PER_ROW), np.zeros(1, dtype=np.int64)
        )

    def plan_day(self, day: int, received: np.ndarray, flagged: npt.NDArray[np.bool_]) -> None:
        """Plan the honest payments of ``day``.

        Args:
            day: the day of the run.
            received: deposits that other customers sent, due today, any order.
            flagged: per merchant, whether the issuer challenges its online payments.
        """
        calendar = self._settings.world.calendar
        end_us = calendar.day_start_us(day + 1)
        self._desk.end_us[0] = end_us
        planned, ends = self._planned(day)
        due = self._due(received, end_us)
        count = len(planned) + len(due) + RETRIES * self.size
        n = self.size
        start, following, end, room = np.zeros((4, n), dtype=np.int64)
        self._plan = Plan(np.empty(count + 1, dtype=ROW), start, following, end, room, end_us)
        self._flagged = flagged
        self._attempted = []
        lay_out(planned, ends, due, self.first, self._plan)

    def answer(self, asked: np.ndarray) -> None:
        """Answer attempts on customers of this block in place, and keep them.

        They are sorted by customer, then time.
        """
        done = 0
        while done < len(asked):
            done = attempt_from(
                done, asked, self.first, self._plan, self._desk, *self._state(), self._flagged
            )
            if done < len(asked):
                self._make_room()
        self._attempted.append(asked)

    def settle_day(self) -> SettledDay:
        """Settle what is left of the day and hand over all of its rows."""
        done = 0
        while done < self.size:
            done = settle_from(
                done, self._plan.end_us - 1, self._plan, self._desk, *self._state(), self._flagged
            )
            if done < self.size:
                self._make_room()
        desk = self._desk
        attempted = joined(self._attempted)
        beside = desk.today.rows[: desk.today.used[0]]
        later = desk.later.rows[: desk.later.used[0]]
        messages = beside.compress(beside["kind"] >= NOTICE)
        rows = self._settled(attempted, beside)
        desk.today.used[0] = desk.later.used[0] = 0
        is_sent = later["kind"] == DEPOSIT
        self._later = joined([self._later, later.compress(~is_sent)])
        return SettledDay(rows, messages, later.compress(is_sent))

    def _settled(self, attempted: np.ndarray, beside: np.ndarray) -> np.ndarray:
        """Return the rows of the day that reached the issuer, by time."""
        planned = int((self._plan.end - self._plan.start).sum())
        places, time_us = np.empty((2, planned + len(attempted) + len(beside)), dtype=np.int64)
        count = settled_at(self._plan, attempted, beside, places, time_us)
        rows = np.empty(count, dtype=ROW)
        gather(self._plan, attempted, beside, places, np.argsort(time_us[:count]), rows)
        return rows

    def book_last(self, received: np.ndarray) -> np.ndarray:
        """Book the deposits of the night after the last day at the run's last moment.

        Money that was sent arrives, so the books of the run close.
        """
        rows = received.take(np.lexsort((received["amount_minor"], received["customer"])))
        rows["time_us"] = self._plan.end_us - 1
        local = rows["customer"] - self.first
        np.add.at(self.states["balance"], local, rows["amount_minor"])
        for k, i in enumerate(local):
            self.states["serial"][i] += 1
            rows["serial"][k] = self.states["serial"][i]
        return rows

    def rest(self) -> None:
        """Let go what only another day would need; for a block whose last day is booked."""
        del self._plan, self._almanacs, self._desk, self._attempted
        self._later = self._later[:0].copy()

    def tell(self, customers: npt.NDArray[np.int64], told: npt.NDArray[np.int64]) -> None:
        """Write down what the books say of those of these customers who are of the block."""
        tell(customers, self.first, self.people, self.states, told)

    def save(self) -> tuple[np.ndarray, npt.NDArray[np.int32], np.ndarray]:
        """Return what a settled day leaves: states, days of opening, rows due on later days.

        All else is built again from scenario and seed. The arrays are the block's own.
        """
        return self.states, self.people["opened_day"], self._later

    def load(
        self, states: np.ndarray, opened_day: npt.NDArray[np.int32], later: np.ndarray
    ) -> None:
        """Take up what ``save`` returned; for a block that has not planned a day."""
        self.states[:] = states
        self.people["opened_day"] = opened_day
        self._later = later

    def _state(self) -> tuple[np.ndarray, np.ndarray, Town, np.ndarray]:
        return self.people, self.states, self._settings.town, self._settings.rules

    def _planned(self, day: int) -> tuple[np.ndarray, npt.NDArray[np.int64]]:
        """Run the planning kernel, with a larger buffer when it asks for one."""
        ends = np.zeros(self.size, dtype=np.int64)
        today = today_of(self._settings.world, day)
        rows = self._settings.room.for_customers(self.size)
        who, at = 0, 0
        while True:
            who, at = plan_from(
                who, rows, at, ends, self.people, self.states, self._almanacs,
                self._settings.town, self._settings.habits, today,
            )  # fmt: skip
            if who == self.size:
                return rows[:at], ends
            rows = self._settings.room.grown()

    def _due(self, received: np.ndarray, end_us: int) -> np.ndarray:
        """Return the rows of earlier days that fall due today, by customer, in a total order."""
        waiting = joined([self._later, received])
        is_due = waiting["time_us"] < end_us
        self._later = waiting.compress(~is_due)
        due = waiting.compress(is_due)
        due["response"] = -1
        keys = ("merchant", "amount_minor", "receiver", "kind", "time_us", "customer")
        return due.take(np.lexsort([due[key] for key in keys]))

    def _make_room(self) -> None:
        """Double the buffers of the desk, keeping what they hold."""
        self._desk = Desk(
            Beside(_grown(self._desk.today.rows), self._desk.today.used),
            Beside(_grown(self._desk.later.rows), self._desk.later.used),
            self._desk.end_us,
        )


def _beside(count: int) -> Beside:
    return Beside(np.zeros(count, dtype=ROW), np.zeros(1, dtype=np.int64))


def _grown(rows: np.ndarray) -> np.ndarray:
    return joined([rows, np.zeros_like(rows)])
