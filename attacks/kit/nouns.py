"""The nouns of a fraudster's vocabulary: what is held, what is done, what the bank says.

``Cards`` and ``Accounts`` are columns: they hold many victims at once. ``Attempts`` and ``Tap`` are
actions, to be yielded by a pattern; ``Outcomes`` and ``Cards`` are what comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from fraudsim.rows import joined
from fraudsim.schema import RESPONSE_CODES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Numbers = npt.ArrayLike

_RESPONSES = np.array(list(RESPONSE_CODES))


@dataclass(frozen=True)
class Cards:
    """Card credentials in the hands of a fraudster, one entry per card.

    Attributes:
        customer: index of the holder.
        slot: 0 debit, 1 credit.
        serial: which card of the slot; it goes stale when the bank reissues the card.
        city: index of the holder's home city.
    """

    customer: Ints
    slot: Ints
    serial: Ints
    city: Ints

    def __len__(self) -> int:
        return len(self.customer)

    def __getitem__(self, which: npt.NDArray[np.bool_] | Ints | slice) -> Cards:
        return Cards(self.customer[which], self.slot[which], self.serial[which], self.city[which])


@dataclass(frozen=True)
class Accounts:
    """Customers whose online banking, or whose trust, a fraudster has; one entry per customer.

    Attributes:
        customer: index of the customer.
        city: index of the home city.
        device: key of the customer's own phone.
        income_minor: monthly income, minor units.
        balance_minor: balance of the current account when it was looked at, minor units.
        credit_room_minor: unused credit-card limit then, 0 without a card, minor units.
    """

    customer: Ints
    city: Ints
    device: Ints
    income_minor: Ints
    balance_minor: Ints
    credit_room_minor: Ints

    def __len__(self) -> int:
        return len(self.customer)

    def __getitem__(self, which: npt.NDArray[np.bool_] | Ints | slice) -> Accounts:
        return Accounts(
            self.customer[which],
            self.city[which],
            self.device[which],
            self.income_minor[which],
            self.balance_minor[which],
            self.credit_room_minor[which],
        )


@dataclass(frozen=True)
class Outcomes:
    """The bank's answers, one entry per attempt, in the order in which they were given.

    Attributes:
        approved: whether the answer was 00.
        response_code: two digits, see ``schema.RESPONSE_CODES``.
        amount_minor: the amounts attempted, minor units.
        time_us: when each attempt was made, epoch microseconds UTC.
    """

    approved: Bools
    response_code: npt.NDArray[np.str_]
    amount_minor: Ints
    time_us: Ints

    @property
    def taken_minor(self) -> int:
        """Sum of the approved amounts."""
        return int(self.amount_minor[self.approved].sum())

    @classmethod
    def of(cls, answered: np.ndarray) -> Outcomes:
        """Read the outcomes from answered rows."""
        code = answered["response"].astype(np.int64)
        return cls(
            approved=code == 0,
            response_code=_RESPONSES[np.maximum(code, 0)],
            amount_minor=answered["amount_minor"].copy(),
            time_us=answered["time_us"].copy(),
        )


@dataclass(frozen=True)
class Attempts:
    """An action that the bank answers row by row."""

    rows: np.ndarray

    def __add__(self, other: Attempts) -> Attempts:
        """Do both; the outcomes come in this order."""
        if not len(self.rows):
            return other
        return Attempts(joined([self.rows, other.rows]))


@dataclass(frozen=True)
class Tap:
    """Listen at a merchant; answered with the ``Cards`` used there."""

    merchant: int
    until_us: int
    limit: int


Action = Attempts | Tap


class Profile(NamedTuple):
    """What the bank's books say of some customers; the source of ``Cards`` and ``Accounts``."""

    city: Ints
    has_credit: Bools
    card_serial: Ints  # shape (n, 2)
    device: Ints
    income_minor: Ints
    balance_minor: Ints
    credit_room_minor: Ints
    last_merchant: Ints  # of the last purchase, -1 is none
    opens_on: Ints  # day of the run on which the account is opened; below 0 is before it

    @classmethod
    def of(cls, told: Ints) -> Profile:
        """Read the fields from the rows of a table; the two card numbers are two of them."""
        city, has_credit, _debit, _credit, *others = told
        return cls(city, has_credit != 0, told[2:4].T, *others)


PROFILE_ROWS = 10
"""Rows of a table that ``Profile.of`` reads."""


class Books(Protocol):
    """Who can tell the profile of customers, wherever their block lives."""

    def profile(self, customers: Ints) -> Profile:
        """Return the profile of the customers, in order."""
