"""How a fraudster comes by victims, and what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.nouns import Accounts, Cards, Profile, Tap
from fraudsim.attacks.kit.purse import PRICES_MINOR
from fraudsim.attacks.kit.vocabulary.places import Places
from fraudsim.attacks.kit.vocabulary.stage import DAY_S
from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fraudsim.attacks.kit.nouns import Books, Bools, Ints


class Victims(Places):
    """Customers in the hands of a campaign; nobody is in those of two."""

    def steal_cards(
        self,
        count: int,
        *,
        via: Literal[
            "breach",
            "phishing",
            "skimming",
            "theft",
            "purchase",
            "malware",
            "mail_theft",
            "guessing",
        ],
        funding: Literal["debit", "credit", "any"] = "any",
        near_city: int | None = None,
    ) -> Cards:
        """Get the credentials of up to ``count`` cards of customers that nobody else holds.

        Args:
            count: cards wanted; fewer come back when the world has no more.
            via: how; theft, also from the mail, and skimming happen in one city, the others
                anywhere.
            funding: kind of card wanted; ``any`` takes what the customer uses.
            near_city: home city of the victims; default: one at random for theft and skimming.
        """
        if near_city is None and via in ("theft", "skimming", "mail_theft"):
            near_city = self.city()
        customers, profile = self._hold(count, city=near_city, credit=funding == "credit")
        self._obtain(via, len(customers))
        slot = (profile.has_credit & (self.rng.random(len(customers)) < 0.5)).astype(np.int64)
        if funding != "any":
            slot[:] = row_codes.CREDIT if funding == "credit" else row_codes.DEBIT
        serial = profile.card_serial[np.arange(len(customers)), slot]
        return Cards(customers, slot, serial, profile.city)

    def tap(self, merchant: int, *, days: float, limit: int) -> Tap:
        """Breach a merchant and listen; answered after ``days`` with up to ``limit`` ``Cards``.

        The merchant is then the campaign's point of compromise.
        """
        self.point_of_compromise = int(merchant)
        return Tap(int(merchant), self.now_us + round(days * DAY_S * 1e6), limit)

    def accounts(
        self,
        count: int,
        *,
        via: Literal[
            "phishing",
            "malware",
            "breach",
            "purchase",
            "stuffing",
            "sim_swap",
            "persuasion",
            "recruitment",
            "own",
        ],
        credit: bool = False,
        near_city: int | None = None,
    ) -> Accounts:
        """Get hold of up to ``count`` customers: their online banking, their ear, or their help.

        Args:
            count: customers wanted; fewer come back when the world has no more.
            via: how; by ``persuasion`` they are talked into it, by ``recruitment`` they are paid,
                and ``own`` accounts are those of the fraudsters themselves.
            credit: whether they must have a credit card.
            near_city: their home city; default: anywhere.
        """
        customers, profile = self._hold(count, city=near_city, credit=credit)
        self._obtain(via, len(customers))
        return _accounts(customers, profile)

    def applicants(
        self, count: int, *, credit: bool = False, near_city: int | None = None
    ) -> Accounts:
        """Get up to ``count`` identities that are no customers yet: stolen, or made of parts.

        Nobody lives behind an account that is opened with one: what it does, the campaign does.

        Args:
            count: identities wanted; fewer come back when the world has no more.
            credit: whether they must be such as are given a credit card.
            near_city: the city of the address; default: anywhere.
        """
        customers, profile = self._hold(count, city=near_city, credit=credit, joined=False)
        self._obtain("application", len(customers))
        return _accounts(customers, profile)

    def look_again(self, accounts: Accounts) -> Accounts:
        """Return the same accounts with today's balances."""
        return _accounts(accounts.customer, self._underworld.books.profile(accounts.customer))

    def cards_of(self, accounts: Accounts, funding: Literal["debit", "credit"]) -> Cards:
        """Return the cards of customers who are in the game themselves."""
        profile = self._underworld.books.profile(accounts.customer)
        slot = np.full(len(accounts), row_codes.CREDIT if funding == "credit" else row_codes.DEBIT)
        serial = profile.card_serial[np.arange(len(accounts)), slot]
        return Cards(accounts.customer, slot, serial, profile.city)

    def usual_devices(self, cards: Cards) -> Ints:
        """Return the key of each holder's own phone."""
        return self.devices_of(cards.customer)

    def devices_of(self, customers: Ints) -> Ints:
        """Return the key of each customer's own phone."""
        return self._underworld.books.profile(customers).device

    def usual_web_shops(self, cards: Cards) -> Ints:
        """Return the web shop of each holder's last purchase; -1 if that was in a street shop."""
        last = self._underworld.books.profile(cards.customer).last_merchant
        is_online = self._world.merchants.online[np.maximum(last, 0)] & (last >= 0)
        return np.where(is_online, last, -1)

    def release(self) -> None:
        """Let go of every customer held; the engine calls it when the campaign ends."""
        self._underworld.held.difference_update(self._holds)
        self._holds.clear()

    def hold_tapped(self, hits: Iterable[tuple[int, int, int]], limit: int) -> Cards:
        """Hold customers heard at a tap: (customer, slot, serial), first come first held."""
        fresh: dict[int, tuple[int, int, int]] = {}
        for hit in hits:
            if len(fresh) >= limit:
                break
            if hit[0] not in self._underworld.held:
                fresh.setdefault(hit[0], hit)
        self._holds += list(fresh)
        self._underworld.held.update(fresh)
        columns = np.array(list(fresh.values()), dtype=np.int64).reshape(-1, 3)
        city = self._underworld.books.profile(columns[:, 0]).city
        return Cards(columns[:, 0], columns[:, 1], columns[:, 2], city)

    def _obtain(self, via: str, count: int) -> None:
        """Keep how victims were come by, and pay for them."""
        if via not in PRICES_MINOR:
            raise UsageError(f"unknown way to victims '{via}'{nearest(via, PRICES_MINOR)}")
        self.obtained[via] = self.obtained.get(via, 0) + count
        self.purse.pay(via, PRICES_MINOR[via] * count)

    def _hold(
        self, count: int, *, city: int | None, credit: bool, joined: bool = True
    ) -> tuple[Ints, Profile]:
        """Pick customers at random that nobody holds and that fit, and hold them."""
        books, held = self._underworld.books, self._underworld.held
        population = self._world.customers
        rare = city is not None or not joined
        tries = min(population, max(64, count * 200 if rare else count * 8))
        pool = self.rng.choice(population, size=tries, replace=False)
        pool = pool[[customer not in held for customer in pool.tolist()]] if held else pool
        today = int(self._day)

        def fits(profile: Profile) -> Bools:
            # who joins today or tomorrow is past being applied for
            fit = profile.opens_on < today if joined else profile.opens_on > today + 1
            if city is not None:
                fit &= profile.city == city
            return fit & profile.has_credit if credit else fit

        customers, profile = _first(count, pool, books, fits, len(pool) if rare else 2 * count)
        self._holds += customers.tolist()
        held.update(self._holds)
        return customers, profile


def _first(
    count: int, pool: Ints, books: Books, fits: Callable[[Profile], Bools], at_once: int
) -> tuple[Ints, Profile]:
    """Return the first customers of a pool who fit; the books are opened for some at a time."""
    found: list[tuple[Ints, Profile]] = []
    left = count
    for start in range(0, max(len(pool), 1), max(at_once, 1)):
        part = pool[start : start + at_once]
        profile = books.profile(part)
        chosen = fits(profile).nonzero()[0][:left]
        found.append((part[chosen], _take(profile, chosen)))
        left -= len(chosen)
        if left <= 0:
            break
    customers, profiles = zip(*found, strict=True)
    if len(found) == 1:
        return customers[0], profiles[0]
    columns = (np.concatenate(of_all) for of_all in zip(*profiles, strict=True))
    return np.concatenate(customers), Profile._make(columns)


def _take(profile: Profile, which: Ints) -> Profile:
    return Profile._make(column[which] for column in profile)


def _accounts(customers: Ints, profile: Profile) -> Accounts:
    return Accounts(
        customers,
        profile.city,
        profile.device,
        profile.income_minor,
        profile.balance_minor,
        profile.credit_room_minor,
    )
