"""Cheque kiting: money that is on two accounts at once, because cheques take days."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, in_notes, opening_hours, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts
    from fraudsim.attacks.kit.scene import Scene

MOST_PAYMENTS = 12
"""Payments in which the last cheque leaves, at most (assumption)."""
OVERDRAFT_INCOMES = 0.5
"""The overdraft is tried for so many monthly incomes (assumption)."""
SMALLEST_MINOR = 5_000
"""A rest below this is left on the account (assumption)."""
EVEN_SHARE = 0.5
"""Cheques over a sum in whole tens (assumption)."""
MOST_GROWTH = 6.0
"""A cheque is at most so many times the first one (assumption)."""


class ChequeKiting(AttackPattern):
    """Pay in cheques on an account elsewhere that is empty, and spend them before they bounce.

    The customer has an account here and another one at another bank. He pays in a cheque on the
    other one; the bank lets him have the money at once. He sends nearly all of it to the other
    account, so that the cheque is covered when it arrives there, and pays in the next one, which is
    larger. So it goes to and fro, and the bank here sees deposits that grow and leave again within
    two days. At the end nothing goes back: the last cheque leaves as cash and by transfer to
    somebody else, within a day or two, and then it bounces. The bank wants it back from an account
    on which there is nothing.
    """

    name: ClassVar[str] = "cheque_kiting"
    summary: ClassVar[str] = "growing cheques are spent before they clear; the last one bounces"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1014", "F1009.002", "F1025.002", "F1017.001"),
        fraud_classifier="authorised: acted fraudulently",
        uk_finance="cheque fraud",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1014 Check Fraud, F1009.002 Mobile Deposit",
        "US Regulation CC: checks deposited must be made available in one to five business days",
    )
    look_alike: ClassVar[str] = "a self-employed customer who is paid by cheque and pays suppliers"
    stages: ClassVar[tuple[str, ...]] = ("cheque", "sent_back", "spent", "cash", "bounced")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 1, "one customer with two banks"),
        Expectation("days", 10, 90, "some five cheques, each a few days before the next"),
        Expectation("amount_minor", 40_000, 700_000, "cheques of an income or two"),
        Expectation("payments", 10, 60, "each cheque leaves in one or two payments, the last more"),
    )

    cheques: int = parameter(5, "mean cheques", "assumption: a kite needs some", ge=1, le=60)
    first_incomes: float = parameter(
        0.35, "first cheque, in monthly incomes", "assumption", gt=0, le=5
    )
    growth: float = parameter(
        1.35, "factor from cheque to cheque", "assumption: fees, and what is kept", ge=1, le=3
    )
    days_between: float = parameter(
        3.5, "mean days from cheque to cheque", "catalogue: before they clear", gt=0, le=30
    )
    bounces_after_days: float = parameter(
        4.0,
        "mean days until a cheque bounces",
        "US Regulation CC: one to five business days",
        gt=0,
        le=30,
    )
    cash_share: float = parameter(0.4, "last payments that are cash", "assumption", ge=0, le=1)

    def run(self, scene: Scene) -> Campaign:
        """Fly the kite, then cut the string."""
        habits = draw_habits(scene)
        customer = scene.accounts(1, via="own")
        if not len(customer):
            scene.give_up("nobody there")
            return
        other_bank, cheques = scene.payee(), some(scene, self.cheques)
        first = max(customer.income_minor[0] * self.first_incomes * habits.greed, 10_000.0)
        sum_minor = self._cheque(scene, first)
        for turn in range(cheques):
            opening_hours(scene, days=self._gap_days(scene, habits) if turn else 0.0)
            yield self._pay_in(scene, customer, sum_minor)
            if turn < cheques - 1:
                covered = yield from self._send_back(
                    scene, habits, customer, other_bank, sum_minor, first=turn == 0
                )
                if not covered:  # the cheque on the other bank is not covered: the kite falls
                    break
                grown = sum_minor * self.growth * float(scene.rng.lognormal(0, 0.15))
                sum_minor = self._cheque(scene, min(grown, MOST_GROWTH * first))
        yield from self._spend(scene, habits, customer, sum_minor)
        yield self._bounce(scene, customer, sum_minor)

    def _gap_days(self, scene: Scene, habits: Habits) -> float:
        days = float(scene.rng.gamma(4.0, self.days_between / 4.0)) * habits.patience
        return min(days, 14.0)

    def _cheque(self, scene: Scene, level_minor: float) -> int:
        """Return the sum on a cheque; half of them are in whole tens, as bills are not."""
        whole = scene.rng.random() < EVEN_SHARE
        return int(level_minor) // 1_000 * 1_000 if whole else int(level_minor)

    def _pay_in(self, scene: Scene, customer: Accounts, sum_minor: int) -> Attempts:
        """Pay in a cheque."""
        return scene.receive(
            customer,
            amount_minor=sum_minor,
            after_s=scene.pace(1, median_s=1_800.0),
            stage="cheque",
            case="first_party",
        )

    def _send_back(
        self,
        scene: Scene,
        habits: Habits,
        customer: Accounts,
        other_bank: int,
        sum_minor: int,
        *,
        first: bool,
    ) -> Step[bool]:
        """Cover the cheque at the other bank in one or two transfers; return whether it worked."""
        parts = int(scene.rng.integers(1, 3))
        amount = int(sum_minor * scene.rng.uniform(0.88, 0.98)) // parts
        for part in range(parts):
            scene.wait(hours=float(scene.rng.exponential(10.0)) * habits.patience)
            answer = yield self._transfer(
                scene, customer, other_bank, amount, stage="sent_back", fresh=first and part == 0
            )
            if not answer.approved[-1]:
                return False
        return True

    def _spend(
        self, scene: Scene, habits: Habits, customer: Accounts, sum_minor: int
    ) -> Step[None]:
        """Take the last cheque, what else is there, and the overdraft: as cash and elsewhere."""
        there = max(int(scene.look_again(customer).balance_minor[0]), sum_minor)
        left = there + int(customer.income_minor[0] * OVERDRAFT_INCOMES)
        friend, fresh, refused = scene.payee(), True, 0
        for _ in range(MOST_PAYMENTS):
            if left < SMALLEST_MINOR or refused == 3:
                return
            scene.wait(hours=float(scene.rng.exponential(5.0)) * habits.patience)
            action = None
            if scene.rng.random() < self.cash_share:
                action = self._cash(scene, customer, left)
            if action is None:
                part = max(int(left * scene.rng.uniform(0.4, 1.0)), 100)
                action = self._transfer(scene, customer, friend, part, stage="spent", fresh=fresh)
                fresh = False
            answer = yield action
            refused += not answer.approved[-1]
            left -= answer.taken_minor
            if not answer.approved[-1]:
                left = left * 2 // 3

    def _cash(self, scene: Scene, customer: Accounts, left: int) -> Attempts | None:
        """Withdraw with one's own card near home; None where no machine is near."""
        machine = scene.shops("cash", 1, city=int(customer.city[0]))
        if not len(machine):
            return None
        return scene.withdraw(
            scene.cards_of(customer, "debit"),
            at=machine,
            amount_minor=np.minimum(in_notes(scene, 1, times=5.0), max(left // 1_000 * 1_000, 1)),
            after_s=scene.pace(1, median_s=900.0),
            stage="cash",
            entry="chip",
            case="first_party",
        )

    def _transfer(
        self,
        scene: Scene,
        customer: Accounts,
        to: int,
        amount_minor: int,
        *,
        stage: str,
        fresh: bool,
    ) -> Attempts:
        """Log in and send, as the customer that he is."""
        login_s, payee_s, send_s = scene.pace(3, median_s=80.0)
        action = scene.log_in(customer, after_s=login_s)
        if fresh:
            action += scene.add_payee(customer, payee=to, after_s=payee_s)
        return action + scene.transfer(
            customer,
            to=to,
            amount_minor=max(amount_minor // 100 * 100, 100),
            after_s=send_s,
            stage=stage,
            passes_challenge=0.96,  # as any customer
            case="first_party",
        )

    def _bounce(self, scene: Scene, customer: Accounts, sum_minor: int) -> Attempts:
        """Have the bank take the last cheque back, early in the morning, some days later."""
        scene.wait(days=min(float(scene.rng.gamma(4.0, self.bounces_after_days / 4)), 30.0))
        scene.wait_until_hour(float(scene.rng.uniform(2.0, 5.0)))
        return scene.bounce(
            customer, amount_minor=sum_minor, after_s=scene.pace(1, median_s=600.0), stage="bounced"
        )
