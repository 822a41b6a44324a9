"""The Diary of Consumer Payment Choice: when people pay by card, by kind of merchant.

The one source that tells hour, weekday and merchant of whole people's card payments. Profiles of
this size cannot stand in ``bands.yaml``: they stand in ``diary.yaml``, and a check gives the
distance from them, which a band then judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True)
class DiaryCategory:
    """What the diary says of one kind of merchant.

    Attributes:
        members: the categories of a data set that the diary counts here.
        payments: card payments in the diary.
        hours: [24] share of each hour, local time; untimed payments left out.
        weekdays: [7] share of each weekday, Monday first.
    """

    members: tuple[str, ...]
    payments: int
    hours: tuple[float, ...]
    weekdays: tuple[float, ...]


def distance(counts: NDArray[np.int64], profile: tuple[float, ...]) -> float:
    """Return the total variation between counts and a profile: the share that lies elsewhere."""
    ours = counts / counts.sum()
    theirs = np.array(profile) / sum(profile)
    return float(np.abs(ours - theirs).sum() / 2)


def _read() -> dict[str, Any]:
    text = files("fraudsim.quality.honest_life").joinpath("diary.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _category(entry: Mapping[str, Any]) -> DiaryCategory:
    return DiaryCategory(
        members=tuple(entry["members"]),
        payments=int(entry["payments"]),
        hours=tuple(entry["hours"]),
        weekdays=tuple(entry["weekdays"]),
    )


_FILE = _read()

DIARY: Mapping[str, DiaryCategory] = {
    name: _category(entry) for name, entry in _FILE["categories"].items()
}
"""The kinds of merchant, by the name that fraudsim gives them."""

ALL_IN_PERSON = _category(_FILE["in_person"])
"""All card payments in person."""

ALL_REMOTE = _category(_FILE["remote"])
"""All card payments that are not in person."""
