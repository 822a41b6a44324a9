"""A fraudster's money: what a campaign costs, what it brings, and when it no longer pays.

Goods are sold below their price, cash is nearly whole, mules keep a part. Prices are of the order
of the lists that are published every year (Privacy Affairs, Dark Web Price Index 2023: card details
some 20 to 110 US dollars, a bank login 60 and more); all are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fraudsim.rows import DEPOSIT, PURCHASE, REFUND, TRANSFER, WITHDRAWAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRICES_MINOR: Mapping[str, int] = {
    "breach": 1_500,
    "phishing": 600,
    "skimming": 1_200,
    "theft": 100,
    "purchase": 2_500,
    "malware": 900,
    "mail_theft": 300,
    "guessing": 0,
    "sim_swap": 9_000,
    "stuffing": 400,
    "persuasion": 500,
    "recruitment": 8_000,
    "own": 0,
    "application": 4_000,
}
"""What one card or account costs, by how it is come by, minor units."""

ATTEMPT_MINOR = 2
"""What one try costs: an address, a solved puzzle, minor units."""

KEPT: Mapping[int, float] = {PURCHASE: 0.4, WITHDRAWAL: 0.95, TRANSFER: 0.7, REFUND: 0.9}
"""Share of an approved amount that is left to the fraudster, by kind of payment."""

STAKE_MINOR = 250_000
"""A campaign that is further behind than this stops: it does not pay."""


class Payment(NamedTuple):
    """What a purse asks of an answered payment."""

    kind: int
    approved: bool
    amount_minor: int
    payee: int  # key, 0 is none


@dataclass
class Purse:
    """The ledger of one campaign, minor units.

    Attributes:
        spent: what was paid, by what for.
        earned: what was made, by kind of payment row.
    """

    spent: dict[str, int] = field(default_factory=dict)
    earned: dict[int, int] = field(default_factory=dict)

    @property
    def spent_minor(self) -> int:
        """All that was paid."""
        return sum(self.spent.values())

    @property
    def earned_minor(self) -> int:
        """All that was made."""
        return sum(self.earned.values())

    @property
    def pays(self) -> bool:
        """Whether the campaign is not too far behind."""
        return self.earned_minor - self.spent_minor >= -STAKE_MINOR

    def pay(self, what: str, amount_minor: int) -> None:
        """Pay for something."""
        self.spent[what] = self.spent.get(what, 0) + amount_minor

    def book(self, payments: Iterable[Payment]) -> None:
        """Pay for the tries of a batch, and take what is left of approved payments."""
        tries, taken = 0, dict.fromkeys(KEPT, 0)
        for payment in payments:
            tries += payment.kind <= DEPOSIT
            if payment.approved and payment.kind in taken:
                taken[payment.kind] += payment.amount_minor
        self.pay("tries", ATTEMPT_MINOR * tries)
        for kind, sum_minor in taken.items():
            if sum_minor:
                self.earned[kind] = self.earned.get(kind, 0) + round(KEPT[kind] * sum_minor)
