"""Bust-out with a merchant: the shop is in on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from pydantic import model_validator

from fraudsim.attacks.kit.credit_line import Spender, build_up, use_up
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    draw_habits,
    rounded,
    some,
    street_shops,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Ints
    from fraudsim.attacks.kit.scene import Scene

# trades in which high, even bills are usual, and nothing has to be sent (assumption)
IN_ON_IT = {"services": 0.4, "electronics": 0.25, "general_merchandise": 0.2, "hotel": 0.15}
SMALLEST_MINOR = 3_000
"""Nobody runs the risk for less (assumption)."""


class BustOutWithMerchant(AttackPattern):
    """Use up credit limits at one or two shops whose owners take a part of it and deliver nothing.

    A small firm takes cards and wants cash. A few customers, real people with accounts in order,
    agree to share. One after the other, for some weeks, they spend more and more at ordinary shops,
    so that higher sums are nothing new. Then the firm charges the credit card: three to ten bills
    within days, high and round, as a builder or a workshop writes them, with chip and PIN where the
    firm has a shop. Nothing is delivered. The firm keeps its part and pays out the rest; the cards
    are never paid.
    """

    name: ClassVar[str] = "bust_out_with_merchant"
    summary: ClassVar[str] = "limits are used up at one or two shops that share in it: high, round"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1021", "F1027", "F1028"),
        visa="3 fraudulent application",
        mastercard="51 bust-out collusive merchant",
        fraud_classifier="authorised: acted fraudulently",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "Mastercard System to Avoid Fraud Effectively: type 51, bust-out collusive merchant",
        "MITRE Fight Fraud Framework v1.1, F1021 Create Fraudulent Merchant Account, F1028",
    )
    look_alike: ClassVar[str] = "paying a contractor's bills for a bathroom by credit card"
    stages: ClassVar[tuple[str, ...]] = ("build_up", "collusive_bill")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 6, "some two or three customers share one firm"),
        Expectation("payments", 12, 120, "weeks of purchases, then three to ten bills each"),
        Expectation("days", 10, 110, "weeks of more and more, one customer after the other"),
    )

    customers: int = parameter(2, "mean customers who are in it", "assumption", ge=1, le=200)
    merchants: int = parameter(
        2, "one to so many merchants who are in it", "catalogue: one or two", ge=1, le=20
    )
    weeks: int = parameter(3, "mean weeks of rising spending", "assumption", ge=1, le=52)
    extra_per_week: float = parameter(
        2, "mean purchases per week beside the usual ones", "assumption", ge=0.5, le=50
    )
    weekly_growth: float = parameter(
        1.15, "factor on baskets from week to week", "assumption", ge=1, le=3
    )
    days: int = parameter(5, "mean days in which a limit goes", "assumption", ge=1, le=60)
    bills: int = parameter(5, "mean bills that use up a limit", "assumption", ge=1, le=50)
    least_used: float = parameter(
        0.9,
        "least share of the free limit wanted",
        "95 to 105 %, less what is in the way",
        gt=0,
        le=2,
    )
    most_used: float = parameter(
        1.05, "largest share of the free limit wanted", "95 to 105 %", gt=0, le=2
    )
    online_share: float = parameter(0.3, "ordinary purchases online", "assumption", ge=0, le=1)

    @model_validator(mode="after")
    def _least_comes_before_most(self) -> Self:
        if self.least_used > self.most_used:
            raise ValueError(
                f"least_used ({self.least_used:g}) is above most_used ({self.most_used:g})"
            )
        return self

    def run(self, scene: Scene) -> Campaign:
        """Find the firm and the customers; then each builds up and spends out."""
        habits = draw_habits(scene)
        customers = scene.accounts(some(scene, self.customers), via="own", credit=True)
        if not len(customers):
            scene.give_up("no customer with a credit card")
            return
        firms, online = self._firms(scene, int(customers.city[0]))
        if not len(firms):
            scene.give_up("no merchant who is in on it")
            return
        scene.note(customers=len(customers), firms=len(firms), firms_online=online)
        for index in range(len(customers)):
            customer = scene.look_again(customers[index : index + 1])
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
            yield from self._spend_out(scene, habits, spender, firms, online=online)

    def _firms(self, scene: Scene, city: int) -> tuple[Ints, bool]:
        """Return who is in on it, in a city or else on the web, and whether they are on the web."""
        count = int(scene.rng.integers(1, self.merchants + 1))
        trade = taste(scene, IN_ON_IT)
        firms = street_shops(scene, trade, count, city=city)
        if len(firms):
            return firms, False
        return web_shops(scene, trade, count, quiet=True), True

    def _spend_out(
        self, scene: Scene, habits: Habits, spender: Spender, firms: Ints, *, online: bool
    ) -> Step[None]:
        """Have the firms write bills until the limit is gone."""
        room = int(scene.look_again(spender.customer).credit_room_minor[0])
        wanted = int(room * scene.rng.uniform(self.least_used, self.most_used))
        if wanted < SMALLEST_MINOR:
            return
        part, first_dear = wanted / some(scene, self.bills), 2.5 * habits.greed

        def bill(dear: float) -> Attempts:
            # ``dear`` falls by half with each refusal: so do the bills
            level = part * dear / first_dear * float(scene.rng.lognormal(0, 0.3))
            amount = rounded(scene, np.array([max(int(level), SMALLEST_MINOR)]))
            return self._bill(scene, spender.customer, firms, amount, online=online)

        yield from use_up(
            scene,
            habits,
            spender,
            wanted,
            days=self.days,
            cash_share=0.0,
            cash_stage="",
            purchase=bill,
        )

    def _bill(
        self, scene: Scene, customer: Accounts, firms: Ints, amount_minor: Ints, *, online: bool
    ) -> Attempts:
        """Let one of the firms charge the card: chip and PIN in the shop, or on the web."""
        card = scene.cards_of(customer, "credit")
        at = scene.rng.choice(firms, 1)
        after_s = scene.pace(1, median_s=3_600.0)
        if online:
            return scene.charge(
                card,
                at=at,
                amount_minor=amount_minor,
                after_s=after_s,
                stage="collusive_bill",
                device=customer.device,
                passes_challenge=0.96,  # as any customer
                case="first_party",
            )
        return scene.charge(
            card,
            at=at,
            amount_minor=amount_minor,
            after_s=after_s,
            stage="collusive_bill",
            entry="chip",
            knows_pin=True,
            case="first_party",
        )
