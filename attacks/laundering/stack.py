"""Stack: layers of accounts, of which each pays the whole of the next."""

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


class Stack(LaunderingPattern):
    """Pass money through several layers of accounts, everyone to everyone of the next.

    It begins as two groups do of which one pays the other, but does not end there: the second
    group waits until the last has paid, mixes and pays a third, every member to every member, and
    that one takes the money out. With each layer there are more paths than anyone can follow, and
    a few per cent less. The bank sees new payees appear in one group of customers days after
    another.
    """

    name: ClassVar[str] = "stack"
    summary: ClassVar[str] = "layers of accounts pay one another in full, layer after layer"
    taxonomy: ClassVar[Taxonomy] = PARTED
    sources: ClassVar[tuple[str, ...]] = (AMLWORLD, FATF)
    look_alike: ClassVar[str] = "a chain of small firms that pay their suppliers"
    stages: ClassVar[tuple[str, ...]] = STAGES
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 6, 13, "three layers of about three"),
        Expectation("payees", 11, 30, "every pair of two layers, and accounts elsewhere"),
        Expectation("days", 4, 14, "each layer waits for the last payment of the one before"),
    )

    width: int = parameter(
        3,
        "mean number of accounts in a layer",
        "AMLSim, alertPatterns.csv: 5 accounts; AMLworld: up to 16",
        ge=2,
        le=20,
    )
    layers: int = parameter(
        3,
        "layers, the first and the last included",
        "AMLworld: a stack is bipartite with a layer more",
        ge=3,
        le=10,
    )

    def run(self, scene: Scene) -> Campaign:
        """Deal the circle out to layers, of which each pays the next."""
        circle = recruit(scene, self, self.layers * several(scene, self.width))
        if len(circle) < 2 * self.layers:
            scene.give_up(TOO_FEW)
            return
        layers = dealt(len(circle), self.layers)
        scene.note(width=len(layers[0]))
        yield from launder(scene, circle, entries=layers[0], hops=in_layers(layers))
