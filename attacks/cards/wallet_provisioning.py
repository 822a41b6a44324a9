"""Wallet provisioning: a phished card lives on in the wallet of somebody else's phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    draw_habits,
    is_burnt,
    next_session,
    opening_hours,
    pace,
    some,
    street_shops,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Bools, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# where a phone is held to the till first: nobody looks (assumption)
TRIED_AT = {"fast_food": 0.35, "grocery": 0.35, "transit": 0.3}
# what is dear, small and sold by anybody (assumption)
TAPPED_AT = {
    "electronics": 0.36,
    "clothing": 0.2,
    "general_merchandise": 0.24,
    "gift_cards": 0.12,
    "grocery": 0.08,
}


class WalletProvisioning(AttackPattern):
    """Phish cards and their codes, put them into one phone, and tap that phone for dear things.

    A message about a parcel or a fine leads to a page that asks for the card and then for the code
    that the bank sends: it lets the fraudster put the card into the wallet of a phone. The bank
    sees a device enrolled by the card's holder. Some phones are used within hours, others are
    first sold to runners and come to life weeks later. In the town of the ring a runner taps them:
    once small, to see which card answers, then quickly for dear things, as a wallet knows no
    contactless limit. A card that is refused twice is left.
    """

    name: ClassVar[str] = "wallet_provisioning"
    summary: ClassVar[str] = "phished cards are put into a fraudster's phone and tapped at shops"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1660", "T1111", "F1005.008", "F1037", "F1028"),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="card ID theft: account takeover",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1037 NFC Payment",
        "MITRE Fight Fraud Framework v1.1, T1111 Multi-Factor Authentication Interception",
        "press on parcel and toll messages since 2023: codes are phished to fill wallets",
    )
    look_alike: ClassVar[str] = "a new phone, and a day in town with it"
    stages: ClassVar[tuple[str, ...]] = ("try", "tap")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 2, 8, "a handful of cards on one or two phones"),
        Expectation("gap_minutes", 2, 25, "one runner goes through the shops quickly"),
        Expectation("amount_minor", 2_500, 14_000, "a wallet knows no contactless limit"),
    )

    cards: int = parameter(4, "mean number of cards phished", "assumption", ge=1, le=500)
    per_phone: int = parameter(
        4, "cards in the wallet of one phone at most", "press: 4 to 10", ge=1, le=20
    )
    sleeps_share: float = parameter(
        0.3, "phones that are sold and used weeks later", "press: up to 90 days", ge=0, le=1
    )
    soon_hours: float = parameter(
        8.0, "median hours until a phone is used that is not sold", "assumption", gt=0, le=240
    )
    rounds: int = parameter(3, "mean number of dear purchases per card", "assumption", ge=1, le=50)
    basket: float = parameter(
        1.8, "goods for so many times an honest basket", "assumption: dear", gt=0, le=20
    )
    gap_s: float = parameter(
        420.0, "median seconds between taps", "assumption: till after till", gt=0, le=86_400
    )

    def run(self, scene: Scene) -> Campaign:
        """Phish, enrol, wait, tap."""
        habits = draw_habits(scene)
        cards = scene.steal_cards(some(scene, self.cards), via="phishing")
        if not len(cards):
            scene.give_up("nobody answered the message")
            return
        next_session(scene, habits, days=0)
        yield self._enrol(scene, habits, cards)
        self._wait(scene, habits)
        shops = taste(scene, TAPPED_AT)
        works = yield from self._try(scene, habits, cards)
        refused = np.where(works, 0, 1)
        for turn in range(some(scene, self.rounds)):
            mine = np.flatnonzero(refused < 2)
            at = street_shops(scene, shops, len(mine), city=scene.ring.city)
            if not len(mine) or not len(at):
                return
            if turn and scene.rng.random() < 0.2:  # enough for today (assumption)
                opening_hours(scene, days=0.3)
            answer = yield self._tap(
                scene,
                habits,
                cards[mine],
                at,
                self.basket * habits.greed,
                "tap",
            )
            burnt = is_burnt(answer)
            refused[mine] += np.where(burnt, 2, ~answer.approved)

    def _enrol(self, scene: Scene, habits: Habits, cards: Cards) -> Attempts:
        """Put the cards into phones, as their holders hand over the codes."""
        phones = [
            scene.ring_device(fresh_share=0.8) for _ in range(-(-len(cards) // self.per_phone))
        ]
        device = np.repeat(phones, self.per_phone)[: len(cards)]
        return scene.enrol_wallet(
            cards,
            after_s=pace(scene, habits, len(cards), 1_200.0),
            device=device,
            ip_country=habits.ip_country,
        )

    def _wait(self, scene: Scene, habits: Habits) -> None:
        """Use it soon, or sell the phone on."""
        sleeps = bool(scene.rng.random() < self.sleeps_share)
        scene.note(phone_was_sold=sleeps)
        if sleeps:
            scene.wait(days=float(scene.rng.uniform(5, 25)))
        else:
            scene.wait(hours=self.soon_hours * float(scene.rng.lognormal(0, 0.8)) * habits.patience)
        if not 9 <= scene.local_hour < 20:
            opening_hours(scene)

    def _try(self, scene: Scene, habits: Habits, cards: Cards) -> Step[Bools]:
        """Tap some of the cards for a little; return which were not refused."""
        works = np.ones(len(cards), dtype=bool)
        tried = np.flatnonzero(scene.rng.random(len(cards)) < 0.5)
        at = street_shops(scene, TRIED_AT, len(tried), city=scene.ring.city)
        if len(at):
            answer = yield self._tap(scene, habits, cards[tried], at, 0.6, "try")
            works[tried] = answer.approved
        return works

    def _tap(
        self, scene: Scene, habits: Habits, cards: Cards, at: Ints, times: float, stage: str
    ) -> Attempts:
        """Hold the phone to one till after the other."""
        return scene.charge(
            cards,
            at=at,
            amount_minor=scene.price(at, times=times * float(scene.rng.lognormal(0, 0.25))),
            after_s=pace(scene, habits, len(cards), self.gap_s),
            stage=stage,
            entry="contactless",
            case="copied_card",  # the holder still has the card
        )
