"""A fraudster: an agent who runs a campaign, attempt by attempt, and reacts to the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from fraudsim.attacks.kit.evasion import evaded
from fraudsim.attacks.kit.nouns import Attempts, Outcomes, Tap
from fraudsim.attacks.kit.purse import Payment
from fraudsim.errors import FraudsimError
from fraudsim.rows import DEPOSIT, FIRST_EVENT, REPAYMENT, ROW, joined, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fraudsim.attacks.kit.evasion import Evasion
    from fraudsim.attacks.kit.nouns import Action
    from fraudsim.attacks.kit.pattern import AttackPattern, Campaign
    from fraudsim.attacks.kit.scene import Scene


class Fraudster(mesa.Agent):  # type: ignore[misc]  # mesa ships no types
    """One campaign in the hands of one fraudster (or ring).

    Attributes:
        campaign: number of the campaign in the run.
        pattern: what is being played.
        scene: the campaign's view of the world.
        evasions: how it hides, whatever is played.
        tapped: the merchant that is being listened at, if one.
        end: how it ended; empty while it goes on.
        attempts: answered payments.
        taken_minor: approved debits and refunds, minor units.
        received_minor: approved deposits, minor units.
        victims: customers touched.
    """

    def __init__(
        self,
        model: mesa.Model,
        campaign: int,
        pattern: AttackPattern,
        scene: Scene,
        evasions: Sequence[Evasion] = (),
    ) -> None:
        super().__init__(model)
        self.campaign = campaign
        self.pattern = pattern
        self.scene = scene
        self.evasions = tuple(evasions)
        self.tapped: int | None = None
        self.end = ""
        self.started_us = scene.now_us
        self.ended_us = scene.now_us
        self.attempts = 0
        self.approved = 0
        self.taken_minor = 0
        self.received_minor = 0
        self.victims: set[int] = set()
        self._story: Campaign | None = None
        self._batch = np.empty(0, dtype=ROW)
        self._last_us = scene.now_us  # of the batch
        self._open = np.empty(0, dtype=np.int64)  # rows of the batch that were not offered yet
        self._due = self._open  # those offered last
        self._tap: Tap | None = None
        self._heard: list[np.ndarray] = []  # rows of cards, day by day

    def hear_tap(self, rows: np.ndarray) -> None:
        """Take note of cards used at the tapped merchant: one or more rows of a day, by time."""
        if self._tap is None:
            return
        times, begin_us, end_us = rows["time_us"], self.scene.now_us, self._tap.until_us
        if times[0] < begin_us or times[-1] >= end_us:
            begin, end = times.searchsorted([begin_us, end_us]).tolist()
            rows = rows[begin:end]
        self._heard.append(rows)

    @property
    def acts_at_us(self) -> int:
        """Until when there is nothing to offer."""
        return self.scene.now_us if self._tap is None else self._tap.until_us

    def offer(self, day_start_us: int, day_end_us: int) -> np.ndarray:
        """Return the attempts to be made before the day ends; empty when there are none.

        They may be the fraudster's own rows: answer copies of them.
        """
        if self.end or self.scene.now_us >= day_end_us:
            return self._batch[:0]
        if self._story is None:
            self._story = evaded(self.pattern.run(self.scene), self.evasions, self.scene)
            self._go_on(None)
        if self._tap is not None and self._tap.until_us <= day_start_us:
            cards = self.scene.hold_tapped(_cards_in(self._heard), self._tap.limit)
            self.scene.now_us = max(self._tap.until_us, day_start_us)
            self._tap = self.tapped = None
            self._heard = []
            self._go_on(cards)
        return self._offered(day_end_us)

    def _offered(self, day_end_us: int) -> np.ndarray:
        if len(self._open) == len(self._batch) and self._last_us < day_end_us:
            self._due, self._open = self._open, self._open[:0]
            return self._batch
        is_due = self._batch["time_us"][self._open] < day_end_us
        self._due, self._open = self._open[is_due], self._open[~is_due]
        return self._batch.take(self._due)

    def hear(self, answered: np.ndarray) -> None:
        """Learn what came of the attempts offered last, and go on when the batch is complete."""
        if len(answered) == len(self._batch):
            self._batch = answered
        else:
            put(self._batch, self._due, answered)
        self._count(answered)
        if len(self._open) == 0:
            self.scene.now_us = max(self.scene.now_us, self._last_us)
            if self.scene.purse.pays:
                self._go_on(Outcomes.of(self._batch))
            else:
                self._stop_paying()

    def _stop_paying(self) -> None:
        """End the campaign because it costs more than it brings."""
        assert self._story is not None
        self._story.close()
        self.scene.give_up("it does not pay")
        self.end = "gave_up"
        self.scene.release()

    def stop(self) -> None:
        """End the campaign because the run ends."""
        if self._story is not None:
            self._story.close()
        if not self.end:
            self.end = "run_ended"

    def _go_on(self, news: Any) -> None:
        """Resume the story with the news until it asks something of the bank, or ends."""
        assert self._story is not None
        while True:
            try:
                action: Action = self._story.send(news)
            except StopIteration:
                self.end = "gave_up" if self.scene.gave_up else "finished"
                self._story = None
                self.scene.release()
                self._open = np.empty(0, dtype=np.int64)
                return
            if isinstance(action, Tap):
                self._tap, self.tapped = action, action.merchant
                self._open = np.empty(0, dtype=np.int64)
                return
            if not isinstance(action, Attempts):
                raise FraudsimError(
                    f"attack {self.pattern.name}: run() yielded {type(action).__name__}; "
                    "yield what a verb of the scene returned, such as scene.charge(...)"
                )
            self._batch = _not_before(action.rows, self.scene.now_us)
            self._open = np.arange(len(self._batch))
            if len(self._batch):
                self._last_us = max(self._batch["time_us"].tolist())
                return
            news = Outcomes.of(self._batch)  # nothing was tried: the answer is empty

    def _count(self, answered: np.ndarray) -> None:
        payments = _payments_of(answered)
        self.attempts += len(payments)
        for kind, approved, amount_minor, _payee in payments:
            if not approved:
                continue
            self.approved += 1
            if kind == DEPOSIT:
                self.received_minor += amount_minor
            elif kind != REPAYMENT:
                self.taken_minor += amount_minor
        self.scene.purse.book([pay for pay in payments if not self.scene.holds(pay.payee)])
        self.victims.update(answered["customer"].tolist())
        self.ended_us = max(self.ended_us, *answered["time_us"].tolist())


def _payments_of(answered: np.ndarray) -> list[Payment]:
    """Return the payments that count as attempts: not what a victim does with own money."""
    fields = ("case", "kind", "response", "amount_minor", "payee")
    return [
        Payment(kind, response == 0, amount_minor, payee)
        for case, kind, response, amount_minor, payee in zip(
            *(answered[field].tolist() for field in fields), strict=True
        )
        if case != 0 and kind < FIRST_EVENT
    ]


def _cards_in(heard: Sequence[np.ndarray]) -> Iterator[tuple[int, int, int]]:
    """Yield customer, slot and serial of the cards used, as far as anybody asks."""
    for rows in heard:
        yield from zip(
            *(rows[field].tolist() for field in ("customer", "slot", "card_serial")), strict=True
        )


def _not_before(rows: np.ndarray, now_us: int) -> np.ndarray:
    """Return a copy in which nothing happens before the campaign's clock."""
    rows = joined([rows])
    rows["time_us"] = np.maximum(rows["time_us"], now_us)
    if min(rows["amount_minor"].tolist(), default=0) < 0:
        raise FraudsimError("an attack attempted an amount below 0; amounts are minor units, >= 0")
    return rows
