"""The shape of an attack pattern: frozen parameters, sources, and the story of one campaign."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Generator

    from fraudsim.attacks.kit.expectation import Expectation
    from fraudsim.attacks.kit.nouns import Action
    from fraudsim.attacks.kit.scene import Scene
    from fraudsim.attacks.kit.taxonomy import Taxonomy

Campaign: TypeAlias = "Generator[Action, Any, None]"
"""What ``run`` is: it yields an action (``scene.charge(...)``, ``scene.tap(...)``) and receives
what came of it: ``Outcomes``, or ``Cards`` for a tap."""


def parameter(default: Any, meaning: str, source: str, **limits: Any) -> Any:
    """Declare a parameter with its default, meaning, source and limits (``ge``, ``le``, ...)."""
    return Field(default, description=meaning, json_schema_extra={"source": source}, **limits)


class AttackPattern(BaseModel):
    """One way to commit fraud. Subclass it in a file of its own, named like ``name``.

    The class docstring tells the story. Fields are parameters (``parameter``); unknown ones are
    refused. ``run`` is a generator: every ``yield`` hands a batch of actions to the bank and
    receives the outcomes, so the story goes on as the answers are. All randomness comes from
    ``scene.rng``; local variables are the state of the campaign.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ClassVar[str]
    summary: ClassVar[str]
    taxonomy: ClassVar[Taxonomy]
    sources: ClassVar[tuple[str, ...]]
    look_alike: ClassVar[str]
    stages: ClassVar[tuple[str, ...]]
    expectations: ClassVar[tuple[Expectation, ...]] = ()

    @abstractmethod
    def run(self, scene: Scene) -> Campaign:
        """Tell the story of one campaign."""
