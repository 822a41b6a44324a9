"""The names of methods in a comparison: a rebalancer, or ``REBALANCER by KIND``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudsim.errors import UsageError
from fraudsim.registry import REBALANCERS, discover, get
from fraudsim.training_set import ATTACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.examples import Examples

BASELINES = ("none", "class_weight")
BY_ATTACK = ("class_weight", "random_over")
"""What is run by attack as well, where nobody says what to run and attacks are known."""


@dataclass(frozen=True)
class Method:
    """A rebalancer, and what it tells frauds apart by."""

    rebalancer: str
    by: str | None = None

    @property
    def name(self) -> str:
        """What it is called in the results."""
        return self.rebalancer if self.by is None else f"{self.rebalancer} by {self.by}"


def parsed(texts: Sequence[str]) -> list[Method]:
    """Return the methods of that name, the baselines first.

    Raises:
        UsageError: there is no such rebalancer; says the nearest.
    """
    if isinstance(texts, str):
        raise UsageError(f"a list of methods was expected, not the text '{texts}'")
    methods = [Method(name) for name in BASELINES]
    for text in texts:
        rebalancer, _, by = text.strip().partition(" by ")
        get(REBALANCERS, rebalancer.strip())
        methods.append(Method(rebalancer.strip(), by.strip() or None))
    return list(dict.fromkeys(methods))


def every(examples: Examples) -> list[Method]:
    """Return every rebalancer, and some by attack where attacks are known; the baselines first."""
    methods = [Method(name) for name in (*BASELINES, *discover(REBALANCERS))]
    if examples.attack is not None:
        methods += [Method(name, ATTACK) for name in BY_ATTACK]
    return list(dict.fromkeys(methods))
