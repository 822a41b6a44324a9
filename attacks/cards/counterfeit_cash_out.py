"""Counterfeit and cash-out: a skimmed till, copied cards, a ring of runners somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    draw_habits,
    in_notes,
    is_burnt,
    opening_hours,
    pace,
    some,
    somewhere_else,
    street_shops,
    stripe_read,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Bools, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# tills that a skimmer gets at: unattended, or carried out of sight (assumption)
SKIMMED_AT = {"fuel": 0.4, "restaurant": 0.4, "fast_food": 0.1, "hotel": 0.1}
# where a clerk still swipes a card (assumption); every city has the first three
SWIPED_AT = {
    "general_merchandise": 0.4,
    "restaurant": 0.15,
    "hotel": 0.1,
    "electronics": 0.15,
    "clothing": 0.15,
    "fuel": 0.05,
}


class CounterfeitCashOut(AttackPattern):
    """Skim the cards used at one till; weeks later runners swipe the copies in another place.

    A skimmer reads the stripe of the cards, a camera sees some of the PINs. When enough is
    collected and the holders have forgotten where they paid, a ring of runners goes out in
    another city or abroad: copies with a PIN to a few cash machines within minutes of each other,
    copies without to shops that still swipe. They take less after a refusal for the limit, and
    drop a card that is refused twice.
    """

    name: ClassVar[str] = "counterfeit_cash_out"
    summary: ClassVar[str] = "cards skimmed at one till are cashed out elsewhere by runners"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1011", "F1019", "F1041", "F1017.001", "F1028"),
        visa="4 counterfeit",
        mastercard="04 counterfeit",
        eba="counterfeit card",
        fraud_classifier="unauthorised: used account information",
        uk_finance="counterfeit card",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1011 Card Dump Capture, F1019 Create Counterfeit Card",
        "ECB card fraud reports: cash machines have 8 % of the value of card fraud (2016)",
        "Fraud Detection Handbook, scenario 2: compromised terminals",
    )
    look_alike: ClassVar[str] = "a holiday: cash in another currency, an old till that swipes"
    stages: ClassVar[tuple[str, ...]] = ("swipe", "cash")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("amount_minor", 5_000, 14_000, "runners take more than people do, in notes"),
        Expectation("gap_minutes", 4, 25, "runners use one copy after the other"),
        Expectation("shops", 3, 14, "a few machines and the shops near them"),
    )

    cards: int = parameter(16, "mean number of cards copied", "assumption", ge=1, le=5_000)
    listen_days: float = parameter(
        10.0, "mean days that the skimmer stays", "assumption", gt=0, le=365
    )
    wait_days: float = parameter(
        14.0, "median days between skimming and use", "assumption: weeks", ge=0, le=365
    )
    abroad_share: float = parameter(
        0.6,
        "campaigns that cash out abroad",
        "ECB: most counterfeit use is outside SEPA",
        ge=0,
        le=1,
    )
    pin_share: float = parameter(0.6, "cards whose PIN was seen", "assumption", ge=0, le=1)
    runners: int = parameter(3, "mean number of runners", "assumption", ge=1, le=100)
    rounds: int = parameter(
        3, "mean number of times that a runner goes through his cards", "assumption", ge=1, le=50
    )
    gap_s: float = parameter(
        200.0, "median seconds between a runner's cards", "assumption: minutes", gt=0, le=86_400
    )

    def run(self, scene: Scene) -> Campaign:
        """Skim, wait, send the runners."""
        habits = draw_habits(scene)
        merchant = street_shops(scene, SKIMMED_AT, 1, city=scene.city())
        if not len(merchant):
            scene.give_up("no till to skim")
            return
        days = self.listen_days * float(scene.rng.uniform(0.5, 1.5))
        cards = yield scene.tap(int(merchant[0]), days=days, limit=some(scene, self.cards))
        if not len(cards):
            scene.give_up("nobody paid at the skimmed till")
            return
        scene.wait(days=self.wait_days * float(scene.rng.lognormal(0, 0.4)))
        knows_pin = scene.rng.random(len(cards)) < self.pin_share
        runner = scene.rng.integers(some(scene, self.runners), size=len(cards))
        for who in range(int(runner.max()) + 1):
            mine = runner == who
            if mine.any():
                opening_hours(scene, days=float(scene.rng.uniform(0, 0.6)) * habits.patience)
                yield from self._run_out(scene, habits, cards[mine], knows_pin[mine])

    def _run_out(self, scene: Scene, habits: Habits, cards: Cards, knows_pin: Bools) -> Step[None]:
        """One runner goes through his cards, round after round, in one city."""
        city = somewhere_else(scene, cards, abroad_share=self.abroad_share)
        machines = scene.shops("cash", 2, city=city)
        shops = taste(scene, SWIPED_AT)
        refused = np.zeros(len(cards), dtype=np.int64)
        times = np.full(len(cards), 2.0 * habits.greed)  # runners take more than people do
        for _ in range(some(scene, self.rounds)):
            for with_pin in (True, False):
                mine = np.flatnonzero((refused < 2) & (knows_pin == with_pin))
                at = machines if with_pin else street_shops(scene, shops, len(mine), city=city)
                if not len(mine) or not len(at):
                    continue
                action = self._cash if with_pin else self._swipe
                answer = yield action(scene, habits, cards[mine], at, float(times[mine].mean()))
                burnt = is_burnt(answer)
                refused[mine] += np.where(burnt, 2, ~answer.approved)
                times[mine[~answer.approved]] *= 0.5
            if (refused >= 2).all():
                return
            scene.wait(hours=float(scene.rng.exponential(1.0)) * habits.patience)

    def _cash(self, scene: Scene, habits: Habits, cards: Cards, at: Ints, times: float) -> Attempts:
        return scene.withdraw(
            cards,
            at=scene.rng.choice(at, size=len(cards)),
            amount_minor=in_notes(scene, len(cards), times=times),
            after_s=pace(scene, habits, len(cards), self.gap_s),
            stage="cash",
            entry=stripe_read(scene, int(at[0])),
        )

    def _swipe(
        self, scene: Scene, habits: Habits, cards: Cards, at: Ints, times: float
    ) -> Attempts:
        return scene.charge(
            cards,
            at=at,
            amount_minor=scene.price(at, times=max(0.6 * times, 0.3)),
            after_s=pace(scene, habits, len(cards), 3 * self.gap_s),
            stage="swipe",
            entry=stripe_read(scene, int(at[0])),
            case="copied_card",
        )
