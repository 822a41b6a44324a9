"""How fast features come one payment at a time, and how much memory their past takes.

Every event of a small world is told in the order of time; for a payment that is to ask for its
features and to observe the answer, as a service does. All in CPU seconds of one process.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np

from fraudsim.dataset import Dataset, open_dataset
from fraudsim.engine import simulate
from fraudsim.features import FAMILIES, Online, build_features
from fraudsim.features.online import replay
from fraudsim.scenario_files import load_scenario

History = list[tuple[str, dict[str, Any]]]


def tell(online: Online, history: History) -> dict[str, np.ndarray]:
    """Tell a history and return the CPU nanoseconds of each call, by method."""
    taken: dict[str, list[int]] = {"features": [], "observe": [], "observe_event": []}
    clock = time.process_time_ns  # not the wall: other work on the machine would be counted too
    for table, row in history:
        begin = clock()
        if table == "events":
            online.observe_event(row)
            taken["observe_event"].append(clock() - begin)
            continue
        online.features(row)
        asked = clock()
        online.observe(row, approved=row["approved"])
        taken["features"].append(asked - begin)
        taken["observe"].append(clock() - asked)
    return {name: np.array(values) for name, values in taken.items()}


def assert_equal(dataset: Dataset, history: History) -> None:
    """Hold that one by one gives what the whole history gives at once.

    Raises:
        AssertionError: a row differs.
    """
    online, found = Online(dataset), []
    for table, row in history:
        if table == "events":
            online.observe_event(row)
        else:
            found.append({"tx_id": row["tx_id"], **online.features(row)})
            online.observe(row, approved=row["approved"])
    assert found == build_features(dataset).to_dicts()


def say_speed(dataset: Dataset, history: History) -> None:
    online = Online(dataset)
    begin = time.process_time()
    taken = tell(online, history)
    seconds = time.process_time() - begin
    payments = taken["features"].size
    print(f"{len(history):,} events, {payments:,} of them payments, {len(online.names)} features")
    print(f"{'events per CPU second':<24}{len(history) / seconds:>10,.0f}")
    print(f"{'payments per CPU second':<24}{payments / seconds:>10,.0f}")
    for name, ns in taken.items():
        p50, p99 = np.percentile(ns, (50, 99)) / 1000
        print(f"{name:<24}{p50:>10,.0f} µs p50{p99:>10,.0f} µs p99")


def say_families(dataset: Dataset, history: History) -> None:
    """Say the CPU microseconds of a payment, family by family, each alone."""
    for family in FAMILIES:
        online = Online(dataset, [family])
        begin = time.process_time()
        payments = tell(online, history)["features"].size
        us = (time.process_time() - begin) * 1e6 / payments
        print(f"{family + ' alone':<24}{us:>10,.1f} µs per payment, {len(online.names)} features")


def say_memory(dataset: Dataset, history: History) -> None:
    """Say the bytes of the past after the whole history, per account of it, by family."""
    accounts = len({row["account_id"] for table, row in history if table == "transactions"})
    for family in FAMILIES:
        online = Online(dataset, [family])
        gc.collect()
        tracemalloc.start()
        for table, row in history:
            if table == "events":
                online.observe_event(row)
            else:
                online.observe(row, approved=row["approved"])
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        print(f"{family + ' keeps':<24}{size / accounts:>10,.0f} bytes per account")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="tiny")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    scenario = load_scenario(arguments.scenario, overrides=arguments.set)
    with tempfile.TemporaryDirectory() as folder:
        simulate(scenario, arguments.seed, Path(folder) / "world")
        dataset = open_dataset(Path(folder) / "world")
        history = list(replay(dataset))
        say_speed(dataset, history)
        say_families(dataset, history)
        say_memory(dataset, history)
        assert_equal(dataset, history)
        print("all values are those of build_features")


if __name__ == "__main__":
    main()
