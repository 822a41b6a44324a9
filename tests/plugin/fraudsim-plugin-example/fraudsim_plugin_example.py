"""An attack pattern that comes from another package."""

from typing import ClassVar

from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scene import Scene
from fraudsim.attacks.kit.taxonomy import Taxonomy


class NightWithdrawals(AttackPattern):
    """Copy a few cards at one shop, then draw cash with them at night, once each."""

    name: ClassVar[str] = "night_withdrawals"
    summary: ClassVar[str] = "copied cards draw cash once at night"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(eba="counterfeit card")
    sources: ClassVar[tuple[str, ...]] = ("invented for the test",)
    look_alike: ClassVar[str] = "people who work at night"
    stages: ClassVar[tuple[str, ...]] = ("cash",)

    cards: int = parameter(5, "cards copied", "assumption", ge=1, le=500)
    amount_minor: int = parameter(10_000, "cash each, minor units", "assumption", ge=1)

    def run(self, scene: Scene) -> Campaign:
        """Copy, wait for the night, withdraw."""
        city = scene.city()
        cards = scene.steal_cards(self.cards, via="skimming", near_city=city)
        machines = scene.shops("cash", len(cards), city=city)
        if not len(machines):
            scene.give_up("no cash machine, or nobody to copy a card of")
            return
        scene.wait_until_hour(2.0)
        yield scene.withdraw(
            cards,
            at=machines,
            amount_minor=self.amount_minor,
            after_s=scene.pace(len(cards), median_s=600),
            stage="cash",
        )
