"""The shape of an evasion: a change to every batch of attempts of a campaign, whatever its pattern.

An evasion goes around a story: it sees each batch before the bank does and hands on a changed one.
The answers come back in the order of the batch, so the story does not notice.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import reduce
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from fraudsim.attacks.kit.nouns import Attempts
from fraudsim.attacks.kit.pattern import parameter

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any

    from fraudsim.attacks.kit.nouns import Action
    from fraudsim.attacks.kit.pattern import Campaign
    from fraudsim.attacks.kit.scene import Scene

STAGE = "camouflage"
"""The stage of payments that an evasion adds to a campaign."""


class Evasion(BaseModel):
    """One way to hide. Subclass it in a file of its own, named like ``name``.

    ``change`` returns a batch of the same attempts, in the same order, that looks more like honest
    life; ``before`` may do something first. All randomness comes from ``scene.rng``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ClassVar[str]
    summary: ClassVar[str]
    f3: ClassVar[tuple[str, ...]]
    sources: ClassVar[tuple[str, ...]]

    share: float = parameter(1.0, "attempts that are changed", "choice", ge=0, le=1)

    @abstractmethod
    def change(self, scene: Scene, attempts: Attempts) -> Attempts:
        """Return the attempts as the bank shall see them: as many, in the same order."""

    def before(self, scene: Scene, attempts: Attempts) -> Generator[Action, Any, None]:  # noqa: ARG002 -- most do nothing
        """Do something before a batch; what comes of it is not told to the story."""
        yield from ()


def evaded(story: Campaign, evasions: Sequence[Evasion], scene: Scene) -> Campaign:
    """Return the story with the evasions around it, the first one innermost."""
    if evasions:
        scene.note(evasions=" ".join(evasion.name for evasion in evasions))
    return reduce(lambda told, evasion: _around(told, evasion, scene), evasions, story)


def _around(story: Campaign, evasion: Evasion, scene: Scene) -> Campaign:
    news = None
    try:
        while True:
            try:
                action = story.send(news)
            except StopIteration:
                return
            if isinstance(action, Attempts) and len(action.rows):
                yield from evasion.before(scene, action)
                action = evasion.change(scene, action)
            news = yield action
    finally:
        story.close()
