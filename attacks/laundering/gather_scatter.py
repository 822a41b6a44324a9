"""Gather-scatter: many pay one, who pays many others."""

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


class GatherScatter(LaunderingPattern):
    """Gather money on one account and scatter it again.

    Sums from outside come on the accounts of some customers, who pay them on to one account in
    the middle. There they lie until the last has come, a day or two, and leave again in uneven
    parts for other customers, from whom they go elsewhere. What one payer sent can no longer be
    told from what another did. The bank sees one account fill from many sides and empty to many
    others, with hardly more on it than before.
    """

    name: ClassVar[str] = "gather_scatter"
    summary: ClassVar[str] = "many pay one account, which pays it all out again to many others"
    taxonomy: ClassVar[Taxonomy] = PARTED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = (
        "a club that collects fees and pays its trainers, a landlord with builders"
    )
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 7, 12, "about four pay one, who pays about four"),
        Expectation("payees", 7, 13, "who is paid here, and accounts elsewhere for the last"),
        Expectation("days", 4, 14, "three hops of half a day or so, after the last sum has come"),
    )

    payers: int = parameter(
        4,
        "mean number of accounts that pay the middle",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=2,
        le=50,
    )
    receivers: int = parameter(
        4,
        "mean number of accounts that the middle pays",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=2,
        le=50,
    )

    def run(self, scene: Scene) -> Campaign:
        """Some pay the first of the circle, who pays the others."""
        sources, targets = several(scene, self.payers), several(scene, self.receivers)
        circle = recruit(scene, self, 1 + sources + targets)
        if len(circle) < 3:
            scene.give_up(TOO_FEW)
            return
        # where fewer came, as many as possible on both sides
        sources = min(sources, len(circle) // 2)
        middle, *others = range(len(circle))
        payers, paid = others[:sources], others[sources:]
        scene.note(payers=len(payers), receivers=len(paid))
        yield from launder(
            scene,
            circle,
            entries=payers,
            hops=[everyone(payers, [middle]), everyone([middle], paid)],
        )
