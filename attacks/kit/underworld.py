"""What fraudsters share: victims already held, accounts that receive money, and rings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fraudsim.attacks.kit.choice import rising
from fraudsim.attacks.kit.competitors import Trades

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Books, Cards
    from fraudsim.streams import Streams
    from fraudsim.world.world import World

RINGS = 6
"""Rings of a world (assumption); a campaign that asks for one joins one of them at random."""


@dataclass
class Ring:
    """People who work together: what one of them made or stole, the others use.

    Attributes:
        city: where they have goods sent, and fetch cash; -1 until somebody said.
        devices: keys of their devices.
        payees: keys of the accounts of their mules.
        cards: stolen cards that are left for the others.
    """

    city: int = -1
    devices: list[int] = field(default_factory=list)
    payees: list[int] = field(default_factory=list)
    cards: list[Cards] = field(default_factory=list)


@dataclass
class Underworld:
    """What fraudsters share: who is already in whose hands, so that no victim is held twice.

    Attributes:
        trades: the merchants, as everybody knows them.
        cities: running sums of the chances of the cities at home.
        cities_abroad: of those abroad, as travellers go.
        home_country: index of the bank's country.
    """

    world: World
    books: Books
    streams: Streams
    held: set[int] = field(default_factory=set)
    payees: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    """Payees that fraudsters made: key -> (payee type, country index, customer or -1)."""
    rings: list[Ring] = field(default_factory=lambda: [Ring() for _ in range(RINGS)])

    def __post_init__(self) -> None:
        """Look up what never changes."""
        self.trades = Trades(self.world)
        places, population = self.world.places, self.world.scenario.population
        self.cities = rising(places.home_weight)
        abroad = places.trip_weight[places.home_count :]
        self.cities_abroad = rising(abroad / abroad.sum())
        self.home_country = places.countries.index(population.country)
