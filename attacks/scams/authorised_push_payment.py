"""Authorised push payment: the victim is talked into paying."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from pydantic import model_validator

from fraudsim.attacks.kit.habits import draw_habits, draw_ip_country, rounded, some
from fraudsim.attacks.kit.mules import pass_on
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts
    from fraudsim.attacks.kit.scene import Scene

SMALLEST_MINOR = 1_000
"""Nobody is scammed for less (assumption)."""
BELIEVES = 2
"""Refusals after which the victim stops believing (assumption)."""


class AuthorisedPushPayment(AttackPattern):
    """Talk a customer into sending money: a bargain, a safe account, an investment, a love affair.

    The victim logs in as always, on the own device, adds a payee and pays. A bargain that does not
    exist costs a few hundred once; whoever poses as the bank or the police takes nearly all
    within hours; an investment grows over weeks; a romance asks again and again, in the evening,
    each time for more. Money goes to a mule: mostly at another bank, sometimes a customer here,
    who passes it on within two days.
    """

    name: ClassVar[str] = "authorised_push_payment"
    summary: ClassVar[str] = (
        "the victim is talked into paying: bargain, safe account, investment, love"
    )
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1032", "F1040.002", "F1020.002", "T1660", "F1025"),
        visa="D manipulation of account holder",
        mastercard="56 manipulation of account holder",
        eba="manipulation of the payer by the fraudster to issue a payment order",
        fraud_classifier="authorised: manipulated",
        uk_finance="authorised push payment: purchase, impersonation, investment, romance",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "UK Finance Annual Fraud Report 2025: 70 % of cases are purchase scams",
        "UK Finance Annual Fraud Report 2024: mean purchase 549, romance 8,800, investment 10,500",
        "MITRE Fight Fraud Framework v1.1, F1032 Impersonate Official",
    )
    look_alike: ClassVar[str] = (
        "a second-hand purchase, a house deposit, saving, helping the family"
    )
    stages: ClassVar[tuple[str, ...]] = (
        *("purchase", "impersonation", "investment", "romance"),
        *("passed_on", "cash"),
    )

    purchase_share: float = parameter(0.70, "purchase scams", "UK Finance 2025", ge=0, le=1)
    impersonation_share: float = parameter(
        0.15, "of bank or police", "assumption: most of the rest", ge=0, le=1
    )
    investment_share: float = parameter(
        0.12,
        "investment scams; the rest is romance",
        "UK Finance 2025: .04; more here to see them",
        ge=0,
        le=1,
    )
    purchase_median_minor: int = parameter(
        17_000,
        "median price of the bargain, minor units",
        "UK Finance: mean 549; with a log-sd of 1.5, tickets to cars, the median is 170",
        ge=100,
    )
    purchase_victims: int = parameter(
        1, "mean number of victims of one bargain", "assumption", ge=1, le=1_000
    )
    approached: int = parameter(
        6,
        "people approached per victim, who is of the richer half, or third for the long stories",
        "assumption",
        ge=1,
        le=100,
    )
    on_us_share: float = parameter(
        0.15, "mules who are customers of this bank", "assumption: a market share", ge=0, le=1
    )
    payee_abroad_share: float = parameter(
        0.12, "receiving accounts abroad, of those elsewhere", "assumption", ge=0, le=1
    )

    @model_validator(mode="after")
    def _shares_leave_room(self) -> Self:
        total = self.purchase_share + self.impersonation_share + self.investment_share
        if total > 1 + 1e-9:
            raise ValueError(
                "purchase_share, impersonation_share and investment_share sum to "
                f"{total:g}; 1 or less leaves the rest to romance"
            )
        return self

    def run(self, scene: Scene) -> Campaign:
        """Choose the story and tell it to the victim."""
        habits = draw_habits(scene)
        kinds = (self._purchase, self._impersonation, self._investment, self._romance)
        share = np.array([self.purchase_share, self.impersonation_share, self.investment_share])
        tell = kinds[int(np.searchsorted(np.cumsum(share), scene.rng.random(), side="right"))]
        mule = scene.accounts(1 if scene.rng.random() < self.on_us_share else 0, via="recruitment")
        payee = self._receiving_account(scene, mule, business=tell == self._investment)
        count = some(scene, self.purchase_victims) if tell == self._purchase else 1
        # many are approached; who has money is worth the talk, and the longer talk the more so
        approached = scene.accounts(self.approached * count, via="persuasion")
        richest_first = np.argsort(-approached.balance_minor, kind="stable")
        worth = len(approached) // (2 if tell == self._purchase else 3)
        picked = scene.rng.permutation(richest_first[: max(worth, count)])
        victims = approached[picked[:count]]
        taken = 0
        for index in range(len(victims)):
            taken += yield from tell(scene, habits, victims[index : index + 1], payee)
        if not taken:
            scene.give_up("nobody paid")
        elif len(mule):
            yield from self._pass_on(scene, habits, mule, taken)

    def _receiving_account(self, scene: Scene, mule: Accounts, *, business: bool) -> int:
        if len(mule):
            return scene.payee(owner=int(mule.customer[0]))
        country = draw_ip_country(scene, 1 - self.payee_abroad_share)
        return scene.payee(kind="business" if business else "person", country=country)

    # ---- four stories: each returns what was taken, minor units ------------------------------

    def _purchase(self, scene: Scene, habits: Habits, victim: Accounts, payee: int) -> Step[int]:
        """Pay once for what does not exist; the next victim comes some hours later."""
        self._at_hour(scene, 16.0, 3.5, days=float(scene.rng.exponential(0.7)))
        price = self.purchase_median_minor * float(scene.rng.lognormal(0, 1.5)) * habits.greed
        taken, _ = yield from self._pay(
            scene, victim, payee, round(price), most=0.9, stage="purchase", fresh=True
        )
        return taken

    def _impersonation(
        self, scene: Scene, _habits: Habits, victim: Accounts, payee: int
    ) -> Step[int]:
        """Bring nearly all of it to safety in one to three payments while on the telephone."""
        self._at_hour(scene, 13.5, 2.5, days=0)
        wanted = int(victim.balance_minor[0] * scene.rng.uniform(0.5, 0.95))
        part, taken, refused = max(wanted // int(scene.rng.integers(1, 4)), 1), 0, 0
        for turn in range(5):
            if taken >= wanted or refused >= BELIEVES:
                break
            paid, ok = yield from self._pay(
                scene,
                victim,
                payee,
                min(part, wanted - taken),
                most=0.95,
                stage="impersonation",
                fresh=turn == 0,
            )
            taken, refused = taken + paid, refused + (not ok)
            if not ok:
                part = part // 2  # "then let us try a smaller sum"
            scene.wait(hours=float(scene.rng.exponential(0.5)))
        return taken

    def _investment(self, scene: Scene, habits: Habits, victim: Accounts, payee: int) -> Step[int]:
        """Start with a small stake and add to it every week or so, as the profits on paper grow."""
        taken, refused = 0, 0
        stake = float(scene.rng.lognormal(np.log(20_000), 0.5)) * habits.greed
        growth = float(scene.rng.uniform(1.4, 2.8))
        for turn in range(int(scene.rng.integers(3, 8))):
            if refused >= BELIEVES:
                break
            self._at_hour(scene, 15.0, 3.5, days=float(scene.rng.gamma(3.0, 2.0)))
            paid, ok = yield from self._pay(
                scene, victim, payee, round(stake), most=0.7, stage="investment", fresh=turn == 0
            )
            taken, refused = taken + paid, refused + (not ok)
            stake *= growth if ok else 0.5
        return taken

    def _romance(self, scene: Scene, habits: Habits, victim: Accounts, payee: int) -> Step[int]:
        """Ask again and again, in the evening, and a little more each time."""
        taken, refused = 0, 0
        need = float(scene.rng.lognormal(np.log(15_000), 0.6)) * habits.greed
        for turn in range(int(scene.rng.integers(4, 11))):
            if refused >= BELIEVES:
                break
            self._at_hour(scene, 20.5, 1.3, days=float(scene.rng.gamma(2.0, 3.5)))
            paid, ok = yield from self._pay(
                scene, victim, payee, round(need), most=0.6, stage="romance", fresh=turn == 0
            )
            taken, refused = taken + paid, refused + (not ok)
            need *= float(scene.rng.lognormal(0.25, 0.4))
        return taken

    # ---- parts of every story ---------------------------------------------------------------

    def _at_hour(self, scene: Scene, hour: float, sd: float, *, days: float) -> None:
        """Wait some days, then until about that hour."""
        scene.wait(days=days)
        scene.wait_until_hour(float(np.clip(scene.rng.normal(hour, sd), 7.0, 23.9)))

    def _pay(
        self,
        scene: Scene,
        victim: Accounts,
        payee: int,
        amount_minor: int,
        *,
        most: float,
        stage: str,
        fresh: bool,
    ) -> Step[tuple[int, bool]]:
        """Log in and pay, bounded by a share of today's balance; return what went, and if so."""
        balance = int(scene.look_again(victim).balance_minor[0])
        amount = min(amount_minor, int(balance * most))
        if amount < SMALLEST_MINOR:
            return 0, False
        step_s = scene.pace(3, median_s=100.0)
        action = scene.log_in(victim, after_s=step_s[0])
        if fresh:
            action += scene.add_payee(victim, payee=payee, after_s=step_s[1])
        answer = yield action + scene.transfer(
            victim,
            to=payee,
            amount_minor=rounded(scene, np.array([amount])),
            after_s=step_s[2],
            stage=stage,
            passes_challenge=0.97,  # it is the customer (assumption)
            case="scam",
        )
        return answer.taken_minor, bool(answer.approved[-1])

    def _pass_on(self, scene: Scene, habits: Habits, mule: Accounts, taken: int) -> Step[None]:
        """Pass on what arrived on the mule's account here."""
        scene.wait(hours=float(scene.rng.uniform(0.2, 4.0)))
        yield from pass_on(
            scene,
            habits,
            mule,
            int(taken * scene.rng.uniform(0.8, 0.97)),
            payees=[],
            most_payees=2,
            cash_share=0.3,
            within_hours=24.0,
            transfer_stage="passed_on",
            cash_stage="cash",
        )
