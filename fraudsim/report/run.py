"""The finished run that a report is about, as the frames every chart starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.validation import first_mistake

if TYPE_CHECKING:
    from fraudsim.dataset import Dataset

FRAUD = pl.col("attack").is_not_null()
"""True for a fraudulent row of ``payments``."""

IN_PERSON = ("pos", "atm")
"""Channels in which somebody stands at a till or a cash machine."""


class _Part(BaseModel):
    # a report needs little of a scenario, and reads those of other versions too
    model_config = ConfigDict(frozen=True, extra="ignore")


class Calendar(_Part):
    """When the run takes place."""

    start: date
    days: int = Field(ge=1)
    timezone: str

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"'{name}' is not an IANA time zone") from error
        return name

    @property
    def last_day(self) -> date:
        """The last day simulated."""
        return self.start + timedelta(days=self.days - 1)


class Population(_Part):
    """Where the customers live and what they pay with."""

    country: str
    currency: str


class Setting(_Part):
    """What a report needs of the scenario."""

    calendar: Calendar
    population: Population


@dataclass(frozen=True)
class Run:
    """A dataset with what the charts need to know of its scenario.

    ``payments`` has one row per transaction out of an account, approved or not, without those
    between accounts of one holder (the internal rail), with ``attack`` (null is genuine) and
    ``local``, the time in the time zone of the bank.
    ``frauds`` has one row per labelled transaction in either direction, with its label.
    """

    data: Dataset
    setting: Setting
    payments: pl.LazyFrame
    frauds: pl.LazyFrame

    @property
    def currency(self) -> str:
        """ISO 4217 currency of every amount."""
        return self.setting.population.currency


def open_run(data: Dataset) -> Run:
    """Return the run behind ``data``.

    Raises:
        UsageError: the scenario in the manifest lacks what the report needs.
        FraudsimError: the transactions are in another currency than the scenario's.
    """
    setting = _setting(data)
    transactions = data.table("transactions")
    labels = data.table("labels")
    _check_one_currency(transactions, setting.population.currency)
    local = pl.col("event_time").dt.convert_time_zone(setting.calendar.timezone).alias("local")
    payments = (
        transactions.filter((pl.col("direction") == "debit") & (pl.col("rail") != "internal"))
        .join(labels.select("tx_id", "attack"), on="tx_id", how="left")
        .with_columns(local)
    )
    frauds = labels.join(transactions, on="tx_id", how="inner").with_columns(local)
    return Run(data, setting, payments, frauds)


def _setting(data: Dataset) -> Setting:
    try:
        return Setting.model_validate(data.manifest.scenario)
    except ValidationError as error:
        keys, sentence = first_mistake(error, Setting)
        where = ".".join(("scenario", *keys))
        raise UsageError(f"{data.path / MANIFEST_NAME}: {where}: {sentence}") from error


def _check_one_currency(transactions: pl.LazyFrame, expected: str) -> None:
    found = transactions.select(pl.col("currency").unique().sort()).collect()["currency"].to_list()
    if set(found) - {expected}:
        raise FraudsimError(
            f"transactions.currency holds {', '.join(found)}, the scenario says {expected}: "
            "the report adds amounts, which needs one currency"
        )
