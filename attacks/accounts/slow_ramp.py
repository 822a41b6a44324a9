"""Slow ramp: a little more every week, never more than the holder could have spent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.credit_line import EVERYDAY
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    CARD_IS_BURNT,
    draw_habits,
    next_session,
    rounded,
    soft_web_shops,
    some,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

MOST_REFUSED = 3
"""Refusals after which it is over: who wants to stay unseen does not knock twice (assumption)."""
PERSON_LOG_MEAN, PERSON_LOG_SD = 3.24, 1.2
"""Honest payments to persons, logarithm of whole units: a sum within one sd is nothing unusual."""
BASKET_LOG_SD = 0.8
"""Honest baskets at a web shop, sd of the logarithm: .5 to 1.1 by category (US Diary)."""

BASKETS_LOOKED_AT = 9
"""Baskets among which one of the wanted price is looked for (assumption)."""


class SlowRamp(AttackPattern):
    """Stay for months in somebody else's account, and take a little more every week.

    The fraudster has the card of a customer, with what makes the holder's browser, or the login. He
    looks first, and then does what the holder does: a basket at a shop where the holder was, at the
    hours at which people shop, or a transfer of the size that is sent to a friend. In the first
    week once and for less than usual; every week a little more, and a little more often, but no
    payment ever lies more than one standard deviation above what is usual there. It goes on until
    the holder notices, the bank asks, or the fraudster has had enough.
    """

    name: ClassVar[str] = "slow_ramp"
    summary: ClassVar[str] = "a little more each week, inside what the holder himself might spend"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1006.002", "F1046", "F1023", "F1028", "F1005.003", "F1025.001"),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="issuance of a payment order by the fraudster",
        fraud_classifier="unauthorised: took over account",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1046 Test Payment Thresholds, F1023",
        "evasion studies of anomaly detectors: each week below one sd of the own baseline",
    )
    look_alike: ClassVar[str] = "a life that grows dearer: a child, a hobby, a better job"
    stages: ClassVar[tuple[str, ...]] = ("basket", "transfer")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 1, "one holder, whose life is copied"),
        Expectation("days", 30, 150, "months: about ten weeks"),
        Expectation("amount_minor", 1_000, 9_000, "an ordinary basket, an ordinary transfer"),
        Expectation("payments", 8, 60, "from one a week to two or three"),
    )

    card_share: float = parameter(
        0.65, "campaigns with a card; the others have the login", "assumption", ge=0, le=1
    )
    weeks: int = parameter(10, "mean weeks", "assumption: months", ge=1, le=52)
    first_level_sd: float = parameter(
        -0.9, "where it starts, in sd of the holder's usual sums", "assumption", ge=-3, le=0.9
    )
    last_level_sd: float = parameter(
        0.9, "where it ends, in sd; below 1", "catalogue: each week below one sd", ge=0.9, le=1
    )
    last_per_week: float = parameter(
        2.5, "payments of the last week; the first has one", "assumption", ge=1, le=20
    )
    usual_shop_share: float = parameter(
        0.6, "baskets at the web shop that the holder used last", "assumption", ge=0, le=1
    )
    own_device_share: float = parameter(
        0.3, "from a device of his own; the others show the holder's", "assumption", ge=0, le=1
    )
    passes_challenge: float = parameter(
        0.4, "challenges passed", "assumption: some sit in the holder's telephone", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Take a card or a login, and use it week by week."""
        # awake when the holder is, and from where the holder is
        habits = replace(draw_habits(scene), night=0.0, ip_country=None)
        by_card = scene.rng.random() < self.card_share
        weeks = some(scene, self.weeks)
        scene.note(by_card=bool(by_card), weeks=weeks)
        if by_card:
            card = scene.steal_cards(1, via="malware")
            story = self._baskets(scene, habits, card, weeks)
            found = len(card)
        else:
            victim = scene.accounts(1, via="phishing")
            story = self._transfers(scene, habits, victim, weeks)
            found = len(victim)
        if not found:
            scene.give_up("nobody to copy")
            return
        yield from story

    # ---- two stories ------------------------------------------------------------------------

    def _baskets(self, scene: Scene, habits: Habits, card: Cards, weeks: int) -> Step[None]:
        """Buy where the holder buys, or in a few shops of the same kinds."""
        own = scene.rng.random() < self.own_device_share
        device = scene.device() if own else scene.usual_devices(card)
        count = int(scene.rng.integers(2, 5))
        haunts = soft_web_shops(scene, habits, taste(scene, EVERYDAY), count)
        refused = 0
        for week in range(weeks):
            for _ in range(self._payments(scene, week, weeks)):
                self._wait(scene, habits, week, weeks)
                at = self._shop(scene, card, haunts)
                if not len(at):
                    scene.give_up("no web shop to buy at")
                    return
                answer = yield self._basket(
                    scene, card, at, device=device, level_sd=self._level_sd(scene, week, weeks)
                )
                code = answer.response_code[-1]
                refused += code != "00"
                if code in CARD_IS_BURNT or refused >= MOST_REFUSED:
                    return

    def _transfers(self, scene: Scene, habits: Habits, victim: Accounts, weeks: int) -> Step[None]:
        """Send to one friend who is none, from the holder's device or one that was enrolled."""
        own = scene.rng.random() < self.own_device_share
        device = scene.device() if own else int(victim.device[0])
        payee, refused = scene.payee(), 0
        next_session(scene, habits, days=0.0)
        yield self._settle_in(scene, victim, device, payee, own=own)
        for week in range(weeks):
            for _ in range(self._payments(scene, week, weeks)):
                self._wait(scene, habits, week, weeks)
                level_sd = self._level_sd(scene, week, weeks)
                units = np.exp(PERSON_LOG_MEAN + PERSON_LOG_SD * level_sd)
                answer = yield self._transfer(
                    scene, victim, device, payee, amount_minor=round(100 * units)
                )
                code = answer.response_code[-1]
                refused += code != "00"
                if code == "62" or refused >= MOST_REFUSED:
                    return

    # ---- how it grows -----------------------------------------------------------------------

    def _payments(self, scene: Scene, week: int, weeks: int) -> int:
        """Return how many payments a week has: one at first, ``last_per_week`` at the end."""
        mean = 1.0 + (self.last_per_week - 1.0) * week / weeks
        return int(mean) + int(scene.rng.random() < mean % 1)

    def _wait(self, scene: Scene, habits: Habits, week: int, weeks: int) -> None:
        """Let some days pass; half a day less, which the wait for the hour adds."""
        mean = 7.0 / (1.0 + (self.last_per_week - 1.0) * week / weeks)
        days = min(float(scene.rng.gamma(4.0, mean / 4.0)), 14.0) - 0.5
        # patience is in the number of weeks: the week itself has seven days
        next_session(scene, replace(habits, patience=1.0), days=max(days, 0.0))

    def _level_sd(self, scene: Scene, week: int, weeks: int) -> float:
        """Return how dear this payment is, in sd of what is usual: scattered, never above 1."""
        mean = self.first_level_sd + (self.last_level_sd - self.first_level_sd) * week / weeks
        return float(np.clip(scene.rng.normal(mean, 0.35), -2.0, 1.0))

    # ---- what is done -----------------------------------------------------------------------

    def _shop(self, scene: Scene, card: Cards, haunts: Ints) -> Ints:
        """Return the shop where the holder was last, or one of the haunts, shape (1,) or (0,)."""
        usual = scene.usual_web_shops(card)
        if usual[0] >= 0 and scene.rng.random() < self.usual_shop_share:
            return usual
        return scene.rng.choice(haunts, 1) if len(haunts) else haunts

    def _basket(
        self, scene: Scene, card: Cards, at: Ints, *, device: Ints | int, level_sd: float
    ) -> Attempts:
        """Of some honest baskets buy the one that is nearest to ``level_sd`` above the median."""
        baskets = np.concatenate([scene.price(at) for _ in range(BASKETS_LOOKED_AT)])
        wanted = np.median(baskets) * np.exp(BASKET_LOG_SD * level_sd)
        nearest = int(np.argmin(np.abs(np.log(baskets / wanted))))
        return scene.charge(
            card,
            at=at,
            amount_minor=baskets[nearest],
            after_s=scene.pace(1, median_s=300.0),
            stage="basket",
            device=device,
            passes_challenge=self.passes_challenge,
        )

    def _settle_in(
        self, scene: Scene, victim: Accounts, device: int, payee: int, *, own: bool
    ) -> Attempts:
        """Log in, enrol a device of one's own, and add the one payee."""
        login_s, enrol_s, payee_s = scene.pace(3, median_s=100.0)
        action = scene.log_in(victim, after_s=login_s, device=device)
        if own:
            action += scene.enrol_device(victim, after_s=enrol_s, device=device)
        return action + scene.add_payee(victim, payee=payee, after_s=payee_s, device=device)

    def _transfer(
        self, scene: Scene, victim: Accounts, device: int, payee: int, *, amount_minor: int
    ) -> Attempts:
        login_s, send_s = scene.pace(2, median_s=80.0)
        return scene.log_in(victim, after_s=login_s, device=device) + scene.transfer(
            victim,
            to=payee,
            amount_minor=rounded(scene, np.array([amount_minor])),
            after_s=send_s,
            stage="transfer",
            device=device,
            passes_challenge=self.passes_challenge,
            case="scam",  # found as late as a scam is: nothing stands out (assumption)
        )
