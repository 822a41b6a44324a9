"""What the columns of somebody's table mean: a small YAML file, or one that comes with fraudsim."""

from __future__ import annotations

from datetime import date  # noqa: TC003 -- pydantic reads the annotation
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fraudsim.errors import UsageError, nearest
from fraudsim.quality.subject import COLUMNS
from fraudsim.quality.yaml_file import read_yaml
from fraudsim.schema import CHANNELS, DIRECTIONS, ENTRY_MODES, TX_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

MAPS = files("fraudsim.quality") / "maps"

TRUTH = ("is_fraud", "attack", "campaign", "stage", "reported_at")
"""Our columns that are the truth: what the source calls so is never looked at as data."""

VOCABULARY: Mapping[str, tuple[str, ...]] = {
    "channel": CHANNELS,
    "entry_mode": ENTRY_MODES,
    "tx_type": TX_TYPES,
    "direction": DIRECTIONS,
    "approved": ("true", "false"),
}
"""Our columns that have fixed values, and these."""

TimeUnit = Literal["text", "seconds", "minutes", "hours", "days", "months"]


class Time(BaseModel):
    """How the time is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: TimeUnit = Field(
        default="text", description="text for dates; else what is counted since the start"
    )
    format: str | None = Field(
        default=None, description="of texts that are no ISO 8601 dates, as in strptime"
    )
    start: date | None = Field(
        default=None, description="day at which counting starts; without it there are no dates"
    )

    @model_validator(mode="after")
    def _fits_the_unit(self) -> Self:
        if self.unit == "text" and self.start is not None:
            raise ValueError("start is for times that are counted; dates in text need none")
        if self.unit != "text" and self.format is not None:
            raise ValueError("format is for dates in text; set unit: text")
        return self


class ColumnMap(BaseModel):
    """What a table's columns mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    name: str = Field(min_length=1, description="what to call the data")
    source: str = Field(default="", description="where the meaning of the columns is from")
    notes: tuple[str, ...] = Field(default=(), description="shown with every audit")
    profile: Literal["cards", "payments", "mixed", "any"] = "any"
    timezone: str = Field(default="UTC", description="IANA zone of times that name none")
    columns: dict[str, str] = Field(description="our name of a column: theirs")
    optional: tuple[str, ...] = Field(
        default=(), description="ours among columns that may be absent"
    )
    time: Time = Time()
    amount_unit: Literal["major", "minor"] = "major"
    values: dict[str, dict[str, str]] = Field(
        default={}, description="our column: their value: ours; * is any other"
    )
    constants: dict[str, str] = Field(default={}, description="our column: the value of every row")
    derived: tuple[str, ...] = Field(
        default=(), description="theirs, computed from several fields; * stands for anything"
    )
    identifiers: tuple[str, ...] = Field(
        default=(), description="theirs, names and numbers that say who; * stands for anything"
    )
    ignore: tuple[str, ...] = Field(
        default=(), description="theirs, never looked at: more truth; * stands for anything"
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone '{name}'; give one like Europe/London") from None
        return name

    @model_validator(mode="after")
    def _names_of_ours(self) -> Self:
        for section in ("columns", "optional", "values", "constants"):
            for name in getattr(self, section):
                if name not in COLUMNS or name == "local_time":
                    raise ValueError(f"{section}: no column '{name}'{nearest(name, COLUMNS)}")
        for needed in ("event_time", "is_fraud"):
            if needed not in self.columns:
                raise ValueError(f"columns: say which column is {needed} ({COLUMNS[needed]})")
        twice = sorted(set(self.columns) & set(self.constants))
        if twice:
            raise ValueError(f"constants: '{twice[0]}' is a column already")
        return self

    @model_validator(mode="after")
    def _values_of_ours(self) -> Self:
        for ours, known in VOCABULARY.items():
            given = [*self.values.get(ours, {}).values()]
            given += [self.constants[ours]] if ours in self.constants else []
            for value in given:
                if value not in known:
                    raise ValueError(f"{ours}: no value '{value}'{nearest(value, known)}")
        return self


def map_names() -> list[str]:
    """Return the names of the maps that come with fraudsim, sorted."""
    names = (entry.name for entry in MAPS.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def load_map(name_or_path: str | Path) -> ColumnMap:
    """Return a map by name or from a file; a map of ours wins over a file of that name.

    Raises:
        UsageError: there is none, or one line that says what is wrong in it.
    """
    name = str(name_or_path)
    if name in map_names():
        return read_yaml(MAPS / f"{name}.yaml", f"map {name}", ColumnMap)
    path = Path(name_or_path)
    if not path.suffix:
        raise UsageError(f"no map '{name}'{nearest(name, map_names())}; or give a .yaml file")
    return read_yaml(path, name, ColumnMap)
