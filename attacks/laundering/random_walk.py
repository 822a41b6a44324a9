"""Random walk: money goes from one account to any other, and never back to the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.laundering import (
    AMLWORLD,
    FATF,
    MOVED,
    STAGES,
    TOO_FEW,
    LaunderingPattern,
    in_turn,
    launder,
    recruit,
    several,
)
from fraudsim.attacks.kit.pattern import Campaign, parameter

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene
    from fraudsim.attacks.kit.taxonomy import Taxonomy


class RandomWalk(LaunderingPattern):
    """Let a sum wander through a few accounts without a plan.

    A sum from outside comes on an account of the ring and goes to another, and from there to any
    of the others, as whoever has it sees fit: some accounts are passed twice, others never, and
    only the first is not come back to. A few per cent are lost at each. After some hops it leaves.
    The bank sees what came in go out again, a little less of it, to people who pay it on in turn.
    """

    name: ClassVar[str] = "random_walk"
    summary: ClassVar[str] = "a sum wanders from account to account, through some of them twice"
    taxonomy: ClassVar[Taxonomy] = MOVED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = "friends who lend money to each other"
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 3, 6, "five hops touch most of six accounts"),
        Expectation("amount_minor", 200_000, 700_000, "the sum is not broken up"),
        Expectation("gap_minutes", 480, 1_800, "half a day or so between two hops"),
    )

    hops: int = parameter(
        5,
        "mean number of payments among the accounts, three at least",
        "AMLworld: the random pattern is such a walk; length assumed",
        ge=3,
        le=50,
    )
    accounts: int = parameter(
        6,
        "mean number of accounts to wander through, three at least",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=3,
        le=50,
    )

    def run(self, scene: Scene) -> Campaign:
        """Draw the stops, then pay from each to the next."""
        hops = max(several(scene, self.hops), 3)
        circle = recruit(scene, self, max(several(scene, self.accounts), 3))
        if len(circle) < 3:
            scene.give_up(TOO_FEW)
            return
        stops = self._stops(scene, len(circle), hops)
        scene.note(hops=hops)
        yield from launder(scene, circle, entries=[0], hops=in_turn(stops))

    def _stops(self, scene: Scene, accounts: int, hops: int) -> list[int]:
        """Return the accounts passed: any but the first, and none twice running."""
        stops = [0]
        for _ in range(hops):
            others = [account for account in range(1, accounts) if account != stops[-1]]
            stops.append(int(scene.rng.choice(others)))
        return stops
