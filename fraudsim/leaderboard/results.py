"""What a ``fraudsim.tracks/1`` file must say before anything of it is shown."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fraudsim.errors import UsageError
from fraudsim.validation import first_mistake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = "fraudsim.tracks/1"
FILE = "results.json"

Share = Annotated[float, Field(ge=0, le=1)]
Values = dict[str, float | None]


class _Part(BaseModel):
    # the benchmark may say more than the page shows; what it does say is of the type promised
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


class Figure(_Part):
    """A metric of one detector in one arm."""

    mean: float | None = Field(description="mean over worlds and fits, or null")
    low: float | None = Field(None, description="lower end of its interval, or null")
    high: float | None = Field(None, description="upper end of its interval, or null")


class Curve(_Part):
    """A precision-recall curve: two columns of one length, in order of threshold."""

    recall: list[Share] = Field(default_factory=list, description="recall, 0 to 1")
    precision: list[Share] = Field(default_factory=list, description="precision, 0 to 1")

    @model_validator(mode="after")
    def _columns_are_of_one_length(self) -> Self:
        if len(self.recall) != len(self.precision):
            raise ValueError(
                f"recall has {len(self.recall)} points, precision {len(self.precision)}"
            )
        return self


class Line(_Part):
    """What came of one detector in one arm of a track."""

    track: str = Field(description="name of the track")
    arm: str = Field(description="name of the arm")
    detector: str = Field(description="name of the detector")
    rebalancer: str = Field("none", description="name of the rebalancer")
    floor: bool = Field(False, description="whether it is there to be beaten")
    ceiling: bool = Field(False, description="whether it is told the truth")
    figures: dict[str, Figure] = Field(description="figure by name of the metric")
    costs: Values = Field(default_factory=dict, description="what it took, by name")
    by_round: list[Values] = Field(default_factory=list, description="figures of each round")
    by_attack: dict[str, Values] = Field(default_factory=dict, description="figures by attack")
    curve: Curve = Field(default_factory=lambda: Curve.model_validate({}), description="curve")
    unnoticed: list[Share] = Field(
        default_factory=list, description="share of victims unnoticed after 0, 1, 2 ... payments"
    )
    uneven: dict[str, Values] = Field(
        default_factory=dict, description="share flagged, by attribute and group"
    )

    @property
    def name(self) -> str:
        """The detector, with the rebalancer where there is one."""
        return self.detector if self.rebalancer == "none" else f"{self.detector}+{self.rebalancer}"

    def mean(self, metric: str) -> float | None:
        """Return the mean of a metric, or ``None`` where there is none."""
        figure = self.figures.get(metric)
        return None if figure is None else figure.mean

    def estimate(self, metric: str) -> tuple[float | None, float | None, float | None] | None:
        """Return mean and interval of a metric, or ``None`` where there is none."""
        figure = self.figures.get(metric)
        if figure is None or figure.mean is None:
            return None
        return figure.mean, figure.low, figure.high


class Track(_Part):
    """A track that was run."""

    # it becomes part of names in the page
    name: str = Field(description="with its version", pattern=r"^[a-z][a-z-]*-v[0-9]+\z")
    question: str = Field(description="what it asks")
    world: str = Field(description="name of its world")
    world_seeds: list[int] = Field(description="seeds of its worlds")
    arms: list[str] = Field(description="names of its arms")
    newcomers: list[str] = Field(default_factory=list, description="attacks that begin late")


class Standing(_Part):
    """Who is where in one arm by one metric."""

    track: str = Field(description="name of the track")
    arm: str = Field(description="name of the arm")
    metric: str = Field(description="name of the metric")
    order: list[str] = Field(description="names, the best first")
    ties_with_best: list[str] = Field(description="those that may be as good as the best")
    ranks: dict[str, float] = Field(description="mean rank by name")
    critical_difference: float | None = Field(description="least difference of ranks, or null")
    cliques: list[list[str]] = Field(description="names that do not differ")
    worlds: int = Field(description="how many worlds were ranked", ge=0)


class Results(_Part):
    """A file of results."""

    format: Literal["fraudsim.tracks/1"] = Field(description=f"must be {FORMAT}")
    fraudsim: str = Field(description="version that wrote it")
    command: str = Field(description="what to type to make it again")
    trials: int = Field(description="how many trials are in it", ge=0)
    failed: dict[str, str] = Field(description="why, by name of the detector")
    tracks: list[Track] = Field(description="the tracks that were run")
    lines: list[Line] = Field(description="one per track, arm and detector")
    standings: list[Standing] = Field(description="one per track, arm and headline")
    warnings: list[str] = Field(description="what to know before trusting a figure")

    @model_validator(mode="after")
    def _names_are_known_and_say_one_thing(self) -> Self:
        for mistake in _mistakes(self):
            raise ValueError(mistake)
        return self


def _mistakes(results: Results) -> Iterator[str]:
    """Yield what would put a figure in two places, or in none."""
    tracks = {track.name: track for track in results.tracks}
    if len(tracks) < len(results.tracks):
        yield "two tracks have the same name"
    lines = Counter((line.track, line.arm, line.name) for line in results.lines)
    places = Counter((one.track, one.arm, one.metric) for one in results.standings)
    for what, found in (("lines", lines), ("standings", places)):
        for (track, arm, name), count in found.items():
            if track not in tracks or arm not in tracks[track].arms:
                yield f"{what}: the tracks have no arm {arm!a} of {track!a}"
            if count > 1:
                yield f"{what}: {count} of {name!a} in {arm!a} of {track!a}"
    for one in results.standings:
        named = {*one.order, *one.ties_with_best, *one.ranks, *(n for c in one.cliques for n in c)}
        for name in sorted(named):
            if (one.track, one.arm, name) not in lines:
                yield f"standings: {name!a} has no line in {one.arm!a} of {one.track!a}"


def read_results(path: Path) -> Results:
    """Return the results in a file, or in the folder that it stands in.

    Raises:
        UsageError: it cannot be read, is no JSON, or is not of the format.
    """
    file = path / FILE if path.is_dir() else path
    try:
        value: Any = json.loads(file.read_bytes())
        # half a character, which JSON can escape and no page can hold, is an error here
        json.dumps(value, ensure_ascii=False).encode()
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read: {error.strerror}; `fraudsim benchmark --track` writes it"
        ) from error
    except (ValueError, RecursionError) as error:  # ValueError: JSON and UTF-8 errors
        raise UsageError(f"{file}: not JSON: {error}") from error
    try:
        return Results.model_validate(value)
    except ValidationError as error:
        keys, sentence = first_mistake(error, Results)
        raise UsageError(
            f"{file}: not a {FORMAT} file: {'.'.join(keys) or 'the whole'}: {sentence}; "
            "`fraudsim benchmark --track` writes one"
        ) from error
