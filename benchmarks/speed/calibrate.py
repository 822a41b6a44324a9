"""Measure what each customer, day, row and fraud costs, and write the cost model's coefficients.

    python benchmarks/speed/calibrate.py

Each run of ``RUNS`` is made in a process of its own, one after the other; coefficients that are not
negative are fitted to their CPU seconds and peaks, each run with the same weight. Then every run
is foretold from the others: the largest error is written beside the coefficients. Use a machine
that does nothing else. ``--quick`` makes smaller runs, to try the script.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import nnls

from fraudsim.cost import effort
from fraudsim.cost.effort import Coefficients, Measured, Memory, Seconds, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ONE_RUN = Path(__file__).with_name("one_run.py")
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
GIB = 2**30

MORE_PAYMENTS = ("honest.card_payments_per_day=9", "population.income_median_minor=1600000")
MORE_FRAUD = (
    "attacks.0.per_10k_customers_30_days=100",
    "attacks.1.per_10k_customers_30_days=200",
)
# scenario, customers, days, workers, further settings: each stretches one cost
RUNS = (
    ("cards", 1_000, 2, 1, ("population.block_size=1000",)),
    ("cards", 5_000, 30, 1, ()),
    ("cards", 20_000, 30, 1, ()),
    ("cards", 20_000, 30, 2, ()),
    ("cards", 5_000, 180, 1, ()),
    ("cards", 5_000, 180, 2, ()),
    ("cards", 3_000, 400, 1, ()),
    ("cards", 10_000, 30, 1, ("population.block_size=250",)),
    ("cards", 10_000, 30, 2, ("population.block_size=250",)),
    ("cards", 20_000, 60, 1, ("population.block_size=10000",)),
    ("cards", 20_000, 60, 2, ("population.block_size=10000",)),
    ("cards", 5_000, 90, 1, MORE_PAYMENTS),
    ("cards", 5_000, 90, 2, MORE_PAYMENTS),
    ("cards", 10_000, 60, 1, ("honest.card_payments_per_day=0.2", "honest.logins_per_day=0")),
    ("cards", 5_000, 60, 1, ("merchants.per_100_customers=1000",)),
    ("cards", 5_000, 60, 2, ("merchants.per_100_customers=1000",)),
    ("cards", 60_000, 5, 1, ()),
    ("cards", 60_000, 5, 2, ()),
    ("cards", 200_000, 6, 2, ()),
    ("cards", 55_000, 365, 1, ()),
    ("cards", 55_000, 365, 2, ()),
    ("cards", 600_000, 30, 2, ()),
    ("payments", 10_000, 60, 1, ()),
    ("payments", 10_000, 60, 2, ()),
    ("mixed", 5_000, 90, 1, MORE_FRAUD),
    ("mixed", 5_000, 90, 2, MORE_FRAUD),
)  # fmt: skip


class Fit(NamedTuple):
    """Costs by name, and the largest error of an observation foretold from the other runs."""

    costs: dict[str, float]
    worst: float


class Observation(NamedTuple):
    """What one process, or all workers of a run together, met and took."""

    run: int
    counts: dict[str, float]
    value: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the customers")
    parser.add_argument("--out", type=Path, default=Path(str(effort.OURS)))
    parser.add_argument("--runs", type=Path, help="keep there what was measured, and go on from it")
    arguments = parser.parse_args()
    costs = measured(5 if arguments.quick else 1, arguments.runs)
    works = [work_of(cost) for cost in costs]
    time = fitted(of_seconds(costs, works), tuple(Seconds.model_fields), together=True)
    memory = fitted(of_memory(costs, works), tuple(Memory.model_fields), together=False)
    known = Coefficients(
        version=1,
        measured=Measured(
            cores=os.cpu_count() or 1,
            memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB),
            python=platform.python_version(),
            reference_seconds=round(reference_run(), 3),
            runs=len(costs),
            worst_seconds=round(time.worst, 3),
            worst_memory=round(memory.worst, 3),
        ),
        seconds=Seconds(**time.costs),
        memory_bytes=Memory(**memory.costs),
    )
    arguments.out.write_text(yaml_of(known), encoding="utf-8")
    print(f"wrote {arguments.out.name}; foretold from the others, a run is at most "
          f"{time.worst:.0%} off in time, {memory.worst:.0%} in memory")  # fmt: skip


def measured(divide: int, kept: Path | None) -> list[dict[str, float]]:
    """Make every run in a process of its own, but those that ``kept`` has."""
    costs: list[dict[str, float]] = []
    if kept and kept.exists():
        costs = json.loads(kept.read_text(encoding="utf-8"))
    one_run("tiny", ())  # compiles the kernels, where none are kept yet
    for scenario, customers, days, workers, settings in RUNS[len(costs) :]:
        given = (f"population.customers={customers // divide}", f"calendar.days={days}", *settings)
        cost = one_run(scenario, given, workers)
        print(f"{scenario} {' '.join(given)}, {workers} workers: {cost['rows']:,} rows, "
              f"{cost['centre_s'] + cost['workers_s']:.1f} CPU seconds, "
              f"{cost['centre_bytes'] / 2**20:,.0f} and {cost['worker_bytes'] / 2**20:,.0f} MiB",
              flush=True)  # fmt: skip
        costs.append(cost)
        if kept:
            kept.write_text(json.dumps(costs), encoding="utf-8")
    return costs


def one_run(
    scenario: str, settings: Sequence[str], workers: int = 1, *options: str
) -> dict[str, float]:
    """Run a scenario once in a process of its own and return the fields of ``one_run.Cost``.

    Args:
        scenario: its name.
        settings: as of ``--set``.
        workers: processes.
        options: further options of ``one_run.py``.
    """
    command = [sys.executable, str(ONE_RUN), scenario, "--json", "--workers", str(workers)]
    command += options
    command += [word for setting in settings for word in ("--set", setting)]
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    cost: dict[str, float] = json.loads(done.stdout)
    return cost


def reference_run() -> float:
    """Return the CPU seconds of the run by which ``--dry-run`` compares machines."""
    code = "from fraudsim.cost.sample import reference_seconds as taken; print(taken())"
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    )
    return float(done.stdout)


def work_of(cost: dict[str, float]) -> Work:
    return Work(**{name: int(cost[name]) for name in Work._fields})


def of_seconds(costs: Sequence[dict[str, float]], works: Sequence[Work]) -> list[Observation]:
    """Return what the processes of each run met, all of them together."""
    seen = []
    for run, (cost, work) in enumerate(zip(costs, works, strict=True)):
        centre, blocks = effort.centre_counts(work), effort.block_counts(work)
        counts = {name: centre.get(name, 0) + blocks.get(name, 0) for name in centre | blocks}
        seen.append(Observation(run, counts, cost["centre_s"] + cost["workers_s"]))
    return seen


def of_memory(costs: Sequence[dict[str, float]], works: Sequence[Work]) -> list[Observation]:
    """Return what the centre and the fullest worker of each run held."""
    seen = []
    for run, (cost, work) in enumerate(zip(costs, works, strict=True)):
        seen.append(Observation(run, effort.centre_memory_counts(work), cost["centre_bytes"]))
        if work.workers > 1:
            seen.append(Observation(run, effort.worker_memory_counts(work), cost["worker_bytes"]))
    return seen


def fitted(seen: Sequence[Observation], names: Sequence[str], *, together: bool) -> Fit:
    """Fit costs, and foretell each run from the others.

    Args:
        seen: what was met and taken.
        names: of the costs.
        together: whether the observations of a run are judged by their sum, as its time is.
    """
    errors = []
    for run in sorted({one.run for one in seen}):
        costs = least_squares([one for one in seen if one.run != run], names)
        left_out = [one for one in seen if one.run == run]
        foretold = [sum(costs[name] * n for name, n in one.counts.items()) for one in left_out]
        pairs = list(zip(foretold, [one.value for one in left_out], strict=True))
        if together:
            pairs = [(sum(foretold), sum(one.value for one in left_out))]
        errors += [abs(told / value - 1) for told, value in pairs]
        print(f"  run {run}:", *(f"{told:,.3g} for {value:,.3g}" for told, value in pairs))
    return Fit(least_squares(seen, names), max(errors))


def least_squares(seen: Sequence[Observation], names: Sequence[str]) -> dict[str, float]:
    """Return costs that are not negative and give the least sum of squared relative errors."""
    counts = np.array([[one.counts.get(name, 0.0) for name in names] for one in seen])
    values = np.array([one.value for one in seen])
    relative: NDArray[np.float64] = counts / values[:, None]
    size = np.maximum(np.linalg.norm(relative, axis=0), np.finfo(float).tiny)
    solution, _ = nnls(relative / size, np.ones(len(seen)))
    return {name: float(f"{cost:.4g}") for name, cost in zip(names, solution / size, strict=True)}


def yaml_of(known: Coefficients) -> str:
    """Return the file: every value with what it means."""
    lines = [
        "# The costs by which `fraudsim simulate --dry-run` foretells time and memory.",
        "# Written by `python benchmarks/speed/calibrate.py`;",
        "# fraudsim/cost/effort.py says how they add up.",
        "version: 1",
    ]
    for name in ("measured", "seconds", "memory_bytes"):
        section = getattr(known, name)
        lines.append(f"{name}:")
        for key, field in type(section).model_fields.items():
            value = getattr(section, key)
            shown = f'"{value}"' if isinstance(value, str) else f"{value:.6g}"
            lines.append(f"  {key}: {shown}  # {field.description}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
