"""Promotion abuse: one bonus for each new customer, and many new customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, next_session, pace, some, taste, web_shops
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Ints
    from fraudsim.attacks.kit.scene import Scene

# where a payment that counts for the offer costs next to nothing (assumption)
TINY_PURCHASES = {
    "digital_goods": 0.3,
    "fast_food": 0.2,
    "transit": 0.16,
    "grocery": 0.12,
    "entertainment": 0.12,
    "telecom": 0.1,
}
OFFERS_MINOR = (5_000, 7_500, 10_000, 12_500, 15_000, 17_500, 20_000)
"""Bonuses on offer (assumption: British banks offered some 100 to 200 pounds for switching)."""


class PromotionAbuse(AttackPattern):
    """Open many accounts from a few devices, do what the offer asks, and pool the bonuses.

    The bank pays a bonus to each new customer who brings a little money and pays by card a few
    times. Somebody with a list of names, of a household, of students who lend theirs for a ten, or
    made up, opens one account after the other from two or three devices, all with addresses
    in one town. Each gets a small deposit and makes a few tiny purchases. The bonuses arrive a
    week or two later, all of the same sum; within days nearly everything is sent to one account,
    and the new customers are never seen again.
    """

    name: ClassVar[str] = "promotion_abuse"
    summary: ClassVar[str] = "many new accounts from few devices collect a bonus and pool it"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1585", "F1020.001", "F1025.001", "F1047"),
        mastercard="54 first-party fraud",
        fraud_classifier="authorised: acted fraudulently",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, T1585 Establish Accounts",
        "offers for new customers: a deposit and some card payments within weeks are asked for",
    )
    look_alike: ClassVar[str] = "a family or a shared flat that follows the same good offer"
    stages: ClassVar[tuple[str, ...]] = ("deposit", "tiny_purchase", "bonus", "pool")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 4, 25, "some ten names"),
        Expectation("days", 10, 75, "what the offer asks takes weeks"),
        Expectation("payees", 1, 1, "one account collects it"),
        Expectation("payments", 20, 220, "deposit, two to four purchases, bonus, transfer each"),
    )

    names: int = parameter(10, "mean accounts opened", "assumption", ge=1, le=2_000)
    names_per_device: int = parameter(
        4, "mean accounts opened from one device", "assumption", ge=1, le=200
    )
    deposit_minor: int = parameter(
        6_000, "median deposit, minor units", "assumption: what the offer asks for", ge=100
    )
    purchases: int = parameter(
        3, "mean purchases of each account", "assumption: what the offer asks for", ge=1, le=50
    )
    basket: float = parameter(
        0.35, "so many times an honest basket", "assumption: as little as counts", gt=0, le=5
    )
    bonus_after_days: float = parameter(
        12.0, "mean days until the bonus is there", "assumption", ge=1, le=120
    )
    qualifies_share: float = parameter(
        0.85, "accounts that get the bonus", "assumption: the bank refuses some", ge=0, le=1
    )
    pooled_here_share: float = parameter(
        0.4, "campaigns that pool it on an account of this bank", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Open, do what is asked, collect, pool."""
        habits = draw_habits(scene)
        names, devices = yield from self._open(scene, habits)
        if not len(names):
            scene.give_up("no name to open an account with")
            return
        yield from self._qualify(scene, habits, names, devices)
        yield from self._bonus(scene, names)
        yield from self._pool(scene, habits, names, devices)

    def _open(self, scene: Scene, habits: Habits) -> Step[tuple[Accounts, Ints]]:
        """Open the accounts one after the other in one sitting; return them and their devices."""
        next_session(scene, habits, days=0.0)
        count = some(scene, self.names)
        names = scene.applicants(count, near_city=scene.city())
        if not len(names):  # nobody of that town: names from anywhere
            names = scene.applicants(count)
        owned = 1 + len(names) // some(scene, self.names_per_device)
        scene.note(names=len(names), devices=owned)
        keys = np.array([scene.device() for _ in range(owned)], dtype=np.int64)
        devices = scene.rng.choice(keys, size=len(names))
        if len(names):
            yield scene.open_account(
                names,
                after_s=scene.pace(len(names), median_s=400.0),
                device=devices,
                ip_country=habits.ip_country,
            )
        return names, devices

    def _qualify(self, scene: Scene, habits: Habits, names: Accounts, devices: Ints) -> Step[None]:
        """Bring a little money to each, and make a few tiny purchases."""
        next_session(scene, habits, days=float(scene.rng.exponential(1.0)))
        deposit = self.deposit_minor * scene.rng.lognormal(0, 0.25, len(names))
        yield scene.receive(
            names,
            amount_minor=np.maximum(deposit // 500 * 500, 100).astype(np.int64),
            after_s=pace(scene, habits, len(names), 900.0),
            stage="deposit",
            case="first_party",
        )
        shops = taste(scene, TINY_PURCHASES)
        for _ in range(some(scene, self.purchases)):
            next_session(scene, habits, days=float(scene.rng.exponential(1.5)))
            who = scene.rng.permutation(np.flatnonzero(scene.rng.random(len(names)) < 0.9))
            at = web_shops(scene, shops, len(who))
            if not len(at):
                continue
            yield scene.charge(
                scene.cards_of(names[who], "debit"),
                at=at,
                amount_minor=scene.price(at, times=self.basket),
                after_s=pace(scene, habits, len(who), 700.0),
                stage="tiny_purchase",
                device=devices[who],
                ip_country=habits.ip_country,
                passes_challenge=0.96,  # as any customer: the telephone is theirs
                case="first_party",
            )

    def _bonus(self, scene: Scene, names: Accounts) -> Step[None]:
        """Let the bank pay the bonus to those that did what it asked."""
        amount = int(scene.rng.choice(OFFERS_MINOR))
        scene.note(bonus_minor=amount)
        paid = names[scene.rng.random(len(names)) < self.qualifies_share]
        scene.wait(days=min(float(scene.rng.gamma(6.0, self.bonus_after_days / 6)), 120.0))
        if len(paid):
            yield scene.receive(
                paid,
                amount_minor=amount,
                after_s=scene.pace(len(paid), median_s=9_000.0),
                stage="bonus",
                case="first_party",
            )

    def _pool(self, scene: Scene, habits: Habits, names: Accounts, devices: Ints) -> Step[None]:
        """Send what is there to one account, a name or two at a time."""
        here = scene.rng.random() < self.pooled_here_share
        collector = scene.accounts(1 if here else 0, via="own")
        payee = scene.payee(owner=int(collector.customer[0]) if len(collector) else None)
        for index in scene.rng.permutation(len(names)).tolist():
            name, device = scene.look_again(names[index : index + 1]), devices[index]
            amount = int(name.balance_minor[0] * scene.rng.uniform(0.85, 1.0))
            if amount < 100:
                continue
            scene.wait(hours=float(scene.rng.exponential(5.0)) * habits.patience)
            ip = habits.ip_country
            login_s, payee_s, send_s = scene.pace(3, median_s=80.0)
            yield (
                scene.log_in(name, after_s=login_s, device=device, ip_country=ip)
                + scene.add_payee(name, payee=payee, after_s=payee_s, device=device, ip_country=ip)
                + scene.transfer(
                    name,
                    to=payee,
                    amount_minor=amount // 100 * 100,
                    after_s=send_s,
                    stage="pool",
                    device=device,
                    ip_country=ip,
                    passes_challenge=0.96,
                    case="first_party",
                )
            )
