"""IBANs at banks that do not exist: right length, right check digits, nowhere to send money to.

``iban_templates.csv`` has two templates per country: this bank and another one. Length and kinds
of characters are those of the SWIFT IBAN registry (release 101, as python-stdnum and schwifty ship
it); the bank codes (nines, XXXX and QQQQ) are in none of the national lists of banks that schwifty
2026.10.1 ships. That they are free in countries without such a list is an assumption. Check digits
that a country puts inside the account number are not computed.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from fraudsim.identities.numbering import padded, scattered_digits

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Template(NamedTuple):
    """The account number of a bank in one country: fixed characters, then drawn digits."""

    country: str
    fixed: str
    digits: int


@cache
def templates() -> dict[str, tuple[Template, Template]]:
    """Return this bank's and another bank's template for each country that has IBANs."""
    text = files("fraudsim.identities").joinpath("iban_templates.csv").read_text(encoding="utf-8")
    return {
        row["country"]: (
            _template(row["country"], row["own"]),
            _template(row["country"], row["other"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


def ibans(country: str, numbers: npt.NDArray[np.int64], key: int, *, own: bool) -> pl.Series:
    """Return the IBANs of accounts in one country; all null where a country has none (the US).

    Different numbers give different IBANs as long as they are below ten to the number of free
    digits, which is 9 in Belgium, 7 in Norway, 10 or more elsewhere.

    Args:
        country: ISO 3166 code.
        numbers: internal numbers of the accounts, shape (n,).
        key: key of the stream of IBANs.
        own: accounts of the bank of the run, else of another bank.
    """
    known = templates().get(country)
    if known is None:
        return pl.Series("iban", [None] * len(numbers), dtype=pl.String)
    template = known[0 if own else 1]
    drawn = scattered_digits(key, numbers, template.digits)
    check = _check_digits(template, drawn)
    front = pl.Series([f"{country}{c:02d}{template.fixed}" for c in range(99)])
    return (front.gather(check) + padded(drawn, template.digits)).rename("iban")


def _template(country: str, text: str) -> Template:
    fixed = text.rstrip("#")
    return Template(country, fixed, len(text) - len(fixed))


def _check_digits(template: Template, drawn: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return 98 less the remainder modulo 97 of the rearranged number (ISO 13616, MOD 97-10)."""
    tail = int(_as_digits(template.country + "00"))  # two letters and 00: six digits
    fixed = int(_as_digits(template.fixed)) * 10 ** (template.digits + 6) + tail
    remainder = (fixed % 97 + drawn % 97 * (10**6 % 97)) % 97
    check: npt.NDArray[np.int64] = 98 - remainder
    return check


def _as_digits(text: str) -> str:
    """Return letters as numbers, A is 10."""
    return "".join(str(int(character, 36)) for character in text)
