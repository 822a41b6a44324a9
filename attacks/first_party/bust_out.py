"""Bust-out: the customer who never meant to pay."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from fraudsim.attacks.kit.habits import (
    draw_habits,
    in_notes,
    opening_hours,
    pace,
    some,
    street_shops,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts
    from fraudsim.attacks.kit.scene import Scene

# the spending of anybody (assumption, near the shares of the categories)
EVERYDAY = {
    "grocery": 0.28,
    "general_merchandise": 0.2,
    "restaurant": 0.16,
    "fuel": 0.12,
    "clothing": 0.12,
    "fast_food": 0.06,
    "electronics": 0.06,
}
# what turns a limit into money (assumption)
SPENT_OUT = {
    "electronics": 0.34,
    "general_merchandise": 0.2,
    "gift_cards": 0.16,
    "clothing": 0.14,
    "money_transfer": 0.08,
    "hotel": 0.08,
}
MOST_PURCHASES = 60
"""Purchases tried at most once the limit is being used up (assumption)."""


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
        yield from self._build_up(scene, habits, customer)
        room = int(scene.look_again(customer).credit_room_minor[0])
        if room < 100:  # less than one unit: nothing to take
            scene.give_up("no limit left to use")
            return
        wanted = room * float(scene.rng.uniform(self.least_used, self.most_used))
        yield from self._spend_out(scene, habits, customer, round(wanted))

    def _build_up(self, scene: Scene, habits: Habits, customer: Accounts) -> Step[None]:
        shops = taste(scene, EVERYDAY)
        for week in range(some(scene, self.weeks)):
            purchases = some(scene, self.extra_per_week)
            for _ in range(purchases):
                # half a day less: the wait for the shops to open adds as much
                days = float(scene.rng.exponential(7 / purchases)) - 0.5
                opening_hours(scene, days=max(days, 0.0))
                action = self._buy(
                    scene, customer, shops, habits.greed * self.weekly_growth**week, "build_up"
                )
                if action is not None:
                    yield action

    def _spend_out(
        self, scene: Scene, habits: Habits, customer: Accounts, wanted_minor: int
    ) -> Step[None]:
        """Spend until the wanted sum is gone, or three refusals running."""
        shops, left, running, dear = taste(scene, SPENT_OUT), wanted_minor, 0, 2.5 * habits.greed
        per_day = 1 + MOST_PURCHASES // (4 * some(scene, self.days))
        opening_hours(scene, days=float(scene.rng.exponential(2.0)))
        for turn in range(MOST_PURCHASES):
            if left < 100 or running == 3:
                return
            action = None
            if scene.rng.random() < self.cash_share:
                action = self._advance(scene, customer, habits)
            if action is None:
                action = self._buy(scene, customer, shops, dear, "spend_out")
            if action is None:
                return
            answer = yield action
            left -= answer.taken_minor
            running = 0 if answer.approved.all() else running + 1
            dear *= 1.0 if answer.approved.all() else 0.5
            if turn % per_day == per_day - 1:
                opening_hours(scene, days=0.5)

    def _buy(
        self, scene: Scene, customer: Accounts, shops: dict[str, float], times: float, stage: str
    ) -> Attempts | None:
        """Buy something online or in town; None where there is no shop."""
        card = scene.cards_of(customer, "credit")
        at = street_shops(scene, shops, 1, city=int(customer.city[0]))
        online = not len(at) or scene.rng.random() < self.online_share
        if online:
            at = web_shops(scene, shops, 1)
        if not len(at):
            return None
        amount = scene.price(at, times=times)
        after_s = scene.pace(1, median_s=1_800.0)
        if online:
            return scene.charge(
                card,
                at=at,
                amount_minor=amount,
                after_s=after_s,
                stage=stage,
                device=customer.device,
                passes_challenge=0.96,  # as any customer
                case="first_party",
            )
        return scene.charge(
            card,
            at=at,
            amount_minor=amount,
            after_s=after_s,
            stage=stage,
            entry="contactless" if amount[0] <= 5_000 else "chip",
            knows_pin=True,
            case="first_party",
        )

    def _advance(self, scene: Scene, customer: Accounts, habits: Habits) -> Attempts | None:
        """Draw cash on the credit card near home; None where no machine is near."""
        machine = scene.shops("cash", 1, city=int(customer.city[0]))
        if not len(machine):
            return None
        return scene.withdraw(
            scene.cards_of(customer, "credit"),
            at=machine,
            amount_minor=in_notes(scene, 1, times=4.0 * habits.greed),
            after_s=pace(scene, habits, 1, 1_200.0),
            stage="cash_advance",
            entry="chip",
            case="first_party",
        )
