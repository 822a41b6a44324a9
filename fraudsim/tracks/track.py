"""What a track file says."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fraudsim.errors import UsageError, nearest
from fraudsim.harness.schedule import Schedule
from fraudsim.strict_yaml import parse
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

HERE = files("fraudsim.tracks")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rounds(_Part):
    """When tests are: see ``fraudsim.harness.schedule.Schedule``."""

    first_test_day: int = Field(description="day on which the first test begins, from 0", ge=1)
    test_days: int = Field(description="length of each test", ge=1)
    rounds: int = Field(1, description="how many tests follow each other", ge=1)
    delay_days: float = Field(7.0, description="days before a test not learnt from", ge=0)


class LeaveOut(_Part):
    """Attacks to leave out of the training rows, one at a time."""

    attacks: tuple[str, ...] = Field(description="names of attacks")
    worlds: int = Field(description="in how many of the worlds each is left out", ge=1)

    def of_world(self, place: int, worlds: int) -> tuple[str, ...]:
        """Return what is left out of the world at that place: each attack's turns go round."""
        turns = min(self.worlds, worlds)
        return tuple(
            attack
            for number, attack in enumerate(self.attacks)
            if (place - number) % worlds < turns
        )


class Arm(_Part):
    """One way of running a track. What is not said here is as the track says."""

    name: str = Field(description="what it is called in results")
    world: str | None = Field(None, description="another world than the track's")
    refit: Literal["each", "first"] = Field("each", description="fitted before each test, or once")
    labels: Literal["reported", "at_once", "random_split"] = Field(
        "reported", description="when frauds are known; or rows dealt to the times at random"
    )
    frauds: int | None = Field(None, description="known frauds at most", ge=1)
    genuine_rows: int | None = Field(None, description="other training rows at most", ge=1)
    leave_out: LeaveOut | None = Field(None, description="attacks left out, one at a time")


class Track(_Part):
    """A course over worlds."""

    name: str = Field(description="with its version", pattern=r"^[a-z][a-z-]*-v[0-9]+$")
    question: str = Field(description="what it asks, one line")
    world: str = Field(description="name of a scenario in the folder scenarios")
    world_seeds: tuple[int, ...] = Field((1, 2, 3, 4, 5), description="seeds of the worlds")
    fit_seeds: tuple[int, ...] = Field((1,), description="seeds of detectors in each world")
    schedule: Rounds = Field(description="when tests are")
    genuine_rows: int | None = Field(None, description="training rows not known as fraud at most")
    test_genuine_rows: int | None = Field(None, description="genuine rows tested at most")
    newcomers: tuple[str, ...] = Field((), description="attacks that begin after the first fit")
    latency: bool = Field(False, description="whether time and memory are measured alone")
    arms: tuple[Arm, ...] = Field(description="the ways of running it", min_length=1)

    @model_validator(mode="after")
    def _arms_have_names_of_their_own(self) -> Track:
        names = [arm.name for arm in self.arms]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two arms are called '{name}'")
        return self

    def world_of(self, arm: Arm) -> str:
        """Return the name of the world that an arm runs in."""
        return arm.world or self.world

    def schedule_of(self, arm: Arm) -> Schedule:
        """Return the schedule of an arm."""
        return Schedule(
            **self.schedule.model_dump(),
            refit=arm.refit,
            # a random split knows no before: nobody was blocked then
            remove_known_compromised=arm.labels != "random_split",
        )


def track_names() -> list[str]:
    """Return the names of the tracks, sorted."""
    return _yaml_names(HERE)


def load_track(name: str) -> Track:
    """Return the track of that name.

    Raises:
        UsageError: there is none; says the nearest.
    """
    known = track_names()
    if name not in known:
        raise UsageError(f"unknown track '{name}'{nearest(name, known)}; there are {_list(known)}")
    return parsed_track((HERE / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def parsed_track(text: str, source: str) -> Track:
    """Return the track in a YAML text.

    Args:
        text: the YAML.
        source: where it is from, for errors.

    Raises:
        UsageError: the text is no track; says where and what is wrong.
    """
    try:
        return validated(Track, parse(text, source).value)
    except ValidationError as error:
        path, sentence = first_mistake(error, Track)
        raise UsageError(f"{source}: {'.'.join(path) or 'the whole'}: {sentence}") from None


def world_file(name: str) -> Traversable:
    """Return the scenario file of a world.

    Raises:
        UsageError: there is none; says the nearest.
    """
    known = _yaml_names(HERE / "scenarios")
    if name not in known:
        raise UsageError(f"unknown world '{name}'{nearest(name, known)}")
    return HERE / "scenarios" / f"{name}.yaml"


def _yaml_names(folder: Traversable) -> list[str]:
    names = (one.name for one in folder.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def _list(names: list[str]) -> str:
    return ", ".join(names)
