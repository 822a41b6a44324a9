"""A hand: the victims who go through the story together, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from fraudsim.attacks.kit.habits import devices_for, rotated
from fraudsim.attacks.kit.nouns import Accounts, Cards

if TYPE_CHECKING:
    from typing import Literal

    from fraudsim.attacks.kit.habits import Habits
    from fraudsim.attacks.kit.nouns import Bools, Ints
    from fraudsim.attacks.kit.scene import Scene

Device = str
"""From what a hand is worked: ``own``, ``per_card``, ``victims`` or ``ring``."""


@dataclass
class Hand:
    """Victims in play; every column has one entry per victim.

    Attributes:
        victims: their cards or their accounts.
        device: from what they are worked.
        devices: key of the device for each.
        refused: refusals of each so far.
        bought_at: merchant of the last approved purchase of each, -1 is none.
        bought_minor: its amount, minor units.
        payees: accounts in use, by the name of the payee.
        knows: (customer, payee key) pairs that were added.
        mules: customers here, shape (1,), by the key of their account that receives.
        arrived: what came in on it and was not passed on yet, minor units, by the same key.
        onward: accounts elsewhere to which each mule pays, by the same key.
        elsewhere: the city in which the hand is worked if not at home, -1 before it was drawn.
    """

    victims: Cards | Accounts
    device: Device
    devices: Ints
    refused: Ints
    bought_at: Ints
    bought_minor: Ints
    payees: dict[str, list[int]] = field(default_factory=dict)
    knows: set[tuple[int, int]] = field(default_factory=set)
    mules: dict[int, Accounts] = field(default_factory=dict)
    arrived: dict[int, int] = field(default_factory=dict)
    onward: dict[int, list[int]] = field(default_factory=dict)
    elsewhere: int = -1
    is_used: bool = False

    def __len__(self) -> int:
        return len(self.victims)

    @property
    def city(self) -> int:
        """Home city of the first victim."""
        return int(self.victims.city[0])

    def only(self, which: Bools) -> None:
        """Let go of the others."""
        self.victims = self.victims[which]
        self.devices, self.refused = self.devices[which], self.refused[which]
        self.bought_at, self.bought_minor = self.bought_at[which], self.bought_minor[which]

    def accounts(self) -> Accounts:
        """Return the victims, who are accounts."""
        return cast("Accounts", self.victims)

    def cards(self, scene: Scene, funding: Literal["debit", "credit"]) -> Cards:
        """Return the cards of the victims; ``funding`` matters where they are accounts."""
        if isinstance(self.victims, Cards):
            return self.victims
        return scene.cards_of(self.victims, funding)

    def next_devices(self, scene: Scene, habits: Habits) -> Ints:
        """Return the device of each for one more deed; the careful take new ones."""
        if self.is_used and self.device == "per_card" and isinstance(self.victims, Cards):
            self.devices = rotated(scene, habits, self.victims, self.devices)
        self.is_used = True
        return self.devices


def new_hand(
    scene: Scene, habits: Habits, victims: Cards | Accounts, device: Device, own_device: int
) -> Hand:
    """Return a hand of fresh victims."""
    count = len(victims)
    if device == "victims":
        devices = _usual_devices(scene, victims)
    elif device == "per_card" and isinstance(victims, Cards):
        devices = devices_for(scene, habits, victims)
    elif device == "ring":
        devices = np.full(count, scene.ring_device(), dtype=np.int64)
    else:
        devices = np.full(count, own_device if device == "own" else scene.device(), dtype=np.int64)
    none = np.zeros(count, dtype=np.int64)
    return Hand(victims, device, devices, none, none - 1, none.copy())


def _usual_devices(scene: Scene, victims: Cards | Accounts) -> Ints:
    return victims.device if isinstance(victims, Accounts) else scene.usual_devices(victims)
