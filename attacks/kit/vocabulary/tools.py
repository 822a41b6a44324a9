"""What a fraudster works with: devices, accounts that receive, and what a ring shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from fraudsim.attacks.kit.vocabulary.victims import Victims
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Bools, Cards, Ints
    from fraudsim.attacks.kit.underworld import Ring

_FRAUD_KEYS = 1 << 50  # device and payee keys from here up belong to campaigns
_KEYS_PER_CAMPAIGN = 100_000


class Tools(Victims):
    """Devices and receiving accounts, of the campaign or of its ring."""

    @property
    def keys_made(self) -> range:
        """Keys of the devices and payees that were made for this campaign so far."""
        first = _FRAUD_KEYS + self._campaign * _KEYS_PER_CAMPAIGN + 1
        return range(first, first + self._made)

    def device(self) -> int:
        """Return the key of a device that the fraudster owns."""
        return self._new_key()

    def payee(
        self,
        *,
        kind: Literal["person", "business"] = "person",
        country: str | None = None,
        owner: int | None = None,
    ) -> int:
        """Return the key of an account that the fraudster can receive money on.

        Args:
            kind: person or business.
            country: country of the bank; default: the home country.
            owner: a customer of this bank whose current account it is (a mule); approved
                transfers then arrive there within seconds.
        """
        key = self._new_key()
        code = self._country_code(country)
        self._underworld.payees[key] = (kind, code, -1 if owner is None else int(owner))
        return key

    @property
    def ring(self) -> Ring:
        """The ring that this campaign works with: one of the world's, drawn when first asked."""
        if self._ring is None:
            rings = self._underworld.rings
            self._ring = rings[int(self.rng.integers(len(rings)))]
            if self._ring.city < 0:
                self._ring.city = self.city()
        return self._ring

    def ring_device(self, *, fresh_share: float = 0.3) -> int:
        """Return the key of a device of the ring: a new one for a share of the calls."""
        devices = self.ring.devices
        if not devices or self.rng.random() < fresh_share:
            devices.append(self.device())
            return devices[-1]
        return devices[int(self.rng.integers(len(devices)))]

    def ring_payee(
        self, *, fresh_share: float = 0.3, kind: Literal["person", "business"] = "person"
    ) -> int:
        """Return the key of an account of one of the ring's mules, elsewhere; some are new."""
        payees = self.ring.payees
        if not payees or self.rng.random() < fresh_share:
            payees.append(self.payee(kind=kind))
            return payees[-1]
        return payees[int(self.rng.integers(len(payees)))]

    def leave_cards(self, cards: Cards) -> None:
        """Leave cards, which this campaign has done with, to the others of the ring.

        They stay held by this campaign until it ends, and may be blocked by then.
        """
        if len(cards):
            self.ring.cards.append(cards)

    def take_cards(self, count: int) -> Cards | None:
        """Take up to ``count`` cards that another campaign of the ring left; None if none is free.

        Cards whose holder is in somebody's hands are passed over.
        """
        left = self.ring.cards
        for index, cards in enumerate(left):
            free = np.array([int(c) not in self._underworld.held for c in cards.customer])
            if free.any():
                del left[index]
                taken = cards[np.flatnonzero(free)[:count]]
                self._holds += taken.customer.tolist()
                self._underworld.held.update(taken.customer.tolist())
                return taken
        return None

    def holds(self, payee: int) -> bool:
        """Return whether fraudsters hold the account of a payee at this bank, by its key."""
        made = self._underworld.payees.get(payee)
        return made is not None and made[2] >= 0

    def _are_abroad(self, payees: Ints) -> Bools:
        home, made = self.home_country, self._underworld.payees
        return np.array([key in made and made[key][1] != home for key in payees.tolist()])

    def _new_key(self) -> int:
        self._made += 1
        if self._made >= _KEYS_PER_CAMPAIGN:
            raise UsageError(
                f"a campaign may make at most {_KEYS_PER_CAMPAIGN - 1} devices and payees"
            )
        return _FRAUD_KEYS + self._campaign * _KEYS_PER_CAMPAIGN + self._made
