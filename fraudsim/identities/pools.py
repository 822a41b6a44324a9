"""The pools that identities are drawn from, read once: ``pools.yaml`` and ``countries.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl
import yaml

from fraudsim.identities.addresses import postcode_pool
from fraudsim.identities.phones import phone_pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt


@dataclass(frozen=True)
class Words:
    """Words of several languages in one series, language after language."""

    words: pl.Series
    start: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]

    @classmethod
    def of(cls, lists: Iterable[list[str]]) -> Self:
        """Return the words of the languages, in order."""
        given = list(lists)
        size = np.array([len(words) for words in given], dtype=np.int64)
        words = pl.Series([word for words in given for word in words], dtype=pl.String)
        return cls(words, np.concatenate([[0], size.cumsum()[:-1]]), size)

    def at(
        self, language: npt.NDArray[np.int64], draw: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int64]:
        """Return the position that a draw from [0, 1) stands for among a language's words."""
        position: npt.NDArray[np.int64] = self.start[language] + (
            draw * self.size[language]
        ).astype(np.int64)
        return position


@dataclass(frozen=True)
class LanguageMix:
    """The languages of a country's households with their shares."""

    cumulative: npt.NDArray[np.float64]
    given: Words
    family: Words

    def language_at(self, draw: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return the language that a draw from [0, 1) stands for."""
        found: npt.NDArray[np.int64] = np.searchsorted(self.cumulative, draw, side="right")
        return np.minimum(found, len(self.cumulative) - 1)


@dataclass(frozen=True)
class CountryPools:
    """What the identities of a country's residents are drawn from.

    Codes and numbers are made when they are asked for: of most countries only names are.
    """

    words: LanguageMix
    streets: pl.Series
    _postcodes: tuple[str, ...]  # patterns
    _phones: tuple[str, ...]  # patterns

    @cached_property
    def postcodes(self) -> pl.Series:
        """Every postcode of the country's patterns."""
        return pl.Series(postcode_pool(self._postcodes))

    @cached_property
    def phones(self) -> pl.Series:
        """Every telephone number of the country's patterns."""
        return pl.Series(phone_pool(self._phones))


@cache
def country_of(country: str) -> CountryPools:
    """Return the pools of a country; those of ``default`` where it has none of its own."""
    countries, pools = _yaml("countries.yaml"), _yaml("pools.yaml")
    entry: Mapping[str, Any] = countries["default"] | countries.get(country, {})
    shares: Mapping[str, float] = entry["names"]
    weights = np.cumsum(list(shares.values()))
    return CountryPools(
        LanguageMix(
            weights / weights[-1],
            Words.of(_words(pools[language]["given"]) for language in shares),
            Words.of(_words(pools[language]["family"]) for language in shares),
        ),
        streets=pl.Series(_words(pools[entry["streets"]]["streets"])),
        _postcodes=tuple(entry["postcodes"]),
        _phones=tuple(entry["phones"]),
    )


def countries_with_pools() -> list[str]:
    """Return the countries that ``countries.yaml`` describes, sorted."""
    return sorted(set(_yaml("countries.yaml")) - {"default"})


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


@cache
def _yaml(name: str) -> dict[str, Any]:
    text = files("fraudsim.identities").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
