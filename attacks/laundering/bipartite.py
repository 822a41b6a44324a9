"""Bipartite: everyone on one side pays everyone on the other."""

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
    dealt,
    in_layers,
    launder,
    recruit,
    several,
)
from fraudsim.attacks.kit.pattern import Campaign, parameter

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene
    from fraudsim.attacks.kit.taxonomy import Taxonomy


class Bipartite(LaunderingPattern):
    """Let every account of one group pay every account of another.

    Sums from outside come on the accounts of some customers. Each divides what came unevenly and
    pays a part to every member of a second group, who wait until the last has paid and take the
    money out. No account pays more than a few others, none of the parts is large, and every
    pair is joined once. The bank sees customers whose new payees are the same few people.
    """

    name: ClassVar[str] = "bipartite"
    summary: ClassVar[str] = "every account of one group pays every account of a second group"
    taxonomy: ClassVar[Taxonomy] = PARTED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = "two families who share the cost of a feast"
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 4, 9, "about three on each side"),
        Expectation("payees", 6, 16, "about three times three, and accounts elsewhere"),
        Expectation("days", 2.5, 10, "two hops of half a day or so, after the last sum has come"),
    )

    width: int = parameter(
        3,
        "mean number of accounts on each side",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=2,
        le=20,
    )

    def run(self, scene: Scene) -> Campaign:
        """Deal the circle out to two sides, of which one pays the other."""
        circle = recruit(scene, self, 2 * several(scene, self.width))
        if len(circle) < 4:
            scene.give_up(TOO_FEW)
            return
        layers = dealt(len(circle), 2)
        scene.note(width=len(layers[0]))
        yield from launder(scene, circle, entries=layers[0], hops=in_layers(layers))
