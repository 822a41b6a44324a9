"""Streets, house numbers and postcodes: right in form, and leading to nobody.

Streets have names that exist in many towns; the postcode is one that the country assigns to no
place, where it has such codes (``countries.yaml`` says where it has none).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from fraudsim.identities.numbering import filled

if TYPE_CHECKING:
    from collections.abc import Iterable

HIGHEST_HOUSE_NUMBER = 150
"""Houses are numbered from 1 up to this (assumption)."""

LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
"""Letters of the last part of a British postcode (BS 7666: all but C, I, K, M, O and V)."""

LETTER_PAIRS = 40
"""Combinations of letters in the pool, so that it stays small."""


def postcode_pool(patterns: Iterable[str]) -> list[str]:
    """Return the postcodes of the patterns: ``#`` is any digit, ``@`` a letter of ``LETTERS``."""
    return [code for pattern in patterns for code in _postcodes(pattern)]


def _postcodes(pattern: str) -> list[str]:
    width = pattern.count("@")
    every = list(product(LETTERS, repeat=width))
    chosen = every[:: max(len(every) // LETTER_PAIRS, 1)]
    template = pattern.replace("@", "{}")
    return [code for letters in chosen for code in filled(template.format(*letters))]
