"""One row per customer: who it is on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from fraudsim.draws import uniforms
from fraudsim.identities.addresses import HIGHEST_HOUSE_NUMBER
from fraudsim.identities.emails import emails
from fraudsim.identities.ips import IPV6_SHARE, home_ips
from fraudsim.identities.names import FAMILY_OF_HOUSEHOLD, names_of
from fraudsim.identities.pools import country_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from fraudsim.streams import Streams


class People(NamedTuple):
    """The persons to describe, all residents of one country."""

    customer: npt.NDArray[np.int64]  # number in the population
    household: npt.NDArray[np.int64]  # number of the household
    city: npt.NDArray[np.int64]  # a number that is the same for all homes in one city
    country: str  # ISO 3166
    customers: int  # size of the population


def identity_columns(people: People, streams: Streams) -> dict[str, pl.Series]:
    """Return names, address, mail, phone and home address of persons, row by row.

    Members of a household share the street, the house number, the postcode, the internet address
    and mostly the family name. All is a pure function of the numbers of customer and household.
    """
    pools = country_of(people.country)
    person = _Draws(streams.key("identity-person"), people.customer)
    home = _Draws(streams.key("identity-home"), people.household)
    takes_own = person(2) >= FAMILY_OF_HOUSEHOLD
    family = np.where(takes_own, person(3), home(1))
    names = names_of(people.country, home(0), person(0), family)
    street = _position(home(2), len(pools.streets))
    in_city = _Draws(streams.key("identity-street"), people.city, street)
    return {
        "given_name": names.given,
        "family_name": names.family,
        "email": emails(names, people.customer, people.customers, streams.key("identity-mail")),
        "phone": pools.phones.gather(_position(person(1), len(pools.phones))),
        "street": pools.streets.gather(street),
        "house_number": pl.Series(1 + _position(home(3), HIGHEST_HOUSE_NUMBER), dtype=pl.Int16),
        # one postcode for a street in a city
        "postcode": pools.postcodes.gather(_position(in_city(0), len(pools.postcodes))),
        "home_ip": home_ips(people.household, home(4) < IPV6_SHARE, streams.key("identity-ip")),
    }


class _Draws:
    """Uniform draws of each row by number: ``draws(2)`` is the third draw of every row."""

    def __init__(
        self, key: int, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64] | None = None
    ) -> None:
        self._key = np.uint64(key)
        self._first = first.astype(np.int64)
        self._second = np.zeros_like(self._first) if second is None else second

    def __call__(self, counter: int) -> npt.NDArray[np.float64]:
        draws: npt.NDArray[np.float64] = uniforms(self._key, self._first, self._second, counter)
        return draws


def _position(draw: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.int64]:
    return (draw * count).astype(np.int64)
