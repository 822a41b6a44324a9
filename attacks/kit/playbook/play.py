"""Plays a playbook: a hand of victims goes from step to step, as the bank's answers say.

Everything is bounded, whatever the file says: the steps and the attempts of a campaign, the turns
of a loop, amounts, waits and victims.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.attacks.kit.habits import (
    draw_habits,
    in_notes,
    is_burnt,
    next_session,
    opening_hours,
    rest_at_night,
    rounded,
    some,
)
from fraudsim.attacks.kit.nouns import Accounts, Cards, Outcomes
from fraudsim.attacks.kit.playbook.conditions import holds
from fraudsim.attacks.kit.playbook.deeds import deal
from fraudsim.attacks.kit.playbook.form import (
    MOST_TURNS,
    MOST_VICTIMS,
    AtPlace,
    Booked,
    ChangePayee,
    Choose,
    Deed,
    GiveUp,
    Leave,
    PassOn,
)
from fraudsim.attacks.kit.playbook.hand import new_hand
from fraudsim.attacks.kit.playbook.meaning import END, HABITS, PER_VICTIM
from fraudsim.attacks.kit.playbook.numbers import one, whole
from fraudsim.attacks.kit.playbook.places import Places
from fraudsim.attacks.kit.playbook.receivers import book_arrival, pass_takings_on

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from typing import Literal

    from fraudsim.attacks.kit.habits import Step as Told
    from fraudsim.attacks.kit.nouns import Action, Bools, Floats, Ints
    from fraudsim.attacks.kit.pattern import Campaign
    from fraudsim.attacks.kit.playbook.deeds import Deal
    from fraudsim.attacks.kit.playbook.form import Playbook, Step, Wait
    from fraudsim.attacks.kit.playbook.hand import Hand
    from fraudsim.attacks.kit.scene import Scene

MOST_VISITS = 15_000
"""Steps that one campaign takes."""
MOST_ATTEMPTS = 100_000
"""Attempts that one campaign makes."""


@dataclass
class _Loop:
    """A jump with a limit: where it goes, and how often it may yet."""

    target: int
    left: int


class Play:
    """One campaign of a playbook.

    Attributes:
        rng: the campaign's generator.
        hand: the victims in play.
        focus: positions in the hand of those whom the deed at hand concerns.
        where: the merchants of the deed at hand.
        answer: what the bank said last; None where nothing could be done.
    """

    def __init__(self, playbook: Playbook, parameters: Mapping[str, float], scene: Scene) -> None:
        self.playbook = playbook
        self.scene = scene
        self.rng = scene.rng
        self.habits = draw_habits(scene)
        self.places = Places(scene, self.habits, playbook.places)
        self.answer: Outcomes | None = None
        self.focus: Ints = np.empty(0, dtype=np.int64)
        self.where: Ints = np.empty(0, dtype=np.int64)
        self.funding: Literal["debit", "credit"] | None = None
        self.hand: Hand
        self._has_hand = False
        self._parameters = parameters
        self._so_far: dict[str, float] = {}
        self._draws: dict[str, float] = {}
        self._own_device = scene.device()
        self._visits = 0
        self._attempts = 0

    def run(self) -> Campaign:
        """Get the victims, and lead them through the steps, hand by hand."""
        victims = yield from self._get_victims()
        if not len(victims):
            self.scene.give_up("no victims")
            return
        self._so_far["victims"] = float(len(victims))
        self._pass_days(one(self.playbook.victims.pause_days, self))
        wanted = self.playbook.victims.hands_of
        size = len(victims) if wanted is None else whole(wanted, self, 1, MOST_VICTIMS)
        for start in range(0, len(victims), size):
            yield from self._lead(victims[start : start + size])
            if self.scene.gave_up:
                return
        if not self._attempts:
            self.scene.give_up("nothing could be done")

    # ---- what numbers and conditions ask ------------------------------------------------------

    def named(self, name: str, count: int) -> Floats:
        """Return the value of ``$name`` for each of ``count`` victims."""
        if name in PER_VICTIM:
            return self._of_victims(name, count)
        if name in HABITS:
            return np.full(count, float(getattr(self.habits, name)))
        known = {**self._so_far, **self._parameters, **self._draws}
        return np.full(count, known.get(name, 0.0))

    def some(self, mean: float) -> int:
        """Draw a count around a mean."""
        return some(self.scene, mean)

    def priced(self, times: float, most_minor: float) -> Floats:
        """Price a basket at each shop; those above the limit are put together anew, smaller."""
        amount = self.scene.price(self.where, times=times)
        for _ in range(4):
            above = amount > most_minor
            if not above.any():
                break
            amount[above] = self.scene.price(self.where[above], times=times * 0.5)
        return np.minimum(amount.astype(np.float64), most_minor)

    def in_notes(self, count: int, times: float) -> Floats:
        """Draw sums as cash machines pay them out."""
        return in_notes(self.scene, count, times=times).astype(np.float64)

    def rounded(self, amount_minor: Floats) -> Floats:
        """Round amounts as people do who type them."""
        whole_minor = np.maximum(np.rint(amount_minor), 1).astype(np.int64)
        typed = rounded(self.scene, whole_minor).astype(np.float64)
        return np.where(amount_minor < 1, 0.0, typed)

    @property
    def on_own_device(self) -> bool:
        """Whether the hand is worked from a device of the fraudster."""
        return self.hand.device != "victims"

    @property
    def ip_country(self) -> str | None:
        """Country of the internet address from which the hand is worked."""
        return self.habits.ip_country if self.on_own_device else None

    def devices(self) -> Ints:
        """Return the device for each of the hand."""
        return self.hand.next_devices(self.scene, self.habits)

    def seat(self, which: Ints) -> dict[str, Any]:
        """Return the device for each of some victims, and the country it is seen from."""
        return {"device": self.devices()[which], "ip_country": self.ip_country}

    def _of_victims(self, name: str, count: int) -> Floats:
        """Return what the victims have today; their mean where one number is asked for."""
        if not self._has_hand or not isinstance(self.hand.victims, Accounts) or not len(self.hand):
            return np.zeros(count)
        today = self.scene.look_again(self.hand.victims)
        held: Floats = getattr(today, f"{name}_minor").astype(np.float64)
        if len(self.focus) == count and count > 1:
            return held[self.focus]
        return np.full(count, held[self.focus].mean() if len(self.focus) else held.mean())

    # ---- victims ----------------------------------------------------------------------------

    def _get_victims(self) -> Generator[Action, Any, Cards | Accounts]:
        form, scene = self.playbook.victims, self.scene
        if form.breach is not None and form.cards is not None:
            return (yield from self._listen())
        via: Any = form.via
        if form.cards is not None:
            count = whole(form.cards, self, 1, MOST_VICTIMS)
            if form.via == "ring":
                left = scene.take_cards(count)
                return scene.steal_cards(count, via="purchase") if left is None else left
            return scene.steal_cards(count, via=via, funding="credit" if form.credit else "any")
        if form.applicants is not None:
            return scene.applicants(whole(form.applicants, self, 1, MOST_VICTIMS))
        assert form.accounts is not None
        count = whole(form.accounts, self, 1, MOST_VICTIMS)
        looked_at = whole(form.looked_at, self, 1, MOST_VICTIMS)
        seen = scene.accounts(min(count * looked_at, MOST_VICTIMS), via=via, credit=form.credit)
        richest_first = np.argsort(-seen.balance_minor, kind="stable")
        worth = max(int(len(seen) * form.of_richest), count)
        return seen[scene.rng.permutation(richest_first[:worth])[:count]]

    def _listen(self) -> Generator[Action, Any, Cards]:
        form = self.playbook.victims
        assert form.breach is not None
        assert form.cards is not None
        at, _ = self.places.shops(form.breach.at, 1, None, self)
        if not len(at):
            return self.scene.steal_cards(0, via="breach")
        days = float(np.clip(one(form.breach.days, self), 0.1, 365.0))
        count = whole(form.cards, self, 1, MOST_VICTIMS)
        cards: Cards = yield self.scene.tap(int(at[0]), days=days, limit=count)
        return cards

    # ---- from step to step ------------------------------------------------------------------

    def _lead(self, victims: Cards | Accounts) -> Told[None]:
        """Lead one hand of victims through the story."""
        self._take_up(victims)
        order = list(self.playbook.steps.items())
        loops: dict[tuple[int, int], _Loop] = {}
        at = 0
        while at < len(order) and len(self.hand) and self._may_go_on():
            name, step = order[at]
            if isinstance(step, GiveUp):
                self.scene.give_up(step.reason)
                return
            yield from self._visit(name, step)
            at = self._turn(at, step, loops)

    def _take_up(self, victims: Cards | Accounts) -> None:
        kinds = list(self.playbook.device)
        weights = np.array([max(one(self.playbook.device[kind], self), 0.0) for kind in kinds])
        weights = weights if weights.sum() > 0 else np.ones(len(kinds))
        device = kinds[int(self.rng.choice(len(kinds), p=weights / weights.sum()))]
        self.hand = new_hand(self.scene, self.habits, victims, device, self._own_device)
        self._has_hand = True
        self.focus, self.answer = np.arange(len(victims)), None
        self._so_far |= {"last": 0.0, "last_refused": 0.0, "taken": 0.0, "refusals": 0.0}
        self._draws = {}
        for name, number in self.playbook.draws.items():
            self._draws[name] = one(number, self)
        self.scene.note(**self._draws)

    def _may_go_on(self) -> bool:
        self._visits += 1
        if self._visits > MOST_VISITS or self._attempts > MOST_ATTEMPTS:
            self.scene.give_up("the story is longer than a playbook may be")
            return False
        return True

    def _turn(self, at: int, step: Step, loops: dict[tuple[int, int], _Loop]) -> int:
        """Return the position of the step to go to: that of the first jump that holds, or onwards.

        A jump back starts the loops within it afresh.
        """
        order = [*self.playbook.steps, END]
        for index, jump in enumerate(step.then):
            if jump.when is not None and not holds(jump.when, self):
                continue
            target = len(order) if jump.go == END else order.index(jump.go)
            if jump.most is not None:
                loop = loops.get((at, index)) or _Loop(
                    target, whole(jump.most, self, 0, MOST_TURNS)
                )
                loops[at, index] = loop
                if loop.left == 0:
                    continue
                loop.left -= 1
            for key in [
                key for key, loop in loops.items() if target <= loop.target <= key[0] <= at
            ]:
                if key != (at, index):
                    del loops[key]
            return target
        return at + 1

    def _visit(self, name: str, step: Step) -> Told[None]:
        """Do a step as often as it says."""
        turns = 1 if step.repeat is None else whole(step.repeat.most, self, 0, MOST_TURNS)
        until = None if step.repeat is None else step.repeat.until
        for turn in range(turns):
            if turn and not self._may_go_on():
                return
            yield from self._once(name, step)
            if self.answer is None or not len(self.hand):
                return
            if until is not None and holds(until, self):
                return

    def _once(self, name: str, step: Step) -> Told[None]:
        if step.chance is not None and self.rng.random() >= one(step.chance, self):
            return
        self._set(step.set)
        self._wait(step.wait)
        if isinstance(step, Choose):
            self._choose(step)
        elif isinstance(step, Leave):
            self._leave(step)
        elif isinstance(step, PassOn):
            self._attempts += yield from pass_takings_on(self, name, step)
        elif isinstance(step, ChangePayee):
            self.hand.payees[step.payee] = []
        elif isinstance(step, Deed):
            yield from self._act(name, step)
        self._set(step.after)

    def _set(self, numbers: Mapping[str, Any]) -> None:
        self.focus = np.arange(len(self.hand))
        for name, number in numbers.items():
            self._draws[name] = one(number, self)

    def _choose(self, step: Choose) -> None:
        stays = self.rng.random(len(self.hand)) < one(step.share, self)
        most = whole(step.most, self, 0, MOST_VICTIMS)
        stays[np.flatnonzero(stays)[most:]] = False
        self.hand.only(stays)

    def _leave(self, step: Leave) -> None:
        goes = self.rng.random(len(self.hand)) < one(step.share, self)
        self.scene.leave_cards(self.hand.cards(self.scene, "debit")[goes])
        self.hand.only(~goes)

    def _wait(self, wait: Wait | None) -> None:
        if wait is None:
            return
        scene, habits = self.scene, self.habits
        days = one(wait.days, self) + one(wait.hours, self) / 24
        days *= habits.patience if wait.patient else 1.0
        self._pass_days(days)
        if wait.until == "session":
            next_session(scene, habits, days=0)
        elif wait.until == "opening_hours":
            opening_hours(scene)
        if wait.hour is not None:
            scene.wait_until_hour(float(np.clip(one(wait.hour, self), 0.0, 23.99)))
        if wait.rest_at_night:
            rest_at_night(scene, habits)

    def _pass_days(self, days: float) -> None:
        """Let days pass, but not many after the end of the run."""
        self.scene.wait(days=float(np.clip(days, 0.0, max(self.scene.days_left, 0.0) + 1.0)))

    # ---- deeds ------------------------------------------------------------------------------

    def _act(self, name: str, step: Deed) -> Told[None]:
        """Do the deed to the hand, or to a handful after the other; then keep who stays."""
        self.answer = None
        self._so_far |= {"last": 0.0, "last_refused": 0.0}
        which = np.arange(len(self.hand))
        size = len(which)
        if isinstance(step, AtPlace):
            self.funding = step.funding
            which = self._drawn_few(step, which)
            size = max(len(which), 1)
            if step.hands_of is not None:
                size = whole(step.hands_of, self, 1, MOST_VICTIMS)
        approved = np.zeros(len(self.hand), dtype=bool)
        burnt = np.zeros(len(self.hand), dtype=bool)
        dry = 0
        for start in range(0, len(which), size):
            made = deal(self, name, step, which[start : start + size])
            if made is None:
                continue
            answer = yield from self._hear(step, made)
            approved[made.who] = answer.approved
            burnt[made.who] = is_burnt(answer)
            dry = 0 if answer.approved.any() else dry + 1
            if isinstance(step, AtPlace) and (dry >= step.dry or not self._pause(step)):
                break
        if self.answer is not None:
            self._keep(step, approved, burnt)

    def _drawn_few(self, step: AtPlace, which: Ints) -> Ints:
        share = one(step.to_share, self)
        if share >= 1:
            return which
        return self.rng.permutation(which[self.rng.random(len(which)) < share])

    def _pause(self, step: AtPlace) -> bool:
        if step.hands_of is not None:
            hours = one(step.pause_hours, self)
            self.scene.wait(hours=float(np.clip(hours, 0.0, 24.0 * 365)) * self.habits.patience)
        return self._attempts <= MOST_ATTEMPTS

    def _hear(self, step: Deed, made: Deal) -> Told[Outcomes]:
        """Hand the action to the bank and remember what it says of the deed itself."""
        said = yield made.action
        answer = _last(said, len(made.who))
        self._attempts += len(said.approved)
        refused = float((~answer.approved).sum())
        self.answer = answer
        self._so_far["last"] += float(answer.taken_minor)
        self._so_far["last_refused"] += refused
        self._so_far["refusals"] += refused
        if not isinstance(step, Booked):
            self._so_far["taken"] += float(answer.taken_minor)
        hand = self.hand
        hand.refused[made.who] += ~answer.approved
        book_arrival(self, made.payee, answer.taken_minor)
        if made.merchants is not None:
            bought = made.who[answer.approved]
            hand.bought_at[bought] = made.merchants[answer.approved]
            hand.bought_minor[bought] = answer.amount_minor[answer.approved]
        return answer

    def _keep(self, step: Deed, approved: Bools, burnt: Bools) -> None:
        if step.keep == "approved":
            self.hand.only(approved)
        elif step.keep == "refused":
            self.hand.only(~approved)
        elif step.keep == "working":
            self.hand.only(~burnt & (self.hand.refused < step.refusals))


def _last(said: Outcomes, count: int) -> Outcomes:
    """Return the last outcomes: those of the deed itself."""
    return Outcomes(
        said.approved[-count:],
        said.response_code[-count:],
        said.amount_minor[-count:],
        said.time_us[-count:],
    )
