"""Purchase scam: paid for, and never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.scams import (
    ABROAD_SHARE,
    MULE_STAGES,
    ON_US_SHARE,
    SMALLEST_MINOR,
    Mark,
    at_hour,
    pass_takings_on,
    receiving_account,
    talk_into_paying,
)
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Step
    from fraudsim.attacks.kit.scene import Scene


class PurchaseScam(AttackPattern):
    """Advertise what does not exist, and sell it to one buyer after the other.

    A telephone, concert tickets, a puppy, a used car: cheap, with photographs and kind answers.
    For hours or days buyer and seller write; some are asked for a deposit first, "so that nobody
    else gets it". Then the price goes to an account of a person whom the buyer never paid before,
    and some pay once more, for the insured parcel. The next buyer pays nearly the same price to
    the same account, until the advertisement is taken down. The bank sees single payments of an
    afternoon, from customers who have nothing in common but the payee.
    """

    name: ClassVar[str] = "purchase_scam"
    summary: ClassVar[str] = "goods that do not exist: buyers pay one new payee about one price"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1020.002", "T1583.008", "F1025.001", "F1047"),
        visa="D manipulation of account holder",
        mastercard="56 manipulation of account holder",
        eba="manipulation of the payer by the fraudster to issue a payment order",
        fraud_classifier="authorised: manipulated",
        uk_finance="authorised push payment: purchase",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "UK Finance Annual Fraud Report 2024: 156,516 purchase scams of 549 pounds in the mean",
        "UK Finance Annual Fraud Report 2025: 70 % of the cases of authorised fraud",
        "MITRE Fight Fraud Framework v1.1, F1020 Create Fake Materials",
    )
    look_alike: ClassVar[str] = "buying something used from a stranger"
    stages: ClassVar[tuple[str, ...]] = ("deposit", "price", "parcel", *MULE_STAGES)
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payees", 1, 1, "all buyers pay into one account"),
        Expectation(
            "amount_minor", 6_000, 45_000, "a median price of 170, a deposit or a parcel less"
        ),
        Expectation("payments", 1, 6, "a few buyers who pay once, or a deposit before"),
    )

    median_minor: int = parameter(
        17_000,
        "median price, minor units",
        "UK Finance: mean 549; with a log-sd of 1.5, tickets to cars, the median is 170",
        ge=100,
    )
    buyers: int = parameter(2, "mean number of buyers", "assumption", ge=1, le=500)
    writing_days: float = parameter(
        0.7, "mean days in which a buyer and the seller write", "assumption", gt=0, le=60
    )
    deposit_share: float = parameter(
        0.25, "buyers who pay a deposit first", "assumption", ge=0, le=1
    )
    parcel_share: float = parameter(
        0.15, "buyers who pay for the parcel as well", "assumption", ge=0, le=1
    )
    on_us_share: float = parameter(
        ON_US_SHARE, "accounts that are held here", "assumption: a market share", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Advertise, and sell to whoever has the money."""
        habits = draw_habits(scene)
        price = self.median_minor * float(scene.rng.lognormal(0, 1.5)) * habits.greed
        scene.note(price_minor=price)
        receiver = receiving_account(
            scene, on_us_share=self.on_us_share, abroad_share=ABROAD_SHARE / 2
        )
        taken = 0
        for buyer in self._buyers(scene, price):
            yield from self._sell(scene, buyer, price, receiver.payee)
            taken += buyer.paid_minor
            yield from pass_takings_on(scene, habits, receiver, buyer.paid_minor)
            if not receiver.works:
                return
        if not taken:
            scene.give_up("nobody bought")

    def _buyers(self, scene: Scene, price: float) -> list[Mark]:
        """Return those of the people who answer who can pay the price, or near it."""
        count = some(scene, self.buyers)
        asking = scene.accounts(4 * count, via="persuasion")
        able = np.flatnonzero(asking.balance_minor * 0.9 >= price)[:count]
        return [Mark(asking[index : index + 1]) for index in able.tolist()]

    def _sell(self, scene: Scene, buyer: Mark, price: float, payee: int) -> Step[None]:
        """Write, then have the buyer pay: a deposit perhaps, the price, the parcel perhaps."""
        rng = scene.rng
        price *= rng.uniform(0.88, 1.0)  # people haggle
        at_hour(scene, 16.0, 3.5, days=float(rng.exponential(self.writing_days)))
        deposit = 0
        if rng.random() < self.deposit_share and price > 5 * SMALLEST_MINOR:
            share = float(rng.uniform(0.2, 0.5))
            deposit = yield from talk_into_paying(
                scene, buyer, share * price, to=payee, most=0.9, stage="deposit"
            )
            if not deposit:
                return
            at_hour(scene, 16.0, 3.5, days=float(rng.exponential(1.0)))
        paid = yield from talk_into_paying(
            scene, buyer, price - deposit, to=payee, most=0.9, stage="price"
        )
        if paid and rng.random() < self.parcel_share:
            at_hour(scene, 16.0, 3.5, days=float(rng.exponential(1.5)))
            parcel = SMALLEST_MINOR + float(rng.uniform(0.05, 0.15)) * price
            yield from talk_into_paying(scene, buyer, parcel, to=payee, most=0.9, stage="parcel")
