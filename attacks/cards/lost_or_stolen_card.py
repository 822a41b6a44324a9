"""Lost or stolen card: somebody else has it in his hand and goes shopping nearby."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    below,
    draw_habits,
    in_notes,
    is_burnt,
    opening_hours,
    pace,
    same_card,
    some,
    street_shops,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Cards, Outcomes
    from fraudsim.attacks.kit.scene import Scene

# where people tap a card, thieves too (assumption)
TAPPED_AT = {
    "grocery": 0.30,
    "fast_food": 0.18,
    "general_merchandise": 0.14,
    "fuel": 0.12,
    "restaurant": 0.10,
    "transit": 0.08,
    "taxi": 0.05,
    "entertainment": 0.03,
}
# what is worth a chip and a PIN, or the number on the card (assumption)
BIG_SHOPS = {"electronics": 0.35, "clothing": 0.3, "general_merchandise": 0.25, "gift_cards": 0.1}
STOPS = 2
"""Refusals after which the card is thrown away."""


class LostOrStolenCard(AttackPattern):
    """Tap a stolen card at shops nearby until it no longer works, then try something bigger.

    A card is found or taken in the victim's town. Within hours it is tapped at ordinary shops for
    ordinary sums below the contactless limit, which asks for no PIN. A thief who saw the PIN
    goes to a cash machine and buys dear things by chip; another tries the printed number online,
    or leaves it at that. Two refusals, or one that says the card was reported, end it.
    """

    name: ClassVar[str] = "lost_or_stolen_card"
    summary: ClassVar[str] = "a stolen card is tapped nearby within hours, then something bigger"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1037", "F1041", "F1017.001", "F1028"),
        visa="1 stolen (0 lost)",
        mastercard="01 stolen (00 lost)",
        eba="lost or stolen card",
        fraud_classifier="unauthorised: used account information",
        uk_finance="lost and stolen card",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1037 NFC Payment, F1041 PIN-code Peeking",
        "UK contactless limit of 100 pounds since October 2021",
        "UK Finance Annual Fraud Report 2025: lost and stolen cards among 0.53 million other cases",
    )
    look_alike: ClassVar[str] = "a day in town: coffee, lunch, shopping, a taxi home"
    stages: ClassVar[tuple[str, ...]] = ("tap", "bigger", "cash")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 1, "one card was in one hand"),
        Expectation("days", 0.1, 1.5, "the holder misses it within a day"),
        Expectation("amount_minor", 1_200, 4_500, "a tap is an ordinary sum below the limit"),
    )

    taps: int = parameter(4, "mean number of contactless payments", "assumption", ge=1, le=100)
    limit_minor: int = parameter(
        10_000, "contactless limit that the thief knows of, minor units", "UK: 100 pounds", ge=100
    )
    gap_s: float = parameter(
        2_100.0, "median seconds between payments", "assumption: a walk", gt=0, le=86_400
    )
    knows_pin_share: float = parameter(
        0.25, "thieves who watched the PIN being typed", "assumption", ge=0, le=1
    )
    tries_bigger_share: float = parameter(
        0.6, "thieves without the PIN who try a bigger purchase", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Take the card, tap it, try something bigger."""
        habits = draw_habits(scene)
        opening_hours(scene)
        card = scene.steal_cards(1, via="theft")
        if not len(card):
            scene.give_up("nobody to take a card from")
            return
        scene.wait(hours=float(scene.rng.lognormal(0, 0.7)))
        refusals = yield from self._tap(scene, habits, card)
        if refusals >= STOPS:
            return
        if scene.rng.random() < self.knows_pin_share:
            yield from self._use_pin(scene, habits, card, refusals)
        elif scene.rng.random() < self.tries_bigger_share:
            yield from self._try_bigger(scene, habits, card)

    def _tap(self, scene: Scene, habits: Habits, card: Cards) -> Step[int]:
        """Tap at shops nearby, one or two at a time; return the refusals so far."""
        left, refusals = some(scene, self.taps), 0
        shops, city = taste(scene, TAPPED_AT), int(card.city[0])
        while left > 0 and refusals < STOPS:
            count = min(left, int(scene.rng.integers(1, 3)))
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
                case="stolen_card",
            )
            refusals += _refusals(answer)
            left -= count
            if scene.rng.random() < 0.1:  # enough for today (assumption)
                opening_hours(scene, days=0.4)
        return refusals

    def _use_pin(self, scene: Scene, habits: Habits, card: Cards, refusals: int) -> Step[None]:
        """Withdraw once or twice, then buy dear things by chip."""
        city = int(card.city[0])
        for _ in range(1 + int(scene.rng.integers(4))):
            if refusals >= STOPS:
                return
            cash = scene.rng.random() < 0.5
            action = (self._cash if cash else self._buy)(scene, habits, card, city)
            if action is None:
                return
            answer = yield action
            refusals += _refusals(answer)

    def _cash(self, scene: Scene, habits: Habits, card: Cards, city: int) -> Attempts | None:
        machine = scene.shops("cash", 1, city=city)
        if not len(machine):
            return None
        return scene.withdraw(
            card,
            at=machine,
            amount_minor=in_notes(scene, 1, times=2.0 * habits.greed),
            after_s=pace(scene, habits, 1, self.gap_s),
            stage="cash",
            entry="chip",
            case="stolen_card",
        )

    def _buy(self, scene: Scene, habits: Habits, card: Cards, city: int) -> Attempts | None:
        at = street_shops(scene, BIG_SHOPS, 1, city=city)
        if not len(at):
            return None
        return scene.charge(
            card,
            at=at,
            amount_minor=scene.price(at, times=1.3 * habits.greed),
            after_s=pace(scene, habits, 1, self.gap_s),
            stage="bigger",
            entry="chip",
            knows_pin=True,
            case="stolen_card",
        )

    def _try_bigger(self, scene: Scene, habits: Habits, card: Cards) -> Step[None]:
        """Type the printed number into web shops until two refusals."""
        device, refusals = scene.device(), 0
        for _ in range(1 + int(scene.rng.integers(3))):
            at = web_shops(scene, BIG_SHOPS, 1)
            if refusals >= STOPS or not len(at):
                return
            answer = yield scene.charge(
                card,
                at=at,
                amount_minor=scene.price(at, times=habits.greed),
                after_s=pace(scene, habits, 1, self.gap_s),
                stage="bigger",
                device=device,
                ip_country=habits.ip_country,
                case="stolen_card",
            )
            refusals += _refusals(answer)


def _refusals(answer: Outcomes) -> int:
    """Count refusals; one that says that the card is reported counts for all."""
    reported = is_burnt(answer).any()
    return STOPS if reported else int((~answer.approved).sum())
