"""Synthetic identity: people who do not exist, and pay their bills for months."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.credit_line import EVERYDAY, SPENT_OUT, Spender, buy, use_up
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, next_session, opening_hours, some, taste
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Ints
    from fraudsim.attacks.kit.scene import Scene

PAY_WEEKS = 4
"""Wages arrive and the credit-card bill is paid every so many weeks."""
BUILD_UP_PART = 0.6
"""The build-up takes at most such a part of the days that are left: a longer one would be told
without its end."""
APPLIED_PER_CARD = 2
"""Applications made for each name that is used: others get no credit card (assumption)."""


class SyntheticIdentity(AttackPattern):
    """Make up a few people, let them live honestly for months, and vanish with all their limits.

    A ring puts names together from a real number here, a birthday there, and an address where it
    has a letter box. It opens accounts for several of them, from the few devices that the ring has.
    Each of them then leads a small life: wages that the ring sends itself, some groceries a week
    on the credit card, the bill paid every month, nearly in full. After months, when the bank
    trusts them, all of them go in turn within a few weeks: every limit is used up in shops and at
    machines, and nobody answers the letters, because there is nobody.
    """

    name: ClassVar[str] = "synthetic_identity"
    summary: ClassVar[str] = "made-up people pay their bills for months, then vanish with the limit"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1585", "F1020.001", "F1028", "F1017.001"),
        visa="3 fraudulent application",
        mastercard="03 fraudulent application",
        fraud_classifier="authorised: acted fraudulently",
        uk_finance="card identity theft: application fraud",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, T1585 Establish Accounts, F1020.001 Fake Documents",
        "Federal Reserve, Synthetic Identity Fraud in the U.S. Payment System, 2019",
    )
    look_alike: ClassVar[str] = "students and newcomers with a first card, in one shared flat"
    stages: ClassVar[tuple[str, ...]] = (
        *("wages", "small_life", "repayment"),
        *("spend_out", "cash_advance"),
    )
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 8, "the ring makes up some three people"),
        Expectation("days", 40, 240, "some sixteen weeks of small life, then the end"),
        Expectation("payments", 40, 400, "one or two purchases a week each, wages, bills, limits"),
    )

    identities: int = parameter(3, "mean people made up", "assumption", ge=1, le=200)
    weeks: int = parameter(
        16,
        "mean weeks of honest-looking life",
        "assumption: months; in the world it is longer",
        ge=1,
        le=104,
    )
    per_week: float = parameter(
        1.3, "mean purchases of each of them per week", "assumption", ge=0.1, le=20
    )
    wage_share: float = parameter(
        0.12,
        "what the ring sends each month, in monthly incomes of such people",
        "assumption",
        gt=0,
        le=2,
    )
    repaid_share: float = parameter(
        0.95, "part of the bill that is paid", "assumption: nearly in full", gt=0, le=1
    )
    days: int = parameter(4, "mean days in which a limit goes", "assumption", ge=1, le=60)
    least_used: float = parameter(
        0.95,
        "least share of the free limit wanted; the largest is 1.05",
        "95 to 105 %",
        gt=0,
        le=1.05,
    )
    cash_share: float = parameter(0.15, "payments that are cash advances", "assumption", ge=0, le=1)
    online_share: float = parameter(0.4, "purchases made online", "assumption", ge=0, le=1)

    def run(self, scene: Scene) -> Campaign:
        """Apply, live, vanish."""
        habits = draw_habits(scene)
        next_session(scene, habits, days=0.0)
        people = self._made_up(scene)
        if not len(people):
            scene.give_up("no identity to apply with")
            return
        devices = np.array(
            [scene.ring_device(fresh_share=0.15) for _ in range(len(people))], dtype=np.int64
        )
        yield scene.open_account(
            people,
            after_s=scene.pace(len(people), median_s=900.0),
            device=devices,
            ip_country=habits.ip_country,
        )
        spenders = [
            self._spender(habits, people[i : i + 1], int(devices[i])) for i in range(len(people))
        ]
        yield from self._live(scene, people, spenders)
        for index in scene.rng.permutation(len(spenders)).tolist():
            yield from self._vanish(scene, habits, spenders[index])

    def _made_up(self, scene: Scene) -> Accounts:
        """Return names that get a credit card first, and others where there are too few."""
        count = some(scene, self.identities)
        applied = scene.applicants(APPLIED_PER_CARD * count)
        return applied[np.argsort(-applied.credit_room_minor, kind="stable")[:count]]

    def _spender(self, habits: Habits, person: Accounts, device: int) -> Spender:
        return Spender(
            person,
            device=device,
            online_share=self.online_share,
            ip_country=habits.ip_country,
            funding="credit" if person.credit_room_minor[0] > 0 else "debit",
        )

    def _live(self, scene: Scene, people: Accounts, spenders: list[Spender]) -> Step[None]:
        """Let all of them live week by week: wages, some purchases, the bill."""
        shops = [taste(scene, EVERYDAY) for _ in spenders]
        weeks = some(scene, self.weeks)
        weeks = max(min(weeks, int(BUILD_UP_PART * scene.days_left / 7)), 1)
        scene.note(people=len(people), weeks=weeks)
        owed = np.zeros(len(people), dtype=np.int64)
        for week in range(weeks):
            if week % PAY_WEEKS == 0:
                yield from self._pay_day(scene, people, owed)
                owed[:] = 0
            counts = scene.rng.poisson(self.per_week, len(spenders))
            turns = scene.rng.permutation(np.repeat(np.arange(len(spenders)), counts))
            # half a day less for each: the wait for the shops to open adds as much
            gap_days = max(7 / max(len(turns), 1) - 0.5, 0.0)
            for who in turns.tolist():
                opening_hours(scene, days=gap_days * float(scene.rng.uniform(0.5, 1.5)))
                action = buy(scene, spenders[who], shops[who], 0.8, "small_life")
                if action is not None:
                    answer = yield action
                    owed[who] += answer.taken_minor
            if not len(turns):
                scene.wait(days=7.0)

    def _pay_day(self, scene: Scene, people: Accounts, owed: Ints) -> Step[None]:
        """Send each of them a wage, and pay the bills of those who owe something."""
        share = self.wage_share * scene.rng.lognormal(0, 0.25, len(people))
        wage = people.income_minor * share + owed
        yield scene.receive(
            people,
            amount_minor=np.maximum(wage, 100).astype(np.int64),
            after_s=scene.pace(len(people), median_s=3_600.0),
            stage="wages",
            case="first_party",
        )
        owing = np.flatnonzero((owed > 100) & (people.credit_room_minor > 0))
        if not len(owing):
            return
        scene.wait(days=float(scene.rng.uniform(0.5, 3.0)))
        bill = owed[owing] * self.repaid_share * scene.rng.uniform(0.9, 1.0, len(owing))
        yield scene.repay(
            people[owing],
            amount_minor=np.maximum(bill, 1).astype(np.int64),
            after_s=scene.pace(len(owing), median_s=3_600.0),
            stage="repayment",
        )

    def _vanish(self, scene: Scene, habits: Habits, spender: Spender) -> Step[None]:
        """Use up one limit, or one account with its overdraft."""
        person = scene.look_again(spender.customer)
        wanted = person.credit_room_minor[0] * scene.rng.uniform(self.least_used, 1.05)
        if spender.funding == "debit":
            wanted = max(person.balance_minor[0], 0) + person.income_minor[0]
        shops = taste(scene, SPENT_OUT)
        yield from use_up(
            scene,
            habits,
            spender,
            int(wanted),
            days=self.days,
            cash_share=self.cash_share,
            cash_stage="cash_advance",
            purchase=lambda times: buy(scene, spender, shops, 1.5 * times, "spend_out"),
        )
