"""Whether the rows of one campaign or account go together in time and order.

Models of single rows cannot do this: a row that they draw belongs to nobody. Simulated frauds can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.balance_quality.fidelity import kolmogorov_smirnov, total_variation
from fraudsim.quality.check import Band, CannotCheckError, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.balance_quality.made_rows import MadeRows, Sequences

LEAST = 10
"""Sequences of each kind below which nothing can be said (a choice)."""

PASSES, FAILS = 0.1, 0.2
"""Distances that pass, and that warn, beside what is by chance (assumptions)."""


def coherence(rows: MadeRows) -> Iterator[Measurement]:
    """Compare how many rows a sequence has, the gaps between them, and what follows what.

    Raises:
        CannotCheckError: made rows do not say whose they are and when, or there are too few.
    """
    given = rows.sequences
    if given is None:
        raise CannotCheckError(
            "made rows carry neither whose they are nor when they happened, so they form no "
            "sequence: a model that draws single rows cannot be coherent over several; "
            "simulate makes whole campaigns"
        )
    real, made = _in_order(given.real, given), _in_order(given.made, given)
    counts = [frame[given.by].n_unique() for frame in (real, made)]
    if min(counts) < LEAST:
        raise CannotCheckError(
            f"{min(counts)} real or made sequences are too few; {LEAST} are needed"
        )
    band = _band(*counts)
    lengths = kolmogorov_smirnov(*(_lengths(frame, given.by) for frame in (real, made)))
    yield Measurement(
        "coherence_length",
        lengths,
        f"The number of frauds in one {given.by} differs by {lengths:.0%} at most from real ones.",
        band,
    )
    gaps = [_gaps(frame, given) for frame in (real, made)]
    if min(map(len, gaps)):
        distance = kolmogorov_smirnov(*gaps)
        yield Measurement(
            "coherence_gaps",
            distance,
            f"The time between two frauds of one {given.by} differs by {distance:.0%} at most "
            "from real ones.",
            band,
            {"median_gap_s": [float(np.median(each)) for each in gaps]},
        )
        if given.of is not None:
            follows = total_variation(*(_steps(frame, given, given.of) for frame in (made, real)))
            yield Measurement(
                "coherence_order",
                follows,
                f"What follows what ({given.of}) differs in {follows:.0%} of the steps.",
                band,
            )


def _band(real: int, made: int) -> Band:
    """Allow for chance as the Kolmogorov-Smirnov test of so many sequences does at 5 %."""
    chance = 1.36 * float(np.sqrt((real + made) / (real * made)))
    return Band(
        None,
        FAILS + chance,
        f"assumption, beside {chance:.2f} that so few sequences differ by chance",
        warn_high=PASSES + chance,
    )


def _in_order(frame: pl.DataFrame, given: Sequences) -> pl.DataFrame:
    known = frame.filter(pl.col(given.by).is_not_null() & pl.col(given.time).is_not_null())
    return known.sort(given.by, given.time, maintain_order=True)


def _lengths(frame: pl.DataFrame, by: str) -> NDArray[np.float64]:
    return frame.group_by(by).len().sort(by)["len"].cast(pl.Float64).to_numpy()


def _gaps(frame: pl.DataFrame, given: Sequences) -> NDArray[np.float64]:
    """Return seconds since the row before, of rows that have one in their sequence."""
    at = frame[given.time].cast(pl.Datetime("us")).to_physical().to_numpy() / 1e6
    gaps: NDArray[np.float64] = np.diff(at)[_follows(frame, given)]
    return gaps


def _steps(frame: pl.DataFrame, given: Sequences, of: str) -> pl.Series:
    """Return what a row has after what the row before has, in its sequence."""
    texts = frame[of].cast(pl.String).fill_null("\0null")
    pairs = pl.select(pl.concat_str(texts.shift(1), texts, separator="\0")).to_series()
    return pairs[1:].filter(pl.Series(_follows(frame, given)))


def _follows(frame: pl.DataFrame, given: Sequences) -> NDArray[np.bool_]:
    return (frame[given.by][1:] == frame[given.by][:-1]).to_numpy()
