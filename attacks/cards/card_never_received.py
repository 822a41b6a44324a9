"""Card never received: the letter was opened by somebody else, far from the letter box."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    below,
    draw_habits,
    in_notes,
    is_burnt,
    opening_hours,
    pace,
    same_card,
    soft_web_shops,
    some,
    somewhere_else,
    street_shops,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Cards, Outcomes
    from fraudsim.attacks.kit.scene import Scene

# where a card is first tried (assumption): its first use is what makes it work
FIRST_USED_AT = {"fuel": 0.25, "grocery": 0.35, "fast_food": 0.2, "transit": 0.2}
# what is bought with somebody else's new card (assumption)
BOUGHT_AT = {
    "electronics": 0.3,
    "clothing": 0.22,
    "general_merchandise": 0.28,
    "grocery": 0.1,
    "entertainment": 0.1,
}
STOPS = 2
"""Refusals after which the card is thrown away."""


class CardNeverReceived(AttackPattern):
    """Take new cards out of the mail, use each for the first time in another town, then for much.

    Somebody at the sorting office or with a key to the letter boxes of a street takes the letters
    that hold a card; sometimes the letter with the PIN comes the next day. The holders miss
    nothing, as they do not know that a card was sent. Days later each card is used far from their
    home: a small first payment, then dear things by chip and cash with the PIN; without it taps
    below the contactless limit, and the number on the card at web shops. Two refusals, or one that
    says that the card was reported, end it.
    """

    name: ClassVar[str] = "card_never_received"
    summary: ClassVar[str] = "cards stolen from the mail are first used in another town, for much"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1035", "F1017.001", "F1037", "F1028"),
        visa="2 card not received as issued",
        mastercard="02 never received issue",
        eba="card not received",
        fraud_classifier="unauthorised: used account information",
        uk_finance="card non-receipt",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1035 Mail Theft",
        "EBA Guidelines on fraud reporting under PSD2 (EBA/GL/2018/05): card not received",
        "UK contactless limit of 100 pounds since October 2021",
    )
    look_alike: ClassVar[str] = "a new card taken on a journey, with the journey's sums"
    stages: ClassVar[tuple[str, ...]] = ("first_use", "buy", "tap", "online", "cash")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 4, "a few letters of one street"),
        Expectation("amount_minor", 2_000, 9_000, "dear things beside taps below the limit"),
        Expectation("gap_minutes", 20, 240, "a walk through the shops of another town"),
    )

    letters: int = parameter(2, "mean number of cards taken", "assumption", ge=1, le=100)
    wait_days: float = parameter(
        3.0, "median days between theft and first use", "assumption", ge=0, le=60
    )
    credit_share: float = parameter(0.5, "letters with credit cards", "assumption", ge=0, le=1)
    abroad_share: float = parameter(0.15, "cards that are used abroad", "assumption", ge=0, le=1)
    knows_pin_share: float = parameter(
        0.4, "cards whose PIN came by mail, too", "assumption", ge=0, le=1
    )
    purchases: int = parameter(
        4, "mean purchases per card after the first", "assumption", ge=1, le=50
    )
    basket: float = parameter(
        2.0, "goods by chip are so many times an honest basket", "assumption: high", gt=0, le=20
    )
    limit_minor: int = parameter(
        10_000, "contactless limit that the thief knows of, minor units", "UK: 100 pounds", ge=100
    )
    gap_s: float = parameter(
        2_700.0, "median seconds between payments", "assumption: a walk", gt=0, le=86_400
    )

    def run(self, scene: Scene) -> Campaign:
        """Take the letters, wait, use one card after the other."""
        habits = draw_habits(scene)
        credit = scene.rng.random() < self.credit_share
        cards = scene.steal_cards(
            some(scene, self.letters), via="mail_theft", funding="credit" if credit else "debit"
        )
        if not len(cards):
            scene.give_up("no letter with a card")
            return
        for index in range(len(cards)):
            scene.wait(days=self.wait_days * float(scene.rng.lognormal(0, 0.5)))
            card = cards[index : index + 1]
            city = somewhere_else(scene, card, abroad_share=self.abroad_share)
            opening_hours(scene)
            refusals = yield from self._use_first(scene, habits, card, city)
            if refusals >= STOPS:
                continue
            if scene.rng.random() < self.knows_pin_share:
                yield from self._use_pin(scene, habits, card, city, refusals)
            else:
                yield from self._go_without(scene, habits, card, city, refusals)

    def _use_first(self, scene: Scene, habits: Habits, card: Cards, city: int) -> Step[int]:
        """Wake the card with a small payment; return the refusals."""
        at = street_shops(scene, FIRST_USED_AT, 1, city=city)
        if not len(at):
            return 0
        answer = yield scene.charge(
            card,
            at=at,
            amount_minor=np.minimum(scene.price(at, times=0.7), self.limit_minor),
            after_s=pace(scene, habits, 1, self.gap_s),
            stage="first_use",
            entry="contactless",
            case="copied_card",  # nothing is missed: it is noticed like a copy
        )
        return _refusals(answer)

    def _use_pin(
        self, scene: Scene, habits: Habits, card: Cards, city: int, refusals: int
    ) -> Step[None]:
        """Buy dear things by chip, and fetch cash in between."""
        for _ in range(some(scene, self.purchases)):
            cash = scene.rng.random() < 0.35
            action = (self._cash if cash else self._buy)(scene, habits, card, city)
            if action is None or refusals >= STOPS:
                return
            answer = yield action
            refusals += _refusals(answer)
            if scene.rng.random() < 0.25:  # enough for today (assumption)
                opening_hours(scene, days=0.3)

    def _buy(self, scene: Scene, habits: Habits, card: Cards, city: int) -> Attempts | None:
        at = street_shops(scene, BOUGHT_AT, 1, city=city)
        if not len(at):
            return None
        return scene.charge(
            card,
            at=at,
            amount_minor=scene.price(at, times=self.basket * habits.greed),
            after_s=pace(scene, habits, 1, self.gap_s),
            stage="buy",
            entry="chip",
            knows_pin=True,
            case="copied_card",
        )

    def _cash(self, scene: Scene, habits: Habits, card: Cards, city: int) -> Attempts | None:
        machine = scene.shops("cash", 1, city=city)
        if not len(machine):
            return None
        return scene.withdraw(
            card,
            at=machine,
            amount_minor=in_notes(scene, 1, times=3.0 * habits.greed),
            after_s=pace(scene, habits, 1, self.gap_s),
            stage="cash",
            entry="chip",
            case="copied_card",
        )

    def _go_without(
        self, scene: Scene, habits: Habits, card: Cards, city: int, refusals: int
    ) -> Step[None]:
        """Tap below the limit in town, then type the number into web shops."""
        shops, left = taste(scene, BOUGHT_AT), some(scene, self.purchases)
        online = int(scene.rng.binomial(left, 0.4))
        while left > online and refusals < STOPS:
            count = min(left - online, int(scene.rng.integers(1, 3)))
            at = street_shops(scene, shops, count, city=city)
            if not len(at):
                break
            answer = yield scene.charge(
                same_card(card, count),
                at=at,
                amount_minor=below(scene, at, self.limit_minor),
                after_s=pace(scene, habits, count, self.gap_s),
                stage="tap",
                entry="contactless",
                case="copied_card",
            )
            refusals += _refusals(answer)
            left -= count
        yield from self._type_in(scene, habits, card, online, refusals)

    def _type_in(
        self, scene: Scene, habits: Habits, card: Cards, count: int, refusals: int
    ) -> Step[None]:
        """Order with the number and the value on the card in the hand."""
        device = scene.device()
        for _ in range(count):
            at = soft_web_shops(scene, habits, BOUGHT_AT, 1)
            if refusals >= STOPS or not len(at):
                return
            answer = yield scene.charge(
                card,
                at=at,
                amount_minor=scene.price(at, times=habits.greed),
                after_s=pace(scene, habits, 1, self.gap_s),
                stage="online",
                device=device,
                ip_country=habits.ip_country,
                case="copied_card",
            )
            refusals += _refusals(answer)


def _refusals(answer: Outcomes) -> int:
    """Count refusals; one that says that the card is reported counts for all."""
    reported = is_burnt(answer).any()
    return STOPS if reported else int((~answer.approved).sum())
