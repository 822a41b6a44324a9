"""Session hijack: malware pays from inside the victim's own session."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import ASKED_FOR_MORE, draw_habits, next_session, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.takeover import WORTH_MINOR, Mules, Seat, fetch_from, send
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts
    from fraudsim.attacks.kit.scene import Scene

MOST_TRIES = 2
"""Transfers that the malware tries in one session (assumption)."""
HIS_OWN = Seat(device=None, ip_country=None)
"""The victim's own device and address."""


class SessionHijack(AttackPattern):
    """Wait inside the victim's browser until he logs in, and swap the account that he pays to.

    A banking trojan sits on the computers of some customers. It does nothing until one of them logs
    in, on the own device and from home. While he pays a bill, the payee and sometimes the amount
    are changed under his hands and the screen still shows what he typed; or a payment is slipped
    in while he reads his balance, which he confirms as a "security check". The bank sees an
    ordinary login, an ordinary device, one new payee and one payment of an ordinary size. Only the
    receiving accounts connect the victims: there are few, each used for several of them.
    """

    name: ClassVar[str] = "session_hijack"
    summary: ClassVar[str] = (
        "malware swaps the payee in the victim's own session, on his own device"
    )
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1007", "F1007.003", "T1185", "T1189", "F1005.003", "F1047"),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="modification of a payment order by the fraudster",
        fraud_classifier="unauthorised: took over account",
        uk_finance="remote banking",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1007 Adversary-in-the-Browser, T1185",
        "EBA Guidelines on fraud reporting under PSD2 (EBA/GL/2018/05): modified payment orders",
        "reports on Zeus, Dridex and TrickBot: web injects and automatic transfer systems",
    )
    look_alike: ClassVar[str] = "paying a builder or a friend for the first time"
    stages: ClassVar[tuple[str, ...]] = ("swapped", "slipped_in", "passed_on", "cash")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 2, 12, "some five computers are infected at a time"),
        Expectation("payments", 2, 15, "one payment per victim, seldom another"),
        Expectation("payees", 1, 4, "few receiving accounts, each for several victims"),
        Expectation("amount_minor", 8_000, 120_000, "the size of a bill or of a first payment"),
    )

    victims: int = parameter(5, "mean computers infected", "assumption", ge=1, le=5_000)
    days_between: float = parameter(
        1.5, "mean days from one victim's login to the next one's", "assumption", ge=0, le=90
    )
    swapped_share: float = parameter(
        0.6, "victims whose own payment is changed", "assumption", ge=0, le=1
    )
    median_minor: int = parameter(
        35_000,
        "median of a payment slipped in or raised, minor units",
        "assumption: below what banks look at by hand",
        ge=100,
    )
    victims_per_payee: int = parameter(
        3, "mean victims per receiving account", "assumption", ge=1, le=100
    )
    payee_abroad_share: float = parameter(
        0.2, "receiving accounts abroad", "assumption", ge=0, le=1
    )
    on_us_share: float = parameter(
        0.2, "campaigns with a mule who banks here", "assumption: a market share", ge=0, le=1
    )
    passes_challenge: float = parameter(
        0.9,
        "challenges passed: the victim confirms what he takes for his own",
        "assumption",
        ge=0,
        le=1,
    )

    def run(self, scene: Scene) -> Campaign:
        """Wait for one victim after the other to log in."""
        habits = draw_habits(scene)
        victims = scene.accounts(some(scene, self.victims), via="malware")
        if not len(victims):
            scene.give_up("no computer to infect")
            return
        on_us = scene.rng.random() < self.on_us_share
        mules = Mules(
            abroad_share=self.payee_abroad_share,
            here=scene.accounts(1 if on_us else 0, via="recruitment"),
        )
        payee = mules.account(scene)
        for index in range(len(victims)):
            next_session(scene, habits, days=float(scene.rng.exponential(self.days_between)))
            if scene.rng.random() < 1 / self.victims_per_payee:
                payee = mules.account(scene)
            victim = scene.look_again(victims[index : index + 1])
            taken = yield from self._in_session(scene, habits, victim, payee)
            yield from fetch_from(scene, habits, mules, taken, stage="passed_on", cash_stage="cash")

    def _in_session(self, scene: Scene, habits: Habits, victim: Accounts, payee: int) -> Step[int]:
        """Let the victim log in, and pay; once more, and less, when the bank asks for more."""
        yield scene.log_in(victim, after_s=scene.pace(1, median_s=60.0))
        swapped = scene.rng.random() < self.swapped_share
        amount = self._amount_minor(scene, habits, victim, swapped=swapped)
        for turn in range(MOST_TRIES):
            if amount < WORTH_MINOR // 10:
                return 0
            answer = yield send(
                scene,
                victim,
                HIS_OWN,
                to=payee,
                amount_minor=amount,
                fresh=turn == 0,
                stage="swapped" if swapped else "slipped_in",
                passes_challenge=self.passes_challenge,
            )
            if answer.approved[-1] or answer.response_code[-1] not in (*ASKED_FOR_MORE, "51"):
                return answer.taken_minor
            amount //= 2
            scene.wait(hours=float(scene.rng.exponential(0.1)))
        return 0

    def _amount_minor(
        self, scene: Scene, habits: Habits, victim: Accounts, *, swapped: bool
    ) -> int:
        """Return the sum: what the victim was about to pay, or what the malware thinks passes."""
        level = 0.5 * self.median_minor if swapped else self.median_minor * habits.greed
        wanted = level * float(scene.rng.lognormal(0, 0.8))
        return min(round(wanted), int(victim.balance_minor[0] * 0.8))
