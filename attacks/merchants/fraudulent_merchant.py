"""Fraudulent merchant: the web shop is a front, and its customers know nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    devices_for,
    draw_habits,
    next_session,
    opening_hours,
    pace,
    some,
    web_shops,
)
from fraudsim.attacks.kit.mules import pass_on
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Bools, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# what a front claims to sell: nobody asks for the parcel (assumption)
FRONTS = {
    "services": 0.26,
    "digital_goods": 0.22,
    "clothing": 0.18,
    "general_merchandise": 0.18,
    "health": 0.16,
}
DAYS_A_WEEK = 5
"""Days of a week on which the front charges (assumption)."""
LOOKED_AT = 8
"""Shops that the owners could have been, of which one asks for no proof (assumption)."""
DRY_SHARE = 0.3
"""The acquirer closes a shop of which a week brings less than this share (assumption)."""
NEXT_WEEK_SHARE = 0.25
"""Cards of a week that are charged again in the next, as if by subscription (assumption)."""


class FraudulentMerchant(AttackPattern):
    """Open a web shop, look honest for a while, charge stolen cards in it, and vanish.

    The shop is new and hardly anybody buys there. In the first weeks its owners buy from it
    themselves, small baskets, so that the acquirer sees trade. Then come stolen cards, a few a
    day, each for a basket as anybody's, by the shop's own hand: the verification value is not
    always known, and nobody is asked for proof. Week after week there are more cards and larger
    baskets, and some cards are charged again as if they had a subscription. In the last days
    everything that is left is charged at once. The acquirer settles every week; the owners send
    the money on. Only later do the chargebacks come, from customers who never heard of the shop.
    """

    name: ClassVar[str] = "fraudulent_merchant"
    summary: ClassVar[str] = "a front charges stolen cards as its customers', more each week"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1021", "F1020.002", "F1027", "F1028", "F1047"),
        visa="C merchant misrepresentation",
        mastercard="51 bust-out collusive merchant",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1021 Create Fraudulent Merchant Account",
        "practice of acquirers: a new merchant whose cards are strangers, and chargebacks later",
    )
    look_alike: ClassVar[str] = "a new shop that advertises well"
    stages: ClassVar[tuple[str, ...]] = (
        *("own_purchase", "charge", "subscription", "last_charge"),
        *("settlement", "passed_on", "cash"),
    )
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("shops", 1, 2, "one front, and perhaps a cash machine"),
        Expectation("victims", 20, 200, "a few cards a day, for weeks, and the owners"),
        Expectation("days", 14, 90, "weeks of trade"),
    )

    owners: int = parameter(
        2, "mean number of owners and friends who buy first", "assumption", ge=1, le=50
    )
    own_purchases: int = parameter(4, "mean purchases of each of them", "assumption", ge=1, le=50)
    weeks: int = parameter(4, "mean weeks in which cards are charged", "assumption", ge=1, le=52)
    cards: int = parameter(9, "mean cards in the first week", "assumption", ge=1, le=2_000)
    card_growth: float = parameter(
        1.35, "factor on the cards from week to week", "assumption", ge=1, le=3
    )
    basket_growth: float = parameter(
        1.15, "factor on the baskets from week to week", "assumption", ge=1, le=3
    )
    unknown_cvv_share: float = parameter(
        0.35, "cards without verification value", "assumption: bought numbers", ge=0, le=1
    )
    settled_here_share: float = parameter(
        0.4, "fronts whose owner is paid on an account here", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Look honest, charge, vanish."""
        habits = draw_habits(scene)
        front = self._front(scene)
        if not len(front):
            scene.give_up("no web shop to hide behind")
            return
        owners = scene.accounts(some(scene, self.owners), via="own")
        yield from self._buy_themselves(scene, habits, owners, front)
        taken = yield from self._trade(scene, habits, owners, front)
        if not taken:
            scene.give_up("the acquirer closed the shop")

    def _front(self, scene: Scene) -> Ints:
        """Return a web shop that few know and that asks nobody for proof, if there is one."""
        quiet = web_shops(scene, FRONTS, LOOKED_AT, quiet=True)
        soft = quiet[~scene.asks_for_proof(quiet)]
        return (soft if len(soft) else quiet)[:1]

    # ---- look honest -------------------------------------------------------------------------

    def _buy_themselves(
        self, scene: Scene, habits: Habits, owners: Accounts, front: Ints
    ) -> Step[None]:
        """Let the owners buy small baskets from their own shop over a week or two."""
        if not len(owners):
            return
        for _ in range(some(scene, self.own_purchases)):
            opening_hours(scene, days=float(scene.rng.exponential(1.5)) * habits.patience)
            buyers = owners[scene.rng.permutation(len(owners))]
            at = np.full(len(buyers), front[0])
            yield scene.charge(
                scene.cards_of(buyers, "debit"),
                at=at,
                amount_minor=scene.price(at, times=0.8),
                after_s=pace(scene, habits, len(buyers), 5_000.0),
                stage="own_purchase",
                device=buyers.device,
                passes_challenge=0.96,  # as any customer
                case="first_party",
            )

    # ---- charge ------------------------------------------------------------------------------

    def _trade(self, scene: Scene, habits: Habits, owners: Accounts, front: Ints) -> Step[int]:
        """Charge cards week after week until the shop runs dry; return what was taken."""
        is_here = bool(len(owners)) and scene.rng.random() < self.settled_here_share
        payees: list[int] = []
        total, known = 0, None
        weeks = some(scene, self.weeks)
        for week in range(weeks):
            cards = scene.steal_cards(
                some(scene, self.cards * min(self.card_growth**week, 10.0)), via="phishing"
            )
            if not len(cards):
                break
            taken, approved = yield from self._week(
                scene, habits, cards, front, week, is_last=week == weeks - 1
            )
            if known is not None and len(known):
                taken += yield from self._subscribe(scene, habits, known, front)
            total += taken
            if is_here:
                is_here = yield from self._settle(scene, habits, owners[:1], payees, taken)
            if approved.mean() < DRY_SHARE:
                break
            known = cards[approved & (scene.rng.random(len(cards)) < NEXT_WEEK_SHARE)]
        return total

    def _week(
        self,
        scene: Scene,
        habits: Habits,
        cards: Cards,
        front: Ints,
        week: int,
        *,
        is_last: bool,
    ) -> Step[tuple[int, Bools]]:
        """Charge each card once, some every day, or all at once in the last week.

        Returns what was taken, and which cards the bank approved.
        """
        devices = devices_for(scene, habits, cards)
        approved = np.zeros(len(cards), dtype=bool)
        times = habits.greed * min(self.basket_growth**week, 3.0) * (1.6 if is_last else 1.0)
        taken = 0
        for due in np.array_split(np.arange(len(cards)), 1 if is_last else DAYS_A_WEEK):
            next_session(scene, habits, days=0.5)
            if not len(due):
                continue
            unknown = scene.rng.random(len(due)) < self.unknown_cvv_share
            part = due[np.argsort(unknown, kind="stable")]  # the outcomes come in this order
            answer = yield self._charge_all(
                scene,
                habits,
                cards[part],
                front=front,
                devices=devices[part],
                known=int((~unknown).sum()),
                times=times,
                stage="last_charge" if is_last else "charge",
            )
            approved[part] = answer.approved
            taken += answer.taken_minor
        return taken, approved

    def _charge_all(
        self,
        scene: Scene,
        habits: Habits,
        cards: Cards,
        *,
        front: Ints,
        devices: Ints,
        known: int,
        times: float,
        stage: str,
    ) -> Attempts:
        """Charge the first ``known`` cards with their value, the others as if they were on file."""
        at = np.full(len(cards), front[0])
        amount = scene.price(at, times=times * float(scene.rng.lognormal(0, 0.3)))
        after_s = scene.rng.permutation(pace(scene, habits, len(cards), 1_500.0))

        def charge(part: slice, entry: Literal["ecom", "stored_credential"]) -> Attempts:
            return scene.charge(
                cards[part],
                at=at[part],
                amount_minor=amount[part],
                after_s=after_s[part],
                stage=stage,
                device=devices[part],
                ip_country=habits.ip_country,
                entry=entry,
                cvv="match" if entry == "ecom" else "not_provided",
            )

        return charge(slice(0, known), "ecom") + charge(slice(known, None), "stored_credential")

    def _subscribe(self, scene: Scene, habits: Habits, cards: Cards, front: Ints) -> Step[int]:
        """Charge cards of the week before once more, as cards on file; return what was taken."""
        at = np.full(len(cards), front[0])
        answer = yield scene.charge(
            cards,
            at=at,
            amount_minor=scene.price(at, times=0.6),
            after_s=pace(scene, habits, len(cards), 900.0),
            stage="subscription",
            entry="stored_credential",
            cvv="not_provided",
            device=devices_for(scene, habits, cards),
            ip_country=habits.ip_country,
        )
        return answer.taken_minor

    # ---- be paid -----------------------------------------------------------------------------

    def _settle(
        self, scene: Scene, habits: Habits, owner: Accounts, payees: list[int], taken_minor: int
    ) -> Step[bool]:
        """Let the acquirer pay the week's sum less its fee; return whether the account works."""
        if taken_minor < 5_000:  # paid with the next week's
            return True
        opening_hours(scene, days=float(scene.rng.uniform(0.5, 2.0)))
        settled = int(taken_minor * scene.rng.uniform(0.955, 0.98))
        yield scene.receive(owner, amount_minor=settled, after_s=0.0, stage="settlement")
        works = yield from pass_on(
            scene,
            habits,
            owner,
            int(settled * scene.rng.uniform(0.7, 0.97)),
            payees=payees,
            most_payees=3,
            cash_share=0.25,
            within_hours=36.0,
            transfer_stage="passed_on",
            cash_stage="cash",
        )
        return works
