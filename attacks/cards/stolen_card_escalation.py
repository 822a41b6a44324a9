"""Stolen card escalation: a small test, then dearer and dearer until the limit is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    devices_for,
    draw_habits,
    is_burnt,
    next_session,
    opening_hours,
    pace,
    rest_at_night,
    soft_web_shops,
    some,
    street_shops,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Cards, Outcomes
    from fraudsim.attacks.kit.scene import Scene

# where a first small sum raises no brow (assumption)
TRIED_AT = {"digital_goods": 0.3, "fast_food": 0.25, "transit": 0.2, "grocery": 0.25}
# what grows dearer without end (assumption)
CLIMBED_AT = {
    "electronics": 0.3,
    "general_merchandise": 0.28,
    "clothing": 0.17,
    "airline": 0.1,
    "hotel": 0.08,
    "gift_cards": 0.07,
}
# what takes the last of the money (assumption)
SCRAPED_AT = {"digital_goods": 0.35, "telecom": 0.2, "gift_cards": 0.25, "grocery": 0.2}
DEAREST = 12.0
"""The dearest basket, in honest ones: above it no shop sends at once (assumption)."""
REFUSALS = 3
"""Refusals running after which the card is left."""


class StolenCardEscalation(AttackPattern):
    """Test one stolen card with a small sum, then pay dearer and dearer until its limit is reached.

    The fraudster wants all that the card holds before its holder looks. A first small payment
    shows that it works. From then on each purchase is about twice as dear as the one before, in
    some hours or within two days. Some have only the number and go from web shop to web shop;
    others have the card and its PIN and go from shop to shop. When there is no more money they
    halve the sum, and at the end scrape together what is left. Three refusals running, or one
    that says that the card was reported, end it.
    """

    name: ClassVar[str] = "stolen_card_escalation"
    summary: ClassVar[str] = "after a small test each purchase is twice as dear, up to the limit"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1015", "F1046", "F1041", "F1028"),
        visa="6 account number use, card not present (1 stolen)",
        mastercard="06 card not present (01 stolen)",
        eba="card details theft (lost or stolen card)",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (lost and stolen card)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1015 Churning: a low-value test, then up to the limit",
        "MITRE Fight Fraud Framework v1.1, F1041 PIN-code Peeking",
    )
    look_alike: ClassVar[str] = "moving house: first paint, then a lamp, then a sofa and a cooker"
    stages: ClassVar[tuple[str, ...]] = ("test", "climb", "scrape")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 1, "one card is used up, then the next fraudster comes"),
        Expectation("days", 0.1, 3, "all must go before the holder looks"),
        Expectation("payments", 5, 12, "a handful of steps, each twice as dear, reach any limit"),
    )

    in_hand_share: float = parameter(
        0.35, "thieves who have the card itself and its PIN", "assumption", ge=0, le=1
    )
    credit_share: float = parameter(
        0.6, "credit cards, whose limit is wanted", "assumption", ge=0, le=1
    )
    test_basket: float = parameter(
        0.35, "the test is so many times an honest basket", "assumption: low value", gt=0, le=2
    )
    steps: int = parameter(5, "mean number of steps up", "assumption", ge=1, le=30)
    growth: float = parameter(
        1.8, "mean factor on the basket from step to step", "assumption: rapid", ge=1, le=5
    )
    gap_s: float = parameter(
        2_400.0, "median seconds between payments", "assumption: hours in all", gt=0, le=86_400
    )
    passes_challenge: float = parameter(
        0.1, "3-D Secure challenges passed (a phished code)", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Test, climb, scrape."""
        habits = draw_habits(scene)
        in_hand = bool(scene.rng.random() < self.in_hand_share)
        credit = scene.rng.random() < self.credit_share
        card = scene.steal_cards(
            1, via="theft" if in_hand else "phishing", funding="credit" if credit else "debit"
        )
        if not len(card):
            scene.give_up("no card to steal")
            return
        scene.note(in_hand=in_hand)
        if in_hand:
            opening_hours(scene)
        else:
            next_session(scene, habits, days=0)
        device = int(devices_for(scene, habits, card)[0])
        works = yield from self._test(scene, habits, card, device, in_hand=in_hand)
        if works:
            works = yield from self._climb(scene, habits, card, device, in_hand=in_hand)
        if works:
            yield from self._scrape(scene, habits, card, device, in_hand=in_hand)

    def _test(
        self, scene: Scene, habits: Habits, card: Cards, device: int, *, in_hand: bool
    ) -> Step[bool]:
        """Pay a small sum, twice at most; return whether it went through."""
        for _ in range(2):
            action = self._pay(
                scene,
                habits,
                card,
                shops=TRIED_AT,
                times=self.test_basket * float(scene.rng.lognormal(0, 0.3)),
                stage="test",
                device=device,
                in_hand=in_hand,
            )
            if action is None:
                return True  # nowhere to test: on with it
            answer = yield action
            if answer.approved[0]:
                return True
            if _is_burnt(answer):
                return False
        return False

    def _climb(
        self, scene: Scene, habits: Habits, card: Cards, device: int, *, in_hand: bool
    ) -> Step[bool]:
        """Buy dearer and dearer; return whether the card still lives."""
        shops, times, running = taste(scene, CLIMBED_AT), 0.6 * habits.greed, 0
        growth = 1 + (self.growth - 1) * float(scene.rng.uniform(0.6, 1.4))
        scene.note(growth=growth)
        for _ in range(1 + some(scene, self.steps, log_sd=0.3)):
            action = self._pay(
                scene,
                habits,
                card,
                shops=shops,
                times=min(times, DEAREST),
                stage="climb",
                device=device,
                in_hand=in_hand,
            )
            if action is None:
                return True
            answer = yield action
            if _is_burnt(answer):
                return False
            short = answer.response_code[0] == "51"
            running = 0 if answer.approved[0] else running + 1
            if running == REFUSALS:
                return bool(short)
            times *= 0.5 if short else growth if answer.approved[0] else 1.0
            self._rest(scene, habits, in_hand=in_hand)
        return True

    def _scrape(
        self, scene: Scene, habits: Habits, card: Cards, device: int, *, in_hand: bool
    ) -> Step[None]:
        """Take what is left in small sums, until one is refused."""
        for _ in range(int(scene.rng.integers(0, 4))):
            action = self._pay(
                scene,
                habits,
                card,
                shops=SCRAPED_AT,
                times=0.8 * habits.greed,
                stage="scrape",
                device=device,
                in_hand=in_hand,
            )
            if action is None:
                return
            answer = yield action
            if not answer.approved[0]:
                return

    def _rest(self, scene: Scene, habits: Habits, *, in_hand: bool) -> None:
        """Stop for the day now and then; a shop is shut at night anyway."""
        if scene.rng.random() < 0.15:
            if in_hand:
                opening_hours(scene, days=0.3)
            else:
                next_session(scene, habits, days=0.2)
        elif not in_hand:
            rest_at_night(scene, habits)

    def _pay(
        self,
        scene: Scene,
        habits: Habits,
        card: Cards,
        *,
        shops: Mapping[str, float],
        times: float,
        stage: str,
        device: int,
        in_hand: bool,
    ) -> Attempts | None:
        """Pay once, in town by chip or online by number; None where there is no shop."""
        if in_hand:
            at = street_shops(scene, shops, 1, city=int(card.city[0]))
        else:
            at = soft_web_shops(scene, habits, shops, 1)
        if not len(at):
            return None
        amount = scene.price(at, times=times)
        after_s = pace(scene, habits, 1, self.gap_s)
        if in_hand:
            return scene.charge(
                card,
                at=at,
                amount_minor=amount,
                after_s=after_s,
                stage=stage,
                entry="contactless" if stage == "test" else "chip",
                knows_pin=True,
                case="stolen_card",
            )
        return scene.charge(
            card,
            at=at,
            amount_minor=amount,
            after_s=after_s,
            stage=stage,
            device=device,
            ip_country=habits.ip_country,
            passes_challenge=self.passes_challenge,
        )


def _is_burnt(answer: Outcomes) -> bool:
    return bool(is_burnt(answer).any())
