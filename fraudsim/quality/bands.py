"""The bands of the measurements: one versioned YAML file with the source of each.

A measurement without a band is shown and not judged.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fraudsim.quality.check import Band
from fraudsim.quality.yaml_file import read_yaml

OURS = files("fraudsim.quality") / "bands.yaml"

Profile = Literal["cards", "payments", "mixed", "any"]


class BandEntry(BaseModel):
    """A band of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="group.measurement; a * at the end stands for anything")
    profiles: tuple[Profile, ...] = Field(default=("any",), min_length=1)
    low: float | None = Field(default=None, description="least value that passes")
    high: float | None = Field(default=None, description="largest value that passes")
    warn_low: float | None = Field(default=None, description="below this, a warning")
    warn_high: float | None = Field(default=None, description="above this, a warning")
    source: str = Field(min_length=1, description="where the band is from, or that it is assumed")

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        ends = (self.low, self.warn_low, self.warn_high, self.high)
        given = [end for end in ends if end is not None]
        if given != sorted(given):
            raise ValueError("low, warn_low, warn_high, high should not fall in this order")
        return self

    def covers(self, id: str, profile: str) -> bool:  # noqa: A002 -- the word of the file
        """Whether the band is for this measurement of such data."""
        if profile not in self.profiles and "any" not in self.profiles:
            return False
        return id.startswith(self.id[:-1]) if self.id.endswith("*") else id == self.id

    @property
    def as_band(self) -> Band | None:
        """The band; ``None`` where it has no end, which takes the band of a measurement away."""
        if (self.low, self.high, self.warn_low, self.warn_high) == (None,) * 4:
            return None
        return Band(self.low, self.high, self.source, self.warn_low, self.warn_high)


class _BandFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    shortcuts: tuple[BandEntry, ...] = ()
    difficulty: tuple[BandEntry, ...] = ()
    honest_life: tuple[BandEntry, ...] = ()
    fraud_life: tuple[BandEntry, ...] = ()
    invariants: tuple[BandEntry, ...] = ()

    @model_validator(mode="after")
    def _ids_of_their_section(self) -> Self:
        seen = set()
        for group in type(self).model_fields:
            for entry in getattr(self, group) if group != "version" else ():
                if not entry.id.startswith(f"{group}."):
                    raise ValueError(f"{group}: the id '{entry.id}' should begin with '{group}.'")
                for profile in entry.profiles:
                    if (entry.id, profile) in seen:
                        raise ValueError(f"{entry.id}: two bands for the profile '{profile}'")
                    seen.add((entry.id, profile))
        return self

    @property
    def entries(self) -> tuple[BandEntry, ...]:
        return (
            *self.shortcuts,
            *self.difficulty,
            *self.honest_life,
            *self.fraud_life,
            *self.invariants,
        )


class Bands:
    """The bands of fraudsim, and somebody's own before them."""

    def __init__(self, version: int, layers: tuple[tuple[BandEntry, ...], ...]) -> None:
        self.version = version
        self._layers = layers

    def find(self, id: str, profile: str) -> Band | None:  # noqa: A002 -- the word of the file
        """Return the band of a measurement; ``None`` if there is none.

        The user's file goes before ours, a whole id before a family, a longer family before a
        shorter one, and a band for the profile before one for any.
        """
        for entries in self._layers:
            found = [entry for entry in entries if entry.covers(id, profile)]
            if found:
                best = max(
                    found,
                    key=lambda entry: (
                        not entry.id.endswith("*"),
                        len(entry.id),
                        profile in entry.profiles,
                    ),
                )
                return best.as_band
        return None


def load_bands(own: str | Path | None = None) -> Bands:
    """Read the bands that come with fraudsim and, before them, a file of the user.

    Raises:
        UsageError: one line with the file, the key and what would be right.
    """
    ours = read_yaml(OURS, "bands.yaml", _BandFile)
    layers = [ours.entries]
    if own is not None:
        layers.insert(0, read_yaml(Path(own), str(own), _BandFile).entries)
    return Bands(ours.version, tuple(layers))
