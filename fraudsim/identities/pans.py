"""Card numbers (PANs): on test prefixes, with a valid check digit, the middle masked by default.

A number follows from the id of its card: nothing of it needs to be stored, and ``fraudsim export
--full-pans`` finds it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numba import njit

from fraudsim.draws import base_of, mix
from fraudsim.identities.numbering import padded

if TYPE_CHECKING:
    import numpy.typing as npt

PREFIXES = {"debit": "400000", "credit": "555555"}
"""First six digits by funding: those of well-known test cards of the schemes, which no issuer has.

400000: Visa's, in the test cards of Stripe (4000 0000 0000 0077) and Cybersource ("replace BIN with
400000"). 555555: Mastercard's, in 5555 5555 5555 4444, the test card of most payment processors.
"""

ACCOUNT_DIGITS = 9
"""Digits between prefix and check digit: numbers have 16 digits, as those of both schemes."""

MASK = "*" * 6
_NUMBERS = 10**ACCOUNT_DIGITS


def full_pans(card_ids: pl.Series, prefixes: pl.Series) -> pl.Series:
    """Return the whole number of each card: 16 digits that pass the Luhn check, none twice.

    Cards whose ids lead to the same number are told apart in the order of their ids, so the result
    depends on which cards there are, not on the order of the rows. Hand over all cards of a
    dataset at once.

    Args:
        card_ids: ``cards.card_id``, each once.
        prefixes: ``cards.bin``, six digits each.
    """
    numbers = _account_numbers(card_ids.to_numpy())
    body = prefixes + padded(numbers, ACCOUNT_DIGITS)
    check = luhn_digits(prefixes.cast(pl.Int64).to_numpy() * 10**ACCOUNT_DIGITS + numbers)
    return (body + pl.Series(check).cast(pl.String)).rename("pan")


def with_pans(cards: pl.DataFrame, *, full: bool = False) -> pl.DataFrame:
    """Return all cards of a dataset with their numbers in ``pan``, masked unless ``full``."""
    pans = full_pans(cards["card_id"], cards["bin"])
    return cards.with_columns(pans if full else masked(pans))


def masked(pans: pl.Series) -> pl.Series:
    """Return numbers with the six digits in the middle hidden: ``400000******1234``.

    First six and last four are what PCI DSS 3.4.1 lets a screen show.
    """
    return (pans.str.head(6) + MASK + pans.str.tail(4)).rename("pan")


def luhn_digits(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the check digit to put behind each number (ISO/IEC 7812-1, annex B).

    >>> import numpy as np
    >>> luhn_digits(np.array([7992739871])).tolist()
    [3]
    """
    check: npt.NDArray[np.int64] = _luhn(numbers.astype(np.int64))
    return check


@njit(cache=True)
def _luhn(numbers: np.ndarray) -> np.ndarray:
    out = np.empty(len(numbers), dtype=np.int64)
    for i in range(len(numbers)):
        left, total, double = numbers[i], 0, True
        while left > 0:
            digit = left % 10
            if double:
                digit = digit * 2 - 9 * (digit > 4)
            total += digit
            left //= 10
            double = not double
        out[i] = -total % 10
    return out


def _account_numbers(card_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return nine-digit numbers, none twice: a hash of the id, the next where it is taken."""
    order = np.argsort(card_ids)
    ids = card_ids[order].astype(np.int64)
    numbers = np.full(len(ids), -1, dtype=np.int64)
    attempt = 0
    while len(still := np.flatnonzero(numbers < 0)):
        wanted = _hashed(ids[still], attempt)
        first = np.zeros(len(still), dtype=bool)
        first[np.unique(wanted, return_index=True)[1]] = True
        free = first & ~np.isin(wanted, numbers) if attempt else first
        numbers[still[free]] = wanted[free]
        attempt += 1
    back = np.empty_like(numbers)
    back[order] = numbers
    return back


@njit(cache=True)
def _hashed(ids: np.ndarray, attempt: int) -> np.ndarray:
    out = np.empty(len(ids), dtype=np.int64)
    for i in range(len(ids)):
        out[i] = np.int64(mix(base_of(np.uint64(ids[i]), attempt, 0)) % np.uint64(_NUMBERS))
    return out
