"""An attack of one's own: fraudsim simulate tiny --attacks docs/tutorial/gift_card_drain.py."""

from typing import ClassVar

from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scene import Scene
from fraudsim.attacks.kit.taxonomy import Taxonomy


class GiftCardDrain(AttackPattern):
    """Phish a few cards and turn them into gift cards, a larger one each time, until refused."""

    name: ClassVar[str] = "gift_card_drain"
    summary: ClassVar[str] = "phished cards buy gift cards, a larger one each time"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(f3=("T1660", "F1028"), visa="6", mastercard="06")
    sources: ClassVar[tuple[str, ...]] = ("invented for the tutorial",)
    look_alike: ClassVar[str] = "presents bought at the last minute"
    stages: ClassVar[tuple[str, ...]] = ("buy",)

    cards: int = parameter(4, "cards phished", "assumption", ge=1, le=100)
    purchases: int = parameter(5, "purchases per card at most", "assumption", ge=1, le=50)

    def run(self, scene: Scene) -> Campaign:
        """Use every card until it is refused."""
        cards = scene.steal_cards(self.cards, via="phishing")
        shops = scene.online_merchants("gift_cards", self.cards)
        for turn in range(self.purchases):
            if not len(cards) or not len(shops):
                scene.give_up("no card or no shop left")
                return
            amount = scene.price(shops[: len(cards)], times=1.0 + 0.4 * turn)
            after_s = scene.pace(len(cards), median_s=300)
            answer = yield scene.charge(
                cards, at=shops[: len(cards)], amount_minor=amount, after_s=after_s,
                stage="buy", device=scene.device(),
            )  # fmt: skip
            cards = cards[answer.approved]
            scene.wait(hours=scene.rng.exponential(6))
