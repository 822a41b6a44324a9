"""Fan-out: one account pays a sum away to many."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.laundering import (
    AMLWORLD,
    FATF,
    PARTED,
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


class FanOut(LaunderingPattern):
    """Take a sum in on one account and scatter it over many others.

    The ring recruits a handful of customers. On the account of one of them a sum arrives, in one
    piece or a few; within about a day it leaves again, in uneven parts, to each of the others, who
    send it to accounts elsewhere or fetch it in notes. The bank sees an account that pays half a
    dozen people for the first time within days, and each of those pass on what came.
    """

    name: ClassVar[str] = "fan_out"
    summary: ClassVar[str] = "one account scatters a sum over many others within days"
    taxonomy: ClassVar[Taxonomy] = PARTED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = "a small employer's payday, paying the helpers of a wedding"
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 5, 10, "one pays about six"),
        Expectation("payees", 6, 13, "the others, and accounts elsewhere that some share"),
        Expectation("days", 1.5, 7, "a day or so until money comes, then twice half a day or so"),
    )

    width: int = parameter(
        6,
        "mean number of accounts that are paid",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=2,
        le=50,
    )

    def run(self, scene: Scene) -> Campaign:
        """The first of the circle pays all the others."""
        circle = recruit(scene, self, 1 + several(scene, self.width))
        if len(circle) < 3:
            scene.give_up(TOO_FEW)
            return
        source, *others = range(len(circle))
        scene.note(width=len(others))
        yield from launder(scene, circle, entries=[source], hops=[everyone([source], others)])
