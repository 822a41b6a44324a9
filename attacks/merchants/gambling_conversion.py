"""Gambling conversion: stolen cards load a player's account, and the winnings are clean."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.conversion import PAID_OUT_STAGES, paid_out
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    ASKED_FOR_MORE,
    CARD_IS_BURNT,
    devices_for,
    draw_habits,
    next_session,
    pace,
    soft_web_shops,
    some,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene


class GamblingConversion(AttackPattern):
    """Load a player's account with stolen cards, play a little, and have the rest paid out.

    A ring opens accounts at one or two gambling houses in the names of mules. Of a handful of
    phished cards, one after the other loads them: a small sum first, then every few minutes more,
    until the bank says no or the house's limit is near. The money is staked on both sides of some
    bets, which costs a few parts of a hundred, and within days what is left is paid out to the
    mule's bank account as winnings. The mule sends it on or fetches it. The bank of the cards sees
    an evening of loading; the bank of the mule a lucky player.
    """

    name: ClassVar[str] = "gambling_conversion"
    summary: ClassVar[str] = "stolen cards load a gambling account, which pays out to a mule"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1026", "F1046", "F1028", "F1047", "F1017.001"),
        visa="6 account number use, card not present",
        mastercard="06 card not present",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1026 Exploitation of Gambling Platforms",
        "practice of gambling houses: deposits that are hardly played and then paid out",
    )
    look_alike: ClassVar[str] = "a gambler who loads again and again on one evening"
    stages: ClassVar[tuple[str, ...]] = ("load", *PAID_OUT_STAGES)
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("shops", 1, 3, "one or two houses, and perhaps a cash machine"),
        Expectation("gap_minutes", 1, 60, "a card is loaded every few minutes"),
        Expectation("payments", 6, 60, "a handful of cards, some loads of each"),
    )

    cards: int = parameter(4, "mean number of cards", "assumption: a handful", ge=1, le=500)
    loads: int = parameter(4, "mean number of loads per card", "assumption", ge=1, le=50)
    gap_s: float = parameter(
        260.0, "median seconds between two loads", "assumption: minutes", gt=0, le=86_400
    )
    first: float = parameter(
        0.7, "the first load is so many times an honest stake", "assumption", gt=0, le=5
    )
    growth: float = parameter(
        1.5, "factor from load to load of a card", "assumption: until no", ge=1, le=5
    )
    least_kept: float = parameter(
        0.80, "least share that is left after playing", "assumption: few bets", gt=0, le=1
    )
    here_share: float = parameter(
        0.35, "mules who are customers here", "assumption: more than a market share", ge=0, le=1
    )
    pay_out_hours: float = parameter(
        30.0, "mean hours until a house has paid out", "assumption: days", gt=0, le=720
    )

    def run(self, scene: Scene) -> Campaign:
        """Load, then be paid out."""
        habits = draw_habits(scene)
        cards = scene.steal_cards(some(scene, self.cards), via="phishing")
        houses = soft_web_shops(scene, habits, {"gambling": 1.0}, int(scene.rng.integers(1, 3)))
        if not len(cards) or not len(houses):
            scene.give_up("no cards" if len(houses) else "no gambling house")
            return
        mule = scene.accounts(int(scene.rng.random() < self.here_share), via="recruitment")
        loaded = yield from self._load_all(scene, habits, cards, houses)
        if not loaded:
            scene.give_up("no card could load")
            return
        left = loaded * float(scene.rng.uniform(self.least_kept, 1.0))
        scene.note(loaded_minor=float(loaded), paid_out_minor=left)
        yield from paid_out(scene, habits, mule, int(left), within_hours=self.pay_out_hours)

    def _load_all(self, scene: Scene, habits: Habits, cards: Cards, houses: Ints) -> Step[int]:
        """Load with card after card, a few on an evening; return what was loaded."""
        devices = devices_for(scene, habits, cards)
        loaded = 0
        for index in range(len(cards)):
            if index == 0 or scene.rng.random() < 0.3:  # the next card on the same evening mostly
                next_session(scene, habits, days=0.0 if index == 0 else 0.4)
            loaded += yield from self._load(
                scene, habits, cards[index : index + 1], houses, int(devices[index])
            )
            scene.wait(hours=float(scene.rng.exponential(0.2)) * habits.patience)
        return loaded

    def _load(
        self, scene: Scene, habits: Habits, card: Cards, houses: Ints, device: int
    ) -> Step[int]:
        """Load with one card, more each time, until it is refused twice; return what went."""
        loaded, refused = 0, 0
        times, house = self.first * habits.greed, int(scene.rng.integers(len(houses)))
        for _ in range(some(scene, self.loads)):
            at = houses[[house]]
            answer = yield self._charge(scene, habits, card, at=at, times=times, device=device)
            loaded += answer.taken_minor
            code = answer.response_code[-1]
            refused += code != "00"
            if code in CARD_IS_BURNT or refused >= 2:
                break
            times = min(times * self.growth, 8.0 * self.first) if code == "00" else 0.4 * times
            if code in ASKED_FOR_MORE:
                house = (house + 1) % len(houses)
        return loaded

    def _charge(
        self,
        scene: Scene,
        habits: Habits,
        card: Cards,
        *,
        at: Ints,
        times: float,
        device: int,
    ) -> Attempts:
        """Load once: a whole sum mostly, as players choose them."""
        amount = scene.price(at, times=times)
        return scene.charge(
            card,
            at=at,
            amount_minor=np.maximum(amount, 100),
            after_s=pace(scene, habits, 1, self.gap_s),
            stage="load",
            device=device,
            ip_country=habits.ip_country,
            passes_challenge=0.08,  # the holder may be asked for a code by telephone (assumption)
        )
