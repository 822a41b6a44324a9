"""Triangulation: somebody's bargain is bought with somebody else's card."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    draw_habits,
    next_session,
    pace,
    some,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Cards
    from fraudsim.attacks.kit.scene import Scene

# what people look for on a market place (assumption)
ORDERED = {
    "general_merchandise": 0.38,
    "clothing": 0.24,
    "electronics": 0.22,
    "entertainment": 0.08,
    "grocery": 0.08,
}
SHOPS_KNOWN = 8
"""Well known shops that the goods are ordered from, at most (assumption)."""


class Triangulation(AttackPattern):
    """Sell goods one does not have, and have a real shop send them, paid with a stolen card.

    The fraudster runs a little shop on a market place and sells below the usual price. For each
    order he buys just that at a well known web shop, with a stolen card, and has it sent to his
    customer, who is content. So every purchase is an ordinary basket at an ordinary hour, each
    goes to another address, and there are many cards and few of their purchases. What ties them
    together is the ring's two or three computers. A card that worked may serve another order some
    days later, until it is refused; then the order is placed again with the next one.
    """

    name: ClassVar[str] = "triangulation"
    summary: ClassVar[str] = "a fake shop fills its orders at real shops with stolen cards"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1020.002", "T1585", "F1028"),
        visa="6 account number use, card not present",
        mastercard="06 card not present",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1020.002 Fake Website, F1028 Fradulent Purchasing",
        "practice of acquirers and market places: triangulation of buyer, seller and real shop",
    )
    look_alike: ClassVar[str] = "honest online shopping; an office whose people share a computer"
    stages: ClassVar[tuple[str, ...]] = ("order", "order_again")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 7, 30, "many cards, each for an order or two"),
        Expectation("days", 8, 60, "orders come in for weeks"),
        Expectation("gap_minutes", 180, 2_400, "an order comes now and then, never a burst"),
    )

    orders: int = parameter(25, "mean number of orders", "assumption", ge=1, le=5_000)
    orders_per_day: float = parameter(
        1.2, "mean orders per day", "assumption: a little shop", gt=0, le=100
    )
    hand: int = parameter(6, "cards bought at a time, at the most", "assumption", ge=1, le=500)
    again_share: float = parameter(
        0.35, "orders paid with a card that worked before", "assumption", ge=0, le=1
    )
    fresh_device_share: float = parameter(
        0.04, "orders placed on a new computer", "assumption", ge=0, le=1
    )
    tries: int = parameter(3, "cards tried for one order", "assumption", ge=1, le=20)

    def run(self, scene: Scene) -> Campaign:
        """Fill one order after the other."""
        habits = draw_habits(scene)
        shops = np.unique(web_shops(scene, taste(scene, ORDERED), SHOPS_KNOWN))
        if not len(shops):
            scene.give_up("no shop that has the goods")
            return
        fresh: list[Cards] = []
        worked: list[Cards] = []
        for _ in range(some(scene, self.orders)):
            next_session(scene, habits, days=self._until_next_order(scene))
            filled = yield from self._fill(
                scene, habits, int(scene.rng.choice(shops)), fresh, worked
            )
            if not filled:
                return

    def _until_next_order(self, scene: Scene) -> float:
        """Half a day less than the mean: the wait for the hour adds as much."""
        return max(float(scene.rng.exponential(1 / self.orders_per_day)) - 0.5, 0.0)

    def _fill(
        self, scene: Scene, habits: Habits, shop: int, fresh: list[Cards], worked: list[Cards]
    ) -> Step[bool]:
        """Buy what was ordered, card by card; return whether there were cards."""
        amount = scene.price([shop])
        device = scene.ring_device(fresh_share=self.fresh_device_share)
        for _ in range(self.tries):
            again = bool(worked) and scene.rng.random() < self.again_share
            pile = worked if again else fresh
            if not pile:
                pile += self._get(scene)
            if not pile:
                scene.give_up("no cards to buy")
                return False
            card = pile.pop(int(scene.rng.integers(len(pile))))
            answer = yield scene.charge(
                card,
                at=shop,
                amount_minor=amount,
                after_s=pace(scene, habits, 1, 240.0),
                stage="order_again" if again else "order",
                device=device,
                ip_country=habits.ip_country,
            )
            if answer.approved[0]:
                worked.append(card)
                break
        return True

    def _get(self, scene: Scene) -> list[Cards]:
        """Take what others of the ring left, or buy a few cards; return them one by one."""
        cards = scene.take_cards(self.hand)
        if cards is None:
            cards = scene.steal_cards(some(scene, self.hand / 2), via="purchase")
        return [cards[index : index + 1] for index in range(len(cards))]
