"""Quishing: false QR codes on parking machines (UK: 1,386 reports to Action Fraud in 2024)."""

from typing import ClassVar

from fraudsim.attacks.kit import habits as kit
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scene import Scene
from fraudsim.attacks.kit.taxonomy import Taxonomy


class ParkingAppQr(AttackPattern):
    """Take a fee for parking on a false page; a week later bill the card, again and again."""

    name: ClassVar[str] = "parking_app_qr"
    summary: ClassVar[str] = "cards typed in at a false parking page are billed again and again"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(f3=("T1660", "F1028"), visa="6", mastercard="06")
    sources: ClassVar[tuple[str, ...]] = ("Bureau of Investigative Journalism, June 2025",)
    look_alike: ClassVar[str] = "a free trial that becomes a subscription"
    stages: ClassVar[tuple[str, ...]] = ("fee", "bill")
    cards: int = parameter(12, "mean drivers who scan the code", "assumption", ge=1, le=500)
    bills: int = parameter(3, "bills per card at most", "assumption", ge=1, le=24)
    every_days: float = parameter(7.0, "mean days between bills", "assumption", gt=0, le=60)

    def run(self, scene: Scene) -> Campaign:
        """Take the fee on one page, then bill every card that still answers."""
        habits, gap_s = kit.draw_habits(scene), 5400.0
        cards = scene.steal_cards(kit.some(scene, self.cards), via="phishing")
        at = scene.online_merchants("transit", 1)[[0] * len(cards)]
        shops = kit.web_shops(scene, kit.taste(scene, {"streaming": 1.0}), len(cards))
        amount, sums = scene.price(at, times=0.5), scene.price(shops, times=2.0)
        for turn in range(1 + self.bills):
            answer = yield scene.charge(
                cards, at=at, amount_minor=amount, stage="bill" if turn else "fee",
                after_s=kit.pace(scene, habits, len(cards), gap_s), device=scene.device(),
            )  # fmt: skip
            cards, shops, sums = (kept[answer.approved] for kept in (cards, shops, sums))
            if not len(cards):
                return scene.give_up("every card is refused")
            at, amount, gap_s = shops, sums, 60.0
            scene.wait(hours=24.0 * self.every_days * float(scene.rng.uniform(0.8, 1.2)))
