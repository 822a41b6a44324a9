"""Micro fraud: a few units a month, from many cards, at many small shops, for months."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    below,
    devices_for,
    draw_habits,
    is_burnt,
    soft_web_shops,
    some,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scene import DAY_S
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits
    from fraudsim.attacks.kit.nouns import Floats, Ints
    from fraudsim.attacks.kit.scene import Scene

# whose name on a statement nobody wonders at (assumption)
FRONTS = {
    "streaming": 0.36,
    "digital_goods": 0.4,
    "telecom": 0.24,
}
STOPS = 2
"""Refusals running after which a card is left."""
MONTH_DAYS = 30.4
AWAKE_SHARE = 0.9
"""Sign-ups between 7 and 23 h (assumption)."""
BILLED_H = (1.0, 7.0)
"""Hours in which billers renew, those of honest subscriptions
(``fraudsim.agents.customers.recurring``): at others a renewal would stand out."""


class MicroFraud(AttackPattern):
    """Charge many stolen cards a few units each month, like a subscription nobody remembers.

    The fraudster stands behind a dozen small merchants, or pays through them. Each stolen card is
    signed up with one of them for a plan of a few units. From then on it is charged about once a
    month as a card on file, the same sum at the same merchant, a few days early or late. No
    merchant has many of these cards, so that none stands out, and most holders never look. A card
    that is refused at the sign-up, or twice running later, is left.
    """

    name: ClassVar[str] = "micro_fraud"
    summary: ClassVar[str] = "stolen cards pay a few units each month for what was never ordered"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1046", "F1021", "F1028"),
        visa="6 account number use, card not present",
        mastercard="06 card not present",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1021 Create Fraudulent Merchant Account",
        "FTC v. API Trade (2010): 0.20 to 10 dollars from over a million cards, hardly noticed",
    )
    look_alike: ClassVar[str] = "real subscriptions: streaming, storage, an app for the car park"
    stages: ClassVar[tuple[str, ...]] = ("sign_up", "renewal")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("amount_minor", 300, 1_000, "a sum that nobody asks about"),
        Expectation("days", 90, 280, "it goes on for months, as long as nobody looks"),
        Expectation("shops", 3, 20, "dispersed, so that no merchant stands out"),
    )

    cards: int = parameter(20, "mean number of cards charged", "assumption", ge=1, le=5_000)
    fronts: int = parameter(
        10, "mean number of merchants charged through", "FTC v. API Trade: a dozen", ge=1, le=500
    )
    months: int = parameter(3, "mean number of renewals per card", "assumption", ge=1, le=60)
    most_minor: int = parameter(
        1_000, "largest sum charged, minor units", "FTC v. API Trade: 10 dollars", ge=100
    )
    sign_up_days: float = parameter(
        14.0, "days over which the cards are signed up", "assumption: no bursts", gt=0, le=365
    )
    unpunctual_days: float = parameter(
        1.2, "spread of a renewal around its day, days", "assumption", ge=0, le=10
    )

    def run(self, scene: Scene) -> Campaign:
        """Sign every card up, then renew month after month, each on its own day."""
        habits = draw_habits(scene)
        cards = scene.steal_cards(some(scene, self.cards), via="purchase")
        fronts = self._fronts(scene, habits)
        if not len(cards) or not len(fronts):
            scene.give_up("no cards to charge" if len(fronts) else "no merchant to charge through")
            return
        at = scene.rng.choice(fronts, size=len(cards))
        plan_minor = self._plans(scene, at)
        day = scene.rng.uniform(0, self.sign_up_days, len(cards))
        scene.wait_until_hour(0)
        start_us = scene.now_us
        answer = yield scene.charge(
            cards,
            at=at,
            amount_minor=plan_minor,
            after_s=_by_day(scene, day),
            stage="sign_up",
            device=devices_for(scene, habits, cards),
            ip_country=habits.ip_country,
        )
        lives = answer.approved.copy()
        months = np.array([some(scene, self.months, log_sd=0.4) for _ in range(len(cards))])
        running = np.zeros(len(cards), dtype=np.int64)
        for month in range(1, int(months.max()) + 1):
            mine = np.flatnonzero(lives & (months >= month))
            if not len(mine):
                return
            _wait_for_month(scene, start_us, month)
            late = scene.rng.normal(0, self.unpunctual_days, len(mine))
            answer = yield scene.charge(
                cards[mine],
                at=at[mine],
                amount_minor=plan_minor[mine],
                after_s=_at_night(scene, np.maximum(day[mine] + late, 0)),
                stage="renewal",
                entry="recurring",
            )
            running[mine] = np.where(answer.approved, 0, running[mine] + 1)
            lives[mine] &= ~is_burnt(answer) & (running[mine] < STOPS)

    def _fronts(self, scene: Scene, habits: Habits) -> Ints:
        """Return the merchants charged through: small ones, and different ones."""
        found = soft_web_shops(
            scene, habits, taste(scene, FRONTS), some(scene, self.fronts), quiet=True
        )
        return np.unique(found)

    def _plans(self, scene: Scene, at: Ints) -> Ints:
        """Price one plan per card at its merchant, none above the largest sum."""
        return below(scene, at, self.most_minor)


def _at_night(scene: Scene, day: Floats) -> Floats:
    """Return offsets in seconds from midnight: on that day, when billers renew."""
    hour = scene.rng.uniform(*BILLED_H, len(day))
    offset_s: Floats = np.floor(day) * DAY_S + hour * 3_600
    return offset_s


def _by_day(scene: Scene, day: Floats) -> Floats:
    """Return offsets in seconds from midnight: on that day, mostly while people are awake."""
    hour = np.where(
        scene.rng.random(len(day)) < AWAKE_SHARE,
        scene.rng.uniform(7, 23, len(day)),
        scene.rng.uniform(0, 7, len(day)),
    )
    offset_s: Floats = np.floor(day) * DAY_S + hour * 3_600
    return offset_s


def _wait_for_month(scene: Scene, start_us: int, month: int) -> None:
    """Wait until so many months after the start, to midnight."""
    elapsed_days = (scene.now_us - start_us) / (DAY_S * 1e6)
    scene.wait(days=max(MONTH_DAYS * month - elapsed_days, 0.0))
    scene.wait_until_hour(0)
