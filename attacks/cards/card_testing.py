"""Card testing: which of these bought cards still answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    devices_for,
    draw_habits,
    next_session,
    pace,
    soft_web_shops,
    some,
    spree,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Bools, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# where a small charge is nothing unusual (assumption)
QUIET_SHOPS = {
    "digital_goods": 0.34,
    "entertainment": 0.16,
    "transit": 0.14,
    "streaming": 0.12,
    "services": 0.12,
    "telecom": 0.12,
}
# what is bought with cards that answered: easily sold on (assumption)
SPENT_ON = {
    "general_merchandise": 0.26,
    "electronics": 0.18,
    "clothing": 0.14,
    "digital_goods": 0.12,
    "gift_cards": 0.10,
    "entertainment": 0.07,
    "telecom": 0.05,
    "fast_food": 0.05,
    "crypto_exchange": 0.03,
}


class CardTesting(AttackPattern):
    """Probe a bought batch of stolen cards at a quiet web shop, then spend on those that answered.

    The fraudster buys card numbers of which nobody knows how old they are; for some the
    verification value is wrong. A handful at a time, they are charged a small sum at one or two
    web shops that few people use. When hand after hand is refused, the batch is given up. Of the
    cards that answered, a third is used within days for a few purchases that grow; the rest is
    sold on and not seen here again.
    """

    name: ClassVar[str] = "card_testing"
    summary: ClassVar[str] = "small charges show which stolen cards still work, then purchases grow"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1012", "F1046", "F1028"),
        visa="6 account number use, card not present",
        mastercard="06 card not present",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1012 Card Testing",
        "Visa Account Attack Intelligence: 33 % of tested accounts see fraud within five days",
        "ULB card data 2013: 24 % of frauds are of exactly 1.00, 5.5 % of 0.00",
    )
    look_alike: ClassVar[str] = "trials of subscriptions, small donations, in-game purchases"
    stages: ClassVar[tuple[str, ...]] = ("probe", "spend")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("amount_minor", 700, 2_500, "most payments are probes of a few units"),
        Expectation("gap_minutes", 3, 15, "a hand is probed within the quarter of an hour"),
        Expectation("days", 2, 9, "what answered is used within five days (Visa)"),
    )

    cards: int = parameter(40, "mean number of cards in a batch", "assumption", ge=1, le=5_000)
    wrong_cvv_share: float = parameter(
        0.30, "cards whose verification value is wrong", "assumption", ge=0, le=1
    )
    hand: int = parameter(8, "mean number of cards probed in one go", "assumption", ge=1, le=500)
    gap_s: float = parameter(
        150.0, "median seconds between probes", "assumption: minutes apart", gt=0, le=86_400
    )
    basket: float = parameter(
        0.4, "a probe is so many times an honest basket", "assumption", gt=0, le=2
    )
    used_share: float = parameter(
        0.33, "answering cards that are used", "Visa: 33 % within five days", ge=0, le=1
    )
    longest_wait_days: float = parameter(
        5.0, "longest wait between probe and use, days", "Visa: within five days", ge=0.5, le=90
    )
    purchases: int = parameter(3, "mean purchases per card used", "assumption", ge=1, le=50)

    def run(self, scene: Scene) -> Campaign:
        """Buy, probe, wait, spend."""
        habits = draw_habits(scene)
        cards = scene.steal_cards(some(scene, self.cards), via="purchase")
        shops = soft_web_shops(
            scene, habits, QUIET_SHOPS, int(scene.rng.integers(1, 3)), quiet=True
        )
        if not len(cards) or not len(shops):
            scene.give_up("no cards to buy" if len(shops) else "no web shop to probe at")
            return
        next_session(scene, habits, days=0)
        answered = yield from self._probe(scene, habits, cards, shops)
        kept = cards[answered & (scene.rng.random(len(cards)) < self.used_share)]
        if not len(kept):
            scene.give_up("no card worth using")
            return
        next_session(scene, habits, days=float(scene.rng.uniform(0.5, self.longest_wait_days)))
        yield from spree(
            scene,
            habits,
            kept,
            shops=taste(scene, SPENT_ON),
            stage="spend",
            rounds=some(scene, self.purchases),
            gap_s=600.0 * habits.patience,
            devices=devices_for(scene, habits, kept),
            growth=1.5,  # escalation from purchase to purchase (assumption)
            passes_challenge=0.03,  # a bought number comes without the holder's phone (assumption)
        )

    def _probe(self, scene: Scene, habits: Habits, cards: Cards, shops: Ints) -> Step[Bools]:
        """Probe hand by hand; return which cards answered. Three dry hands end it."""
        answered = np.zeros(len(cards), dtype=bool)
        knows_cvv = scene.rng.random(len(cards)) >= self.wrong_cvv_share
        devices = devices_for(scene, habits, cards)
        size, start, dry = some(scene, self.hand), 0, 0
        while start < len(cards) and dry < 3:
            hand = np.arange(start, min(start + size, len(cards)))
            # those with the right value first: the outcomes come in this order
            hand = hand[np.argsort(~knows_cvv[hand], kind="stable")]
            known = int(knows_cvv[hand].sum())
            at = np.full(len(hand), shops[scene.rng.integers(len(shops))])
            answer = yield self._charge_hand(
                scene, habits, cards[hand], at=at, devices=devices[hand], known=known
            )
            answered[hand] = answer.approved
            dry = 0 if answer.approved.any() else dry + 1
            scene.wait(hours=float(scene.rng.exponential(0.4)) * habits.patience * (1 + 5 * dry))
            start += size
        return answered

    def _charge_hand(
        self,
        scene: Scene,
        habits: Habits,
        hand: Cards,
        *,
        at: Ints,
        devices: Ints,
        known: int,
    ) -> Attempts:
        """Charge the first ``known`` cards with the right value and the others with a wrong one."""
        amount = scene.price(at, times=self.basket * float(scene.rng.uniform(0.5, 1.5)))
        after_s = scene.rng.permutation(pace(scene, habits, len(hand), self.gap_s))

        def charge(part: slice, cvv: Literal["match", "no_match"]) -> Attempts:
            return scene.charge(
                hand[part],
                at=at[part],
                amount_minor=amount[part],
                after_s=after_s[part],
                stage="probe",
                device=devices[part],
                ip_country=habits.ip_country,
                cvv=cvv,
            )

        return charge(slice(0, known), "match") + charge(slice(known, len(hand)), "no_match")
