"""Blocks of customers that live in this process."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.agents.customers.block import CustomerBlock, Settings
from fraudsim.agents.customers.habits import build_habits
from fraudsim.agents.customers.room import Room
from fraudsim.agents.customers.town import build_town
from fraudsim.agents.heard import heard_at
from fraudsim.agents.issuer.authorise import build_rules
from fraudsim.attacks.kit.nouns import PROFILE_ROWS, Profile
from fraudsim.engine.directory import block_tables, issued_in
from fraudsim.engine.ids import PublicIds
from fraudsim.engine.population import (
    Closing,
    DayReport,
    Orders,
    block_count,
    sort_rows,
)
from fraudsim.engine.recorder import Recorder, Writing
from fraudsim.engine.saved_block import SavedBlock, block_file, load_block, save_block
from fraudsim.rows import CARD_ISSUED, NOTICE, empty_rows, joined, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    import mesa
    import numpy.typing as npt
    import polars as pl

    from fraudsim.agents.merchants import MerchantBlock
    from fraudsim.sinks.parquet import PartInfo
    from fraudsim.sinks.place import Place
    from fraudsim.streams import Streams
    from fraudsim.world.world import World


class LocalPopulation:
    """Blocks that live in this process.

    Args:
        model: the Mesa model that the blocks and the merchants join as agents.
        world: the world.
        streams: the randomness of the run.
        blocks: the numbers of the blocks held here.
        place: where their rows are written.
    """

    def __init__(
        self,
        model: mesa.Model,
        world: World,
        streams: Streams,
        blocks: Sequence[int],
        place: Place,
        merchants: MerchantBlock,
    ) -> None:
        home = world.places.countries.index(world.scenario.population.country)
        settings = Settings(
            world,
            streams,
            build_town(world),
            build_habits(world, streams),
            build_rules(world.scenario, home, streams),
            Room(),
        )
        self._world = world
        self._streams = streams
        self._place = place
        self._ids = PublicIds(streams)
        self._size = world.scenario.population.block_size
        self._blocks = {b: CustomerBlock(model, settings, b) for b in blocks}
        writing = Writing(world, self._ids, block_count(world.scenario))
        self._recorders = {b: Recorder(place, b, writing) for b in blocks}
        self._issued: dict[int, list[np.ndarray]] = {b: [] for b in blocks}
        self._merchants = merchants
        self._is_tapped = np.zeros(len(world.merchants), dtype=bool)

    def plan_day(self, day: int, orders: Orders) -> None:
        """Plan the honest payments of ``day`` in every block."""
        flagged = _mask(len(self._world.merchants), orders.flagged)
        self._is_tapped = _mask(len(self._world.merchants), orders.tapped)
        owner = orders.received["customer"] // self._size
        for number, block in self._blocks.items():
            block.plan_day(day, orders.received.compress(owner == number), flagged)

    def attempt(self, rows: np.ndarray) -> np.ndarray:
        """Answer attempts at once, in the order given."""
        order = np.lexsort((rows["time_us"], rows["customer"]))
        asked = rows.take(order)
        owner = (asked["customer"] // self._size).tolist()
        end = 0
        for number, of_block in groupby(owner):
            begin, end = end, end + len(list(of_block))
            self._blocks[number].answer(asked[begin:end])
        answered = np.empty_like(rows)
        put(answered, order, asked)
        return answered

    def settle_day(self, day: int) -> DayReport:
        """Settle the rest of ``day`` in every block and record it."""
        end_us = self._world.calendar.day_start_us(day + 1)
        messages, sent, heard, count = [], [], [], 0
        for number, block in self._blocks.items():
            settled = block.settle_day()
            self._merchants.book(settled.rows)
            self._recorders[number].add(settled.rows)
            if day + 1 < self._world.scenario.calendar.days:  # then close() writes, with the night
                self._recorders[number].write_until(end_us)
            self._issued[number].append(_issues(settled.rows))
            messages.append(settled.messages)
            sent.append(settled.sent)
            heard.append(self._heard(settled.rows))
            count += len(settled.rows)
        return DayReport(sort_rows(messages), sort_rows(sent), sort_rows(heard), count)

    def profile(self, customers: npt.NDArray[np.int64]) -> Profile:
        """Return what the books say of these customers, in order."""
        customers = np.ascontiguousarray(customers, dtype=np.int64)
        told = np.empty((PROFILE_ROWS, len(customers)), dtype=np.int64)
        for number in set((customers // self._size).tolist()):
            self._blocks[number].tell(customers, told)
        return Profile.of(told)

    def save(self, folder: str) -> list[PartInfo]:
        """Store every block in ``folder``; return the files written so far.

        The books of this process's merchants go with the first of them.
        """
        received_minor = self._merchants.received_minor
        parts: list[PartInfo] = []
        for number, block in self._blocks.items():
            recorder = self._recorders[number]
            issued = joined(self._issued[number])
            saved = SavedBlock(
                *block.save(), recorder.pending(), issued, received_minor, recorder.devices
            )
            save_block(self._place, f"{folder}/{block_file(number)}", saved)
            received_minor = received_minor[:0]
            parts += recorder.parts
        return parts

    def load(self, folder: str, day: int) -> None:  # noqa: ARG002 -- for who has prices to move
        """Take up what ``save`` stored, whoever held the blocks then."""
        for number, block in self._blocks.items():
            people = range(block.first, block.first + block.size)
            name = f"{folder}/{block_file(number)}"
            saved = load_block(self._place, name, self._world, people)
            block.load(saved.states, saved.opened_day, saved.later)
            self._recorders[number].add(saved.rows)
            self._recorders[number].devices = saved.devices
            self._issued[number] = [saved.issued]
            if len(saved.received_minor):
                self._merchants.received_minor += saved.received_minor

    def close(self, received: np.ndarray) -> Closing:
        """Book the last deposits, write what is left and return the standing tables."""
        tables: dict[str, list[pl.DataFrame]] = {}
        parts: list[PartInfo] = []
        notices, devices = [], []
        owner = received["customer"] // self._size
        for number, block in self._blocks.items():
            self._recorders[number].add(block.book_last(received.compress(owner == number)))
            block.rest()
            self._recorders[number].close()
            parts += self._recorders[number].parts
            seen = self._recorders[number].devices
            devices.append(seen[np.searchsorted(seen, 1) :])  # 0 is none
            issued = issued_in(joined(self._issued[number]))
            for name, frame in block_tables(
                block, issued, self._world, self._ids, self._streams
            ).items():
                tables.setdefault(name, []).append(frame)
            notices.append(_pending_notices(block))
        return Closing(
            tables,
            parts,
            self._merchants.received_minor,
            sort_rows(notices),
            devices,
        )

    def _heard(self, rows: np.ndarray) -> np.ndarray:
        """Return honest card payments at tapped merchants."""
        if not self._is_tapped.any():
            return rows[:0]
        at = np.empty(len(rows), dtype=np.int64)
        return rows.take(at[: heard_at(rows, self._is_tapped, at)])


def _mask(count: int, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    mask = np.zeros(count, dtype=bool)
    mask[positions] = True
    return mask


def _issues(rows: np.ndarray) -> np.ndarray:
    issues: np.ndarray = rows.compress(rows["kind"] == CARD_ISSUED)
    return issues


def _pending_notices(block: CustomerBlock) -> np.ndarray:
    """Return the cases that will be noticed after the last day, as NOTICE rows."""
    states = block.states
    local, slot = np.nonzero(states["notice_at"] < np.iinfo(np.int64).max)
    rows = empty_rows(len(local))
    rows["kind"] = NOTICE
    rows["customer"] = block.first + local
    rows["slot"] = slot
    rows["time_us"] = states["notice_at"][local, slot]
    rows["case"] = states["notice_case"][local, slot]
    rows["stage"] = states["notice_source"][local, slot]
    return rows
