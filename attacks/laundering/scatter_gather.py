"""Scatter-gather: one pays many, who all pay one other."""

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
    in_layers,
    launder,
    recruit,
    several,
)
from fraudsim.attacks.kit.pattern import Campaign, parameter

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene
    from fraudsim.attacks.kit.taxonomy import Taxonomy


class ScatterGather(LaunderingPattern):
    """Scatter a sum over many accounts and gather it on one other.

    A sum from outside arrives on one account. Its holder pays parts of it to several people, none
    of them large; each keeps a little and pays the rest, at a time of his own, to one and the same
    account, from which it leaves. Between the first and the last account no payment goes directly.
    The bank sees two accounts that share all their new payees and payers.
    """

    name: ClassVar[str] = "scatter_gather"
    summary: ClassVar[str] = "one account pays many, and all of those pay one other account"
    taxonomy: ClassVar[Taxonomy] = PARTED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = (
        "friends who lend a sum and are paid back by another, a family that buys a car"
    )
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 5, 10, "one, about five, and one"),
        Expectation("payees", 8, 15, "everyone in the middle is paid, and each of them pays one"),
        Expectation("days", 2.5, 9, "three hops of half a day or so"),
    )

    width: int = parameter(
        5,
        "mean number of accounts in the middle",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=2,
        le=50,
    )

    def run(self, scene: Scene) -> Campaign:
        """The first pays those in the middle, who pay the last."""
        circle = recruit(scene, self, 2 + several(scene, self.width))
        if len(circle) < 4:
            scene.give_up(TOO_FEW)
            return
        first, *middle, last = range(len(circle))
        scene.note(width=len(middle))
        hops = in_layers([[first], middle, [last]])
        yield from launder(scene, circle, entries=[first], hops=hops)
