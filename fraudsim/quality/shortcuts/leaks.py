"""The leak battery: what should mean nothing tells nothing of fraud (R8).

Every family of features of form is looked at feature by feature, within channels (a transfer has
no card, and a fraud rate of its own: that is no leak) and among rows of about the same time (ids
may grow and fraud may come in waves: that is no leak either), against labels moved to other people.
Then a small model looks at all of them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.features.base import codes_of
from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.once import once
from fraudsim.quality.ranking import roc_auc
from fraudsim.quality.shortcuts.chance import DRAWS, Runs, band_of_chance
from fraudsim.quality.shortcuts.form import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

STRATA = ("channel", "tx_type")
"""Within what rows are compared: the first of these that the table has."""

PEOPLE = ("customer", "account", "card")
LEAST_FRAUDS = 20
MOST_ROWS = 150_000
"""Rows of a channel that are looked at: those of all victims and of some others."""

SLICES = 100
ROWS_OF_A_SLICE = 200
"""A feature is compared with the rows of its slice of time: so many slices, of so many rows."""

MODEL_ROWS = 12_000
MODEL_DRAWS = 19
MODEL_SETTINGS = {
    "objective": "binary",
    "num_leaves": 8,
    "min_data_in_leaf": 20,
    "learning_rate": 0.1,
    "lambda_l2": 10.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
MODEL_ROUNDS = 40
MOST_CHANCE = 0.95
"""A channel with so few frauds that chance may reach this AUC is left out: nothing could fail."""


@dataclass(frozen=True)
class Pool:
    """Rows of one channel that are compared with each other, in order of time.

    Attributes:
        name: the channel; ``all`` where there is none.
        rows: positions in ``Subject.payments``.
        place: positions in the arrays of ``_form``, which has the rows of all pools.
        person: who pays.
        fraud: the truth.
    """

    name: str
    rows: NDArray[np.int64]
    place: NDArray[np.int64]
    person: NDArray[np.int64]
    fraud: NDArray[np.bool_]


def _family(subject: Subject, family: str) -> Iterator[Measurement]:
    what = FAMILIES[family][0]
    features = _form(subject)[family]
    name = f"leak_{family}"
    if not features:
        raise CannotCheckError(f"nothing varies in {what}")
    worst, auc, z, chance = "", 0.5, 0.0, np.zeros(DRAWS)
    looked_at = 0
    for compared in _compared(subject):
        pool = compared.pool
        for feature, values in features.items():
            seen = compared.look(values[pool.place])
            if seen is None:
                continue
            looked_at += 1
            chance = np.maximum(chance, seen.z_by_chance)
            if seen.z > z:
                worst, auc, z = f"{feature} in {pool.name}", seen.auc, seen.z
    if not looked_at:
        raise CannotCheckError(f"within channels nothing varies in {what}")
    band = band_of_chance(chance.tolist(), "runs of fraud moved to others at about the same time")
    yield Measurement(
        name,
        z,
        f"Of {what}, {worst or 'no feature'} says most of fraud: its AUC is {auc:.3f}, {z:.1f} "
        f"standard deviations of chance, which reaches {band.high:.1f}.",
        band,
        {"feature": worst, "auc": auc, "features": looked_at},
    )


@dataclass(frozen=True)
class _Seen:
    auc: float
    z: float
    z_by_chance: NDArray[np.float64]


class _Compared:
    """A pool with the labels moved ``DRAWS`` times."""

    def __init__(self, pool: Pool, rng: np.random.Generator) -> None:
        self.pool = pool
        runs = Runs(pool.person, pool.fraud)
        self._fraud = np.flatnonzero(pool.fraud)
        self._moved = [runs.moved(rng) for _ in range(DRAWS)]

    def look(self, values: NDArray[np.float64]) -> _Seen | None:
        """Return how far the AUC of a feature lies from chance; ``None`` if it never varies."""
        places = place_in_slice(values)
        if np.ptp(places) == 0:
            return None
        auc = float(places[self._fraud].mean())
        by_chance = np.array([places[moved].mean() for moved in self._moved])
        mean, sd = by_chance.mean(), by_chance.std(ddof=1)
        if sd == 0:  # too few rows have it for any moved label to meet it
            if auc == mean:
                return None
            sd = 1 / (2 * self._fraud.size)
        return _Seen(auc, abs(auc - mean) / sd, np.abs(by_chance - mean) / sd)


def place_in_slice(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where each value stands among those of its slice of time, 0 to 1, ties in the middle.

    The mean over the frauds is their AUC within slices, but for the few other frauds in a slice.
    """
    numbered = pl.DataFrame({"value": values, "slice": _slice_of(values.size)})
    place = (pl.col("value").rank("average") - 0.5) / pl.len()
    return numbered.select(place.over("slice")).to_series().to_numpy()


def _spread_in_slice(values: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return where each value stands among those of its slice of time, ties in any order.

    With ties in the middle the place of a value that many rows share says how many there are, which
    differs from slice to slice. A model tells the slices apart by it, and so learns when there was
    much fraud: nothing that the form of a row says.
    """
    slices = _slice_of(values.size)
    order = np.lexsort((rng.random(values.size), values, slices))
    begins = np.searchsorted(slices, slices)
    places = np.empty(values.size)
    places[order] = np.arange(values.size) + 0.5
    return (places - begins) / np.bincount(slices)[slices]


def _slice_of(rows: int) -> NDArray[np.int64]:
    """Return the slice of time that each of so many rows in order of time lies in."""
    slices = min(SLICES, max(rows // ROWS_OF_A_SLICE, 1))
    return np.arange(rows) * slices // max(rows, 1)


@once
def pools(subject: Subject) -> list[Pool]:
    """Return the channels that have frauds enough.

    Raises:
        CannotCheckError: none has.
    """
    payments = subject.payments
    stratum = next((name for name in STRATA if name in payments.columns), None)
    names = pl.repeat("all", payments.height, eager=True) if stratum is None else payments[stratum]
    person = person_of(subject)
    fraud = payments["is_fraud"].to_numpy()
    found = []
    for name in names.drop_nulls().unique().sort():
        rows = np.flatnonzero(
            (names == name).fill_null(value=False).to_numpy() & subject.is_request
        )
        if fraud[rows].sum() < LEAST_FRAUDS or fraud[rows].all():
            continue
        rows = _some_people(rows, person, fraud, MOST_ROWS, subject.rng(f"leak rows {name}"))
        found.append((str(name), rows))
    if not found:
        raise CannotCheckError(
            f"too few frauds: no {'channel' if stratum else 'table'} has {LEAST_FRAUDS}"
        )
    looked_at = np.sort(np.concatenate([rows for _, rows in found]))
    return [
        Pool(name, rows, np.searchsorted(looked_at, rows), person[rows], fraud[rows])
        for name, rows in found
    ]


@once
def _form(subject: Subject) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Return the features of every family that vary, for the rows of all pools."""
    looked_at = np.sort(np.concatenate([pool.rows for pool in pools(subject)]))
    return {
        family: {
            name: values[looked_at] for name, values in features_of(subject) if np.ptp(values) > 0
        }
        for family, (_, features_of) in FAMILIES.items()
    }


@once
def _compared(subject: Subject) -> list[_Compared]:
    return [_Compared(pool, subject.rng(f"leaks {pool.name}")) for pool in pools(subject)]


def person_of(subject: Subject) -> NDArray[np.int64]:
    """Return who pays each payment; each row is somebody else if the table does not say."""
    who = next((name for name in PEOPLE if name in subject.payments.columns), None)
    if who is None:
        return np.arange(subject.payments.height)
    return codes_of(subject.payments[who])


def _some_people(
    rows: NDArray[np.int64],
    person: NDArray[np.int64],
    fraud: NDArray[np.bool_],
    most: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return all rows of the victims and those of others, about as many as ``most``."""
    if rows.size <= most:
        return rows
    victims = np.unique(person[rows][fraud[rows]])
    others = np.setdiff1d(person[rows], victims)
    room = most - int(np.isin(person[rows], victims).sum())
    share = max(room, most // 2) / rows.size
    kept = np.concatenate([victims, others[rng.random(others.size) < share]])
    return rows[np.isin(person[rows], kept)]


# All of it together


def _together(subject: Subject) -> Iterator[Measurement]:
    features = {
        name: values for family in _form(subject).values() for name, values in family.items()
    }
    if not features:
        raise CannotCheckError("nothing to look at: no feature of form varies")
    judged = 0
    for pool in pools(subject):
        rng = subject.rng(f"leak_together {pool.name}")
        measured = _by_model(_smaller(pool, rng), features, rng)
        if measured.band is not None and (measured.band.high or 0) < MOST_CHANCE:
            judged += 1
            yield measured
    if not judged:
        raise CannotCheckError(
            f"too few frauds in every channel: chance alone could give a model an AUC of "
            f"{MOST_CHANCE}"
        )


def _smaller(pool: Pool, rng: np.random.Generator) -> Pool:
    kept = _some_people(np.arange(pool.rows.size), pool.person, pool.fraud, MODEL_ROWS, rng)
    return Pool(pool.name, pool.rows[kept], pool.place[kept], pool.person[kept], pool.fraud[kept])


def _by_model(
    pool: Pool, features: Mapping[str, NDArray[np.float64]], rng: np.random.Generator
) -> Measurement:
    """Fit a model to half of the people, score the other half, and do so on moved labels too."""
    matrix = np.stack(
        [_spread_in_slice(values[pool.place], rng) for values in features.values()], axis=1
    )
    people = rng.permutation(np.unique(pool.person))
    train = np.isin(pool.person, people[: people.size // 2])
    auc = _auc_of_model(matrix, pool.fraud, train)
    runs = Runs(pool.person, pool.fraud)
    by_chance = []
    for _ in range(MODEL_DRAWS):
        moved = np.zeros(pool.fraud.size, np.bool_)
        moved[runs.moved(rng)] = True
        by_chance.append(_auc_of_model(matrix, moved, train))
    band = band_of_chance(by_chance, "runs of fraud moved to others at about the same time")
    return Measurement(
        f"leak_together_{pool.name}",
        auc,
        f"In {pool.name}, a model that sees only the form of rows, not what they say, reaches an "
        f"AUC of {auc:.3f}; chance reaches {band.high:.3f}.",
        band,
        {"rows": int(pool.fraud.size), "frauds": int(pool.fraud.sum()), "features": len(features)},
    )


def _auc_of_model(
    matrix: NDArray[np.float64], fraud: NDArray[np.bool_], train: NDArray[np.bool_]
) -> float:
    import lightgbm

    if not fraud[train].any() or not fraud[~train].any():
        return 0.5
    learning = lightgbm.Dataset(matrix[train], fraud[train].astype(np.float64))
    booster = lightgbm.train(MODEL_SETTINGS, learning, num_boost_round=MODEL_ROUNDS)
    return roc_auc(fraud[~train], np.asarray(booster.predict(matrix[~train])))


CHECKS = (
    *(
        Check(
            "shortcuts",
            f"leak_{family}",
            f"Does {what} tell of fraud?",
            partial(_family, family=family),
        )
        for family, (what, _) in FAMILIES.items()
    ),
    Check("shortcuts", "leak_together", "Does the form of a row tell of fraud?", _together),
)
