"""The journal: what the population told the fraudsters and the bank, day by day.

A campaign is a story that has come to some line, and no file can hold that. So a run that goes on
from a checkpoint plays its first days again: the fraudsters and the issuer live them once more,
and the journal gives the answers that the population gave, so no honest life is computed. From
the checkpoint's day on the population answers itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fraudsim.attacks.kit.nouns import PROFILE_ROWS, Profile
from fraudsim.engine.arrays import damaged, read_arrays, write_arrays
from fraudsim.engine.plausible import wrong_row
from fraudsim.engine.population import DayReport
from fraudsim.errors import CheckpointError
from fraudsim.rows import ROW, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from fraudsim.engine.population import Closing, Orders, Population
    from fraudsim.sinks.parquet import PartInfo
    from fraudsim.sinks.place import Place
    from fraudsim.world.world import World

ATTEMPT, PROFILE, SETTLED = range(3)

DIFFERS = (
    "what the fraudsters ask now is not what they asked before the checkpoint: it is damaged, or "
    "an attack draws from something other than scene.rng; start the run again with --overwrite"
)

_KINDS: dict[str, npt.DTypeLike] = {
    "verbs": np.int8,
    "lengths": np.int64,
    "rows": ROW,
    "profiles": np.int64,
}
_WIDTHS = {"lengths": 4, "profiles": PROFILE_ROWS}
_ASKED = ("customer", "kind", "amount_minor", "campaign", "stage", "case", "merchant", "payee")
"""What a fraudster asks and no answer changes."""


class Answer(NamedTuple):
    """One answer of the population."""

    verb: int  # ATTEMPT, PROFILE or SETTLED
    value: Any  # answered rows, a Profile or a DayReport


class Journal:
    """A population that is written down, or one that is read from what was written down.

    Args:
        population: who answers, once what was told before is told again.
        told: the answers to give again first.
    """

    def __init__(self, population: Population, told: Iterator[Answer]) -> None:
        self._population = population
        self._told: Iterator[Answer] | None = told
        self._kept: list[Answer] = []

    def plan_day(self, day: int, orders: Orders) -> None:
        """Plan the honest payments of ``day``; nothing, on a day that was lived before."""
        if self._told is None:
            self._population.plan_day(day, orders)

    def attempt(self, rows: np.ndarray) -> np.ndarray:
        """Answer attempts."""
        if self._told is None:
            answered = self._population.attempt(rows)
            self._kept.append(Answer(ATTEMPT, answered))
            return answered
        again: np.ndarray = self._again(ATTEMPT)
        same = len(again) == len(rows) and all((again[f] == rows[f]).all() for f in _ASKED)
        if not same:
            raise CheckpointError(DIFFERS)
        return again

    def settle_day(self, day: int) -> DayReport:
        """Settle the rest of ``day``."""
        if self._told is None:
            report = self._population.settle_day(day)
            self._kept.append(Answer(SETTLED, report))
            return report
        again: DayReport = self._again(SETTLED)
        return again

    def profile(self, customers: npt.NDArray[np.int64]) -> Profile:
        """Return what the books say of these customers."""
        if self._told is None:
            profile = self._population.profile(customers)
            self._kept.append(Answer(PROFILE, profile))
            return profile
        again: Profile = self._again(PROFILE)
        if len(again.city) != len(customers):
            raise CheckpointError(DIFFERS)
        return again

    def save(self, folder: str) -> list[PartInfo]:
        """Store the population."""
        return self._population.save(folder)

    def load(self, folder: str, day: int) -> None:
        """Restore the population: from here on it answers, and its answers are written down.

        Raises:
            CheckpointError: not all that was told before was asked for again.
        """
        if self._told is None or next(self._told, None) is not None:
            raise CheckpointError(DIFFERS)
        self._population.load(folder, day)
        self._told = None

    def begin(self) -> None:
        """Let the population answer from the first day on."""
        self._told = None

    def take(self) -> list[Answer]:
        """Return what was written down since this was last asked."""
        kept, self._kept = self._kept, []
        return kept

    def close(self, received: np.ndarray) -> Closing:
        """Book the last deposits, write what is left and return the standing tables."""
        return self._population.close(received)

    def _again(self, verb: int) -> Any:
        assert self._told is not None
        answer = next(self._told, None)
        if answer is None or answer.verb != verb:
            raise CheckpointError(DIFFERS)
        return answer.value


def write_answers(place: Place, name: str, answers: Sequence[Answer]) -> None:
    """Write answers to the new file ``name`` of ``place``.

    Raises:
        FraudsimError: it cannot be written.
    """
    lengths = np.zeros((len(answers), 4), dtype=np.int64)
    rows: list[np.ndarray] = []
    profiles: list[Profile] = []
    for k, (verb, value) in enumerate(answers):
        if verb == PROFILE:
            profiles.append(value)
            lengths[k, 0] = len(value.city)
        elif verb == ATTEMPT:
            rows.append(value)
            lengths[k, 0] = len(value)
        else:
            parts = (value.messages, value.sent, value.heard)
            rows += parts
            lengths[k] = (*(len(part) for part in parts), value.rows)
    write_arrays(
        place,
        name,
        {
            "verbs": np.array([answer.verb for answer in answers], dtype=np.int8),
            "lengths": lengths,
            "rows": joined(rows),
            "profiles": _columns_of(profiles),
        },
    )


def read_answers(place: Place, name: str, world: World) -> Iterator[Answer]:
    """Yield the answers that were written to the file ``name`` of ``place``.

    Raises:
        CheckpointError: the file is missing, damaged, or not of such a world.
    """
    arrays = read_arrays(place, name, _KINDS, _WIDTHS)
    rows, profiles, lengths = arrays["rows"], arrays["profiles"], arrays["lengths"]
    _check(place.shown(name), arrays, world)
    at, seen = 0, 0
    for verb, of in zip(arrays["verbs"].tolist(), lengths.tolist(), strict=True):
        if verb == PROFILE:
            yield Answer(PROFILE, Profile.of(profiles[seen : seen + of[0]].T.copy()))
            seen += of[0]
        elif verb == ATTEMPT:
            yield Answer(ATTEMPT, rows[at : at + of[0]])
            at += of[0]
        else:
            ends = at + np.cumsum(of[:3])
            messages, sent, heard = np.split(rows[at : ends[2]], ends[:2] - at)
            yield Answer(SETTLED, DayReport(messages, sent, heard, of[3]))
            at = int(ends[2])


def _check(path: str, arrays: dict[str, np.ndarray], world: World) -> None:
    verbs, lengths = arrays["verbs"], arrays["lengths"]
    if len(verbs) != len(lengths) or not np.isin(verbs, (ATTEMPT, PROFILE, SETTLED)).all():
        raise damaged(path, "its verbs are others")
    if len(lengths) and (lengths.min() < 0 or lengths.max() >= 1 << 40):
        raise damaged(path, "its lengths cannot be")
    is_profile = verbs == PROFILE
    told = lengths[~is_profile, :3].sum(), lengths[is_profile, 0].sum()
    if told != (len(arrays["rows"]), len(arrays["profiles"])):
        raise damaged(path, "its lengths are others")
    wrong = wrong_row(arrays["rows"], world, range(world.customers))
    profiles = arrays["profiles"]
    for name, column, count in (
        ("city", 0, len(world.places)),
        ("merchant", 8, len(world.merchants)),
    ):
        if ((profiles[:, column] < -1) | (profiles[:, column] >= count)).any():
            wrong = wrong or f"{name} of a profile"
    if wrong:
        raise damaged(path, f"{wrong} cannot be")


def _columns_of(profiles: Sequence[Profile]) -> npt.NDArray[np.int64]:
    """Return the fields of profiles side by side, one profile after the other.

    The two card numbers are two columns.
    """
    if not profiles:
        return np.empty((0, PROFILE_ROWS), dtype=np.int64)
    fields = (np.concatenate(of_all) for of_all in zip(*profiles, strict=True))
    return np.ascontiguousarray(np.column_stack(tuple(fields)), dtype=np.int64)
