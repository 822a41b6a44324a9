"""Scheduled drain: a standing order that the holder never gave."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, next_session, rounded, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.takeover import WORTH_MINOR
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Bools
    from fraudsim.attacks.kit.scene import Scene

ORDERS_FROM_HOUR, ORDERS_TAKE_MINUTES = 3.34, 120
"""The bank runs standing orders early in the morning, local time: as those for rent."""
WEEK_DAYS, MONTH_DAYS = 7.0, 30.44
LONGEST_DAYS = 360
"""Somebody reads the statements of a year (assumption)."""
WEEKLY_PART = 0.45
"""A weekly sum is such a part of a monthly one (assumption)."""
MOST_REFUSED = 2
"""Refusals running after which the bank drops a standing order (assumption)."""


@dataclass(frozen=True)
class _Order:
    """One standing order: how much, on which days after it was set up, and when it is raised."""

    amount_minor: int
    days: tuple[int, ...]
    raised_on: float
    minute: float

    def amount_on(self, day: int) -> int:
        """Return the sum of that day."""
        return self.amount_minor * 3 // 2 if day >= self.raised_on else self.amount_minor


class ScheduledDrain(AttackPattern):
    """Enter an account once, set up a small standing order, and never come back.

    The fraudster logs in with phished credentials, adds a payee that looks like a firm, has the
    notices sent elsewhere, and sets up a payment of some tens a week or a month. Nothing else is
    touched. From then on the bank itself pays, early in the morning, always the same sum, with no
    device and no address in sight; some orders are raised by half after a while. It goes on until
    the holder reads his statement, or the bank refuses the order twice running.
    """

    name: ClassVar[str] = "scheduled_drain"
    summary: ClassVar[str] = "a small standing order to a stranger, set up once, paid for months"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1044", "F1006.002", "F1005.003", "F1005.005", "F1025.002"),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="issuance of a payment order by the fraudster",
        fraud_classifier="unauthorised: took over account",
        uk_finance="remote banking",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1044 Scheduled Transfer",
        "Berka, Czech bank 1999: standing orders leave 28 to 31 days apart without exception",
    )
    look_alike: ClassVar[str] = "a new club, a new insurance, pocket money for a child"
    stages: ClassVar[tuple[str, ...]] = ("standing_order", "raised_order")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payments", 5, 60, "weeks or months of a sum each, from some accounts"),
        Expectation("amount_minor", 1_500, 12_000, "small: nobody looks twice at some tens"),
        Expectation("days", 45, 330, "it goes on for months"),
        Expectation("payees", 1, 3, "one firm for all the accounts"),
    )

    victims: int = parameter(
        2, "mean accounts in which an order is left", "assumption", ge=1, le=500
    )
    median_minor: int = parameter(
        6_000, "median of an order, minor units", "assumption: a club, an insurance", ge=100
    )
    weekly_share: float = parameter(
        0.15,
        "orders that are weekly; the others are monthly",
        "assumption: some, though honest ones hardly ever are (Berka: 28 to 31 days apart)",
        ge=0,
        le=1,
    )
    months: int = parameter(
        6, "mean months that an order runs if nobody stops it", "assumption", ge=1, le=60
    )
    raised_share: float = parameter(
        0.3, "orders that are raised after a while", "assumption", ge=0, le=1
    )
    own_device_share: float = parameter(
        0.7,
        "from a device of his own; the others use the holder's, by remote access",
        "assumption",
        ge=0,
        le=1,
    )
    silenced_share: float = parameter(
        0.4, "accounts whose notices are sent elsewhere", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Leave the orders, then let the bank pay them."""
        habits = draw_habits(scene)
        found = scene.accounts(some(scene, self.victims), via="phishing")
        victims = found[found.balance_minor >= WORTH_MINOR]
        if not len(victims):
            scene.give_up("no account worth the trouble")
            return
        payee = scene.payee(kind="business")
        for index in range(len(victims)):
            next_session(scene, habits, days=0.5 * index)
            yield self._set_up(scene, habits, victims[index : index + 1], payee)
        yield from self._let_run(scene, habits, victims, payee)

    def _set_up(self, scene: Scene, habits: Habits, victim: Accounts, payee: int) -> Attempts:
        """Log in, add the payee, and, for some, turn off the notices."""
        own = scene.rng.random() < self.own_device_share
        device = scene.device() if own else int(victim.device[0])
        ip_country = habits.ip_country if own else None
        login_s, silence_s, payee_s = scene.pace(3, median_s=100.0)
        action = scene.log_in(victim, after_s=login_s, device=device, ip_country=ip_country)
        if scene.rng.random() < self.silenced_share:
            action += scene.change_contact(
                victim, after_s=silence_s, device=device, ip_country=ip_country
            )
        return action + scene.add_payee(
            victim, payee=payee, after_s=payee_s, device=device, ip_country=ip_country
        )

    def _let_run(self, scene: Scene, habits: Habits, victims: Accounts, payee: int) -> Step[None]:
        """Pay every account's order on its days, until the bank drops the order."""
        orders = [self._order(scene, habits) for _ in range(len(victims))]
        schedule = sorted((day, who) for who, order in enumerate(orders) for day in order.days)
        refused = np.zeros(len(orders), dtype=np.int64)
        today = 0
        scene.wait_until_hour(ORDERS_FROM_HOUR)
        for day, due in groupby(schedule, key=itemgetter(0)):
            who = np.array([index for _, index in due if refused[index] < MOST_REFUSED])
            if not len(who):
                continue
            # half a day less, and then until the hour: the clock stands at the last payment
            scene.wait(days=max(day - today - 0.5, 0.0))
            scene.wait_until_hour(ORDERS_FROM_HOUR)
            today = day
            answer = yield self._pay(scene, victims[who], [orders[i] for i in who], payee, day)
            refused[who] = np.where(answer.approved, 0, refused[who] + 1)
            refused[who[answer.response_code == "62"]] = MOST_REFUSED

    def _order(self, scene: Scene, habits: Habits) -> _Order:
        """Draw one order: a sum of some tens a month, or less a week."""
        rng = scene.rng
        weekly = bool(rng.random() < self.weekly_share)
        level = self.median_minor * habits.greed * (WEEKLY_PART if weekly else 1.0)
        amount = rounded(scene, np.array([max(int(level * rng.lognormal(0, 0.5)), 500)]))
        longest = min(30 * some(scene, self.months), LONGEST_DAYS)
        raised = rng.random() < self.raised_share
        first, every = int(rng.integers(1, 8)), WEEK_DAYS if weekly else MONTH_DAYS
        return _Order(
            amount_minor=int(amount[0]),
            days=tuple(round(day) for day in np.arange(first, longest, every)),
            raised_on=float(rng.uniform(0.3, 0.7)) * longest if raised else np.inf,
            minute=float(rng.uniform(0, ORDERS_TAKE_MINUTES)),
        )

    def _pay(
        self, scene: Scene, victims: Accounts, orders: list[_Order], payee: int, day: int
    ) -> Attempts:
        """Pay the orders that fall due: those of accounts where it was raised come last."""
        amount = np.array([order.amount_on(day) // 100 * 100 for order in orders])
        is_raised = np.array([day >= order.raised_on for order in orders])
        after_s = 60.0 * np.array([order.minute for order in orders])

        def pay(which: Bools, stage: str) -> Attempts:
            return scene.transfer(
                victims[which],
                to=payee,
                amount_minor=amount[which],
                after_s=after_s[which] + scene.rng.uniform(0, 120, int(which.sum())),
                stage=stage,
                by_order=True,
                case="scam",  # found as late as a scam is: by who reads the statement (assumption)
            )

        return pay(~is_raised, "standing_order") + pay(is_raised, "raised_order")
