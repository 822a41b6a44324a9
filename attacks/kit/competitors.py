"""Merchants that compete for the same customers, the popular ones first in line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.attacks.kit.choice import all_chosen, chosen, rising
from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.world.world import World


class Competitors:
    """The shops of a category in one city, or all its web shops.

    Args:
        world: where they are.
        span: the first and one past the last of them.
    """

    def __init__(self, world: World, span: tuple[int, int]) -> None:
        self._first, last = span
        self._count = last - self._first
        weight = world.merchants.weight[self._first : last]
        self._rising = rising(weight / weight.sum()) if self._count else []

    def __len__(self) -> int:
        return self._count

    def one(self, rng: np.random.Generator, *, quiet: bool) -> int:
        """Draw one of them, the popular ones more often unless ``quiet``."""
        if quiet:
            return self._first + int(rng.integers(self._count))
        return self._first + chosen(self._rising, rng)

    def some(self, count: int, rng: np.random.Generator, *, quiet: bool) -> list[int]:
        """Draw ``count`` of them as ``one`` does; none where there is nobody."""
        if not self._count:
            return []
        if quiet:
            at: list[int] = rng.integers(self._count, size=count).tolist()
        else:
            at = all_chosen(self._rising, count, rng)
        return [self._first + position for position in at]


class Trades:
    """Who competes with whom, looked up once each.

    Args:
        world: where they are.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[tuple[str, int | None], Competitors] = {}

    def of(self, category: str, city: int | None) -> Competitors:
        """Return the shops of a category in a city, or its web shops without one.

        Raises:
            UsageError: there is no such category.
        """
        found = self._known.get((category, city))
        if found is None:
            span = self._span(category, city)
            found = self._known[category, city] = Competitors(self._world, span)
        return found

    def _span(self, category: str, city: int | None) -> tuple[int, int]:
        names, merchants = self._world.categories.names, self._world.merchants
        if category not in names:
            raise UsageError(f"unknown merchant category '{category}'{nearest(category, names)}")
        number = names.index(category)
        if city is None:
            return merchants.online_range(number)
        return merchants.shop_range(city, number)
