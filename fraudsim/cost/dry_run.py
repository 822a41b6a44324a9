"""The rows, bytes, time and memory of a run, foretold from a small sample of the same scenario."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fraudsim.cost.effort import Work, coefficients, peak_memory_bytes, seconds
from fraudsim.cost.sample import (
    SAMPLE_CUSTOMER_DAYS,
    Counted,
    reference_seconds,
    sample_of,
    simulate_sample,
)
from fraudsim.cost.size import size_of_run
from fraudsim.engine.population import block_count
from fraudsim.engine.run import with_outsiders
from fraudsim.errors import UsageError
from fraudsim.registry import ATTACKS, combine, discover

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fraudsim.attacks.kit.pattern import AttackPattern
    from fraudsim.cost.size import Size
    from fraudsim.scenario import Scenario

MOST_OFF = 5.0
"""A machine is held to be at most so many times faster or slower than the one measured: beyond
that, something else was in the way of the sample."""


@dataclass(frozen=True)
class Estimate:
    """What a run would come to.

    Attributes:
        scenario: its name.
        workers: processes that would share the blocks: never more than there are blocks.
        rows: rows of every table.
        fraud_rows: fraudulent transactions.
        bytes: what the dataset takes on the disk.
        seconds: from start to end, on as many free cores as ``workers`` (or all there are).
        cpu_seconds: of all processes together.
        peak_memory_bytes: of all processes together, each at its own peak.
        sampled_customers: how many customers were simulated to know; where that is all of them,
            the rows are exact.
    """

    scenario: str
    workers: int
    rows: Mapping[str, int]
    fraud_rows: int
    bytes: int
    seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    sampled_customers: int


class Pace(NamedTuple):
    """How fast a machine is.

    Attributes:
        slowness: how many times longer it takes than the one that was measured.
        fraud: seconds that a fraud of this scenario would take on the one that was measured.
    """

    slowness: float
    fraud: float


def estimate(
    scenario: Scenario,
    seed: int = 1,
    *,
    workers: int = 1,
    attacks: Sequence[str | Path] = (),
    extra_patterns: Sequence[type[AttackPattern]] = (),
    customer_days: int = SAMPLE_CUSTOMER_DAYS,
) -> Estimate:
    """Foretell what ``simulate`` would make of the same arguments, within some 30 %.

    A few hundred customers live through the whole calendar in a temporary folder, with some
    campaigns of every attack. So seasons, the months in which a run settles, and every setting of
    the scenario are in the rates that are scaled up. Time and memory come from coefficients
    measured once (``benchmarks/speed/calibrate.py``). Time is corrected by how long a reference run
    takes on this machine, and that of frauds by the sample with its attacks and without. Time on
    slow disks is not foretold.

    Args:
        scenario: what would be simulated.
        seed: with which seed.
        workers: processes that would hold the customers.
        attacks: files or folders with attack patterns from outside; they are run as code.
        extra_patterns: attack patterns as classes.
        customer_days: size of the sample; more is more exact, and slower.

    Raises:
        UsageError: the same that ``simulate`` would raise for scenario, workers and attacks.
        FraudsimError: there is no room for the sample, or an attack broke the rules of its kind.
    """
    if workers < 1:
        raise UsageError(f"workers must be at least 1, not {workers}")
    known = combine(discover(ATTACKS, attacks), extra_patterns)
    scenario = with_outsiders(scenario, sorted(set(known) - set(discover(ATTACKS))))
    sample = sample_of(scenario, customer_days)
    simulate_sample(sample, seed, attacks, extra_patterns)  # compiles and loads what it needs
    counted = simulate_sample(sample, seed, attacks, extra_patterns)  # is timed
    honest = simulate_sample(sample.model_copy(update={"attacks": ()}), seed)
    return scaled_up(
        scenario,
        sample,
        counted,
        workers=workers,
        cores=os.cpu_count() or 1,
        pace=pace_of(counted, honest, reference_seconds()),
    )


def scaled_up(
    scenario: Scenario,
    sample: Scenario,
    counted: Counted,
    *,
    workers: int,
    cores: int,
    pace: Pace | None = None,
) -> Estimate:
    """Return what ``scenario`` would come to by what was counted in its ``sample``.

    Args:
        scenario: the run.
        sample: its sample, of :func:`sample_of`.
        counted: what came out of the sample.
        workers: processes.
        cores: cores that they share.
        pace: how fast this machine is; by default, as fast as the one that was measured.
    """
    size = size_of_run(scenario, sample, counted)
    workers = min(workers, block_count(scenario))
    work = _work(scenario, size, workers)
    pace = pace or Pace(1.0, coefficients().seconds.fraud)
    taken = seconds(work, coefficients(), cores=cores, fraud=pace.fraud)
    return Estimate(
        scenario=scenario.name,
        workers=workers,
        rows=size.rows,
        fraud_rows=size.rows["labels"],
        bytes=size.bytes,
        seconds=taken.wall * pace.slowness,
        cpu_seconds=taken.cpu * pace.slowness,
        peak_memory_bytes=round(peak_memory_bytes(work, coefficients())),
        sampled_customers=sample.population.customers,
    )


def _work(scenario: Scenario, size: Size, workers: int) -> Work:
    return Work(
        customers=scenario.population.customers,
        merchants=size.rows["merchants"],
        blocks=block_count(scenario),
        days=scenario.calendar.days,
        rows=size.rows["transactions"] + size.rows["events"],
        frauds=size.rows["labels"],
        workers=workers,
    )


def pace_of(counted: Counted, honest: Counted, reference: float) -> Pace:
    """Return how fast this machine is.

    Args:
        counted: a sample with its attacks.
        honest: the same without; a fraud takes what is between them.
        reference: seconds of the reference run here. Only it compares machines: a small run in a
            warm process takes less than the coefficients say, which are of whole processes.
    """
    slowness = reference / coefficients().measured.reference_seconds
    slowness = min(max(slowness, 1 / MOST_OFF), MOST_OFF)
    of_fraud = max(counted.cpu_seconds - honest.cpu_seconds, 0.0)
    return Pace(slowness, of_fraud / slowness / max(counted.rows["labels"], 1))
