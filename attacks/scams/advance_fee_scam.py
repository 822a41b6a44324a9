"""Advance fee scam: there is much to get, after one more fee."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scams import (
    MULE_STAGES,
    Mark,
    Receiver,
    at_hour,
    pass_takings_on,
    receiving_account,
    talk_into_paying,
)
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.scene import Scene

MOST_FEES = 12
"""Fees that one victim pays at most (assumption)."""


class AdvanceFeeScam(AttackPattern):
    """Promise a job, a flat or a prize, and ask for one small fee after the other.

    A job that can be done at home, a flat far below the usual rent, a loan, a lottery that was
    won: first there are forms and friendly letters, and who does small tasks for the job may even
    be paid a little for the first ones. Then there is a fee, for the training, the viewing, the
    papers, the customs. It is small, and everybody pays it. The next one follows within days,
    somewhat larger and mostly to somebody else. Some victims stop after one, some pay many times.
    The fraudster has several victims at once; the bank sees small sums to one new payee after
    another.
    """

    name: ClassVar[str] = "advance_fee_scam"
    summary: ClassVar[str] = "a job, flat or prize: small fees, one after the other, to new payees"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1660", "F1020.001", "F1025.001", "F1047"),
        visa="D manipulation of account holder",
        mastercard="56 manipulation of account holder",
        eba="manipulation of the payer by the fraudster to issue a payment order",
        fraud_classifier="authorised: manipulated",
        uk_finance="authorised push payment: advance fee",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "UK Finance Annual Fraud Report 2024: advance fee among eight types of authorised fraud",
        "MITRE Fight Fraud Framework v1.1, F1020.001 Fake Documents",
    )
    look_alike: ClassVar[str] = "course fees, a viewing, splitting costs with people just met"
    stages: ClassVar[tuple[str, ...]] = ("first_pay", "fee", *MULE_STAGES)
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payees", 2, 14, "most fees go to somebody else than the last"),
        Expectation("amount_minor", 2_500, 25_000, "small sums, or nobody would pay them"),
        Expectation("days", 3, 45, "a fee every few days"),
    )

    victims: int = parameter(3, "mean number of victims at once", "assumption", ge=1, le=500)
    job_share: float = parameter(
        0.4, "campaigns that promise a job and pay for first tasks", "assumption", ge=0, le=1
    )
    first_minor: int = parameter(
        5_500, "median first fee, minor units", "assumption: small", ge=1_000
    )
    growth: float = parameter(
        1.25, "median factor from fee to fee", "assumption: a little more", ge=1, le=3
    )
    days_between: float = parameter(
        3.5, "mean days between two fees", "assumption: while it is warm", gt=0, le=60
    )
    stops_share: float = parameter(
        0.28, "victims who stop after a fee, each time", "assumption", ge=0.02, le=1
    )
    new_account_share: float = parameter(
        0.65, "fees that go to another account", "assumption: a series to new payees", ge=0, le=1
    )
    on_us_share: float = parameter(
        0.08, "accounts that are held here", "assumption: half the usual, for many", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Win them, then ask them in turn for fee after fee."""
        habits = draw_habits(scene)
        answering = scene.accounts(some(scene, self.victims), via="persuasion")
        marks = [Mark(answering[index : index + 1]) for index in range(len(answering))]
        is_job = scene.rng.random() < self.job_share
        scene.note(promises_a_job=bool(is_job))
        for mark in marks if is_job else []:
            yield from self._first_pay(scene, mark)
        yield from self._ask_in_turn(scene, habits, marks)
        if not any(mark.paid_minor for mark in marks):
            scene.give_up("nobody paid a fee")

    def _first_pay(self, scene: Scene, mark: Mark) -> Step[None]:
        """Pay the victim a little for the first tasks: the job is real, it seems."""
        at_hour(scene, 14.0, 3.5, days=float(scene.rng.exponential(1.0)))
        yield scene.receive(
            mark.account,
            amount_minor=round(800 * float(scene.rng.lognormal(0, 0.7))) + 200,
            after_s=0.0,
            stage="first_pay",
            case="scam",
        )

    def _ask_in_turn(self, scene: Scene, habits: Habits, marks: list[Mark]) -> Step[None]:
        """Ask each victim who still believes for the next fee, turn after turn."""
        listening = list(marks)
        accounts = [self._account(scene)]
        fee = self.first_minor * habits.greed
        for _ in range(MOST_FEES):
            if not listening:
                return
            gap_days = float(scene.rng.gamma(2.0, self.days_between / 2.0)) * habits.patience
            for mark in listening:
                at_hour(scene, 13.5, 3.5, days=gap_days / len(listening) * scene.rng.random())
                yield from self._ask(scene, habits, mark, accounts, fee)
            listening = [
                mark
                for mark in listening
                if mark.believes and scene.rng.random() >= self.stops_share
            ]
            fee *= self.growth * float(scene.rng.lognormal(0, 0.25))

    def _account(self, scene: Scene) -> Receiver:
        return receiving_account(scene, on_us_share=self.on_us_share)

    def _ask(
        self, scene: Scene, habits: Habits, mark: Mark, accounts: list[Receiver], fee: float
    ) -> Step[None]:
        """Ask for one fee, to another account than the last more often than not."""
        if not accounts[-1].works or scene.rng.random() < self.new_account_share:
            accounts.append(self._account(scene))
        account = accounts[-1]
        asked = fee * float(scene.rng.lognormal(0, 0.35))
        paid = yield from talk_into_paying(
            scene, mark, asked, to=account.payee, most=0.6, stage="fee"
        )
        yield from pass_takings_on(scene, habits, account, paid)
