"""What money is spent on: merchant categories with their codes, amounts, hours and customers.

The numbers stand in ``categories.yaml``, each with its source beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fraudsim.schema import PERSONAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

LUT_SIZE = 4096
"""Entries of a look-up table of the time of day: 12 random bits give a minute."""

MINUTES_PER_DAY = 1440

LEAST_LOG_SD = 0.1
"""Spread that stays within a merchant, however much of it lies between merchants."""

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
CategoryCode = Annotated[str, Field(pattern=r"^\d{4}$")]


class Strict(BaseModel):
    """Frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Sourced(Strict):
    """Numbers that say where they are from; ``"assumption"`` is an answer."""

    source: str = Field(min_length=5)


class Number(Sourced):
    """One number."""

    value: Weight


class Portion(Sourced):
    """One number from 0 to 1."""

    value: Share


class Amount(Sourced):
    """A log-normal amount in major units; the spread is that of all payments together."""

    log_mean: float
    log_sd: float = Field(gt=0)
    ceiling: float = Field(math.inf, gt=0, allow_inf_nan=True)  # hardly anybody pays more at once


class Endings(Sourced):
    """Part of the prices at whole units, and at .99, .95 and .50."""

    whole: Share
    x99: Share
    x95: Share
    x50: Share

    @model_validator(mode="after")
    def _are_parts_of_one_whole(self) -> Self:
        if self.whole + self.x99 + self.x95 + self.x50 > 1:
            raise ValueError("whole, x99, x95 and x50 sum to more than 1")
        return self


class Codes(Sourced):
    """Merchant category codes (ISO 18245) with their descriptions and how common they are."""

    weights: dict[CategoryCode, Annotated[float, Field(gt=0)]] = Field(min_length=1)
    descriptions: dict[CategoryCode, str]

    @model_validator(mode="after")
    def _describe_each_code(self) -> Self:
        if self.weights.keys() != self.descriptions.keys():
            raise ValueError("weights and descriptions must have the same codes")
        return self


class PersonaWeights(Sourced):
    """By how much each persona's share differs from the population's."""

    student: Weight
    worker: Weight
    family: Weight
    professional: Weight
    retired: Weight


class Profile(Sourced):
    """When it is bought: 24 hours from midnight, 7 days from Monday, in any unit."""

    hours: tuple[Weight, ...] = Field(min_length=24, max_length=24)
    weekdays: tuple[Weight, ...] = Field(min_length=7, max_length=7)


class Category(Strict):
    """One merchant category of the simulator."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    meaning: str
    recurring: bool  # bills that come by themselves; `share` is for payments besides those
    travel: bool  # found in every city abroad
    domestic: bool  # its web shops are at home
    profile: str  # when it is bought in person; the weekdays hold online too
    online_profile: str
    share: Portion
    amount: Amount
    remote: Portion
    endings: Endings
    price_points: Portion
    outlets: Number
    personas: PersonaWeights
    mcc: Codes


class _File(Strict):
    profiles: dict[str, Profile]
    categories: tuple[Category, ...]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for category in self.categories:
            for profile in (category.profile, category.online_profile):
                if profile not in self.profiles:
                    raise ValueError(f"{category.name}: unknown profile '{profile}'")
        names = [category.name for category in self.categories]
        codes = [code for category in self.categories for code in category.mcc.weights]
        if len(set(names)) < len(names) or len(set(codes)) < len(codes):
            raise ValueError("a category or a code is given twice")
        return self


@dataclass(frozen=True)
class CategoryColumns:
    """The categories as arrays, C of them; position is the category's index everywhere."""

    names: tuple[str, ...]  # [C]
    share: NDArray[np.float64]  # [C] of card payments, recurring ones not counted; sums to 1
    log_mean: NDArray[np.float64]  # [C] of the amount in major units
    log_sd: NDArray[np.float64]  # [C] of all payments: between and within merchants and persons
    log_ceiling: NDArray[np.float64]  # [C] of the amount; infinite where there is none
    remote: NDArray[np.float64]  # [C] part made online
    hour_lut: NDArray[np.uint16]  # [C, 4096] minute of the local day, by quantile, in person
    online_hour_lut: NDArray[np.uint16]  # [C, 4096] the same online
    weekday: NDArray[np.float64]  # [C, 7] factor on the share, Monday first, mean 1
    endings: NDArray[np.float64]  # [C, 4] part of the prices at whole units, .99, .95 and .50
    price_points: NDArray[np.float64]  # [C] part of the prices that a merchant repeats
    persona_weight: NDArray[np.float64]  # [5, C] rows as in schema.PERSONAS; factor on the share
    outlets: NDArray[np.float64]  # [C] relative number of merchants
    recurring: NDArray[np.bool_]  # [C] bills that come by themselves
    travel: NDArray[np.bool_]  # [C] found in every city abroad
    domestic: NDArray[np.bool_]  # [C] its web shops are at home
    mcc: tuple[tuple[int, ...], ...]  # [C] codes of each
    mcc_weight: tuple[tuple[float, ...], ...]  # [C] how common each code is; sums to 1

    def __len__(self) -> int:
        """Return the number of categories."""
        return len(self.names)

    def index(self, name: str) -> int:
        """Return the position of a category, or raise ``ValueError``."""
        return self.names.index(name)

    def within_log_sd(self, between_log_sd: float) -> NDArray[np.float64]:
        """Return the spread of log amounts that is left within merchants and persons.

        Args:
            between_log_sd: sd of all levels that are added to the log amount apart; for several
                independent levels the root of the sum of their squares.
        """
        left = np.sqrt(np.maximum(self.log_sd**2 - between_log_sd**2, LEAST_LOG_SD**2))
        within: NDArray[np.float64] = left
        return within


def load_categories() -> tuple[Category, ...]:
    """Return the categories of ``categories.yaml``, validated; their order is their index."""
    return _file().categories


@cache
def category_columns() -> CategoryColumns:
    """Return the categories as read-only arrays; depends on ``categories.yaml`` alone."""
    categories, profiles = load_categories(), _file().profiles
    tables = {name: minute_lut(np.array(profile.hours)) for name, profile in profiles.items()}

    def column(number: Callable[[Category], float]) -> NDArray[np.float64]:
        return np.array([number(category) for category in categories], dtype=np.float64)

    def flag(value: Callable[[Category], bool]) -> NDArray[np.bool_]:
        return np.array([value(category) for category in categories], dtype=np.bool_)

    share = column(lambda c: c.share.value)
    weekday = np.array([profiles[c.profile].weekdays for c in categories])
    columns = CategoryColumns(
        names=tuple(c.name for c in categories),
        share=share / share.sum(),
        log_mean=column(lambda c: c.amount.log_mean),
        log_sd=column(lambda c: c.amount.log_sd),
        log_ceiling=np.log(column(lambda c: c.amount.ceiling)),
        remote=column(lambda c: c.remote.value),
        hour_lut=np.stack([tables[c.profile] for c in categories]),
        online_hour_lut=np.stack([tables[c.online_profile] for c in categories]),
        weekday=weekday / weekday.mean(axis=1, keepdims=True),
        endings=np.stack(
            [
                column(lambda c: c.endings.whole),
                column(lambda c: c.endings.x99),
                column(lambda c: c.endings.x95),
                column(lambda c: c.endings.x50),
            ],
            axis=1,
        ),
        price_points=column(lambda c: c.price_points.value),
        persona_weight=np.array(
            [[getattr(c.personas, persona) for c in categories] for persona in PERSONAS]
        ),
        outlets=column(lambda c: c.outlets.value),
        recurring=flag(lambda c: c.recurring),
        travel=flag(lambda c: c.travel),
        domestic=flag(lambda c: c.domestic),
        mcc=tuple(tuple(int(code) for code in c.mcc.weights) for c in categories),
        mcc_weight=tuple(_parts(c.mcc.weights) for c in categories),
    )
    for value in vars(columns).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)  # the cache hands the same arrays to everybody
    return columns


def minute_lut(hours: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Return 4096 minutes of the day, ascending, at even quantiles of an hourly profile.

    The density is continuous over the day and across midnight, and every hour keeps its share
    exactly (to one entry): the distribution is a periodic monotone cubic through the hourly sums
    (Fritsch and Butland 1984). Drawing an entry evenly is drawing a time of day.
    """
    share = hours / hours.sum()
    # density at the full hours: the harmonic mean of the hours on both sides keeps it monotone
    before = np.roll(share, 1)
    both = share + before
    knot = np.divide(2 * share * before, both, out=np.zeros_like(share), where=both > 0)
    left, right = knot[:, None], np.roll(knot, -1)[:, None]
    t = (np.arange(60) / 60)[None, :]
    rise = share[:, None] * t**2 * (3 - 2 * t) + left * t * (1 - t) ** 2 - right * t**2 * (1 - t)
    base = np.concatenate([[0.0], np.cumsum(share)[:-1]])[:, None]
    reached = (base + rise).ravel()  # [1440] distribution at the start of each minute
    quantile = (np.arange(LUT_SIZE) + 0.5) / LUT_SIZE
    minute = np.searchsorted(reached, quantile, side="right") - 1
    return minute.astype(np.uint16)


def _parts(weights: Mapping[str, float]) -> tuple[float, ...]:
    total = sum(weights.values())
    return tuple(weight / total for weight in weights.values())


@cache
def _file() -> _File:
    text = files("fraudsim.world").joinpath("categories.yaml").read_text(encoding="utf-8")
    # the C loader, where PyYAML has it, is ten times as fast and reads the same
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return _File.model_validate(yaml.load(text, Loader=loader))  # noqa: S506 -- both are safe
