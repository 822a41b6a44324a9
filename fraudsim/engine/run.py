"""Run a scenario from the first day to the dataset on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.engine.checkpoint import Checkpoints, RunIdentity
from fraudsim.engine.course import Setting, live
from fraudsim.engine.engines import choose
from fraudsim.engine.entered import Entered
from fraudsim.engine.population import block_count
from fraudsim.manifest import AttackSource
from fraudsim.progress import SilentProgress
from fraudsim.registry import ATTACKS, EVASIONS, combine, discover
from fraudsim.scenario import AttackEntry, Scenario
from fraudsim.scenario_attacks import check_attacks, check_evasions
from fraudsim.sinks.parquet import DatasetWriter
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fraudsim.attacks.kit.pattern import AttackPattern
    from fraudsim.dataset import Dataset
    from fraudsim.progress import Progress

OUTSIDER_RATE = 3.0
"""Campaigns per 10,000 customers and 30 days of a pattern that the scenario does not name."""


def simulate(
    scenario: Scenario,
    seed: int,
    out: str | Path,
    *,
    engine: str | None = None,
    workers: int | None = None,
    resume: bool = False,
    attacks: Sequence[str | Path] = (),
    extra_patterns: Sequence[type[AttackPattern]] = (),
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Simulate ``scenario`` with ``seed`` and write the dataset to ``out``.

    The bytes written are a pure function of scenario and seed (and of the attack files named, if
    any), whatever the engine, the number of workers, and how often the run was killed and resumed.

    Args:
        scenario: what to simulate.
        seed: any integer from 0 to 2**63 - 1.
        out: the folder to be, or a URL such as ``s3://bucket/world`` (the extra
            ``fraudsim[remote]``); it is whole or absent.
        engine: who holds the customers: ``serial``, ``processes`` or ``ray``; None is ``serial``
            with one worker and ``processes`` with more.
        workers: how many hold them; None is one, or as many as the engine named has cores.
        resume: go on with a run to ``out`` that was killed, from its last checkpoint, with any
            engine and number of workers.
        attacks: files or folders with attack patterns from outside; they are run as code.
        extra_patterns: attack patterns as classes, for use in a library or notebook.
        overwrite: replace an earlier dataset in ``out``.
        progress: where to show how far it is.

    Raises:
        UsageError: an attack is unknown or its parameters are wrong, ``out`` is in the way, or
            there is nothing to resume that fits.
        FraudsimError: the disk is full, a worker died (the run can be resumed), or an attack broke
            the rules of its kind.
    """
    blocks = block_count(scenario)
    chosen, holders = choose(engine, workers, blocks)
    ours = discover(ATTACKS)
    known = combine(discover(ATTACKS, attacks), extra_patterns)
    scenario = with_outsiders(scenario, sorted(set(known) - set(ours)))
    patterns = [
        Entered(*entered)
        for entered in zip(
            check_attacks(scenario, known),
            check_evasions(scenario, discover(EVASIONS)),
            scenario.attacks,
            strict=True,
        )
    ]
    sources = _sources(patterns)
    identity = RunIdentity.of(scenario, seed, sources)
    with DatasetWriter(out, overwrite=overwrite, resume=resume) as writer:
        checkpoints = Checkpoints(writer.place, identity)
        if not resume:
            checkpoints.begin()
        elif (finished := checkpoints.finished()) is not None:
            return writer.put_in_place(finished)
        else:
            checkpoints.find()
        setting = Setting(scenario, seed, patterns, writer.place)
        model, closing = live(setting, chosen, holders, checkpoints, progress or SilentProgress())
        from fraudsim.engine.standing import write_standing  # with the kernels: late

        parts = closing.parts + write_standing(model, closing, Streams(seed), writer.place)
        return writer.commit(parts, scenario=scenario, seed=seed, attacks_from=sources)


def with_outsiders(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """Return the scenario with an entry for each pattern handed in that it does not name.

    Who hands in a pattern wants to see it: it gets ``OUTSIDER_RATE`` campaigns per 10,000
    customers and 30 days, and three at least.
    """
    named = {entry.pattern for entry in scenario.attacks}
    size = scenario.population.customers / 10_000 * scenario.calendar.days / 30
    campaigns = max(3, round(OUTSIDER_RATE * size))
    added = tuple(
        AttackEntry.model_validate({"pattern": name, "campaigns": campaigns})
        for name in names
        if name not in named
    )
    return scenario.model_copy(update={"attacks": scenario.attacks + added})


def _sources(patterns: Sequence[Entered]) -> list[AttackSource]:
    """Name the patterns from outside and the hashes of their files, for the manifest."""
    classes = {entered.pattern.name: type(entered.pattern) for entered in patterns}
    return [
        AttackSource.of(cls)
        for _, cls in sorted(classes.items())
        if not cls.__module__.startswith("fraudsim.attacks.")
    ]
