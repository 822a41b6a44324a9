"""Impersonation scam: the bank is on the telephone, it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import ASKED_FOR_MORE, draw_habits, soft_web_shops
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scams import (
    MULE_STAGES,
    ON_US_SHARE,
    Receiver,
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

# where the charge is made that the caller then "discovers" (assumption)
BAIT_SHOPS = {"general_merchandise": 0.4, "clothing": 0.2, "electronics": 0.2, "taxi": 0.2}
MOST_TRIES = 6
"""Payments asked for in one call at most (assumption)."""
LEFT_OVER = 0.12
"""The call ends when less than this part of what was wanted is missing (assumption)."""


class ImpersonationScam(AttackPattern):
    """Call as the bank or the police, and bring the money to safety before anybody else takes it.

    Some days before, a text asked for a parcel fee, and so the caller knows the name, the bank and
    the card; for some victims a charge was made with it. Then "the fraud department" calls, from
    the number on the back of the card, in office hours. The victim is told to log in and look:
    somebody is in the account. There is a safe account in the victim's own name. Within an hour or
    two nearly all of it, savings too, goes there, in one to three payments. If the bank holds one,
    the caller says why, asks for a smaller sum or names another account.
    """

    name: ClassVar[str] = "impersonation_scam"
    summary: ClassVar[str] = "a call from the bank or police: the balance goes to a safe account"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1660", "F1032", "F1040.002", "F1025", "F1047"),
        visa="D manipulation of account holder",
        mastercard="56 manipulation of account holder",
        eba="manipulation of the payer by the fraudster to issue a payment order",
        fraud_classifier="authorised: manipulated",
        uk_finance="authorised push payment: impersonation of police or bank staff",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "UK Finance, first half of 2018: police and bank impersonation 11,402 pounds in the mean",
        "UK Finance Annual Fraud Report 2025: authorised fraud, 2,400 pounds in the mean",
        "MITRE Fight Fraud Framework v1.1, F1032 Impersonate Official",
    )
    look_alike: ClassVar[str] = "a house deposit, or moving to another bank"
    stages: ClassVar[tuple[str, ...]] = ("bait", "safe_account", *MULE_STAGES)
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payments", 1, 4, "one to three payments, perhaps after a charge"),
        Expectation("gap_minutes", 0, 240, "all while the caller is on the telephone"),
        Expectation("payees", 1, 2, "one safe account, a second one when the bank asks"),
    )

    bait_share: float = parameter(
        0.25, "victims whose card was charged before the call", "assumption", ge=0, le=1
    )
    least_share: float = parameter(
        0.60, "least share wanted of what is there", "assumption: near all", gt=0, le=1
    )
    most_share: float = parameter(
        0.96, "largest share wanted of what is there", "assumption: near all", gt=0, le=1
    )
    most_parts: int = parameter(3, "wanted in 1 to so many payments", "assumption", ge=1, le=20)
    gap_hours: float = parameter(
        0.4, "mean hours between two payments", "assumption: the call goes on", gt=0, le=48
    )
    approached: int = parameter(
        6, "people called, of whose richer third the victim is", "assumption", ge=1, le=100
    )
    on_us_share: float = parameter(
        ON_US_SHARE, "accounts that are held here", "assumption: a market share", ge=0, le=1
    )

    @model_validator(mode="after")
    def _least_comes_before_most(self) -> Self:
        if self.least_share > self.most_share:
            raise ValueError(
                f"least_share ({self.least_share:g}) is above most_share ({self.most_share:g})"
            )
        return self

    def run(self, scene: Scene) -> Campaign:
        """Learn enough to be believed, then call."""
        habits = draw_habits(scene)
        called = scene.accounts(self.approached, via="persuasion")
        for mark in worth_the_talk(scene, called, 1, richest=3):
            if scene.rng.random() < self.bait_share:
                yield from self._bait(scene, habits, mark)
            account = receiving_account(scene, on_us_share=self.on_us_share)
            arrived = yield from self._call(scene, mark, account)
            # a mule is told to be quick: the bank will be called soon
            yield from pass_takings_on(scene, habits, account, arrived, within_hours=8)
            if mark.paid_minor:
                return
        scene.give_up("nobody believed the caller")

    def _bait(self, scene: Scene, habits: Habits, mark: Mark) -> Step[None]:
        """Charge the card that the victim typed into a false page, a day or two before."""
        at = soft_web_shops(scene, habits, BAIT_SHOPS, 1)
        if not len(at):
            return
        at_hour(scene, 15.0, 4.0, days=0)
        yield scene.charge(
            scene.cards_of(mark.account, "debit"),
            at=at,
            amount_minor=scene.price(at, times=0.8 * habits.greed),
            after_s=scene.pace(1, median_s=120.0),
            stage="bait",
            device=scene.device(),
            ip_country=habits.ip_country,
            passes_challenge=0.05,  # the holder is not asked yet (assumption)
        )
        scene.wait(hours=float(scene.rng.uniform(2.0, 36.0)))

    def _call(self, scene: Scene, mark: Mark, account: Receiver) -> Step[int]:
        """Have the victim log in and look, then pay part by part while the call goes on.

        Returns what arrived on the account; a second one, where the bank asked, is elsewhere.
        """
        at_hour(scene, 13.5, 2.5, days=0)
        yield scene.log_in(mark.account, after_s=scene.pace(1, median_s=200.0))
        wanted = int(
            within_reach_minor(scene, mark) * scene.rng.uniform(self.least_share, self.most_share)
        )
        part = max(wanted // int(scene.rng.integers(1, self.most_parts + 1)), 1)
        payee, arrived = account.payee, 0
        for _ in range(MOST_TRIES):
            missing = wanted - mark.paid_minor
            if missing < LEFT_OVER * wanted or not mark.believes:
                break
            scene.wait(hours=float(scene.rng.exponential(self.gap_hours)))
            paid = yield from talk_into_paying(
                scene, mark, min(part, missing), to=payee, most=0.97, stage="safe_account"
            )
            arrived += paid if payee == account.payee else 0
            if not paid:
                part = max(part // 2, 1)  # "then let us try a smaller sum"
            if mark.answer in ASKED_FOR_MORE and payee == account.payee:
                payee = receiving_account(scene, on_us_share=0.0).payee
        return arrived
