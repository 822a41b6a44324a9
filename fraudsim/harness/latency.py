"""What a detector takes: time for one payment and for a batch, also under load, and memory.

None of it is reproducible: it is measured on the machine at hand, by the clock.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.detectors.base import FraudClassifier

ONE_BY_ONE = 200
"""Payments that are timed one by one."""

WARM_UP = 5
"""Calls that are not timed: the first ones load code."""

BATCH = 1_000
"""Rows of a batch."""

LOAD_PER_SECOND = 20.0
"""Payments a second that the queue is offered: some 1.7 million a day (a choice)."""

ARRIVALS = 20_000


def latencies(classifier: FraudClassifier, rows: pl.DataFrame) -> dict[str, float | None]:
    """Return percentiles of the time for one payment, alone and under load, and for a batch.

    Args:
        classifier: fitted.
        rows: what to score, as the detector sees it; at least ``BATCH`` for the batch.

    Returns:
        Milliseconds: ``latency_p50_ms``, ``_p99_``, ``_p99.9_``, the same ``_under_load`` (one
        queue that is offered ``LOAD_PER_SECOND`` payments at random times; ``None`` where it would
        grow without end), and ``batch_us_per_row`` in microseconds.
    """
    count = min(ONE_BY_ONE, rows.height - WARM_UP)
    for i in range(WARM_UP):
        classifier.predict_proba(rows[i : i + 1])
    seconds = np.array(
        [_timed(classifier, rows[WARM_UP + i : WARM_UP + i + 1]) for i in range(max(count, 1))]
    )
    batch = rows[:BATCH]
    found: dict[str, float | None] = {**_percentiles(seconds, "latency")}
    found |= under_load(seconds)
    found["batch_us_per_row"] = _timed(classifier, batch) / batch.height * 1e6
    return found


def under_load(
    service_s: NDArray[np.float64], per_second: float = LOAD_PER_SECOND
) -> dict[str, float | None]:
    """Return what payments wait for in one queue, by the times that were measured.

    Payments come at random (a Poisson stream) and are served one after the other, each for one of
    the measured times (Lindley 1952). ``None`` where more is offered than can be served.
    """
    names = ("p50", "p99", "p99.9")
    if service_s.mean() * per_second >= 1:
        return {f"latency_under_load_{name}_ms": None for name in names}
    stream = Streams(0).get("offered load")
    gaps = stream.exponential(1 / per_second, ARRIVALS)
    service = stream.choice(service_s, ARRIVALS)
    waited, in_all = 0.0, np.empty(ARRIVALS)
    for i in range(ARRIVALS):
        in_all[i] = waited + service[i]
        waited = max(in_all[i] - gaps[i], 0.0)
    return {**_percentiles(in_all, "latency_under_load")}


def peak_memory_mb(work: Callable[[], object]) -> float | None:
    """Run something, and return by how many MB memory grew at its peak; ``None`` without /proc."""
    reset, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    try:
        reset.write_text("5", encoding="ascii")  # the peak starts from here (proc(5))
    except OSError:
        work()
        return None
    before = _status_mb(status, "VmRSS")
    work()
    return _status_mb(status, "VmHWM") - before


def _status_mb(status: Path, name: str) -> float:
    lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    [line] = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024 / 1e6


def _timed(classifier: FraudClassifier, rows: pl.DataFrame) -> float:
    started = perf_counter()
    classifier.predict_proba(rows)
    return perf_counter() - started


def _percentiles(seconds: NDArray[np.float64], name: str) -> dict[str, float]:
    values = np.quantile(seconds, [0.5, 0.99, 0.999]) * 1e3
    return dict(
        zip(
            (f"{name}_p50_ms", f"{name}_p99_ms", f"{name}_p99.9_ms"),
            map(float, values),
            strict=True,
        )
    )
