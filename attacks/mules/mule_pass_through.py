"""Mule pass-through: an account through which other people's money runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, next_session, some
from fraudsim.attacks.kit.mules import pass_on
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts
    from fraudsim.attacks.kit.scene import Scene


class MulePassThrough(AttackPattern):
    """Recruit customers whose accounts take money from outside and send most of it on.

    A ring recruits a few ordinary customers, whose honest life goes on. Money that was stolen
    elsewhere arrives, several times over weeks; within hours to two days the mule sends most of it
    to new payees or fetches it in notes, and keeps a little. Some mules hand their login to the
    ring, which then uses one device for several of them. An account that is refused twice, or that
    the bank closed, is dropped.
    """

    name: ClassVar[str] = "mule_pass_through"
    summary: ClassVar[str] = "money from outside runs through recruited customers within two days"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1025", "F1047", "F1017.001"),
        fraud_classifier="authorised: acted fraudulently",
        uk_finance="money mule",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1047 Transfer of funds",
        "practice of mule detection: 80 % or more of what arrives leaves within 48 hours",
    )
    look_alike: ClassVar[str] = "collecting rent or club fees, splitting bills, selling a car"
    stages: ClassVar[tuple[str, ...]] = ("money_in", "money_out", "cash_out")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 2, 5, "about three people are recruited"),
        Expectation("payments", 20, 80, "about four times for each, in by one or two, out by more"),
        Expectation("days", 20, 80, "four times some five days and more, patience and gaps added"),
    )

    mules: int = parameter(3, "mean number of customers recruited", "assumption", ge=1, le=1_000)
    cycles: int = parameter(
        4, "mean number of times that money runs through one mule", "assumption", ge=1, le=200
    )
    days_between: float = parameter(
        5.0, "median days between two sums for one mule", "assumption", gt=0, le=365
    )
    median_minor: int = parameter(
        60_000,
        "median sum that arrives, minor units",
        "assumption, between a purchase scam (549) and the mean of all scams (2,400 pounds)",
        ge=1_000,
    )
    least_out: float = parameter(0.80, "least share passed on", "80 % within 48 hours", gt=0, le=1)
    most_out: float = parameter(0.97, "largest share passed on", "assumption", gt=0, le=1)
    within_hours: float = parameter(
        24.0, "money leaves within about so many hours", "within 48 hours", gt=0, le=720
    )
    cash_share: float = parameter(0.35, "payments out that are cash", "assumption", ge=0, le=1)
    handed_over_share: float = parameter(
        0.3, "mules who hand their login to the ring", "assumption", ge=0, le=1
    )

    @model_validator(mode="after")
    def _least_comes_before_most(self) -> Self:
        if self.least_out > self.most_out:
            raise ValueError(
                f"least_out ({self.least_out:g}) is above most_out ({self.most_out:g})"
            )
        return self

    def run(self, scene: Scene) -> Campaign:
        """Recruit; then each mule in turn, cycle after cycle."""
        habits = draw_habits(scene)
        mules = scene.accounts(some(scene, self.mules), via="recruitment")
        if not len(mules):
            scene.give_up("nobody to recruit")
            return
        ring_device = scene.device()
        handed_over = scene.rng.random(len(mules)) < self.handed_over_share
        payees: list[list[int]] = [[] for _ in range(len(mules))]
        cycles = [some(scene, self.cycles) for _ in range(len(mules))]
        # one mule at a time: the ring waits between two of them
        for cycle in range(max(cycles)):
            for who in scene.rng.permutation(len(mules)).tolist():
                if cycle >= cycles[who]:
                    continue
                device = ring_device if handed_over[who] else None
                next_session(scene, habits, days=self._wait_days(scene) / len(mules))
                works = yield from self._cycle(
                    scene, habits, mules[who : who + 1], payees=payees[who], device=device
                )
                if not works:
                    cycles[who] = 0

    def _wait_days(self, scene: Scene) -> float:
        return self.days_between * float(scene.rng.lognormal(0, 0.6))

    def _cycle(
        self,
        scene: Scene,
        habits: Habits,
        mule: Accounts,
        *,
        payees: list[int],
        device: int | None,
    ) -> Step[bool]:
        """Let money in and out again; return whether the account still works."""
        total = 0
        for amount in self._sums(scene, habits):
            answer = yield scene.receive(
                mule,
                amount_minor=amount,
                after_s=float(scene.rng.exponential(3_600)),
                stage="money_in",
            )
            total += answer.taken_minor
        if not total:
            return False
        if device is not None:
            yield scene.log_in(mule, after_s=float(scene.rng.exponential(1_800)), device=device)
        share = float(scene.rng.uniform(self.least_out, self.most_out))
        works = yield from pass_on(
            scene,
            habits,
            mule,
            int(total * share),
            payees=payees,
            most_payees=3,
            cash_share=self.cash_share,
            within_hours=self.within_hours,
            transfer_stage="money_out",
            cash_stage="cash_out",
            device=device,
        )
        return works

    def _sums(self, scene: Scene, habits: Habits) -> list[int]:
        """Return one to three sums that arrive together, as whole units mostly."""
        count = int(scene.rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))
        drawn = self.median_minor * habits.greed * scene.rng.lognormal(0, 0.9, count)
        whole = scene.rng.random(count) < 0.7  # scams are paid in whole sums, wages are not
        return [
            max(round(amount / 100) * 100 if even else round(amount), 100)
            for amount, even in zip(drawn.tolist(), whole.tolist(), strict=True)
        ]
