"""Simple cycle: money goes round and comes back to where it began."""

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


class SimpleCycle(LaunderingPattern):
    """Send a sum round a circle of accounts until it is back on the first.

    A sum from outside comes on an account. It goes to a second one, from there to a third, and so
    on, a few per cent less at each; days later what is left comes back to the first account, now
    as the payment of an acquaintance, and leaves from there. Nobody pays or is paid more than once.
    The bank sees a chain of new payees whose end is its beginning.
    """

    name: ClassVar[str] = "simple_cycle"
    summary: ClassVar[str] = "a sum goes round a circle of accounts and comes back to the first"
    taxonomy: ClassVar[Taxonomy] = MOVED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = (
        "a savings club in which each gets the pot in turn, friends who settle a trip"
    )
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 4, 7, "about five in a circle"),
        Expectation("amount_minor", 200_000, 600_000, "the sum is not broken up"),
        Expectation("gap_minutes", 360, 1_200, "half a day or so between two hops"),
    )

    length: int = parameter(
        5,
        "mean number of accounts in the circle, three at least",
        "AMLSim, alertPatterns.csv: 5 accounts in a cycle",
        ge=3,
        le=50,
    )

    def run(self, scene: Scene) -> Campaign:
        """Each pays the next, and the last one the first."""
        circle = recruit(scene, self, max(several(scene, self.length), 3))
        if len(circle) < 3:
            scene.give_up(TOO_FEW)
            return
        stops = [*range(len(circle)), 0]
        scene.note(length=len(circle))
        yield from launder(scene, circle, entries=[0], hops=in_turn(stops))
