"""Crypto conversion: what was stolen becomes coins within the hour, and then money elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.conversion import PAID_OUT_STAGES, paid_out
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    ASKED_FOR_MORE,
    CARD_IS_BURNT,
    devices_for,
    draw_habits,
    next_session,
    pace,
    rounded,
    soft_web_shops,
    some,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Cards, Ints
    from fraudsim.attacks.kit.scene import Scene

WORTH_MINOR = 20_000
"""An account with less is left alone (assumption)."""
MOST_TRIES = 6
"""Payments tried at most from one account (assumption)."""


class CryptoConversion(AttackPattern):
    """Buy coins with a taken-over account or stolen cards, and sell them to a mule's account.

    Coins cannot be called back, so everything is quick. With phished access the fraudster logs in
    from an own device, adds the account of an exchange, a business, as payee, tries it with a
    small sum and sends a good part of the balance in few transfers within the hour. With phished
    cards the exchange is charged directly: a small sum, then large ones. The coins go through
    some wallets; hours or days later an exchange pays money out to a mule, here for some, who
    passes it on.
    """

    name: ClassVar[str] = "crypto_conversion"
    summary: ClassVar[str] = "an account or cards buy coins within the hour; a mule is paid later"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("F1018", "F1006.002", "F1005.003", "F1046", "F1025", "F1047"),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="issuance of a payment order by the fraudster",
        fraud_classifier="unauthorised: took over account",
        uk_finance="remote banking",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1018 Convert to Cryptocurrency",
        "EBA/ECB report on payment fraud, December 2025: mean transfer fraud above 2,000 euros",
    )
    look_alike: ClassVar[str] = "a customer who buys coins when everybody does"
    stages: ClassVar[tuple[str, ...]] = ("try", "buy", *PAID_OUT_STAGES)
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payments", 2, 20, "a small sum, a few large ones, and what a mule does"),
        Expectation("gap_minutes", 2, 240, "bought within the hour or two"),
        Expectation("taken_minor", 50_000, 1_500_000, "a good part of a salary account"),
    )

    takeover_share: float = parameter(
        0.55, "campaigns with a taken-over account; the others have cards", "assumption", ge=0, le=1
    )
    looked_at: int = parameter(
        3, "accounts looked into; the fullest is taken", "assumption", ge=1, le=100
    )
    cards: int = parameter(3, "mean number of cards", "assumption", ge=1, le=500)
    purchases: int = parameter(3, "mean purchases with one card", "assumption", ge=1, le=50)
    try_share: float = parameter(
        0.6, "accounts and cards that are tried with a small sum", "assumption", ge=0, le=1
    )
    least_share: float = parameter(
        0.45, "least share of the balance wanted; up to .95", "assumption", gt=0, le=0.95
    )
    gap_s: float = parameter(
        420.0, "median seconds between two payments", "assumption: within the hour", gt=0, le=86_400
    )
    here_share: float = parameter(
        0.3, "mules who are customers here", "assumption: more than a market share", ge=0, le=1
    )
    pay_out_hours: float = parameter(
        20.0, "mean hours until coins are money again", "assumption: hours to days", gt=0, le=720
    )

    def run(self, scene: Scene) -> Campaign:
        """Buy coins one way or the other, then sell them."""
        habits = draw_habits(scene)
        takes_over = scene.rng.random() < self.takeover_share
        scene.note(takes_over=bool(takes_over))
        mule = scene.accounts(int(scene.rng.random() < self.here_share), via="recruitment")
        if takes_over:
            bought = yield from self._from_account(scene, habits)
        else:
            bought = yield from self._with_cards(scene, habits)
        if not bought:
            scene.give_up("no coins were bought")
            return
        # fees of exchanges and a price that moves (assumption)
        left = int(bought * scene.rng.uniform(0.75, 0.99))
        yield from paid_out(scene, habits, mule, left, within_hours=self.pay_out_hours)

    # ---- with an account ---------------------------------------------------------------------

    def _from_account(self, scene: Scene, habits: Habits) -> Step[int]:
        """Log in to the fullest account, add an exchange, send; return what went."""
        seen = scene.accounts(self.looked_at, via="phishing")
        victim = seen[np.argsort(seen.balance_minor, kind="stable")[::-1][:1]]
        if not len(victim) or victim.balance_minor[0] < WORTH_MINOR:
            return 0
        next_session(scene, habits, days=0)
        device, exchange = scene.device(), scene.payee(kind="business")
        step_s = pace(scene, habits, 2, 90.0)
        entry = scene.log_in(victim, after_s=step_s[0], device=device, ip_country=habits.ip_country)
        yield entry + scene.add_payee(
            victim,
            payee=exchange,
            after_s=step_s[1],
            device=device,
            ip_country=habits.ip_country,
        )
        return (yield from self._send_parts(scene, habits, victim, exchange, device))

    def _send_parts(
        self, scene: Scene, habits: Habits, victim: Accounts, exchange: int, device: int
    ) -> Step[int]:
        """Send a small sum perhaps, then the wanted part in one to three; return what went."""
        rng = scene.rng
        wanted = int(victim.balance_minor[0] * rng.uniform(self.least_share, 0.95))
        part = max(wanted // int(rng.integers(1, 4)), 1)
        sent, refused = 0, 0
        trying = rng.random() < self.try_share
        for _ in range(MOST_TRIES):
            small = round(2_500 * float(rng.lognormal(0, 0.6)))
            amount = small if trying else min(part, wanted - sent)
            answer = yield scene.transfer(
                victim,
                to=exchange,
                amount_minor=rounded(scene, np.array([amount])),
                after_s=pace(scene, habits, 1, self.gap_s),
                stage="try" if trying else "buy",
                device=device,
                ip_country=habits.ip_country,
                passes_challenge=0.85,  # the codes were phished as well (assumption)
            )
            sent, trying = sent + answer.taken_minor, False
            code = answer.response_code[-1]
            refused += code != "00"
            if code == "62" or refused >= 2 or wanted - sent < WORTH_MINOR // 10:
                break
            part = part if code == "00" else max(part // 2, 1)
        return sent

    # ---- with cards --------------------------------------------------------------------------

    def _with_cards(self, scene: Scene, habits: Habits) -> Step[int]:
        """Charge card after card at exchanges; return what went."""
        cards = scene.steal_cards(some(scene, self.cards), via="phishing")
        exchanges = soft_web_shops(scene, habits, {"crypto_exchange": 1.0}, 2)
        if not len(cards) or not len(exchanges):
            return 0
        next_session(scene, habits, days=0)
        devices = devices_for(scene, habits, cards)
        bought = 0
        for index in range(len(cards)):
            bought += yield from self._buy(
                scene, habits, cards[index : index + 1], exchanges, int(devices[index])
            )
            scene.wait(hours=float(scene.rng.exponential(0.5)) * habits.patience)
        return bought

    def _buy(
        self, scene: Scene, habits: Habits, card: Cards, exchanges: Ints, device: int
    ) -> Step[int]:
        """Buy coins with one card, a little first and then much; return what went."""
        bought, refused = 0, 0
        trying = scene.rng.random() < self.try_share
        times = 1.6 * habits.greed
        for _ in range(some(scene, self.purchases)):
            answer = yield self._charge(
                scene,
                habits,
                card,
                at=scene.rng.choice(exchanges, size=1),
                times=0.3 if trying else times,
                device=device,
                stage="try" if trying else "buy",
            )
            bought, trying = bought + answer.taken_minor, False
            code = answer.response_code[-1]
            refused += code != "00"
            if code in CARD_IS_BURNT or refused >= 2:
                break
            if code != "00":
                times *= 0.5
            if code in ASKED_FOR_MORE:
                scene.wait(hours=float(scene.rng.uniform(1.0, 12.0)))
        return bought

    def _charge(
        self,
        scene: Scene,
        habits: Habits,
        card: Cards,
        *,
        at: Ints,
        times: float,
        device: int,
        stage: str,
    ) -> Attempts:
        return scene.charge(
            card,
            at=at,
            amount_minor=scene.price(at, times=times),
            after_s=pace(scene, habits, 1, self.gap_s),
            stage=stage,
            device=device,
            ip_country=habits.ip_country,
            passes_challenge=0.08,  # the holder may be asked for a code by telephone (assumption)
        )
