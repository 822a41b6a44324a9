"""Investment scam: a small stake that seems to grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, rounded, some, web_shops
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scams import (
    ABROAD_SHARE,
    MULE_STAGES,
    ON_US_SHARE,
    Receiver,
    at_hour,
    pass_takings_on,
    receiving_account,
    talk_into_buying,
    talk_into_paying,
    worth_the_talk,
)
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.scams import Mark
    from fraudsim.attacks.kit.scene import Scene

# where money is turned into coins or units of a fund by card (assumption)
BROKERS = {"crypto_exchange": 0.85, "money_transfer": 0.15}
MOST_ACCOUNTS = 3
"""Accounts of the broker that one victim pays to at most ("1 to 3 payees" in the catalogue)."""


class InvestmentScam(AttackPattern):
    """Let a small stake grow on a screen, pay a little of it out, and ask for more and more.

    An advertisement with a known face leads to a friendly adviser and a platform where one can
    watch. The first stake is small. After days the profit shows, and to prove that it is real a
    part of it is paid out to the victim's account. From then on the adviser calls every week, in
    the daytime: each sum is larger than the last, to one to three accounts of companies or by
    card at a crypto exchange. In the end the victim wants the money back, and is asked for a tax
    or a fee before it can be released.
    """

    name: ClassVar[str] = "investment_scam"
    summary: ClassVar[str] = "a small stake, a false profit paid out, then growing sums for weeks"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1583.008", "F1020.002", "F1025", "F1018", "F1047"),
        visa="D manipulation of account holder",
        mastercard="56 manipulation of account holder",
        eba="manipulation of the payer by the fraudster to issue a payment order",
        fraud_classifier="authorised: manipulated",
        uk_finance="authorised push payment: investment",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "UK Finance Annual Fraud Report 2025: 7,767 investment scams, 144.4 million pounds",
        "UK Finance Annual Fraud Report 2024: 10,226 investment scams, 107.8 million pounds",
        "MITRE Fight Fraud Framework v1.1, F1018 Convert to Cryptocurrency",
    )
    look_alike: ClassVar[str] = "saving with a new broker, a little first and more each month"
    stages: ClassVar[tuple[str, ...]] = (
        *("stake", "false_profit", "invest", "release_fee"),
        *MULE_STAGES,
    )
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payments", 4, 14, "a stake, a pay-out, some growing sums, perhaps a fee"),
        Expectation("days", 14, 90, "the sums follow each other by a week or so"),
        Expectation(
            "taken_minor", 100_000, 2_500_000, "UK Finance: 10,500 and 18,600; a salary account"
        ),
    )

    stake_minor: int = parameter(
        20_000, "median first stake, minor units", "practice: platforms ask for 250", ge=1_000
    )
    pay_out_share: float = parameter(
        0.6, "victims to whom a false profit is paid out", "assumption", ge=0, le=1
    )
    sums: int = parameter(5, "mean number of sums after the stake", "assumption", ge=1, le=60)
    days_between: float = parameter(
        6.0, "mean days between two sums", "assumption: weeks in all", gt=0, le=90
    )
    most_growth: float = parameter(
        2.4, "each sum is up to so many times the last", "assumption", ge=1.2, le=10
    )
    card_share: float = parameter(0.3, "sums paid by card at an exchange", "assumption", ge=0, le=1)
    new_account_share: float = parameter(
        0.2, "sums for which the broker names a new account", "assumption", ge=0, le=1
    )
    fee_share: float = parameter(
        0.4, "victims who ask for their money and pay a fee", "assumption", ge=0, le=1
    )
    approached: int = parameter(
        6, "people approached, of whose richer third the victim is", "assumption", ge=1, le=100
    )
    on_us_share: float = parameter(
        ON_US_SHARE, "accounts that are held here", "assumption: a market share", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Win trust with a stake that grows, then ask for more until there is no more."""
        habits = draw_habits(scene)
        approached = scene.accounts(self.approached, via="persuasion")
        accounts = [self._account(scene)]
        for mark in worth_the_talk(scene, approached, 1, richest=3):
            stake = yield from self._win(scene, habits, mark, accounts[0])
            if not stake:
                break
            yield from self._invest(scene, habits, mark, accounts, stake)
            if mark.believes and scene.rng.random() < self.fee_share:
                yield from self._fee(scene, habits, mark, accounts[-1])
            return
        scene.give_up("nobody took the bait")

    def _account(self, scene: Scene) -> Receiver:
        return receiving_account(
            scene, kind="business", on_us_share=self.on_us_share, abroad_share=2 * ABROAD_SHARE
        )

    def _win(self, scene: Scene, habits: Habits, mark: Mark, account: Receiver) -> Step[int]:
        """Take a small stake, and pay a part of the false profit out; return the stake."""
        at_hour(scene, 15.0, 3.5, days=float(scene.rng.gamma(2.0, 2.0)))
        asked = self.stake_minor * float(scene.rng.lognormal(0, 0.4)) * habits.greed
        stake = yield from self._transfer(scene, habits, mark, account, asked, stage="stake")
        if stake and scene.rng.random() < self.pay_out_share:
            at_hour(scene, 13.0, 2.5, days=float(scene.rng.gamma(2.0, 2.5)))
            profit = max(int(stake * scene.rng.uniform(0.15, 0.9)), 1)
            yield scene.receive(
                mark.account,
                amount_minor=profit,  # a profit has odd cents
                after_s=0.0,
                stage="false_profit",
                case="scam",
            )
        return stake

    def _invest(
        self, scene: Scene, habits: Habits, mark: Mark, accounts: list[Receiver], stake: float
    ) -> Step[None]:
        """Ask for a larger sum each time, and for less after one that did not go."""
        wanted = stake
        for _ in range(some(scene, self.sums)):
            if not mark.believes:
                return
            wanted *= float(scene.rng.uniform(1.1, self.most_growth))
            at_hour(scene, 15.0, 3.5, days=float(scene.rng.gamma(3.0, self.days_between / 3.0)))
            paid = yield from self._ask(scene, habits, mark, accounts, wanted)
            if not paid:
                wanted *= 0.4

    def _ask(
        self, scene: Scene, habits: Habits, mark: Mark, accounts: list[Receiver], wanted: float
    ) -> Step[int]:
        """Take one sum by card or by transfer, now and then to another account."""
        at = web_shops(scene, BROKERS, 1)
        if len(at) and scene.rng.random() < self.card_share:
            typed = int(rounded(scene, np.array([round(wanted)]))[0])
            return (
                yield from talk_into_buying(scene, mark, typed, at=at, most=0.7, stage="invest")
            )
        moves = not accounts[-1].works or scene.rng.random() < self.new_account_share
        if moves and len(accounts) < MOST_ACCOUNTS:
            accounts.append(self._account(scene))
        return (
            yield from self._transfer(scene, habits, mark, accounts[-1], wanted, stage="invest")
        )

    def _fee(self, scene: Scene, habits: Habits, mark: Mark, account: Receiver) -> Step[None]:
        """Ask for the tax on the profit before it can be paid out."""
        at_hour(scene, 14.0, 3.0, days=float(scene.rng.gamma(2.0, 4.0)))
        fee = mark.paid_minor * float(scene.rng.uniform(0.08, 0.25))
        yield from self._transfer(scene, habits, mark, account, fee, stage="release_fee")

    def _transfer(
        self,
        scene: Scene,
        habits: Habits,
        mark: Mark,
        account: Receiver,
        amount: float,
        *,
        stage: str,
    ) -> Step[int]:
        """Take one sum by transfer, and pass it on where the account is a mule's here."""
        paid = yield from talk_into_paying(
            scene, mark, amount, to=account.payee, most=0.7, stage=stage
        )
        yield from pass_takings_on(scene, habits, account, paid)
        return paid
