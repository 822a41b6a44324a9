"""Telephone numbers that ring nowhere: those set aside for films and books.

The ranges and where they are from stand in ``countries.yaml``. They are small (1,000 mobile numbers
in Great Britain), so customers share numbers: a phone identifies nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.identities.numbering import filled

if TYPE_CHECKING:
    from collections.abc import Iterable


def phone_pool(patterns: Iterable[str]) -> list[str]:
    """Return every number of the patterns, in the form of ITU-T E.164 (``+447700900123``)."""
    return [number for pattern in patterns for number in filled(pattern)]
