"""Application fraud: an account in the name of somebody who knows nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.credit_line import (
    EVERYDAY,
    MOST_PURCHASES,
    SPENT_OUT,
    Spender,
    buy,
    use_up,
)
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, next_session, opening_hours, some, taste
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts
    from fraudsim.attacks.kit.scene import Scene


class ApplicationFraud(AttackPattern):
    """Open an account with a stolen identity, let it look alive, and use up what it lends.

    A name, a birthday and an address were stolen; the person is real, pays his bills, and has never
    been here. The fraudster applies in that name from a device of his ring. A first sum arrives
    soon after, as from a new employer, and a few ordinary purchases are made. Some weeks after the
    opening, when card and limit are there, all of it goes within days: electronics, gift cards,
    cash, until three payments running are refused. Without a credit card it is the overdraft
    that goes. The letters go to an address where nobody knows the name; the bank finds out after
    two statements.
    """

    name: ClassVar[str] = "application_fraud"
    summary: ClassVar[str] = "a stolen identity opens an account and uses up what it lends in weeks"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1585", "F1029", "F1020.001", "F1028", "F1017.001"),
        visa="3 fraudulent application",
        mastercard="03 fraudulent application",
        fraud_classifier="authorised: acted fraudulently",
        uk_finance="card identity theft: application fraud",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, T1585 Establish Accounts, F1029, F1028",
        "Cifas, Fraudscape: identity fraud is most of the cases that British banks file",
    )
    look_alike: ClassVar[str] = "a new customer who furnishes a flat with a new credit card"
    stages: ClassVar[tuple[str, ...]] = ("first_money", "warm_up", "spend_out", "cash_advance")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 4, "one identity or a few from the same list"),
        Expectation("days", 8, 90, "weeks from the first money to the last purchase"),
        Expectation("payments", 8, 90, "a little, and then the limit in one to three dozen"),
    )

    identities: int = parameter(2, "mean identities applied with", "assumption", ge=1, le=500)
    first_money_share: float = parameter(
        0.12, "mean first sum, in monthly incomes", "assumption: a little", gt=0, le=2
    )
    warm_up: int = parameter(4, "mean purchases while nothing is up", "assumption", ge=1, le=100)
    weeks: float = parameter(
        2.5,
        "mean weeks from the opening to the use of the limit",
        "catalogue: within weeks",
        gt=0,
        le=26,
    )
    days: int = parameter(4, "mean days in which the limit goes", "assumption", ge=1, le=60)
    cash_share: float = parameter(0.15, "payments that are cash advances", "assumption", ge=0, le=1)
    online_share: float = parameter(0.55, "purchases made online", "assumption", ge=0, le=1)

    def run(self, scene: Scene) -> Campaign:
        """Apply in one session; then one identity after the other is used up."""
        habits = draw_habits(scene)
        next_session(scene, habits, days=0.0)
        names = scene.applicants(some(scene, self.identities))
        if not len(names):
            scene.give_up("no identity to apply with")
            return
        devices = np.array([scene.ring_device() for _ in range(len(names))], dtype=np.int64)
        opened = yield scene.open_account(
            names,
            after_s=scene.pace(len(names), median_s=600.0),
            device=devices,
            ip_country=habits.ip_country,
        )
        names, devices = names[opened.approved], devices[opened.approved]
        yield from self._first_money(scene, names)
        for index in range(len(names)):
            name = scene.look_again(names[index : index + 1])
            spender = Spender(
                name,
                device=devices[index],
                online_share=self.online_share,
                ip_country=habits.ip_country,
                funding="credit" if name.credit_room_minor[0] > 0 else "debit",
            )
            yield from self._warm_up(scene, habits, spender, weeks=self.weeks / len(names))
            yield from self._spend_out(scene, habits, spender)

    def _first_money(self, scene: Scene, names: Accounts) -> Step[None]:
        """Let a sum arrive on each account, as a first wage or from a savings account."""
        scene.wait(days=float(scene.rng.exponential(2.0)))
        share = self.first_money_share * scene.rng.lognormal(-0.2, 0.6, len(names))
        yield scene.receive(
            names,
            amount_minor=np.maximum(names.income_minor * share, 100).astype(np.int64),
            after_s=scene.pace(len(names), median_s=7_200.0),
            stage="first_money",
            case="first_party",
        )

    def _warm_up(
        self, scene: Scene, habits: Habits, spender: Spender, *, weeks: float
    ) -> Step[None]:
        """Make a few purchases that anybody would make."""
        shops, count = taste(scene, EVERYDAY), some(scene, self.warm_up)
        for _ in range(count):
            days = min(float(scene.rng.exponential(7.0 * weeks / count)), 30.0)
            opening_hours(scene, days=days * habits.patience)
            action = buy(scene, spender, shops, 0.8 * habits.greed, "warm_up")
            if action is not None:
                yield action

    def _spend_out(self, scene: Scene, habits: Habits, spender: Spender) -> Step[None]:
        """Use up the limit, or the balance and an overdraft of unknown size."""
        name = scene.look_again(spender.customer)
        wanted = int(name.credit_room_minor[0] * scene.rng.uniform(0.9, 1.05))
        if spender.funding == "debit":
            wanted = int(max(name.balance_minor[0], 0) + name.income_minor[0])
        shops = taste(scene, SPENT_OUT)
        # many small ones would be as many chances to be caught: the basket grows with the limit
        dear = max(wanted / MOST_PURCHASES / 5_000, 1.0)
        yield from use_up(
            scene,
            habits,
            spender,
            wanted,
            days=self.days,
            cash_share=self.cash_share,
            cash_stage="cash_advance",
            purchase=lambda times: buy(scene, spender, shops, dear * times, "spend_out"),
        )
