"""Structuring: cash paid in a little below the sum that is reported, then pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import opening_hours
from fraudsim.attacks.kit.laundering import (
    FATF,
    PARTED,
    STAGES,
    TOO_FEW,
    Deposit,
    LaunderingPattern,
    everyone,
    introduce,
    move,
    recruit,
    several,
    sum_to_launder,
)
from fraudsim.attacks.kit.pattern import Campaign, parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.attacks.kit.scene import Scene
    from fraudsim.attacks.kit.taxonomy import Taxonomy

MOST_TRIPS = 30
"""Days on which cash is paid in, at most (assumption)."""
WORTH_A_TRIP_MINOR = 10_000
"""Cash below this is spent, not paid in (assumption)."""
GOES_SHARE = 0.75
"""People who go on one trip (assumption)."""
SECOND_BRANCH_SHARE = 0.25
"""Those who go to a second branch on the same day (assumption)."""
NOTE_MINOR = 1_000
"""Sums are paid in in notes of this."""


class Structuring(LaunderingPattern):
    """Break a heap of cash up into deposits that nobody has to report, and pool them.

    The ring has cash to bring into the bank, and above some sum a clerk has to ask and report. So
    it recruits a few customers, who go out every few days and each pay in somewhat less than that
    sum, one at this branch, one at that, some at two on one day. Within a day or so they transfer
    what they paid in to one account, which sends it on. Trip after trip, until the heap is gone.
    The bank sees round deposits that crowd below one sum on accounts that pay the same person.
    """

    name: ClassVar[str] = "structuring"
    summary: ClassVar[str] = "cash is paid in below a reporting threshold on many days, then pooled"
    taxonomy: ClassVar[Taxonomy] = PARTED
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1045 Structuring",
        "31 CFR 1010.314: breaking currency up to evade a report is structuring",
        FATF,
    )
    look_alike: ClassVar[str] = "a market trader's weekly takings, a salary of about that sum"
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 3, 8, "about four pay in, one collects"),
        Expectation("amount_minor", 180_000, 400_000, "deposits are a little below 3,000"),
        Expectation("days", 4, 40, "a few trips with some days between"),
    )

    median_minor: int = parameter(
        2_000_000, "median of the cash to pay in, minor units", "assumption", ge=10_000
    )
    smurfs: int = parameter(
        4, "mean number of customers who pay in, two at least", "assumption", ge=2, le=50
    )
    threshold_minor: int = parameter(
        300_000,
        "cash that is asked about, minor units",
        "3,000: Regulation (EU) 2024/1624, article 19 (customers in cash are identified), 31 CFR "
        "1010.415 (records of cash sales); reports in the United States begin at 10,000",
        ge=10_000,
    )
    median_below: float = parameter(
        0.08, "median distance to the threshold, as a share of it", "assumption", gt=0, lt=1
    )
    days_between: float = parameter(
        2.0, "median days between two trips, once the money is away", "assumption", gt=0, le=90
    )

    def run(self, scene: Scene) -> Campaign:
        """Go out with cash, pool it, send it on; again until the cash is gone."""
        circle = recruit(scene, self, 1 + several(scene, self.smurfs))
        if len(circle) < 2:
            scene.give_up(TOO_FEW)
            return
        collector, *smurfs = range(len(circle))
        yield from introduce(scene, circle, [everyone(smurfs, [collector])])
        left_minor = sum_to_launder(scene, circle)
        scene.note(smurfs=len(smurfs), cash_minor=left_minor)
        for _ in range(MOST_TRIPS):
            free = [smurf for smurf in smurfs if smurf not in circle.closed]
            if left_minor < WORTH_A_TRIP_MINOR or not free or collector in circle.closed:
                return
            opening_hours(scene, days=self._wait_days(scene) * circle.habits.patience)
            deposits = self._trip(scene, free, left_minor)
            left_minor -= sum(deposit.amount_minor for deposit in deposits)
            payers = sorted({deposit.account for deposit in deposits})
            yield from move(scene, circle, deposits=deposits, hops=[everyone(payers, [collector])])

    def _wait_days(self, scene: Scene) -> float:
        return self.days_between * float(scene.rng.lognormal(0, 0.6))

    def _trip(self, scene: Scene, smurfs: Sequence[int], cash_minor: int) -> list[Deposit]:
        """Return the deposits of one day: most people pay in once, some twice."""
        rng, due_us, deposits = scene.rng, scene.now_us, []
        visits = (rng.random(len(smurfs)) < GOES_SHARE).astype(np.int64)
        visits += visits & (rng.random(len(smurfs)) < SECOND_BRANCH_SHARE)
        visits[int(rng.integers(len(smurfs)))] |= 1  # somebody goes
        for smurf in rng.permutation(np.repeat(smurfs, visits)).tolist():
            amount_minor = min(self._below(scene), cash_minor) // NOTE_MINOR * NOTE_MINOR
            if not amount_minor:
                break
            cash_minor -= amount_minor
            deposits.append(Deposit(smurf, due_us, amount_minor))
            due_us += round(rng.lognormal(0, 0.7) * 1.8e9)  # half an hour to the next (assumption)
        return deposits

    def _below(self, scene: Scene) -> int:
        """Draw a sum below the threshold, minor units."""
        share = self.median_below * scene.rng.lognormal(0, 0.8)
        return int(self.threshold_minor * (1 - np.clip(share, 0.005, 0.7))) - 1
