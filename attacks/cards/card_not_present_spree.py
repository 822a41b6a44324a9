"""Card-not-present spree: a merchant is breached, weeks later its customers' cards shop online."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    devices_for,
    draw_habits,
    is_burnt,
    next_session,
    pace,
    soft_web_shops,
    some,
    spree,
    street_shops,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Bools, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# whose systems lose card details (assumption)
BREACHED_ONLINE = {
    "general_merchandise": 0.3,
    "clothing": 0.25,
    "electronics": 0.15,
    "entertainment": 0.15,
    "airline": 0.05,
    "hotel": 0.1,
}
BREACHED_SHOPS = {"restaurant": 0.35, "general_merchandise": 0.25, "fuel": 0.2, "hotel": 0.2}
# what is bought: resold, eaten or used at once, mixed like any web basket (assumption)
SPENT_ON = {
    "general_merchandise": 0.24,
    "electronics": 0.15,
    "clothing": 0.14,
    "digital_goods": 0.13,
    "entertainment": 0.07,
    "gift_cards": 0.06,
    "telecom": 0.05,
    "fast_food": 0.05,
    "grocery": 0.04,
    "transit": 0.03,
    "airline": 0.02,
    "crypto_exchange": 0.02,
}
TESTED_AT = {"digital_goods": 0.7, "streaming": 0.1, "transit": 0.2}


class CardNotPresentSpree(AttackPattern):
    """Breach one merchant, wait, then shop online with its customers' cards, a few at a time.

    Whoever paid there while the fraudster listened is a victim: the merchant is the common point
    of compromise. After days or weeks the cards are used a handful at a time, about three
    purchases a day for one to three days, each at another web shop. One card in five is first
    tried with a small sum. A refusal for lack of money means a smaller basket, one for
    authentication another shop and then the next card.
    """

    name: ClassVar[str] = "card_not_present_spree"
    summary: ClassVar[str] = "cards stolen at one breached merchant go shopping online weeks later"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1011", "F1016", "F1028", "F1015", "F1030"),
        visa="6 account number use, card not present",
        mastercard="06 card not present",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1011 Card Dump Capture, F1028 Fradulent Purchasing",
        "Fraud Detection Handbook, chapter 3: Worldline 2018, 3 frauds per compromised card-day",
        "UK Finance Annual Fraud Report 2025: 2.6 million remote purchase cases, mean 154 pounds",
    )
    look_alike: ClassVar[str] = "presents before a holiday, furnishing a flat, a new hobby"
    stages: ClassVar[tuple[str, ...]] = ("test", "spend")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("shops", 12, 40, "each purchase is at another web shop"),
        Expectation("amount_minor", 2_000, 6_000, "baskets are a little smaller than honest ones"),
        Expectation("days", 10, 45, "a handful of cards at a time, one to three days each"),
    )

    cards: int = parameter(25, "mean number of cards stolen and used", "assumption", ge=1, le=5_000)
    online_breach_share: float = parameter(
        0.5, "breaches of a web shop, the others are of a shop", "assumption", ge=0, le=1
    )
    listen_days: float = parameter(
        12.0, "mean days that the breach goes unseen", "assumption", gt=0, le=365
    )
    wait_days: float = parameter(
        10.0, "median days between breach and first use", "assumption: days to weeks", ge=0, le=365
    )
    hand: int = parameter(6, "mean number of cards in use at a time", "assumption", ge=1, le=500)
    purchases_per_day: float = parameter(
        4.5,
        "mean purchases tried per card and day",
        "Worldline: 3 frauds per compromised card-day; a third is refused or left out",
        ge=1,
        le=50,
    )
    longest_use_days: int = parameter(
        3, "a card is used for 1 to so many days", "assumption", ge=1, le=60
    )
    test_share: float = parameter(
        0.45, "cards tried with a small sum first", "assumption: a fifth or more", ge=0, le=1
    )
    basket: float = parameter(
        0.85,
        "a purchase is so many times an honest basket",
        "fraud of a case is 154 pounds (UK Finance 2025) in two or three payments",
        gt=0,
        le=20,
    )
    gap_s: float = parameter(900.0, "median seconds between charges", "assumption", gt=0, le=86_400)
    passes_challenge: float = parameter(
        0.05, "3-D Secure challenges passed (a phished code)", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Breach, wait, use a handful of cards, take the next handful."""
        habits = draw_habits(scene)
        merchant = self._merchant_to_breach(scene)
        if not len(merchant):
            scene.give_up("no merchant to breach")
            return
        days = float(
            np.clip(scene.rng.gamma(3.0, self.listen_days / 3.0), 0.5, 3 * self.listen_days)
        )
        cards = yield scene.tap(int(merchant[0]), days=days, limit=some(scene, self.cards))
        if not len(cards):
            scene.give_up("nobody paid at the breached merchant")
            return
        scene.wait(days=self.wait_days * float(scene.rng.lognormal(0, 0.6)))
        shops, size = taste(scene, SPENT_ON), some(scene, self.hand)
        for start in range(0, len(cards), size):
            yield from self._use(scene, habits, cards[start : start + size], shops)

    def _merchant_to_breach(self, scene: Scene) -> Ints:
        if scene.rng.random() < self.online_breach_share:
            return web_shops(scene, BREACHED_ONLINE, 1)
        return street_shops(scene, BREACHED_SHOPS, 1, city=scene.city())

    def _use(
        self, scene: Scene, habits: Habits, hand: Cards, shops: dict[str, float]
    ) -> Step[None]:
        """Use a handful of cards for a day or more, until none works."""
        devices = devices_for(scene, habits, hand)
        next_session(scene, habits, days=float(scene.rng.uniform(0.1, 1.0)))
        works = yield from self._test(scene, habits, hand, devices)
        days = int(scene.rng.integers(1, self.longest_use_days + 1))
        for _ in range(days):
            hand, devices = hand[works], devices[works]
            if not len(hand):
                return
            works = yield from spree(
                scene,
                habits,
                hand,
                shops=shops,
                stage="spend",
                rounds=1 + int(scene.rng.poisson(self.purchases_per_day - 1)),
                gap_s=self.gap_s,
                devices=devices,
                basket=self.basket,
                passes_challenge=self.passes_challenge,
            )
            next_session(scene, habits, days=float(scene.rng.uniform(0.4, 1.0)))

    def _test(self, scene: Scene, habits: Habits, hand: Cards, devices: Ints) -> Step[Bools]:
        """Try some of the cards with a small sum; return which cards are still in the game."""
        works = np.ones(len(hand), dtype=bool)
        tried = np.flatnonzero(scene.rng.random(len(hand)) < self.test_share)
        at = soft_web_shops(scene, habits, TESTED_AT, len(tried), quiet=True)
        if not len(at):
            return works
        answer = yield scene.charge(
            hand[tried],
            at=at,
            amount_minor=scene.price(at, times=0.2),
            after_s=pace(scene, habits, len(tried), self.gap_s),
            stage="test",
            device=devices[tried],
            ip_country=habits.ip_country,
            passes_challenge=self.passes_challenge,
        )
        works[tried] = ~is_burnt(answer)
        scene.wait(hours=float(scene.rng.exponential(2.0)) * habits.patience)
        return works
