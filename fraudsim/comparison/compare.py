"""Every rebalancer beside doing nothing: the same detector, the same future, several seeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.progress import SilentProgress
from fraudsim.sinks.whole_file import check_target, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.comparison.methods import Method
    from fraudsim.comparison.result import ComparisonResult
    from fraudsim.comparison.store import Store
    from fraudsim.comparison.trial import Course, Trial
    from fraudsim.dataset import Dataset
    from fraudsim.examples import Examples
    from fraudsim.metrics import Costs
    from fraudsim.own_table import OwnTable
    from fraudsim.progress import Progress
    from fraudsim.rebalancers.base import Rebalancer
    from fraudsim.splits import TimeSplit

FAILURES = (FraudsimError, ValueError, RuntimeError, MemoryError, ImportError)
"""How a method says that it cannot: ours, the libraries beneath, an extra that is not installed."""


def compare_rebalancers(
    data: str | Path | Dataset | OwnTable,
    *,
    detector: str = "lightgbm",
    methods: Sequence[str] | None = None,
    seeds: int = 5,
    label: str | None = None,
    time: str | None = None,
    amount: str | None = None,
    entity: Sequence[str] = (),
    ratio: float | None = None,
    attacks: Sequence[str] = (),
    world: str | Path | None = None,
    map: str | Path | None = None,  # noqa: A002 -- named after the option
    split: TimeSplit | None = None,
    budget: int | None = None,
    costs: Costs | None = None,
    recalibrate: bool = True,
    replicates: int | None = None,
    rare: int | None = None,
    seed: int = 1,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> ComparisonResult:
    """Judge a detector behind each rebalancer, on the future at its own share of fraud.

    ``none`` and ``class_weight`` always run. Differences to both have intervals by resampling
    accounts and seeds, wide enough to hold for all methods at once; where one spans 0, the two are
    a tie. A method that fails is named with the reason, and the others go on.

    Args:
        data: a dataset, or somebody's own table as CSV or Parquet.
        detector: what ``fraudsim.detectors.kit.resolve`` takes.
        methods: names of rebalancers, also ``NAME by attack`` or ``NAME by COLUMN``; by default
            all, and some by attack where attacks are known.
        seeds: how many.
        label: of an own table: the column that is 1 for fraud.
        time: of an own table: the column that says when.
        amount: of an own table: the column of amounts, in units of the currency.
        entity: of an own table: columns that say who; accounts are told apart by the first.
        ratio: frauds per genuine row for the rebalancers that have a ratio; their own by default.
        attacks: for ``simulate``, as in ``fraudsim.rebalance``; so are ``world`` and ``map``.
        world: a simulated dataset whose frauds are taken.
        map: of an own table: what its columns mean.
        split: how to split; by default what suits the kind of data (``default_split``).
        budget: alerts a day; by default 100 per 100,000 rows a day, at least 1.
        costs: what alerts cost.
        recalibrate: whether isotonic recalibration is tried, which takes a second fit.
        replicates: times that accounts are drawn anew; 300 by default.
        rare: judge by the frauds of attacks with at most so many known training frauds only.
        seed: the first seed; the others follow it.
        out: where to write the result as JSON; an earlier file is replaced when all is done. Until
            then trials lie in ``OUT.trials``, so that the same call goes on after a kill.
        progress: where to show how far it is, in trials.

    Raises:
        UsageError: the data, a name or a number is wrong, a side of the split has one class, or
            the rows as they are cannot be learnt from.
    """
    from fraudsim.comparison.methods import every, parsed
    from fraudsim.comparison.store import Store
    from fraudsim.detectors.kit.resolve import digest_of, resolve
    from fraudsim.examples import open_examples
    from fraudsim.rebalance import world_settings

    path = None if out is None else Path(out)
    if path is not None:
        check_target(path)
    if seeds < 1:
        raise UsageError(f"seeds must be at least 1, not {seeds}")
    if replicates is not None and replicates < 2:
        raise UsageError(f"replicates must be at least 2, not {replicates}")
    if rare is not None and rare < 0:
        raise UsageError(f"rare must be 0 or more known frauds, not {rare}")
    if budget is not None and budget < 1:
        raise UsageError(f"budget must be at least 1 alert a day, not {budget}")
    maker = resolve(detector)
    if maker.ceiling:
        raise UsageError(f"{maker.name} is told the truth: no rebalancer helps it or harms it")
    asked = None if methods is None else parsed(methods)
    examples = open_examples(data, label=label, time=time, amount=amount, entity=entity)
    in_world = world_settings(attacks, world, map)
    course = _course(examples, split, maker, budget, costs, recalibrate, replicates, in_world, rare)
    store = Store.beside(path, _shared(course, digest_of(detector, maker)))
    trials, failed = _run(
        course,
        asked or every(examples, has_world="world" in in_world or _is_dataset(examples)),
        range(seed, seed + seeds),
        ratio,
        store,
        progress or SilentProgress(),
    )
    result = _result(course, trials, failed, range(seed, seed + seeds), ratio, budget)
    if path is None:
        return result
    write_json(path, result.as_dict())
    store.clear()
    return replace(result, path=path)


def _is_dataset(examples: Examples) -> bool:
    return bool(examples.source["kind"] == "dataset")


def _course(
    examples: Examples,
    split: TimeSplit | None,
    maker: Any,
    budget: int | None,
    costs: Costs | None,
    recalibrate: bool,
    replicates: int | None,
    in_world: Mapping[str, Any],
    rare: int | None,
) -> Course:
    import numpy as np

    from fraudsim.comparison.rare import note_on, of_rare_attacks
    from fraudsim.comparison.trial import Course
    from fraudsim.harness.judge import scored_rows
    from fraudsim.metrics import REPLICATES, Costs, daily_budget
    from fraudsim.splits import default_split

    parts = (split or default_split(examples)).apply(examples)
    notes: tuple[str, ...] = ()
    if rare is not None:
        parts, attacks = of_rare_attacks(examples, parts, rare)
        notes = (note_on(attacks, rare),)
    test = scored_rows(examples, parts.test, np.zeros(parts.test.size))
    return Course(
        examples=examples,
        split=parts,
        detector=maker,
        budget=daily_budget(test) if budget is None else budget,
        costs=costs or Costs(),
        recalibrate=recalibrate,
        replicates=REPLICATES if replicates is None else replicates,
        in_world=in_world,
        notes=notes,
    )


def _shared(course: Course, detector_digest: str) -> dict[str, Any]:
    """Return what all trials depend on, as JSON values."""
    from fraudsim import __version__

    return {
        "fraudsim": __version__,
        "source": dict(course.examples.source),
        "features": course.examples.features.columns,
        "split": course.split.describe(course.examples),
        "detector": [course.detector.name, detector_digest],
        "budget": course.budget,
        "costs": course.costs.describe(),
        "recalibrate": course.recalibrate,
        "replicates": course.replicates,
        "judged": list(course.notes),
    }


def _run(
    course: Course,
    methods: Sequence[Method],
    seeds: range,
    ratio: float | None,
    store: Store,
    progress: Progress,
) -> tuple[dict[str, list[Trial]], dict[str, str]]:
    """Return the trials of each method, one per seed, and why others failed."""
    trials: dict[str, list[Trial]] = {}
    failed: dict[str, str] = {}
    with progress.task("compare", total=len(methods) * len(seeds)) as task:
        for method in methods:
            try:
                done = []
                for seed in seeds:
                    done.append(_trial(course, method, seed, ratio, store))
                    task.advance()
            except FAILURES as error:
                if method.name == "none":
                    raise
                failed[method.name] = " ".join(f"{error}".split()) or type(error).__name__
                task.advance(len(seeds) - len(done))
            else:
                trials[method.name] = done
    return trials, failed


def _trial(course: Course, method: Method, seed: int, ratio: float | None, store: Store) -> Trial:
    from fraudsim.comparison.trial import run_trial
    from fraudsim.training_set import kinds_of

    rebalancer = _rebalancer(course, method.rebalancer, seed, ratio)
    depends_on = {**rebalancer.get_params(), "seed": seed}
    found = store.get(method.name, depends_on)
    if found is not None:
        return found
    by = None if method.by is None else kinds_of(course.examples, method.by)
    trial = run_trial(course, rebalancer, seed, by)
    store.put(method.name, depends_on, trial)
    return trial


def _rebalancer(course: Course, name: str, seed: int, ratio: float | None) -> Rebalancer:
    from fraudsim.rebalancers.base import make_rebalancer

    return make_rebalancer(
        name,
        ratio=ratio,
        seed=seed,
        amount=course.examples.amount_column,
        world=course.in_world,
    )


def _result(
    course: Course,
    trials: Mapping[str, Sequence[Trial]],
    failed: Mapping[str, str],
    seeds: range,
    ratio: float | None,
    budget: int | None,
) -> ComparisonResult:
    from fraudsim.comparison.paired import differences
    from fraudsim.comparison.result import ComparisonResult, MethodResult
    from fraudsim.comparison.verdict import JUDGED_BY, verdict

    to_none = differences(trials, "none")
    to_weights = differences(trials, "class_weight") if "class_weight" in trials else {}
    methods = []
    for name, done in trials.items():
        rebalancer = _rebalancer(course, name.partition(" by ")[0], seeds[0], ratio)
        parameters = {k: v for k, v in rebalancer.get_params().items() if k != "random_state"}
        methods.append(
            MethodResult.of(name, parameters, done, to_none.get(name, {}), to_weights.get(name, {}))
        )
    methods.sort(key=lambda one: (*_place(one.method), -(one.metrics[JUDGED_BY] or 0.0)))
    examples = course.examples
    return ComparisonResult(
        source={
            **examples.source,
            "rows": examples.size,
            "frauds": int(examples.fraud.sum()),
            "features": examples.features.width,
        },
        detector=course.detector.name,
        seeds=tuple(seeds),
        split=course.split.describe(examples),
        budget={
            "alerts_per_day": course.budget,
            "source": "given" if budget else "100 per 100,000 rows a day, at least 1",
        },
        costs=course.costs.describe(),
        methods=tuple(methods),
        failed=dict(failed),
        verdict=verdict(to_none, to_weights, course.detector.name),
        notes=_notes(course, trials),
    )


def _place(method: str) -> tuple[int, ...]:
    """Return what puts the baselines first, in their order."""
    from fraudsim.comparison.methods import BASELINES

    return (BASELINES.index(method) if method in BASELINES else len(BASELINES),)


def _notes(course: Course, trials: Mapping[str, Sequence[Trial]]) -> tuple[str, ...]:
    from fraudsim.harness.play import info_of

    examples = course.examples
    notes = [*course.notes, *examples.notes, *course.detector.notes(info_of(examples))]
    if examples.amount is None:
        notes.append("no column of amounts was named: no money is counted")
    frauds = int(examples.fraud[course.split.test].sum())
    if frauds < 100:
        notes.append(f"the test has {frauds} frauds only: the intervals are wide")
    if course.recalibrate and "brier_isotonic" not in trials["none"][0].metrics:
        notes.append(
            "no isotonic recalibration: a slice of the training rows has too few known frauds, "
            "or the detector learns from no labels"
        )
    notes += [f"{name}: {said}" for name, done in trials.items() for said in done[-1].notes]
    return tuple(dict.fromkeys(notes))
