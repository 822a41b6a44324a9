"""Friendly fraud: the holder buys, and says that it was somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    CARD_IS_BURNT,
    draw_habits,
    next_session,
    some,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Cards
    from fraudsim.attacks.kit.scene import Scene

# what people dispute that they did buy (assumption: delivered at once, or worn once)
DISPUTED = {
    "digital_goods": 0.24,
    "clothing": 0.22,
    "general_merchandise": 0.18,
    "electronics": 0.16,
    "entertainment": 0.12,
    "streaming": 0.08,
}

MOST_REFUSED = 2
"""Refusals after which the holder buys nothing more for a while (assumption)."""


class FriendlyFraud(AttackPattern):
    """Buy on the web as always, keep the goods, and later tell the bank that a thief did it.

    The customer has an ordinary life and an ordinary card. On an evening he buys what he wants, on
    his own telephone, often in the shop where he bought last and which has his card on file: shoes,
    a game, a console. Challenges are passed, since it is he who is asked. Some days or weeks later
    he writes to the bank that he knows nothing of these charges; the money comes back, with a new
    card. Many do it once. Those for whom it went well do it again some weeks later.
    """

    name: ClassVar[str] = "friendly_fraud"
    summary: ClassVar[str] = "the holder buys as always and later disputes what he bought himself"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1024", "F1043"),
        visa="6 account number use, card not present",
        mastercard="54 first-party fraud",
        fraud_classifier="authorised: acted fraudulently",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1024 Dispute Legitimate Transaction",
        "practice of issuers: reported under Visa 10.4 as if a thief had used the number",
    )
    look_alike: ClassVar[str] = "the same customer's other evenings"
    stages: ClassVar[tuple[str, ...]] = ("first_time", "again")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 1, "the holder is the fraudster"),
        Expectation("payments", 1, 8, "one to three purchases, and for some the same again"),
        Expectation("amount_minor", 1_500, 15_000, "ordinary baskets, a little dearer"),
    )

    purchases: int = parameter(
        2, "mean purchases that are disputed together", "assumption", ge=1, le=30
    )
    within_days: float = parameter(
        6.0, "mean days over which they spread", "assumption", gt=0, le=60
    )
    again_share: float = parameter(
        0.4,
        "chance that somebody does it once more, each time",
        "assumption: repeat disputers",
        ge=0,
        le=0.9,
    )
    again_after_days: float = parameter(
        35.0, "mean days until then", "assumption: when the first claim was paid", ge=1, le=365
    )
    usual_shop_share: float = parameter(
        0.6, "purchases in the web shop used last", "assumption", ge=0, le=1
    )
    basket: float = parameter(
        1.4, "so many times an honest basket", "assumption: nobody disputes a coffee", gt=0, le=20
    )

    def run(self, scene: Scene) -> Campaign:
        """Buy and keep silent; for some again, with the new card."""
        # it is the customer, at home and awake as ever
        habits = replace(draw_habits(scene), ip_country=None, night=0.0)
        customer = scene.accounts(1, via="own")
        if not len(customer):
            scene.give_up("nobody there")
            return
        wanted, times = taste(scene, DISPUTED), self._times(scene)
        scene.note(times=times)
        for time in range(times):
            if time:
                scene.wait(days=float(scene.rng.exponential(self.again_after_days)) + 7.0)
            bought = yield from self._shop(
                scene, habits, customer, wanted, stage="again" if time else "first_time"
            )
            if not bought:
                if not time:
                    scene.give_up("nothing could be bought")
                return

    def _times(self, scene: Scene) -> int:
        """Return how often it is done: once, or a few times."""
        return min(int(scene.rng.geometric(1 - self.again_share)), 4)

    def _shop(
        self,
        scene: Scene,
        habits: Habits,
        customer: Accounts,
        wanted: Mapping[str, float],
        *,
        stage: str,
    ) -> Step[int]:
        """Buy a few things within some days; return how many. A blocked card is put away."""
        funding: Literal["debit", "credit"] = (
            "credit" if self._uses_credit(scene, customer) else "debit"
        )
        bought, refused = 0, 0
        for _ in range(some(scene, self.purchases)):
            next_session(scene, habits, days=self._gap_days(scene))
            card = scene.cards_of(customer, funding)
            action = self._buy(scene, habits, card, wanted, stage)
            if action is None:
                break
            answer = yield action
            bought += int(answer.approved.sum())
            refused += int((~answer.approved).sum())
            if answer.response_code[-1] in CARD_IS_BURNT or refused >= MOST_REFUSED:
                break
        return bought

    def _uses_credit(self, scene: Scene, customer: Accounts) -> bool:
        return bool(customer.credit_room_minor[0] > 0 and scene.rng.random() < 0.5)

    def _gap_days(self, scene: Scene) -> float:
        return float(scene.rng.exponential(self.within_days / self.purchases))

    def _buy(
        self,
        scene: Scene,
        habits: Habits,
        card: Cards,
        wanted: Mapping[str, float],
        stage: str,
    ) -> Attempts | None:
        """Buy in the shop that has the card on file, or in another; None where there is no shop."""
        usual, others = scene.usual_web_shops(card), web_shops(scene, wanted, 1)
        on_file = usual[0] >= 0 and scene.rng.random() < self.usual_shop_share
        at = usual if on_file else others
        if not len(at):
            return None
        return scene.charge(
            card,
            at=at,
            amount_minor=np.maximum(scene.price(at, times=self.basket * habits.greed), 1),
            after_s=scene.pace(1, median_s=400.0),
            stage=stage,
            entry="stored_credential" if on_file else "ecom",
            cvv="not_provided" if on_file else "match",
            device=scene.usual_devices(card),
            passes_challenge=0.96,  # as any customer
        )
