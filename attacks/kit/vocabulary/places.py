"""Where a fraudster can go, and what things cost there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.attacks.kit.choice import chosen
from fraudsim.attacks.kit.vocabulary.stage import Stage
from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.attacks.kit.nouns import Bools, Ints, Numbers


class Places(Stage):
    """Cities, countries, merchants and their prices."""

    def city(self, *, abroad: bool = False) -> int:
        """Return a city, at home by population, or abroad as travellers go."""
        if not abroad:
            return chosen(self._underworld.cities, self.rng)
        return self._world.places.home_count + chosen(self._underworld.cities_abroad, self.rng)

    @property
    def home_country(self) -> int:
        """The index of the bank's country."""
        return self._underworld.home_country

    def country_named(self, code: int) -> str | None:
        """Return the ISO 3166 country of an index; None for none."""
        return self._world.places.countries[code] if code >= 0 else None

    def terminals_of(self, merchants: Ints) -> Ints:
        """Return a terminal of each merchant, any one of several."""
        return self._world.merchants.any_terminal(merchants, self.rng)

    def country_of(self, city: int) -> str:
        """Return the ISO 3166 country of a city."""
        return self._world.places.country[city]

    def is_abroad(self, merchant: int) -> bool:
        """Return whether a merchant stands in another country than the bank."""
        return bool(self._world.merchants.city[merchant] >= self._world.places.home_count)

    def online_merchants(self, category: str, count: int, *, quiet: bool = False) -> Ints:
        """Return ``count`` web shops of a category, popular ones first in line unless ``quiet``."""
        shops = self._underworld.trades.of(category, None)
        return np.array(shops.some(count, self.rng, quiet=quiet), dtype=np.int64)

    def shops(self, category: str, count: int, *, city: int, quiet: bool = False) -> Ints:
        """Return ``count`` shops of a category in a city; empty where the city has none."""
        shops = self._underworld.trades.of(category, int(city))
        return np.array(shops.some(count, self.rng, quiet=quiet), dtype=np.int64)

    def one_of_each(
        self, categories: Sequence[str], *, city: int | None = None, quiet: bool = False
    ) -> Ints:
        """Return a web shop of each category, or a shop in the city; none where there is none."""
        trades, rng = self._underworld.trades, self.rng
        shops = [trades.of(name, city) for name in categories]
        return np.array([of.one(rng, quiet=quiet) for of in shops if len(of)], dtype=np.int64)

    def asks_for_proof(self, merchants: Ints) -> Bools:
        """Return which of these web shops take part in 3-D Secure, as fraudsters' forums tell."""
        secure: Bools = self._world.merchants.secure[merchants]
        return secure

    def price(self, merchants: Numbers, *, times: float = 1.0) -> Ints:
        """Draw one price at each merchant from its own price level and endings, in minor units.

        Args:
            merchants: merchant indices, shape (n,).
            times: the goods are so many times as dear as an honest basket.
        """
        return self._world.price_at(np.atleast_1d(np.asarray(merchants)), self.rng, times)

    def _country_code(self, country: str | None) -> int:
        if country is None:
            return self._underworld.home_country
        countries = self._world.places.countries
        if country not in countries:
            raise UsageError(f"unknown country '{country}'{nearest(country, countries)}")
        return countries.index(country)
