"""Refund abuse: the money comes back and the goods do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    draw_habits,
    next_session,
    opening_hours,
    some,
    street_shops,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# goods that can be sold, of shops that pay back without asking much (assumption)
SENT_NOT_BACK = {
    "clothing": 0.36,
    "general_merchandise": 0.28,
    "electronics": 0.26,
    "health": 0.10,
}
MOST_AT_ONCE = 3
"""Refunds that an insider books on one purchase (assumption)."""


class RefundAbuse(AttackPattern):
    """Buy, claim the money back for goods that were kept, and do it again.

    A customer buys clothes or a telephone on the web with his own card, and says some days later
    that the parcel was empty or never came, or sends back a stone. The shop pays back all of it or
    nearly all. The next time it is another shop, or the same under another pretext. In some
    campaigns somebody who works in a shop is in it: one purchase at the counter, and then two or
    three refunds on it, over some days, in the sums that the till knows; more money comes back to
    the card than ever went there.
    """

    name: ClassVar[str] = "refund_abuse"
    summary: ClassVar[str] = "refunds for goods that are kept, again and again, or from an insider"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1043", "F1024", "F1033"),
        mastercard="54 first-party fraud",
        fraud_classifier="authorised: acted fraudulently",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1043 Reversal of Transaction, F1033 Insider Access",
        "Birmingham purchase cards: 2.8 % of honest rows are refunds",
    )
    look_alike: ClassVar[str] = "who orders three sizes and sends two back"
    stages: ClassVar[tuple[str, ...]] = ("purchase", "claim", "insider_refund")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 1, "one customer, own card"),
        Expectation("payments", 4, 30, "about five purchases, and a refund or more for most"),
        Expectation("shops", 1, 8, "a few shops, or the one with the insider"),
        Expectation("days", 14, 180, "again and again, over months"),
    )

    rounds: int = parameter(5, "mean purchases", "assumption: more than once", ge=1, le=100)
    days_between: float = parameter(
        9.0, "mean days between a refund and the next purchase", "assumption", ge=0, le=180
    )
    claimed_share: float = parameter(
        0.8, "purchases that are claimed back", "assumption: some goods are paid for", ge=0, le=1
    )
    claim_after_days: float = parameter(
        8.0, "mean days from a purchase to the refund", "assumption: as honest ones", ge=0.5, le=90
    )
    whole_share: float = parameter(
        0.65, "refunds of the whole sum", "as honest ones: .7 (assumption)", ge=0, le=1
    )
    insider_share: float = parameter(
        0.3, "campaigns with somebody inside a shop", "assumption", ge=0, le=1
    )
    basket: float = parameter(
        1.8, "so many times an honest basket", "assumption: worth the trouble", gt=0, le=20
    )

    def run(self, scene: Scene) -> Campaign:
        """Buy and claim, round after round."""
        habits = draw_habits(scene)
        customer = scene.accounts(1, via="own")
        if not len(customer):
            scene.give_up("nobody there")
            return
        insider = bool(scene.rng.random() < self.insider_share)
        goods = taste(scene, SENT_NOT_BACK)
        shops, online = self._shops(scene, customer, goods, insider=insider)
        if not len(shops):
            scene.give_up("no shop to buy at")
            return
        scene.note(insider=insider)
        bought = 0
        for _ in range(some(scene, self.rounds)):
            self._go_shopping(scene, habits, online=online)
            card, at = scene.cards_of(customer, "debit"), scene.rng.choice(shops, 1)
            answer = yield self._buy(scene, habits, card, at, online=online)
            if not answer.approved.all():
                continue
            bought += 1
            if insider:
                yield from self._insider(scene, customer, at, answer.taken_minor)
            elif scene.rng.random() < self.claimed_share:
                yield from self._claim(scene, customer, at, answer.taken_minor)
        if not bought:
            scene.give_up("nothing could be bought")

    def _shops(
        self, scene: Scene, customer: Accounts, goods: dict[str, float], *, insider: bool
    ) -> tuple[Ints, bool]:
        """Return the shop of the insider near home, or a few web shops; and whether on the web."""
        if insider:
            found = street_shops(scene, goods, 1, city=int(customer.city[0]))
            if len(found):
                return found, False
        count = 1 if insider else int(scene.rng.integers(2, 7))
        return web_shops(scene, goods, count), True

    def _go_shopping(self, scene: Scene, habits: Habits, *, online: bool) -> None:
        days = float(scene.rng.exponential(self.days_between))
        if online:
            next_session(scene, habits, days=days)
        else:
            opening_hours(scene, days=days * habits.patience)

    def _buy(
        self, scene: Scene, habits: Habits, card: Cards, at: Ints, *, online: bool
    ) -> Attempts:
        """Buy with one's own card, on one's own telephone or at the counter."""
        amount = scene.price(at, times=self.basket * habits.greed)
        after_s = scene.pace(1, median_s=600.0)
        if online:
            return scene.charge(
                card,
                at=at,
                amount_minor=amount,
                after_s=after_s,
                stage="purchase",
                device=scene.usual_devices(card),
                passes_challenge=0.96,  # as any customer
                case="first_party",
            )
        return scene.charge(
            card,
            at=at,
            amount_minor=amount,
            after_s=after_s,
            stage="purchase",
            entry="chip",
            knows_pin=True,
            case="first_party",
        )

    def _claim(self, scene: Scene, customer: Accounts, at: Ints, paid_minor: int) -> Step[None]:
        """Have the shop pay back all of it, or what it agrees to."""
        scene.wait(days=min(float(scene.rng.gamma(2.0, self.claim_after_days / 2)), 90.0))
        opening_hours(scene)
        part = 1.0 if scene.rng.random() < self.whole_share else scene.rng.uniform(0.4, 0.95)
        yield scene.refund(
            scene.cards_of(customer, "debit"),
            at=at,
            amount_minor=max(int(paid_minor * part), 1),
            after_s=scene.pace(1, median_s=900.0),
            stage="claim",
        )

    def _insider(self, scene: Scene, customer: Accounts, at: Ints, paid_minor: int) -> Step[None]:
        """Let the insider book refunds on the purchase, one to three, days apart."""
        for _ in range(int(scene.rng.integers(1, MOST_AT_ONCE + 1))):
            opening_hours(scene, days=float(scene.rng.exponential(1.5)))
            # the same till slip once more, or another basket of that shop
            again = scene.rng.random() < 0.5
            amount = np.array([paid_minor]) if again else scene.price(at, times=self.basket)
            yield scene.refund(
                scene.cards_of(customer, "debit"),
                at=at,
                amount_minor=np.maximum(amount, 1),
                after_s=scene.pace(1, median_s=900.0),
                stage="insider_refund",
            )
