"""Whether frauds stand side by side in the order of ids or of the file, more than in time (R8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.quality.check import Check, Measurement
from fraudsim.quality.shortcuts.chance import DRAWS, Runs, band_of_chance
from fraudsim.quality.shortcuts.form import numbers_in
from fraudsim.quality.shortcuts.leaks import person_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject


def _leak_runs(subject: Subject) -> Iterator[Measurement]:
    fraud = subject.payments["is_fraud"].to_numpy()
    subject.need_frauds(20)
    runs = Runs(person_of(subject), fraud)
    by_time = _by_time(subject)
    for name, said, order in _orders(subject):
        rng = subject.rng(f"leak_runs_{name}")
        frauds = np.flatnonzero(fraud)
        excess = _excess(order[frauds], by_time[frauds])
        by_chance = []
        for _ in range(DRAWS):
            moved = runs.moved(rng)
            by_chance.append(_excess(order[moved], by_time[moved]))
        band = band_of_chance(
            by_chance, "runs of fraud moved to others at about the same time", least_sd=1.0
        )
        yield Measurement(
            f"leak_runs_{name}",
            excess,
            f"{excess:,} more frauds follow a fraud in the order of {said} than in time; "
            f"chance reaches {band.high:,.0f}.",
            band,
            {"frauds": int(fraud.sum())},
        )


def _orders(subject: Subject) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    if "tx_id" in subject.payments.columns:
        ids = numbers_in(subject.payments["tx_id"])
        yield "ids", "ids", _places(np.argsort(ids, kind="stable"))
    file, row = (subject.position[name].to_numpy() for name in ("file", "row"))
    yield "rows", "the file", _places(np.lexsort((row, file)))


def _by_time(subject: Subject) -> NDArray[np.int64]:
    """Return each row's place in time; which of equal times comes first is left to chance."""
    time_us = subject.payments["event_time"].dt.timestamp("us").to_numpy()
    return _places(np.lexsort((subject.rng("leak_runs ties").random(time_us.size), time_us)))


def _places(order: NDArray[np.int64]) -> NDArray[np.int64]:
    places = np.empty(order.size, np.int64)
    places[order] = np.arange(order.size)
    return places


def _excess(places: NDArray[np.int64], by_time: NDArray[np.int64]) -> int:
    """Return how many more follow each other in an order than in time; fewer are no leak."""
    return max(_pairs(places) - _pairs(by_time), 0)


def _pairs(places: NDArray[np.int64]) -> int:
    """Return how many of these places follow directly on another of them."""
    return int((np.diff(np.sort(places)) == 1).sum())


CHECKS = (
    Check("shortcuts", "leak_runs", "Do frauds stand side by side in ids or files?", _leak_runs),
)
