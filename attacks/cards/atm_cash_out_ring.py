"""Cash-out ring: one hour, a few machines, many copies, each near its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self, TypeAlias

import numpy as np
from pydantic import model_validator

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    draw_habits,
    is_burnt,
    pace,
    some,
    somewhere_else,
    stripe_read,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Bools, Cards, Floats, Ints
    from fraudsim.attacks.kit.scene import Scene

Entry: TypeAlias = Literal["chip", "magstripe", "fallback"]
EVENING, AFTER_MIDNIGHT, MORNING = (22.0, 23.5), (1.0, 2.5), (3.5, 8.0)
"""Local hours at which crews set out (assumption; in Japan it was from 5 to 8)."""
BY_DAY = (10.0, 20.0)
"""Hours of crews with telephones: at machines where others queue too (assumption)."""
TOO_MUCH = ("51", "61")
"""Answers after which less is asked for."""
LEAST_MINOR = 2_000
"""Less is not worth standing at a machine for."""
NOTE_MINOR = 2_000
"""The smallest note that a machine gives."""


class AtmCashOutRing(AttackPattern):
    """Empty many cards at a few machines in the same minutes, each close to its daily limit.

    Cards and their PINs were taken from a processor and written on plastic. At an hour agreed
    upon crews in one city, often abroad, stand at a few machines and put in one copy after the
    other, each for nearly what a card may draw in a day; where the limit says no, for half. Abroad
    they choose machines that read the stripe and ask for no chip. Some come early on a morning and
    once. Others begin shortly before midnight: after it the limits begin anew, and the copies that
    still work are drawn once more. When the first holder wakes up everybody is gone. Newer rings
    need no plastic: holders were talked into holding their card to a telephone and typing the PIN,
    and crews at home hold telephones to the machines that the cards are relayed to, or live in, by
    day. To the bank that is the chip of the card itself.
    """

    name: ClassVar[str] = "atm_cash_out_ring"
    summary: ClassVar[str] = "crews empty many copied cards at a few machines within minutes"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1011", "F1019", "F1017.001"),
        visa="4 counterfeit",
        mastercard="04 counterfeit",
        eba="counterfeit card",
        fraud_classifier="unauthorised: used account information",
        uk_finance="counterfeit card",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1019 Create Counterfeit Card, F1017.001 Cash",
        "Japan, 15 May 2016: some 14,000 withdrawals of 100,000 yen each within three hours",
        "ESET, NGate, August 2024: cards relayed by telephone to cash machines in Czechia",
    )
    look_alike: ClassVar[str] = "pay day before a holiday: a queue at the machine"
    stages: ClassVar[tuple[str, ...]] = ("first_wave", "second_wave")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("shops", 1, 5, "a few machines"),
        Expectation("gap_minutes", 0.1, 4, "one copy after the other, at several machines at once"),
        Expectation("amount_minor", 25_000, 50_000, "close to what a card may draw in a day"),
    )

    cards: int = parameter(18, "mean number of cards", "assumption", ge=1, le=5_000)
    machines: int = parameter(
        4,
        "mean number of machines",
        "assumption; Japan 2016: ten withdrawals at each",
        ge=1,
        le=100,
    )
    abroad_share: float = parameter(
        0.6, "rings that draw abroad", "Japan 2016: cards of a South African bank", ge=0, le=1
    )
    limit_minor: int = parameter(
        50_000,
        "what a card may draw in a day, as the ring knows, minor units",
        "assumption: 300 to 500 pounds are usual",
        ge=LEAST_MINOR,
    )
    least_of_limit: float = parameter(
        0.6, "least share of the limit drawn at once", "assumption", gt=0, le=1
    )
    most_of_limit: float = parameter(
        1.0, "largest share of the limit drawn at once", "Japan 2016: the most given", gt=0, le=1
    )
    gap_s: float = parameter(
        120.0,
        "median seconds between cards of this bank at one machine",
        "assumption: a minute each, and cards of others in between",
        gt=0,
        le=86_400,
    )
    second_wave_share: float = parameter(
        0.5, "rings that draw again when the limits begin anew", "assumption", ge=0, le=1
    )
    relayed_share: float = parameter(
        0.3,
        "rings with telephones in the place of copies, which draw at home, by day and once",
        "assumption: seen since 2023 (ESET, NGate)",
        ge=0,
        le=1,
    )

    @model_validator(mode="after")
    def _least_comes_before_most(self) -> Self:
        if self.least_of_limit > self.most_of_limit:
            raise ValueError(
                f"least_of_limit ({self.least_of_limit:g}) is above most_of_limit "
                f"({self.most_of_limit:g})"
            )
        return self

    def run(self, scene: Scene) -> Campaign:
        """Copy, agree on an hour, draw, and draw again after midnight."""
        habits = draw_habits(scene)
        relayed = bool(scene.rng.random() < self.relayed_share)
        cards = scene.steal_cards(some(scene, self.cards), via="phishing" if relayed else "breach")
        if not len(cards):
            scene.give_up("no cards to draw with")
            return
        city = somewhere_else(scene, cards, abroad_share=0.0 if relayed else self.abroad_share)
        machines = np.unique(scene.shops("cash", some(scene, self.machines), city=city, quiet=True))
        if not len(machines):
            scene.give_up("no machine in the city")
            return
        twice = bool(scene.rng.random() < self.second_wave_share) and not relayed
        scene.note(relayed=relayed, twice=twice, machines=len(machines))
        hours = EVENING if twice else BY_DAY if relayed else MORNING
        scene.wait_until_hour(float(scene.rng.uniform(*hours)))
        entry = _read(scene, int(machines[0]), relayed=relayed)
        works = yield from self._wave(scene, habits, cards, machines, "first_wave", entry)
        if twice and works.any():
            scene.wait_until_hour(float(scene.rng.uniform(*AFTER_MIDNIGHT)))
            yield from self._wave(scene, habits, cards[works], machines, "second_wave", entry)

    def _wave(
        self,
        scene: Scene,
        habits: Habits,
        cards: Cards,
        machines: Ints,
        stage: str,
        entry: Entry,
    ) -> Step[Bools]:
        """Put in every card, and those over the limit again for half; return which still work."""
        at = scene.rng.choice(machines, size=len(cards))
        wanted = self._wanted(scene, len(cards))
        answer = yield self._draw(scene, habits, cards, at, wanted, stage, entry)
        works = ~is_burnt(answer)
        more = np.flatnonzero(np.isin(answer.response_code, TOO_MUCH))
        if len(more):
            half = _in_notes(wanted[more] // 2)
            answer = yield self._draw(scene, habits, cards[more], at[more], half, stage, entry)
            works[more] = ~is_burnt(answer)
        return works

    def _wanted(self, scene: Scene, count: int) -> Ints:
        """Return sums near the limit, in notes; a crew has its habit, and leaves it at times."""
        spread = self.most_of_limit - self.least_of_limit
        usual = scene.rng.beta(3.0, 1.5)
        share = np.where(scene.rng.random(count) < 0.6, usual, scene.rng.beta(3.0, 1.5, count))
        return _in_notes(self.limit_minor * (self.least_of_limit + spread * share))

    def _draw(
        self,
        scene: Scene,
        habits: Habits,
        cards: Cards,
        at: Ints,
        amount_minor: Ints,
        stage: str,
        entry: Entry,
    ) -> Attempts:
        return scene.withdraw(
            cards,
            at=at,
            amount_minor=amount_minor,
            after_s=self._queues(scene, habits, at),
            stage=stage,
            entry=entry,
        )

    def _queues(self, scene: Scene, habits: Habits, at: Ints) -> Floats:
        """Return offsets in seconds: at every machine one copy after the other, at once at all."""
        after_s = np.empty(len(at))
        for machine in np.unique(at):
            here = np.flatnonzero(at == machine)
            after_s[here] = scene.rng.uniform(0, 300) + pace(scene, habits, len(here), self.gap_s)
        return after_s


def _read(scene: Scene, machine: int, *, relayed: bool) -> Entry:
    """Return how the machines of a ring read its cards."""
    if relayed:
        return "chip"
    return "magstripe" if scene.is_abroad(machine) else stripe_read(scene, machine)


def _in_notes(amount_minor: Floats | Ints) -> Ints:
    """Round down to what a machine gives, and to twenties, as people ask for."""
    notes = np.maximum(amount_minor, LEAST_MINOR) // NOTE_MINOR * NOTE_MINOR
    return notes.astype(np.int64)
