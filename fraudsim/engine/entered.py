"""An entry of the scenario's attacks, and what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fraudsim.attacks.kit.evasion import Evasion
    from fraudsim.attacks.kit.pattern import AttackPattern
    from fraudsim.scenario import AttackEntry


class Entered(NamedTuple):
    """An entry of the scenario's attacks, and what it names."""

    pattern: AttackPattern
    evasions: tuple[Evasion, ...]
    entry: AttackEntry
