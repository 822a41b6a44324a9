"""Enumeration: which numbers of this range are cards, and what is on their back?"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    CARD_IS_BURNT,
    HOME_ADDRESS_SHARES,
    devices_for,
    draw_habits,
    draw_ip_country,
    next_session,
    pace,
    soft_web_shops,
    some,
    spree,
    taste,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Attempts, Bools, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

# shops with a plain form and something cheap, where a script gets through (assumption)
OPEN_FORMS = {
    "digital_goods": 0.3,
    "entertainment": 0.2,
    "services": 0.2,
    "general_merchandise": 0.15,
    "transit": 0.15,
}
# what is bought with the numbers that were found (assumption)
SPENT_ON = {
    "general_merchandise": 0.28,
    "electronics": 0.16,
    "digital_goods": 0.16,
    "clothing": 0.12,
    "gift_cards": 0.12,
    "telecom": 0.08,
    "entertainment": 0.08,
}
WRONG_CVV = "82"
GONE = tuple(code for code in CARD_IS_BURNT if code != WRONG_CVV)
"""Answers after which a number is not guessed at any more: a wrong value is only a wrong guess."""
DRY_BURSTS = 3
"""Bursts without any answer about the value after which the script is shut out."""
SHOPS_USED, SHOPS_LOOKED_AT = 2, 6
"""Web shops that are used, and that are looked at for such of the bank's own country: a guess from
abroad is refused more often (assumption)."""
CHEAP = (0.2, 0.7)
"""What goes into a basket, in honest baskets of that shop: something cheap (assumption)."""


class Enumeration(AttackPattern):
    """Have a script guess at the numbers of one range, at one shop, until some answer.

    No card was stolen. A script makes numbers of one kind of card that pass the check digit, and
    sends them to the form of one web shop, burst after burst, for something cheap: a plain script
    always for the same thing, one that hides for another every time. Nearly all guesses of the
    verification value are wrong. Every few tries come from another browser behind another proxy,
    so many a burst seems to come from all over the world. Of the thousands of guesses this bank
    sees those at numbers that are cards of its own; the numbers of a range are in no order of
    customers. When the shop shuts it out, the script goes to another one, once. Of the numbers
    that answered a third is used within days, the others are left to the ring.
    """

    name: ClassVar[str] = "enumeration"
    summary: ClassVar[str] = "a script guesses card numbers and their values at one web shop"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1038", "F1002.002", "T1583.003", "F1012", "F1028"),
        visa="6 account number use, card not present",
        mastercard="06 card not present",
        eba="card details theft",
        fraud_classifier="unauthorised: used account information",
        uk_finance="remote purchase (card not present)",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1038 PAN/CVV Generation",
        "Visa Acquirer Monitoring Program: counts enumerated authorisations per merchant",
        "Visa Account Attack Intelligence: 33 % of enumerated accounts see fraud in five days",
    )
    look_alike: ClassVar[str] = (
        "a billing run or an outage: dozens of refusals at one merchant within the hour"
    )
    stages: ClassVar[tuple[str, ...]] = ("guess", "spend")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 25, 90, "as many numbers as a range holds of one small bank"),
        Expectation("gap_minutes", 0.1, 6, "a script guesses by the minute; purchases take longer"),
        Expectation("amount_minor", 300, 3_000, "most payments are guesses for something cheap"),
    )

    numbers: int = parameter(
        50, "mean number of real cards guessed at", "assumption: one bank's share", ge=1, le=10_000
    )
    debit_share: float = parameter(
        0.7, "ranges of debit cards, the others are of credit cards", "assumption", ge=0, le=1
    )
    guesses: int = parameter(
        3, "mean number of guesses per number", "assumption: one bank's share", ge=1, le=1_000
    )
    hit_share: float = parameter(
        0.04,
        "guesses that are right",
        "assumption: above 1 in 1,000, as scripts know values that leaked in part",
        ge=0,
        le=1,
    )
    burst: int = parameter(20, "mean number of guesses in one go", "assumption", ge=1, le=10_000)
    gap_s: float = parameter(
        25.0,
        "median seconds between guesses at cards of this bank",
        "assumption: dozens a second at all banks",
        gt=0,
        le=86_400,
    )
    tries_per_device: int = parameter(
        5, "mean number of tries from one device", "assumption", ge=1, le=10_000
    )
    used_share: float = parameter(
        0.33, "numbers found that are used", "Visa: 33 % within five days", ge=0, le=1
    )
    longest_wait_days: float = parameter(
        5.0, "longest wait between guess and use, days", "Visa: within five days", ge=0.5, le=90
    )

    def run(self, scene: Scene) -> Campaign:
        """Guess, sort, use or leave."""
        habits = draw_habits(scene)
        debit = scene.rng.random() < self.debit_share
        cards = scene.steal_cards(
            some(scene, self.numbers), via="guessing", funding="debit" if debit else "credit"
        )
        shops = _shops_at_home(scene, habits)
        if not len(cards) or not len(shops):
            scene.give_up("no card in the range" if len(shops) else "no web shop to guess at")
            return
        next_session(scene, habits, days=0)
        found = yield from self._guess(scene, habits, cards, shops)
        used = scene.rng.random(len(found)) < self.used_share
        scene.leave_cards(found[~used])
        if not used.any():
            scene.give_up("no number worth using")
            return
        next_session(scene, habits, days=float(scene.rng.uniform(0.5, self.longest_wait_days)))
        yield from self._spend(scene, habits, found[used])

    def _guess(self, scene: Scene, habits: Habits, cards: Cards, shops: Ints) -> Step[Cards]:
        """Run through the range, again and again; return the cards whose value was found."""
        found = np.zeros(len(cards), dtype=bool)
        gone = np.zeros(len(cards), dtype=bool)
        size, shut_out = some(scene, self.burst), 0
        for _ in range(some(scene, self.guesses)):
            left = np.flatnonzero(~found & ~gone)
            for start in range(0, len(left), size):
                burst = left[start : start + size]
                tries, order = self._burst(
                    scene, habits, cards[burst], shop=int(shops[shut_out // DRY_BURSTS])
                )
                answer = yield tries
                tried = burst[order]
                found[tried] = answer.approved
                gone[tried] = np.isin(answer.response_code, GONE)
                heard = answer.approved | (answer.response_code == WRONG_CVV) | gone[tried]
                shut_out += not heard.any()
                if shut_out >= len(shops) * DRY_BURSTS:
                    return cards[found]
                scene.wait(hours=float(scene.rng.exponential(0.15)) * habits.patience)
        return cards[found]

    def _burst(
        self, scene: Scene, habits: Habits, cards: Cards, *, shop: int
    ) -> tuple[Attempts, Ints]:
        """Guess once at each card; return the tries, and which card each of them is at."""
        count = len(cards)
        right = scene.rng.random(count) < self.hit_share
        amount = self._amounts(scene, habits, shop, count)
        after_s = pace(scene, habits, count, self.gap_s)
        browser, devices, countries = self._browsers(scene, habits, count)

        # a call is for guesses alike: all right or all wrong, from behind proxies of one country
        alike: dict[tuple[bool, str | None], list[int]] = {}
        for k in range(count):
            alike.setdefault((bool(right[k]), countries[browser[k]]), []).append(k)
        groups = [(kind, np.array(which)) for kind, which in alike.items()]
        tries = [
            scene.charge(
                cards[which],
                at=shop,
                amount_minor=amount[which],
                after_s=after_s[which],
                stage="guess",
                device=devices[browser[which]],
                ip_country=country,
                cvv="match" if is_right else "no_match",
            )
            for (is_right, country), which in groups
        ]
        return reduce(add, tries), np.concatenate([which for _, which in groups])

    def _amounts(self, scene: Scene, habits: Habits, shop: int, count: int) -> Ints:
        """Return the price of each try: always of one thing, or of another every time."""
        times = float(scene.rng.uniform(*CHEAP))
        baskets = count if scene.rng.random() < habits.craft else 1
        return np.resize(scene.price([shop] * baskets, times=times), count)

    def _browsers(
        self, scene: Scene, habits: Habits, count: int
    ) -> tuple[Ints, Ints, list[str | None]]:
        """Return which browser each try comes from, and the device and proxy of each browser."""
        browsers = 1 + count // self.tries_per_device
        devices = np.array([scene.device() for _ in range(browsers)], dtype=np.int64)
        few, most = HOME_ADDRESS_SHARES
        home_share = few + (most - few) * habits.craft
        countries = [draw_ip_country(scene, home_share) for _ in range(browsers)]
        return scene.rng.integers(browsers, size=count), devices, countries

    def _spend(self, scene: Scene, habits: Habits, cards: Cards) -> Step[Bools]:
        """Use what was found before it is reported."""
        works = yield from spree(
            scene,
            habits,
            cards,
            shops=taste(scene, SPENT_ON),
            stage="spend",
            rounds=some(scene, 3),
            gap_s=700.0,
            devices=devices_for(scene, habits, cards),
            growth=1.3,
            passes_challenge=0.0,  # a guessed number comes with nothing else
        )
        return works


def _shops_at_home(scene: Scene, habits: Habits) -> Ints:
    """Return web shops with a plain form, those of the bank's own country first."""
    shops = soft_web_shops(scene, habits, OPEN_FORMS, SHOPS_LOOKED_AT, quiet=True)
    abroad = np.array([scene.is_abroad(shop) for shop in shops.tolist()], dtype=bool)
    return shops[np.argsort(abroad, kind="stable")[:SHOPS_USED]]
