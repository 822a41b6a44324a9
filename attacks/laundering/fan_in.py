"""Fan-in: many accounts pay what came on them to one."""

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
    everyone,
    launder,
    recruit,
    several,
)
from fraudsim.attacks.kit.pattern import Campaign, parameter

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene
    from fraudsim.attacks.kit.taxonomy import Taxonomy


class FanIn(LaunderingPattern):
    """Take money in on many accounts and collect it on one.

    Some recruited customers each get a sum from outside, from victims who know nothing of each
    other. Each keeps a little and pays the rest to the same account within a day or so. When all
    have paid, or failed to, the collector sends the whole elsewhere or fetches what a machine
    gives. The bank sees half a dozen strangers add the same person as a payee in one week.
    """

    name: ClassVar[str] = "fan_in"
    summary: ClassVar[str] = "many accounts pay what came on them to one collector"
    taxonomy: ClassVar[Taxonomy] = MOVED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = (
        "a treasurer who collects club fees, a common present, rent of a shared flat"
    )
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 5, 10, "about six pay one"),
        Expectation("payees", 4, 9, "each adds the collector, who adds an account elsewhere"),
        Expectation("days", 3, 10, "the collector waits for the last of them"),
    )

    width: int = parameter(
        6,
        "mean number of accounts that pay",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=2,
        le=50,
    )

    def run(self, scene: Scene) -> Campaign:
        """All the others pay the first of the circle."""
        circle = recruit(scene, self, 1 + several(scene, self.width))
        if len(circle) < 3:
            scene.give_up(TOO_FEW)
            return
        collector, *others = range(len(circle))
        scene.note(width=len(others))
        yield from launder(scene, circle, entries=others, hops=[everyone(others, [collector])])
