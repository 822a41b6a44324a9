"""Where a playbook goes shopping: the shops of a place, new ones each time or the same few."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.attacks.kit.habits import soft_web_shops, street_shops, taste, web_shops
from fraudsim.attacks.kit.playbook.numbers import one, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.attacks.kit.habits import Habits
    from fraudsim.attacks.kit.nouns import Cards, Ints
    from fraudsim.attacks.kit.playbook.form import Place
    from fraudsim.attacks.kit.playbook.hand import Hand
    from fraudsim.attacks.kit.playbook.numbers import Ask
    from fraudsim.attacks.kit.scene import Scene

MOST_KEPT = 1_000
"""Shops that a campaign chooses for itself at most."""


@dataclass
class Places:
    """The places of one campaign: its tastes, and the shops that it keeps to."""

    scene: Scene
    habits: Habits
    forms: Mapping[str, Place]
    _tastes: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    _kept: dict[tuple[str, bool], Ints] = field(default_factory=dict)

    def shops(self, name: str, count: int, hand: Hand | None, ask: Ask) -> tuple[Ints, bool]:
        """Return ``count`` shops of a place, or none where there is none, and if they are online.

        Args:
            name: name of the place.
            count: shops wanted; of those that a campaign keeps to, one is used at a time.
            hand: the victims; without them a street is in any city at home.
            ask: who knows the numbers.
        """
        place = self.forms[name]
        online = bool(place.web)
        if place.web and place.street:
            online = self.scene.rng.random() < one(place.online_share, ask)
        if place.keep is None:
            return self._new(name, place, count, hand, ask, online=online), online
        if (name, online) not in self._kept:
            kept = whole(place.keep, ask, 1, MOST_KEPT)
            self._kept[name, online] = self._new(name, place, kept, hand, ask, online=online)
        few = self._kept[name, online]
        return (np.full(count, self.scene.rng.choice(few)) if len(few) else few), online

    def of_holders(self, name: str, cards: Cards, ask: Ask) -> Ints:
        """Return for some of the cards the web shop of the holder's last purchase; -1 else."""
        share = one(self.forms[name].holders_share, ask)
        if share <= 0:
            return np.full(len(cards), -1, dtype=np.int64)
        chosen = self.scene.rng.random(len(cards)) < share
        return np.where(chosen, self.scene.usual_web_shops(cards), -1)

    def _new(
        self, name: str, place: Place, count: int, hand: Hand | None, ask: Ask, *, online: bool
    ) -> Ints:
        if online:
            categories = self._weights(name, "web", place)
            if place.soft:
                return soft_web_shops(self.scene, self.habits, categories, count, quiet=place.quiet)
            return web_shops(self.scene, categories, count, quiet=place.quiet)
        city = self._city(place, hand, ask)
        if place.cash_machines:
            return self.scene.shops("cash", count, city=city, quiet=place.quiet)
        return street_shops(self.scene, self._weights(name, "street", place), count, city=city)

    def _weights(self, name: str, kind: str, place: Place) -> dict[str, float]:
        weights: dict[str, float] = getattr(place, kind)
        total = sum(weights.values())
        given = {category: weight / total for category, weight in weights.items()}
        if not place.own_taste:
            return given
        if (name, kind) not in self._tastes:
            self._tastes[name, kind] = taste(self.scene, given)
        return self._tastes[name, kind]

    def _city(self, place: Place, hand: Hand | None, ask: Ask) -> int:
        if hand is None:
            return self.scene.ring.city if place.city == "ring" else self.scene.city()
        if place.city == "home":
            return hand.city
        if place.city == "ring":
            return self.scene.ring.city
        if hand.elsewhere < 0:
            abroad = self.scene.rng.random() < one(place.abroad_share, ask)
            hand.elsewhere = self.scene.city(abroad=True) if abroad else self._other_city(hand)
        return hand.elsewhere

    def _other_city(self, hand: Hand) -> int:
        """Return a city at home where few of the victims live."""
        tries = [self.scene.city() for _ in range(5)]
        victims_there = [int((hand.victims.city == city).sum()) for city in tries]
        return tries[int(np.argmin(victims_there))]
