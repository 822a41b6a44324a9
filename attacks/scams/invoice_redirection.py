"""Invoice redirection: the bill is real, the account is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, web_shops
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scams import (
    ABROAD_SHARE,
    MULE_STAGES,
    ON_US_SHARE,
    SMALLEST_MINOR,
    Receiver,
    at_the_office,
    pass_takings_on,
    receiving_account,
    talk_into_paying,
    worth_the_talk,
)
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.scams import Mark
    from fraudsim.attacks.kit.scene import Scene

# who sends a bill every month (assumption)
BILLERS = {"services": 0.4, "utilities": 0.25, "insurance": 0.25, "telecom": 0.1}
FIRST_OF_MONTH = 5
"""Rents are due on one of the first days of the month (assumption)."""
MOST_BILLS = 6
"""Bills paid to the wrong account at most (assumption: somebody is reminded)."""


@dataclass(frozen=True)
class _Bill:
    """A bill that the victim pays anyway.

    Attributes:
        amount_minor: what it is every time, minor units.
        scatter: how much it differs from time to time, as a log-sd; a rent does not.
        day_of_month: when it is paid.
    """

    amount_minor: int
    scatter: float
    day_of_month: int


class InvoiceRedirection(AttackPattern):
    """Read a mailbox, and say in the creditor's name that the account has changed.

    For weeks somebody reads the post of a builder, a landlord, a tax adviser, and asks for
    nothing. Then, days before a bill is due, a letter on the right paper: please note our new
    account. The victim adds the new payee, a business, and pays what was always paid, on the usual
    day, in office hours. Nobody notices before the creditor sends a reminder; until then the next
    bill may go the same way. Some victims get a second bill at once: arrears, a deposit.
    """

    name: ClassVar[str] = "invoice_redirection"
    summary: ClassVar[str] = "a usual bill on its usual day goes to a new account of the creditor"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1586.002", "T1672", "F1005.006", "F1027", "F1036", "F1025"),
        visa="D manipulation of account holder",
        mastercard="55 modification of payment order",
        eba="manipulation of the payer by the fraudster to issue a payment order",
        fraud_classifier="authorised: manipulated",
        uk_finance="authorised push payment: invoice and mandate",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "UK Finance, first half of 2018: 2,856 cases of invoice and mandate fraud at companies",
        "MITRE Fight Fraud Framework v1.1, F1036 New Vendor Setup, T1586.002 Email Accounts",
    )
    look_alike: ClassVar[str] = "a creditor who did change the bank, or a new tradesman"
    stages: ClassVar[tuple[str, ...]] = ("usual_bill", "extra_bill", *MULE_STAGES)
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payments", 1, 4, "one bill or two before the creditor sends a reminder"),
        Expectation("payees", 1, 1, "one new account"),
        Expectation("amount_minor", 8_000, 250_000, "a monthly bill, a rent or a builder's bill"),
    )

    reading_days: float = parameter(
        18.0, "mean days in which the post is read", "assumption: weeks", gt=0, le=365
    )
    rent_share: float = parameter(0.25, "bills that are rents", "assumption", ge=0, le=1)
    works_share: float = parameter(
        0.4, "bills of builders, solicitors and the like, of the others", "assumption", ge=0, le=1
    )
    works_minor: int = parameter(
        120_000,
        "median bill of a builder, minor units",
        "assumption: near large first payments of honest customers",
        ge=1_000,
    )
    goes_on_share: float = parameter(
        0.45, "bills after which no reminder comes before the next", "assumption", ge=0, le=1
    )
    extra_share: float = parameter(
        0.2, "victims who get a second bill at once", "assumption", ge=0, le=1
    )
    approached: int = parameter(
        4, "mailboxes read, of whose richer half the victim is", "assumption", ge=1, le=100
    )
    on_us_share: float = parameter(
        ON_US_SHARE, "accounts that are held here", "assumption: a market share", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Read, write one letter, and wait for the day."""
        habits = draw_habits(scene)
        read = scene.accounts(self.approached, via="persuasion")
        scene.wait(days=float(scene.rng.gamma(3.0, self.reading_days / 3.0)) * habits.patience)
        for mark in worth_the_talk(scene, read, 1, richest=2):
            bill = self._usual_bill(scene, mark)
            scene.note(bill_minor=float(bill.amount_minor), day_of_month=float(bill.day_of_month))
            account = receiving_account(
                scene,
                kind="business",
                on_us_share=self.on_us_share,
                abroad_share=ABROAD_SHARE,
            )
            yield from self._bills(scene, habits, mark, bill, account)
            if mark.paid_minor:
                return
        scene.give_up("no bill was paid")

    def _usual_bill(self, scene: Scene, mark: Mark) -> _Bill:
        """Draw a bill that this victim is used to: a rent, a builder's, or a monthly one."""
        rng = scene.rng
        affordable = int(0.8 * mark.account.balance_minor[0])
        if rng.random() < self.rent_share:
            rent = int(mark.account.income_minor[0] * rng.uniform(0.18, 0.34)) // 2_500 * 2_500
            return _Bill(min(rent, affordable), 0.0, int(rng.integers(1, FIRST_OF_MONTH + 1)))
        day = int(rng.integers(1, 29))
        billers = web_shops(scene, BILLERS, 1)
        if rng.random() < self.works_share or not len(billers):
            works = round(self.works_minor * float(rng.lognormal(0, 0.8)))
            whole = works // 1_000 * 1_000 if rng.random() < 0.6 else works
            return _Bill(min(max(whole, SMALLEST_MINOR), affordable), 0.35, day)
        amount = int(scene.price(billers, times=1.5)[0])
        return _Bill(min(max(amount, 2 * SMALLEST_MINOR), affordable), 0.08, day)

    def _bills(
        self, scene: Scene, habits: Habits, mark: Mark, bill: _Bill, account: Receiver
    ) -> Step[None]:
        """Let bill after bill be paid on its day, until the creditor sends a reminder."""
        for turn in range(MOST_BILLS):
            at_the_office(scene, day_of_month=bill.day_of_month)
            due = round(bill.amount_minor * float(scene.rng.lognormal(0, bill.scatter)))
            paid = yield from self._pay(scene, habits, mark, account, due, stage="usual_bill")
            if not paid or not account.works:
                return
            if turn == 0 and scene.rng.random() < self.extra_share:
                extra = round(bill.amount_minor * float(scene.rng.uniform(0.4, 1.6)))
                soon = (bill.day_of_month + int(scene.rng.integers(2, 10))) % 28 + 1
                at_the_office(scene, day_of_month=soon)
                yield from self._pay(scene, habits, mark, account, extra, stage="extra_bill")
            if scene.rng.random() >= self.goes_on_share or not mark.believes:
                return

    def _pay(
        self,
        scene: Scene,
        habits: Habits,
        mark: Mark,
        account: Receiver,
        amount_minor: int,
        *,
        stage: str,
    ) -> Step[int]:
        """Pay one bill, to the cent and in full or not; a mule here passes it on."""
        if amount_minor > scene.look_again(mark.account).balance_minor[0]:
            return 0  # who cannot pay calls the creditor
        paid = yield from talk_into_paying(
            scene, mark, amount_minor, to=account.payee, most=1.0, stage=stage, typed=False
        )
        yield from pass_takings_on(scene, habits, account, paid)
        return paid
