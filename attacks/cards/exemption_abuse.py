"""Exemption abuse: always a little less than the sum at which the bank would ask for proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    ASKED_FOR_MORE,
    CARD_IS_BURNT,
    devices_for,
    draw_habits,
    next_session,
    pace,
    rest_at_night,
    some,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Cards, Ints, Outcomes
    from fraudsim.attacks.kit.scene import Scene

# what can be had in any sum (assumption)
SPENT_ON = {
    "general_merchandise": 0.24,
    "electronics": 0.16,
    "clothing": 0.16,
    "gift_cards": 0.14,
    "digital_goods": 0.14,
    "entertainment": 0.08,
    "crypto_exchange": 0.04,
    "money_transfer": 0.04,
}
LADDER_MINOR = (3_000, 10_000, 25_000, 50_000)
"""Sums up to which no proof of the holder is needed: of low value, and of low risk in three steps
(Commission Delegated Regulation (EU) 2018/389, articles 16 and 18), minor units."""
LOW_VALUE_IN_A_ROW = 5
"""Payments of low value after which proof is asked for (article 16)."""
LOOKED_AT = 6
"""Shops looked at for every one that is used (assumption)."""
PATIENCE = 3
"""Refusals after which a card is left."""
OFFERS = 6
"""Things looked at in a shop to find one just under the sum (assumption)."""


class ExemptionAbuse(AttackPattern):
    """Buy just under the sums that need no proof of the holder, at shops that do not ask for any.

    The fraudster has bought card details, but no code will ever come to him. He looks for web
    shops abroad or outside 3-D Secure, and fills the basket until it is just short of what is
    exempt: at first of 30, up to five times. A card that lets these pass is taken a step up, just
    short of 100, then of 250, at last of 500. When proof is asked for he goes a step down and to
    another shop; a card that asks three times is left.
    """

    name: ClassVar[str] = "exemption_abuse"
    summary: ClassVar[str] = "baskets just short of the sums that are exempt from authentication"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1001", "F1046", "F1028"),
        visa="6 account number use, card not present",
        mastercard="06 card not present",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1001 3DS Bypass, F1046 Test Payment Thresholds",
        "Commission Delegated Regulation (EU) 2018/389, articles 16 and 18: 30, 100, 250, 500",
        "EBA/ECB reports on payment fraud: 10 to 17 times as much where the acquirer is outside it",
    )
    look_alike: ClassVar[str] = "a basket topped up to free delivery, a voucher used up"
    stages: ClassVar[tuple[str, ...]] = ("low_value", "low_risk")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation(
            "amount_minor", 2_400, 16_000, "the ladder begins below 30 and seldom ends at 500"
        ),
        Expectation("shops", 4, 40, "a shop that asks, or knows the card by now, is left"),
        Expectation("days", 0.5, 9, "up the ladder within days"),
    )

    cards: int = parameter(6, "mean number of cards bought", "assumption", ge=1, le=1_000)
    soft_share: float = parameter(
        0.85, "purchases at shops known to be soft", "assumption", ge=0, le=1
    )
    sessions: int = parameter(3, "mean number of sessions", "assumption", ge=1, le=50)
    rounds: int = parameter(
        3, "mean purchases per card and session", "assumption: few a day", ge=1, le=50
    )
    gap_s: float = parameter(900.0, "median seconds between charges", "assumption", gt=0, le=86_400)

    def run(self, scene: Scene) -> Campaign:
        """Buy cards, climb the ladder with each, session by session."""
        habits = draw_habits(scene)
        cards = scene.steal_cards(some(scene, self.cards), via="purchase")
        if not len(cards):
            scene.give_up("no cards to buy")
            return
        devices, shops = devices_for(scene, habits, cards), taste(scene, SPENT_ON)
        ladder = _Ladder(len(cards))
        for _ in range(some(scene, self.sessions)):
            next_session(scene, habits, days=float(scene.rng.uniform(0.2, 1.5)))
            for _ in range(some(scene, self.rounds)):
                yield from self._buy(scene, habits, cards, devices, shops=shops, ladder=ladder)
                scene.wait(hours=float(scene.rng.exponential(0.8)) * habits.patience)
                rest_at_night(scene, habits)
            if not ladder.lives.any():
                return

    def _buy(
        self,
        scene: Scene,
        habits: Habits,
        cards: Cards,
        devices: Ints,
        *,
        shops: Mapping[str, float],
        ladder: _Ladder,
    ) -> Step[None]:
        """Use most of the cards once, each just under the sum of its step."""
        used = np.flatnonzero(ladder.lives & (scene.rng.random(len(cards)) < 0.8))
        at = self._soft_shops(scene, shops, len(used))
        if not len(at):
            return
        # the cards on the lowest step first: the outcomes come in this order
        used = used[np.argsort(ladder.step[used], kind="stable")]
        low = int((ladder.step[used] == 0).sum())
        amount = _just_under(scene, at, np.array(LADDER_MINOR)[ladder.step[used]])
        after_s = scene.rng.permutation(pace(scene, habits, len(used), self.gap_s))

        def charge(part: slice, stage: str) -> Attempts:
            return scene.charge(
                cards[used[part]],
                at=at[part],
                amount_minor=amount[part],
                after_s=after_s[part],
                stage=stage,
                device=devices[used[part]],
                ip_country=habits.ip_country,
            )

        answer = yield charge(slice(0, low), "low_value") + charge(slice(low, None), "low_risk")
        ladder.learn(scene, used, answer)

    def _soft_shops(self, scene: Scene, shops: Mapping[str, float], count: int) -> Ints:
        """Return web shops, mostly abroad or outside 3-D Secure; popular or not."""
        seen = web_shops(scene, shops, LOOKED_AT * count)
        if not len(seen):
            return seen
        abroad = np.array([scene.is_abroad(int(shop)) for shop in seen])
        soft = seen[~scene.asks_for_proof(seen) | abroad]
        if not len(soft):
            return seen[:count]
        knows = scene.rng.random(count) < self.soft_share
        return np.where(knows, np.resize(scene.rng.permutation(soft), count), seen[:count])


class _Ladder:
    """On which step each card stands, and what it has seen there."""

    def __init__(self, count: int) -> None:
        self.step = np.zeros(count, dtype=np.int64)
        self.lives = np.ones(count, dtype=bool)
        self._passed = np.zeros(count, dtype=np.int64)
        self._refused = np.zeros(count, dtype=np.int64)

    def learn(self, scene: Scene, used: Ints, answer: Outcomes) -> None:
        """Go up where the payment passed often enough, and down where it was refused."""
        code = answer.response_code
        self._passed[used] = np.where(answer.approved, self._passed[used] + 1, 0)
        enough = scene.rng.integers(1, LOW_VALUE_IN_A_ROW + 1, len(used))
        up = answer.approved & (self._passed[used] >= enough)
        down = np.isin(code, (*ASKED_FOR_MORE, "51"))
        moved = np.clip(self.step[used] + up - down, 0, len(LADDER_MINOR) - 1)
        self._passed[used[moved != self.step[used]]] = 0
        self.step[used] = moved
        self._refused[used] += ~answer.approved
        self.lives[used] &= ~np.isin(code, CARD_IS_BURNT) & (self._refused[used] < PATIENCE)


def _just_under(scene: Scene, at: Ints, limit_minor: Ints) -> Ints:
    """Return what a basket at each shop costs that is filled until it is just short of its sum."""
    pairs = zip(at.tolist(), limit_minor.tolist(), strict=True)
    return np.array([_filled(scene, shop, limit) for shop, limit in pairs], dtype=np.int64)


def _filled(scene: Scene, shop: int, limit_minor: int) -> int:
    """Choose something for nearly the sum, and add something small that still fits."""
    usual_minor = max(float(np.median(scene.price(np.full(3, shop)))), 1.0)
    amount = 0
    for _ in range(2):
        room_minor = limit_minor - amount
        times = float(np.clip(0.9 * room_minor / usual_minor, 0.02, 20.0))
        offers = scene.price(np.full(OFFERS, shop), times=times)
        amount += int(offers[offers < room_minor].max(initial=0))
    # where all is too dear, one thing is chosen that is not
    return amount or int(limit_minor * scene.rng.uniform(0.7, 0.99))
