"""Merchant breach: one merchant loses cards for weeks, and they are sold in lots."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    devices_for,
    draw_habits,
    is_burnt,
    next_session,
    opening_hours,
    pace,
    some,
    spree,
    street_shops,
    stripe_read,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# whose pay page or tills are tapped (assumption)
TAPPED_ONLINE = {
    "general_merchandise": 0.3,
    "clothing": 0.3,
    "entertainment": 0.2,
    "electronics": 0.1,
    "hotel": 0.1,
}
TAPPED_SHOPS = {
    "restaurant": 0.3,
    "grocery": 0.2,
    "general_merchandise": 0.2,
    "fuel": 0.15,
    "hotel": 0.15,
}
# what the buyers of the cards buy, each in his way (assumption)
RESOLD = {"electronics": 0.4, "clothing": 0.25, "general_merchandise": 0.35}
DOWNLOADED = {"digital_goods": 0.45, "gift_cards": 0.25, "telecom": 0.2, "streaming": 0.1}
LIVED_ON = {
    "grocery": 0.25,
    "general_merchandise": 0.25,
    "fast_food": 0.2,
    "clothing": 0.15,
    "transit": 0.15,
}
SWIPED_AT = {
    "general_merchandise": 0.4,
    "electronics": 0.2,
    "clothing": 0.2,
    "restaurant": 0.1,
    "hotel": 0.1,
}

Way = Literal["resell", "download", "live", "swipe"]


class MerchantBreach(AttackPattern):
    """Tap one merchant for weeks, sell its cards in lots, and let every buyer spend in his way.

    Code on a pay page, or in the tills of a shop, copies each card that is used there. Nobody
    notices for weeks. Then the cards go on sale, a lot now and a lot then, fresh ones first. One
    buyer orders goods to sell on, one buys codes and top-ups, many and small; one lives on a card
    a little at a time; and where the tills were tapped, one has copies swiped in
    the town of the ring.
    What they do has nothing in common but where the cards had been. Lots that find no buyer stay
    with the ring.
    """

    name: ClassVar[str] = "merchant_breach"
    summary: ClassVar[str] = "the cards of one tapped merchant are sold in lots, each spent its way"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1011", "F1016", "F1019", "F1028"),
        visa="6 account number use, card not present (4 counterfeit)",
        mastercard="06 card not present (04 counterfeit)",
        eba="card details theft (counterfeit card)",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (counterfeit card)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1011 Card Dump Capture",
        "MITRE Fight Fraud Framework v1.1, F1016 Compromise Payment Gateway",
        "Fraud Detection Handbook, scenario 2: a terminal is compromised for 28 days",
    )
    look_alike: ClassVar[str] = "a popular shop: its customers all pay elsewhere, too"
    stages: ClassVar[tuple[str, ...]] = ("resell", "download", "live", "swipe")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 12, 45, "the cards of one merchant that found a buyer"),
        Expectation("days", 12, 80, "lots are sold over weeks, to one buyer after the other"),
        Expectation("shops", 12, 60, "buyers have nothing in common, and go to many shops"),
    )

    cards: int = parameter(35, "mean number of cards copied", "assumption", ge=1, le=5_000)
    online_share: float = parameter(
        0.5, "breaches of a pay page, the others are of tills", "assumption", ge=0, le=1
    )
    listen_days: float = parameter(
        28.0, "mean days that it goes unseen", "Handbook, scenario 2: 28 days", gt=0, le=365
    )
    wait_days: float = parameter(
        7.0, "median days until the first lot is on sale", "assumption", ge=0, le=365
    )
    lot: int = parameter(8, "mean number of cards in a lot", "assumption", ge=1, le=500)
    sold_share: float = parameter(0.8, "lots that find a buyer", "assumption", ge=0, le=1)
    days_between_lots: float = parameter(
        5.0, "mean days between two lots", "assumption", ge=0, le=90
    )
    passes_challenge: float = parameter(
        0.04, "3-D Secure challenges passed (a phished code)", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Tap, wait, sell lot by lot."""
        online = bool(scene.rng.random() < self.online_share)
        merchant = (
            web_shops(scene, TAPPED_ONLINE, 1)
            if online
            else street_shops(scene, TAPPED_SHOPS, 1, city=scene.city())
        )
        if not len(merchant):
            scene.give_up("no merchant to tap")
            return
        cards = yield scene.tap(
            int(merchant[0]), days=self._days(scene), limit=some(scene, self.cards)
        )
        if not len(cards):
            scene.give_up("nobody paid at the tapped merchant")
            return
        scene.note(online=online)
        scene.wait(days=self.wait_days * float(scene.rng.lognormal(0, 0.5)))
        for lot in self._lots(scene, cards):
            if scene.rng.random() < self.sold_share:
                yield from self._sell(scene, lot, online=online)
            else:
                scene.leave_cards(lot)
            scene.wait(days=float(scene.rng.exponential(self.days_between_lots)))

    def _days(self, scene: Scene) -> float:
        drawn = scene.rng.gamma(4.0, self.listen_days / 4.0)
        return float(np.clip(drawn, 0.5, 3 * self.listen_days))

    def _lots(self, scene: Scene, cards: Cards) -> list[Cards]:
        """Cut the cards into lots of unequal size, those heard last first: they live longest."""
        fresh_first = cards[np.arange(len(cards))[::-1]]
        lots, start = [], 0
        while start < len(cards):
            size = some(scene, self.lot)
            lots.append(fresh_first[start : start + size])
            start += size
        return lots

    def _sell(self, scene: Scene, lot: Cards, *, online: bool) -> Step[None]:
        """Somebody else has the lot now: other habits, another way."""
        habits = draw_habits(scene)
        way = self._way(scene, online=online)
        if way == "swipe":
            yield from self._swipe(scene, habits, lot)
        elif way == "live":
            yield from self._live(scene, habits, lot)
        else:
            yield from self._order(scene, habits, lot, way)

    def _way(self, scene: Scene, *, online: bool) -> Way:
        """A pay page gives numbers, tills give stripes: only these can be copied on plastic."""
        ways: tuple[Way, ...] = ("resell", "download", "live", "swipe")
        share = [0.45, 0.3, 0.25, 0.0] if online else [0.2, 0.15, 0.15, 0.5]  # assumption
        return ways[int(scene.rng.choice(4, p=share))]

    def _order(
        self, scene: Scene, habits: Habits, lot: Cards, way: Literal["resell", "download"]
    ) -> Step[None]:
        """Order goods to sell on, or many codes and top-ups."""
        next_session(scene, habits, days=float(scene.rng.uniform(0, 2)))
        dear = way == "resell"
        yield from spree(
            scene,
            habits,
            lot,
            shops=taste(scene, RESOLD if dear else DOWNLOADED),
            stage=way,
            rounds=some(scene, 2 if dear else 5),
            gap_s=1_500.0 if dear else 400.0,
            devices=devices_for(scene, habits, lot),
            basket=1.2 if dear else 0.9,
            passes_challenge=self.passes_challenge,
        )

    def _live(self, scene: Scene, habits: Habits, lot: Cards) -> Step[None]:
        """Use a card a little at a time, in honest sums, with days between."""
        works, devices = np.ones(len(lot), dtype=bool), devices_for(scene, habits, lot)
        shops = taste(scene, LIVED_ON)
        for _ in range(some(scene, 4)):
            lot, devices = lot[works], devices[works]
            if not len(lot):
                return
            next_session(scene, habits, days=float(scene.rng.uniform(0.5, 4)))
            works = yield from spree(
                scene,
                habits,
                lot,
                shops=shops,
                stage="live",
                rounds=1,
                gap_s=3_000.0,
                devices=devices,
                passes_challenge=self.passes_challenge,
            )

    def _swipe(self, scene: Scene, habits: Habits, lot: Cards) -> Step[None]:
        """Have copies swiped in the town of the ring, one after the other, for a day or two."""
        city, shops = scene.ring.city, taste(scene, SWIPED_AT)
        refused = np.zeros(len(lot), dtype=np.int64)
        for _ in range(some(scene, 3)):
            mine = np.flatnonzero(refused < 2)
            at = street_shops(scene, shops, len(mine), city=city)
            if not len(mine) or not len(at):
                return
            opening_hours(scene, days=float(scene.rng.uniform(0, 0.6)) * habits.patience)
            answer = yield scene.charge(
                lot[mine],
                at=at,
                amount_minor=self._at_the_till(scene, habits, at),
                after_s=pace(scene, habits, len(mine), 600.0),
                stage="swipe",
                entry=stripe_read(scene, int(at[0])),
                case="copied_card",
            )
            burnt = is_burnt(answer)
            refused[mine] += np.where(burnt, 2, ~answer.approved)

    def _at_the_till(self, scene: Scene, habits: Habits, at: Ints) -> Ints:
        return scene.price(at, times=1.3 * habits.greed * float(scene.rng.lognormal(0, 0.3)))
