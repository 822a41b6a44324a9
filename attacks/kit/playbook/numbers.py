"""What may stand where a playbook needs a number: a number, a name, a draw, or a sum of these.

A number is asked for one value per victim, or for one alone. Whatever a file says, what comes back
is finite and within ``LARGEST``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Floats

LARGEST = 1e12
"""No number of a playbook grows beyond this, either way."""
MOST_PARTS = 20
"""Parts of a sum, a product or a choice."""

_Part = TypeVar("_Part")
Few = Annotated[tuple[_Part, ...], Field(min_length=1, max_length=MOST_PARTS)]


class Ask(Protocol):
    """Who knows what a number depends on: the campaign that plays the playbook."""

    rng: np.random.Generator

    def named(self, name: str, count: int) -> Floats:
        """Return the value of ``$name`` for each of ``count`` victims."""

    def some(self, mean: float) -> int:
        """Draw a count around a mean, as ``habits.some`` does."""

    def priced(self, times: float, most_minor: float) -> Floats:
        """Price a basket at the shop of each victim, in minor units."""

    def in_notes(self, count: int, times: float) -> Floats:
        """Draw sums as cash machines pay them out, in minor units."""

    def rounded(self, amount_minor: Floats) -> Floats:
        """Round amounts as people do who type them."""


class Form(BaseModel):
    """A part of a playbook: frozen, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Lognormal(Form):
    """Most values near the median, some far above."""

    median: Number
    log_sd: Number = Field(description="standard deviation of the natural log, 0 to 5")


class Normal(Form):
    """A bell around the mean."""

    mean: Number
    sd: Number


class Gamma(Form):
    """Positive values around the mean; a larger shape scatters less."""

    mean: Number
    shape: Number


class Choice(Form):
    """One of several values, by weight; all weigh the same by default."""

    of: Few[Number]
    weights: Few[float] | None = None


class Price(Form):
    """An honest basket of the shop, so many times as dear, at or below a limit."""

    times: Number = 1.0
    most_minor: Number = Field(LARGEST, description="baskets above it are put together anew")


class Drawn(Form, ABC):
    """A mapping of one key: the kind of number."""

    @abstractmethod
    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""


class DrawLognormal(Drawn):
    """A log-normal draw."""

    lognormal: Lognormal

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        median = np.maximum(value(self.lognormal.median, ask, count), 1e-9)
        log_sd = np.clip(value(self.lognormal.log_sd, ask, count), 0.0, 5.0)
        return ask.rng.lognormal(np.log(median), log_sd)


class DrawNormal(Drawn):
    """A normal draw."""

    normal: Normal

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        sd = np.maximum(value(self.normal.sd, ask, count), 0.0)
        return ask.rng.normal(value(self.normal.mean, ask, count), sd)


class DrawUniform(Drawn):
    """Any value between two."""

    uniform: tuple[Number, Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        low, high = (value(part, ask, count) for part in self.uniform)
        return low + (high - low) * ask.rng.random(count)


class DrawWhole(Drawn):
    """A whole number from the first to the second, both included."""

    whole: tuple[Number, Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        low, high = (np.rint(value(part, ask, count)) for part in self.whole)
        steps: Floats = np.floor(np.maximum(high - low + 1, 1) * ask.rng.random(count))
        return low + steps


class DrawExponential(Drawn):
    """A wait with this mean."""

    exponential: Number

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        return ask.rng.exponential(np.maximum(value(self.exponential, ask, count), 0.0))


class DrawGamma(Drawn):
    """A gamma draw."""

    gamma: Gamma

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        shape = np.clip(value(self.gamma.shape, ask, count), 1e-3, 1e6)
        return ask.rng.gamma(shape, np.maximum(value(self.gamma.mean, ask, count), 0.0) / shape)


class DrawPoisson(Drawn):
    """A count with this mean."""

    poisson: Number

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        mean = np.clip(value(self.poisson, ask, count), 0.0, 1e6)
        return ask.rng.poisson(mean).astype(np.float64)


class DrawSome(Drawn):
    """A count around this mean, from 1 to four times as many; the same for all."""

    some: Number

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        mean = float(np.clip(value(self.some, ask, 1)[0], 0.0, 1e6))
        return np.full(count, float(ask.some(mean)))


class DrawChance(Drawn):
    """1 with this chance, else 0."""

    chance: Number

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        is_one = ask.rng.random(count) < value(self.chance, ask, count)
        return is_one.astype(np.float64)


class DrawChoice(Drawn):
    """A draw from a list."""

    choice: Choice

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        parts = self.choice.of
        weights = np.array(self.choice.weights or [1.0] * len(parts), dtype=np.float64)
        which = ask.rng.choice(len(parts), size=count, p=weights / weights.sum())
        chosen: Floats = _stacked(parts, ask, count)[which, np.arange(count)]
        return chosen


class DrawPrice(Drawn):
    """The price of goods at the shop of the charge, in minor units."""

    price: Price

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        times = float(np.clip(value(self.price.times, ask, 1)[0], 1e-3, 1e3))
        return ask.priced(times, float(value(self.price.most_minor, ask, 1)[0]))[:count]


class DrawNotes(Drawn):
    """Notes from a cash machine, so many times an honest 50, in minor units."""

    notes: Number

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        return ask.in_notes(count, float(np.clip(value(self.notes, ask, 1)[0], 1e-3, 1e3)))


class Rounded(Drawn):
    """An amount as people type it: mostly in tens, nearly always in whole units."""

    rounded: Number

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        return ask.rounded(value(self.rounded, ask, count))


class Sum(Drawn):
    """All parts added."""

    sum: Few[Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        total: Floats = _stacked(self.sum, ask, count).sum(axis=0)
        return total


class Product(Drawn):
    """All parts multiplied."""

    product: Few[Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        result = np.ones(count)
        for part in self.product:
            result = _bounded(result * value(part, ask, count))
        return result


class Difference(Drawn):
    """The first without the second."""

    difference: tuple[Number, Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        first, second = (value(part, ask, count) for part in self.difference)
        return first - second


class Quotient(Drawn):
    """The first divided by the second; by nothing gives 0."""

    quotient: tuple[Number, Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        first, second = (value(part, ask, count) for part in self.quotient)
        divides = np.abs(second) > 1e-9
        return np.where(divides, first / np.where(divides, second, 1.0), 0.0)


class Smallest(Drawn):
    """The smallest part."""

    smallest: Few[Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        smallest: Floats = _stacked(self.smallest, ask, count).min(axis=0)
        return smallest


class Largest(Drawn):
    """The largest part."""

    largest: Few[Number]

    def draw(self, ask: Ask, count: int) -> Floats:
        """Return ``count`` values."""
        largest: Floats = _stacked(self.largest, ask, count).max(axis=0)
        return largest


DRAWN: dict[str, type[Drawn]] = {
    next(iter(kind.__annotations__)): kind
    for kind in (
        *(DrawLognormal, DrawNormal, DrawUniform, DrawWhole, DrawExponential, DrawGamma),
        *(DrawPoisson, DrawSome, DrawChance, DrawChoice, DrawPrice, DrawNotes),
        *(Rounded, Sum, Product, Difference, Quotient, Smallest, Largest),
    )
}
"""Key -> the kind of number that it makes."""


def number_kind(given: Any) -> str | None:
    """Return the tag of what stands where a number should, None for what is none."""
    if isinstance(given, bool):
        return None
    if isinstance(given, int | float):
        return "<number>"
    if isinstance(given, str):
        return "<name>"
    keys = list(given) if isinstance(given, dict) else []
    return f"<{keys[0]}>" if len(keys) == 1 and keys[0] in DRAWN else None


Plain = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Name = Annotated[str, Field(pattern=r"^\$[a-z][a-z0-9_]*$", max_length=60)]
Number = TypeAliasType(
    "Number",
    Annotated[
        Annotated[Plain, Tag("<number>")]
        | Annotated[Name, Tag("<name>")]
        | Annotated[DrawLognormal, Tag("<lognormal>")]
        | Annotated[DrawNormal, Tag("<normal>")]
        | Annotated[DrawUniform, Tag("<uniform>")]
        | Annotated[DrawWhole, Tag("<whole>")]
        | Annotated[DrawExponential, Tag("<exponential>")]
        | Annotated[DrawGamma, Tag("<gamma>")]
        | Annotated[DrawPoisson, Tag("<poisson>")]
        | Annotated[DrawSome, Tag("<some>")]
        | Annotated[DrawChance, Tag("<chance>")]
        | Annotated[DrawChoice, Tag("<choice>")]
        | Annotated[DrawPrice, Tag("<price>")]
        | Annotated[DrawNotes, Tag("<notes>")]
        | Annotated[Rounded, Tag("<rounded>")]
        | Annotated[Sum, Tag("<sum>")]
        | Annotated[Product, Tag("<product>")]
        | Annotated[Difference, Tag("<difference>")]
        | Annotated[Quotient, Tag("<quotient>")]
        | Annotated[Smallest, Tag("<smallest>")]
        | Annotated[Largest, Tag("<largest>")],
        Discriminator(number_kind),
    ],
)
"""A number of a playbook: ``40``, ``$cards``, ``{some: $cards}``."""

_FORMS: tuple[type[Form], ...] = (Lognormal, Normal, Gamma, Choice, Price, *DRAWN.values())
for _form in _FORMS:
    _form.model_rebuild()


def value(number: Number, ask: Ask, count: int) -> Floats:
    """Return ``count`` values of a number, finite and bounded."""
    if isinstance(number, str):
        return _bounded(ask.named(number[1:], count))
    if isinstance(number, Drawn):
        return _bounded(number.draw(ask, count))
    return np.full(count, float(number))


def one(number: Number, ask: Ask) -> float:
    """Return one value of a number."""
    return float(value(number, ask, 1)[0])


def whole(number: Number, ask: Ask, least: int, most: int) -> int:
    """Return one value as a whole number within limits."""
    return int(np.clip(np.rint(one(number, ask)), least, most))


def _stacked(parts: tuple[Number, ...], ask: Ask, count: int) -> Floats:
    """Return the values of each part, shape (parts, count)."""
    return np.array([value(part, ask, count) for part in parts])


def _bounded(values: Floats) -> Floats:
    finite = np.nan_to_num(values, nan=0.0, posinf=LARGEST, neginf=-LARGEST)
    return np.clip(finite, -LARGEST, LARGEST)
