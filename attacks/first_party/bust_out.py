"""Bust-out: the customer who never meant to pay."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from fraudsim.attacks.kit.credit_line import SPENT_OUT, Spender, build_up, buy, use_up
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, taste
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene


class BustOut(AttackPattern):
    """Behave well, spend a little more each week, then use up the credit limit within days.

    The customer is real and the account is in order: months of honest life. For some weeks more
    goes on the credit card, at ordinary shops and, a little, online, so that higher sums are
    nothing new. Then, within days, the limit goes: electronics, gift cards, money transfers, cash
    advances, until about all of it is gone or the card is refused three times running.
    """

    name: ClassVar[str] = "bust_out"
    summary: ClassVar[str] = "weeks of rising spending, then the credit limit is used up in days"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1028", "F1017.001"),
        visa="3 fraudulent application",
        mastercard="54 first-party fraud",
        fraud_classifier="authorised: acted fraudulently",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "practice of credit bureaus: utilisation rises to 100 % and more within days, then silence",
        "MITRE Fight Fraud Framework v1.1, F1028 Fradulent Purchasing",
    )
    look_alike: ClassVar[str] = "a wedding, a new kitchen, a long journey paid by credit card"
    stages: ClassVar[tuple[str, ...]] = ("build_up", "spend_out", "cash_advance")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("days", 14, 60, "about four weeks of more and more, then some days"),
        Expectation("payments", 15, 70, "about three purchases a week, then the limit"),
        Expectation("taken_minor", 200_000, 2_500_000, "a credit limit of one to two incomes"),
    )

    weeks: int = parameter(4, "mean weeks of rising spending", "assumption", ge=1, le=104)
    extra_per_week: int = parameter(
        3, "mean purchases per week beside the usual ones", "assumption", ge=1, le=50
    )
    weekly_growth: float = parameter(
        1.15, "factor on baskets from week to week", "assumption", ge=1, le=3
    )
    days: int = parameter(4, "mean days in which the limit goes", "assumption", ge=1, le=60)
    least_used: float = parameter(
        0.95, "least share of the free limit wanted", "95 to 105 %", gt=0, le=2
    )
    most_used: float = parameter(
        1.05, "largest share of the free limit wanted", "95 to 105 %", gt=0, le=2
    )
    cash_share: float = parameter(0.12, "payments that are cash advances", "assumption", ge=0, le=1)
    online_share: float = parameter(0.45, "purchases made online", "assumption", ge=0, le=1)

    @model_validator(mode="after")
    def _least_comes_before_most(self) -> Self:
        if self.least_used > self.most_used:
            raise ValueError(
                f"least_used ({self.least_used:g}) is above most_used ({self.most_used:g})"
            )
        return self

    def run(self, scene: Scene) -> Campaign:
        """Build up, then spend out."""
        habits = draw_habits(scene)
        customer = scene.accounts(1, via="own", credit=True)
        if not len(customer):
            scene.give_up("no customer with a credit card")
            return
        spender = Spender(customer, customer.device, self.online_share)
        yield from build_up(
            scene,
            habits,
            spender,
            weeks=self.weeks,
            per_week=self.extra_per_week,
            weekly_growth=self.weekly_growth,
            stage="build_up",
        )
        room = int(scene.look_again(customer).credit_room_minor[0])
        if room < 100:  # less than one unit: nothing to take
            scene.give_up("no limit left to use")
            return
        wanted = room * float(scene.rng.uniform(self.least_used, self.most_used))
        shops = taste(scene, SPENT_OUT)
        yield from use_up(
            scene,
            habits,
            spender,
            round(wanted),
            days=self.days,
            cash_share=self.cash_share,
            cash_stage="cash_advance",
            purchase=lambda dear: buy(scene, spender, shops, dear, "spend_out"),
        )
