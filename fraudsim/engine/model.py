"""The Mesa model: the clock of a run, and the fraudsters and the issuer that live by it.

A step is a day: every block plans its honest payments; fraudsters act and are answered at once;
every block settles its day in time order; the issuer hears what was reported.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

import mesa
import numpy as np

from fraudsim.agents.fraudster import Fraudster
from fraudsim.agents.issuer.issuer import Issuer
from fraudsim.agents.merchants import MerchantBlock
from fraudsim.attacks.kit.evasion import STAGE
from fraudsim.attacks.kit.scene import Scene
from fraudsim.attacks.kit.underworld import Underworld
from fraudsim.engine.population import Orders
from fraudsim.errors import FraudsimError
from fraudsim.moments import HOUR_US
from fraudsim.rows import (
    ACCOUNT,
    BATCH,
    DEPOSIT,
    FALSE_DISPUTE,
    NOTICE,
    ROW,
    TRANSFER,
    empty_rows,
    joined,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fraudsim.engine.entered import Entered
    from fraudsim.engine.population import Closing, DayReport, Population
    from fraudsim.scenario import AttackEntry
    from fraudsim.streams import Streams
    from fraudsim.world.world import World

MOST_ROUNDS_A_DAY = 10_000
"""Batches that a campaign may hand over in one day; more is a story that does not end."""


class PaymentModel(mesa.Model):  # type: ignore[misc]  # mesa ships no types
    """A bank's world on its way through the days.

    Args:
        world: what is there before anyone acts.
        streams: the randomness of the run; the model's own generator is never drawn from.
        patterns: each entry of the scenario's attacks with its pattern and evasions, in order.
        population: makes the population that joins this model.
    """

    def __init__(
        self,
        world: World,
        streams: Streams,
        patterns: Sequence[Entered],
        population: Callable[[PaymentModel, MerchantBlock], Population],
    ) -> None:
        super().__init__(rng=streams.seed)
        self.world = world
        self.day = 0
        self.merchants = MerchantBlock(self, world, streams)
        self.issuer = Issuer(self, world)
        self.population = population(self, self.merchants)
        self.underworld = Underworld(world, self.population, streams)
        self.fraudsters = _recruit(self, streams, patterns)
        self._asleep: list[tuple[int, int]] = []  # when they act next, and their number; a heap
        self._listening: list[Fraudster] = []
        self._put_to_sleep(self.fraudsters)
        self.answered: list[np.ndarray] = []
        self.rows = 0
        self._received = np.empty(0, dtype=ROW)

    def step(self) -> None:
        """Live through one day."""
        calendar = self.world.calendar
        start_us, end_us = calendar.day_start_us(self.day), calendar.day_start_us(self.day + 1)
        self.merchants.reprice(self.day)
        self.population.plan_day(self.day, self._orders())
        self._received = np.empty(0, dtype=ROW)
        active = self._woken(end_us)
        self._act(active, start_us, end_us)
        self._put_to_sleep(active)
        self._hear(self.population.settle_day(self.day))
        self.day += 1

    def close(self) -> Closing:
        """End the campaigns that still go on, and the books."""
        for fraudster in self.fraudsters:
            fraudster.stop()
        closing = self.population.close(self._received)
        self.merchants.received_minor = closing.received_minor
        return closing

    def _orders(self) -> Orders:
        taps = {f.tapped for f in self._listening if f.tapped is not None}
        return Orders(
            received=self._received,
            flagged=np.flatnonzero(self.issuer.flagged),
            tapped=np.array(sorted(taps), dtype=np.int64),
        )

    def _woken(self, time_us: int) -> list[Fraudster]:
        """Return those who may act before a time, in order; they are not asleep any more."""
        woken = []
        while self._asleep and self._asleep[0][0] < time_us:
            woken.append(heappop(self._asleep)[1])
        return [self.fraudsters[number] for number in sorted(woken)]

    def _put_to_sleep(self, active: Iterable[Fraudster]) -> None:
        """Leave those who go on alone until they act next."""
        awake = [f for f in active if not f.end]
        for fraudster in awake:
            heappush(self._asleep, (fraudster.acts_at_us, fraudster.campaign))
        of_before = {f.campaign: f for f in [*self._listening, *awake]}
        self._listening = [f for f in of_before.values() if f.tapped is not None]

    def _act(self, active: list[Fraudster], start_us: int, end_us: int) -> None:
        """Let fraudsters make their attempts of the day, round by round.

        In a round every fraudster hands over one batch. No customer is in two hands at once, so
        the order among fraudsters does not matter to anybody's account.
        """
        for _round in range(MOST_ROUNDS_A_DAY):
            offers = [(f, f.offer(start_us, end_us)) for f in active]
            offers = [(f, rows) for f, rows in offers if len(rows)]
            if not offers:
                return
            answered = self.population.attempt(joined(rows for _, rows in offers))
            self.answered.append(answered)
            arrivals = self._arrivals(answered, end_us)
            if len(arrivals):
                self.answered.append(self.population.attempt(arrivals))
            self.issuer.remember(answered)
            begin = 0
            for fraudster, rows in offers:
                end = begin + len(rows)
                fraudster.hear(answered[begin:end])
                begin = end
            active = [f for f, _ in offers if not f.end]
        names = ", ".join(sorted({f.pattern.name for f in active}))
        raise FraudsimError(
            f"attack {names}: more than {MOST_ROUNDS_A_DAY} batches in one day; let time pass "
            "between them (scene.wait) or end the story"
        )

    def _arrivals(self, answered: np.ndarray, end_us: int) -> np.ndarray:
        """Return the deposits that approved transfers to mules of this bank bring about.

        They arrive within seconds (instant payments), in the same stage of the same campaign. The
        mule is in the hands of the same campaign, so no other fraudster waits for the account.
        """
        is_sent = (answered["kind"] == TRANSFER) & (answered["response"] == 0)
        if not is_sent.any():
            return empty_rows(0)
        sent = answered.compress(is_sent)
        made = [self.underworld.payees.get(key) for key in sent["payee"].tolist()]
        owner = np.array([-1 if of is None else of[2] for of in made], dtype=np.int64)
        sent, owner = sent.compress(owner >= 0), owner[owner >= 0]
        rows = empty_rows(len(sent))
        for field in ("amount_minor", "campaign", "stage", "case"):
            rows[field] = sent[field]
        rows["kind"] = DEPOSIT
        rows["slot"] = ACCOUNT
        rows["channel"] = BATCH
        rows["customer"] = owner
        # a few seconds, the digits below the second carried over from a number that is uniform
        seconds = 2 + sent["time_us"] % 7
        rows["time_us"] = np.minimum(sent["time_us"] + seconds * 1_000_000, end_us - 1)
        return rows

    def _hear(self, report: DayReport) -> None:
        self.rows += report.rows
        self._received = report.sent
        is_notice = report.messages["kind"] == NOTICE
        is_claim = report.messages["kind"] == FALSE_DISPUTE
        notices, claims = (report.messages.compress(kind) for kind in (is_notice, is_claim))
        self.issuer.hear(self.day, notices, claims)
        heard = _by_merchant(report.heard)
        for fraudster in self._listening:
            if fraudster.tapped in heard:
                fraudster.hear_tap(heard[fraudster.tapped])


def _by_merchant(rows: np.ndarray) -> dict[int | None, np.ndarray]:
    """Return the rows at each merchant, in their order."""
    rows = rows.take(np.argsort(rows["merchant"], kind="stable"))
    merchants, begin = np.unique(rows["merchant"], return_index=True)
    bounds = pairwise([*begin.tolist(), len(rows)])
    return {
        merchant: rows[first:end]
        for merchant, (first, end) in zip(merchants.tolist(), bounds, strict=True)
    }


def _recruit(model: PaymentModel, streams: Streams, patterns: Sequence[Entered]) -> list[Fraudster]:
    """Make the fraudsters of the run, each with the campaign and the hour at which it starts.

    A campaign's stream depends on the pattern's name, on the series of its entry, and on its
    number there: adding another pattern changes none of it.
    """
    fraudsters: list[Fraudster] = []
    series_of_entries = model.world.scenario.series()
    for (pattern, evasions, entry), series in zip(patterns, series_of_entries, strict=True):
        stages = (*pattern.stages, STAGE) if evasions else pattern.stages
        for number in range(_campaigns(model.world, streams, entry, series)):
            rng = streams.get(f"campaign {pattern.name}", series, number)
            scene = Scene(
                model.underworld,
                rng=rng,
                campaign=len(fraudsters),
                start_us=_start_us(model.world, entry, rng),
                stages=stages,
            )
            fraudsters.append(Fraudster(model, len(fraudsters), pattern, scene, evasions))
    return fraudsters


def _campaigns(world: World, streams: Streams, entry: AttackEntry, series: int) -> int:
    """Return how many campaigns an entry of the scenario has."""
    if entry.campaigns is not None:
        return entry.campaigns
    mean = entry.mean_campaigns(world.customers, world.scenario.calendar.days)
    return int(streams.get(f"campaigns {entry.pattern}", series).poisson(mean))


def _start_us(world: World, entry: AttackEntry, rng: np.random.Generator) -> int:
    """Draw when a campaign starts: any day of its span, most often in waking hours."""
    final = world.scenario.calendar.days - 1
    last = final if entry.last_day is None else min(entry.last_day, final)
    day = int(rng.integers(entry.first_day, last + 1))
    hour = float(rng.triangular(0.0, 15.0, 24.0))
    return world.calendar.day_start_us(day) + int(hour * HOUR_US)
