"""Given and family names, letters beyond ASCII included; the words stand in ``pools.yaml``."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from fraudsim.identities.pools import LanguageMix, Words, country_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FAMILY_OF_HOUSEHOLD = 0.8
"""Share of persons who bear the family name of the household (assumption)."""

# letters that are one stroke, which Unicode does not take apart
_STROKES = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "ß": "ss",
        "\u0131": "i",
        "đ": "d",
        "Đ": "D",
        "æ": "ae",
    }
)


class Names(NamedTuple):
    """Names of persons, row by row, as positions among the words of a country."""

    words: LanguageMix
    given_at: npt.NDArray[np.int64]
    family_at: npt.NDArray[np.int64]

    @property
    def given(self) -> pl.Series:
        """Return the given names."""
        return self.words.given.words.gather(self.given_at)

    @property
    def family(self) -> pl.Series:
        """Return the family names."""
        return self.words.family.words.gather(self.family_at)

    @property
    def given_mail(self) -> pl.Series:
        """Return the given names in the letters that mail addresses take."""
        return mail_form(self.words.given).gather(self.given_at)

    @property
    def family_mail(self) -> pl.Series:
        """Return the family names in the letters that mail addresses take."""
        return mail_form(self.words.family).gather(self.family_at)


def names_of(
    country: str,
    language: npt.NDArray[np.float64],
    given: npt.NDArray[np.float64],
    family: npt.NDArray[np.float64],
) -> Names:
    """Return the names that draws from [0, 1) stand for, each of shape (n,).

    Args:
        country: country of residence; it says which languages are mixed.
        language: draw of the household: given and family name are of one language.
        given: draw of the person.
        family: draw of the household, or of a person with another family name.
    """
    words = country_of(country).words
    which = words.language_at(language)
    return Names(words, words.given.at(which, given), words.family.at(which, family))


def mail_form(words: Words) -> pl.Series:
    """Return words in lower case with the letters a to z only.

    >>> import polars as pl
    >>> mail_form(Words.of([["Łucja", "O'Brien", "De Luca"]])).to_list()
    ['lucja', 'obrien', 'deluca']
    """
    return pl.Series([_plain(word) for word in words.words])


@cache  # languages share words, and every country has its mix of languages
def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.translate(_STROKES)).lower()
    return "".join(letter for letter in apart if "a" <= letter <= "z")
