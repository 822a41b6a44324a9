"""Romance scam: somebody in love is asked for help, again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, some, web_shops
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scams import (
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

MOST_ACCOUNTS = 3
"""Accounts to which one victim is asked to pay at most: a friend's, the doctor's (assumption)."""
PRESENTS = 3
"""Gift cards are asked for among so many first requests (assumption)."""


class RomanceScam(AttackPattern):
    """Write for weeks and ask for nothing; then for help, a little more each time.

    They met online. He works on a ship, she nurses abroad; for weeks they write and call every
    evening and no money is spoken of. Then something small is needed: a gift card to keep the
    telephone going, a fee for a parcel. It is paid in the evening, after the call. Every week or
    so there is a new need, of the same person or a friend: a flight, a doctor, customs. The sums
    grow, with now and then a small one, until the victim has no more or the bank asks.
    """

    name: ClassVar[str] = "romance_scam"
    summary: ClassVar[str] = "weeks of talk, then pleas for help in the evening that grow for weeks"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1585", "T1593.001", "F1020", "F1025", "F1047"),
        visa="D manipulation of account holder",
        mastercard="56 manipulation of account holder",
        eba="manipulation of the payer by the fraudster to issue a payment order",
        fraud_classifier="authorised: manipulated",
        uk_finance="authorised push payment: romance",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "UK Finance half year fraud update 2023: 2,120 romance scams, 18,889 payments",
        "UK Finance Annual Fraud Report 2024: 4,160 romance scams, 36.5 million pounds",
        "TSB 2022: 53 days between the first and the last payment in the mean",
    )
    look_alike: ClassVar[str] = "helping a child who studies, or the family abroad"
    stages: ClassVar[tuple[str, ...]] = ("present", "plea", *MULE_STAGES)
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation(
            "payments", 4, 16, "UK Finance: about nine payments; some have no more to give"
        ),
        Expectation("days", 20, 100, "TSB: 53 days from the first to the last in the mean"),
        Expectation("payees", 1, 3, "one beloved, and a friend or a doctor"),
    )

    talk_days: float = parameter(
        28.0, "mean days of talk before the first plea", "assumption: weeks", gt=0, le=365
    )
    pleas: int = parameter(9, "mean number of pleas", "UK Finance 2023: nine", ge=1, le=100)
    days_between: float = parameter(
        6.6, "mean days between two pleas", "TSB: 53 days for nine payments", gt=0, le=90
    )
    first_minor: int = parameter(
        12_000, "median first plea, minor units", "assumption: a telephone, a fee", ge=1_000
    )
    growth: float = parameter(
        1.3, "median factor from plea to plea", "assumption: 8,800 in all", ge=1, le=3
    )
    present_share: float = parameter(
        0.3, "of the first pleas, for a gift card", "assumption", ge=0, le=1
    )
    new_account_share: float = parameter(
        0.15, "pleas to pay somebody else", "assumption", ge=0, le=1
    )
    abroad_share: float = parameter(
        0.3, "accounts abroad, of those elsewhere", "assumption: the beloved is far", ge=0, le=1
    )
    approached: int = parameter(
        6, "people written to, of whose richer third the victim is", "assumption", ge=1, le=100
    )
    on_us_share: float = parameter(
        ON_US_SHARE, "accounts that are held here", "assumption: a market share", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Write for weeks, then ask."""
        habits = draw_habits(scene)
        approached = scene.accounts(self.approached, via="persuasion")
        marks = worth_the_talk(scene, approached, 1, richest=3)
        talk_days = float(scene.rng.gamma(4.0, self.talk_days / 4.0)) * habits.patience
        scene.note(talk_days=talk_days)
        scene.wait(days=talk_days)
        for mark in marks:
            yield from self._plead(scene, habits, mark)
            if mark.paid_minor:
                return
        scene.give_up("nobody fell in love")

    def _plead(self, scene: Scene, habits: Habits, mark: Mark) -> Step[None]:
        """Plead in the evening, week after week, for more each time, while the mark believes."""
        accounts = [self._account(scene)]
        need = self.first_minor * float(scene.rng.lognormal(0, 0.5)) * habits.greed
        for turn in range(some(scene, self.pleas, log_sd=0.35)):
            if not mark.believes:
                return
            days = float(scene.rng.gamma(2.0, self.days_between / 2.0))
            at_hour(scene, 20.5, 1.3, days=days if turn else 0.0)
            if turn < PRESENTS and scene.rng.random() < self.present_share:
                yield from self._present(scene, habits, mark)
            else:
                yield from self._help(scene, habits, mark, accounts, need)
            need *= self.growth * float(scene.rng.lognormal(0, 0.45))

    def _account(self, scene: Scene) -> Receiver:
        return receiving_account(
            scene, on_us_share=self.on_us_share, abroad_share=self.abroad_share
        )

    def _present(self, scene: Scene, habits: Habits, mark: Mark) -> Step[None]:
        """Have a gift card bought online, whose code is then read out."""
        at = web_shops(scene, {"gift_cards": 1.0}, 1)
        if len(at):
            amount = int(scene.price(at, times=1.5 * habits.greed)[0])
            yield from talk_into_buying(scene, mark, amount, at=at, most=0.3, stage="present")

    def _help(
        self, scene: Scene, habits: Habits, mark: Mark, accounts: list[Receiver], need: float
    ) -> Step[None]:
        """Have the mark pay to the usual account or, now and then, to somebody else's."""
        moves = not accounts[-1].works or scene.rng.random() < self.new_account_share
        if moves and len(accounts) < MOST_ACCOUNTS:
            accounts.append(self._account(scene))
        account = accounts[-1]
        paid = yield from talk_into_paying(
            scene, mark, need, to=account.payee, most=0.45, stage="plea"
        )
        yield from pass_takings_on(scene, habits, account, paid)
