"""Authorised push payment: the victim is talked into paying."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from pydantic import model_validator

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scams import (
    MULE_STAGES,
    at_hour,
    pass_takings_on,
    receiving_account,
    talk_into_paying,
    within_reach_minor,
    worth_the_talk,
)
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.scams import Mark
    from fraudsim.attacks.kit.scene import Scene


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
        *MULE_STAGES,
    )
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payments", 1, 2, "most are purchase scams, and those are paid once"),
        Expectation("days", 0, 1, "a bargain is paid on the spot"),
        Expectation("amount_minor", 10_000, 60_000, "UK Finance: mean purchase 549, median lower"),
    )

    purchase_share: float = parameter(
        0.80,
        "purchase scams, and fees in advance, which are paid alike",
        "UK Finance 2025: .72; assumption: .08 fees",
        ge=0,
        le=1,
    )
    impersonation_share: float = parameter(
        0.14, "of bank or police", "assumption: most of the rest", ge=0, le=1
    )
    investment_share: float = parameter(
        0.04,
        "investment scams; the rest is romance",
        "UK Finance 2024 and 2025: 10,226 of 232,429 cases, 7,767 of 186,000",
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
        receiver = receiving_account(
            scene,
            kind="business" if tell == self._investment else "person",
            on_us_share=self.on_us_share,
            abroad_share=self.payee_abroad_share,
        )
        count = some(scene, self.purchase_victims) if tell == self._purchase else 1
        approached = scene.accounts(self.approached * count, via="persuasion")
        richest = 2 if tell == self._purchase else 3
        taken = 0
        for mark in worth_the_talk(scene, approached, count, richest=richest):
            yield from tell(scene, habits, mark, receiver.payee)
            taken += mark.paid_minor
        if not taken:
            scene.give_up("nobody paid")
            return
        yield from pass_takings_on(scene, habits, receiver, taken)

    # ---- four stories ------------------------------------------------------------------------

    def _purchase(self, scene: Scene, habits: Habits, mark: Mark, payee: int) -> Step[None]:
        """Pay once for what does not exist; the next victim comes some hours later."""
        at_hour(scene, 16.0, 3.5, days=float(scene.rng.exponential(0.7)))
        price = self.purchase_median_minor * float(scene.rng.lognormal(0, 1.5)) * habits.greed
        yield from talk_into_paying(scene, mark, price, to=payee, most=0.9, stage="purchase")

    def _impersonation(self, scene: Scene, _habits: Habits, mark: Mark, payee: int) -> Step[None]:
        """Bring nearly all of it to safety in one to three payments while on the telephone."""
        at_hour(scene, 13.5, 2.5, days=0)
        wanted = int(within_reach_minor(scene, mark) * scene.rng.uniform(0.5, 0.95))
        part = max(wanted // int(scene.rng.integers(1, 4)), 1)
        for _ in range(5):
            if mark.paid_minor >= wanted or not mark.believes:
                return
            amount = min(part, wanted - mark.paid_minor)
            paid = yield from talk_into_paying(
                scene, mark, amount, to=payee, most=0.95, stage="impersonation"
            )
            if not paid:
                part = part // 2  # "then let us try a smaller sum"
            scene.wait(hours=float(scene.rng.exponential(0.5)))

    def _investment(self, scene: Scene, habits: Habits, mark: Mark, payee: int) -> Step[None]:
        """Start with a small stake and add to it every week or so, as the profits on paper grow."""
        stake = float(scene.rng.lognormal(np.log(20_000), 0.5)) * habits.greed
        growth = float(scene.rng.uniform(1.4, 2.8))
        for _ in range(int(scene.rng.integers(4, 12))):
            if not mark.believes:
                return
            at_hour(scene, 15.0, 3.5, days=float(scene.rng.gamma(3.0, 2.0)))
            paid = yield from talk_into_paying(
                scene, mark, stake, to=payee, most=0.7, stage="investment"
            )
            stake *= growth if paid else 0.5

    def _romance(self, scene: Scene, habits: Habits, mark: Mark, payee: int) -> Step[None]:
        """Ask again and again, in the evening, and a little more each time."""
        need = float(scene.rng.lognormal(np.log(30_000), 0.6)) * habits.greed
        for _ in range(int(scene.rng.integers(6, 15))):
            if not mark.believes:
                return
            at_hour(scene, 20.5, 1.3, days=float(scene.rng.gamma(2.0, 3.5)))
            yield from talk_into_paying(scene, mark, need, to=payee, most=0.6, stage="romance")
            need *= float(scene.rng.lognormal(0.25, 0.4))
