"""Rebalancers beside bare imbalanced-learn: seconds, their ratio, and memory, in one run.

Each measurement is a process of its own, so that peaks of memory are its own; what was there
before the call (the libraries, the data) is taken off. Data is random: how long a search takes
depends on how many rows lie close, which for the cleaning methods makes this a hard case.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
import polars as pl

SHARE = 0.00172
"""Of frauds, as in the ULB card data."""

COLUMNS = 30
CATEGORIES = 10
"""Of the columns for SMOTENC: five values each."""

LARGE = ("random_over", "random_under", "class_weight", "smote")
SEARCHES = (
    *("tomek_links", "edited_nearest_neighbours", "one_sided_selection", "near_miss"),
    *("borderline_smote", "adasyn"),
)
RATIO = 0.1


def data(rows: int, *, categories: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    fraud = np.zeros(rows, bool)
    fraud[rng.choice(rows, int(rows * SHARE), replace=False)] = True
    matrix = np.empty((rows, COLUMNS))
    for column in range(COLUMNS):  # by column: no second copy of all that would hide a peak
        if column < categories:
            matrix[:, column] = rng.integers(0, 5, rows)
        else:
            matrix[:, column] = rng.normal(size=rows) + 0.7 * fraud
    return matrix, fraud


def theirs(method: str, ratio: float) -> Any:
    from imblearn import over_sampling, under_sampling

    return {
        "random_over": lambda: over_sampling.RandomOverSampler(
            sampling_strategy=ratio, random_state=1
        ),
        "random_under": lambda: under_sampling.RandomUnderSampler(
            sampling_strategy=ratio, random_state=1
        ),
        "smote": lambda: over_sampling.SMOTE(sampling_strategy=ratio, random_state=1),
        "smotenc": lambda: over_sampling.SMOTENC(
            categorical_features=list(range(CATEGORIES)), sampling_strategy=ratio, random_state=1
        ),
        "borderline_smote": lambda: over_sampling.BorderlineSMOTE(
            sampling_strategy=ratio, random_state=1
        ),
        "adasyn": lambda: over_sampling.ADASYN(sampling_strategy=ratio, random_state=1),
        "tomek_links": under_sampling.TomekLinks,
        "edited_nearest_neighbours": under_sampling.EditedNearestNeighbours,
        "one_sided_selection": lambda: under_sampling.OneSidedSelection(random_state=1),
        "near_miss": lambda: under_sampling.NearMiss(sampling_strategy=ratio),
    }[method]()


def once(method: str, who: str, rows: int, ratio: float) -> dict[str, float]:
    """Return the seconds of one call and its peak of memory over the size of the data."""
    from fraudsim.rebalancers.base import make_rebalancer

    categories = CATEGORIES if method == "smotenc" else 0
    matrix, fraud = data(rows, categories=categories)
    size = matrix.nbytes
    if who == "theirs" and method == "class_weight":
        from sklearn.utils.class_weight import compute_sample_weight

        call = lambda: compute_sample_weight("balanced", fraud)  # noqa: E731 -- one of three
    elif who == "theirs":
        sampler = theirs(method, ratio)
        call = lambda: sampler.fit_resample(matrix, fraud)  # noqa: E731 -- one of three
    else:
        made = make_rebalancer(method, ratio=ratio, seed=1)
        warm = slice(0, 4000)
        labels = fraud[warm] | (np.arange(4000) < 30)
        given: Any = matrix
        if who == "polars" or categories:
            given = frame_of(matrix, categories)
            if who == "polars":
                del matrix
        make_rebalancer(method, ratio=None, seed=1).rebalance(given[warm], labels)  # compiles
        if method == "class_weight":
            call = lambda: made.fit_weights(given, fraud)  # noqa: E731 -- one of three
        elif who == "polars":
            call = lambda: made.rebalance(given, fraud)  # noqa: E731 -- one of three
        else:
            call = lambda: made.fit_resample(given, fraud)  # noqa: E731 -- one of three
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, cpu = time.perf_counter(), time.process_time()
    call()
    return {
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - cpu,
        "memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / size,
    }


def frame_of(matrix: np.ndarray, categories: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            f"x{i}": pl.Series(matrix[:, i]).cast(pl.Int8).cast(pl.String).cast(pl.Categorical)
            if i < categories
            else pl.Series(matrix[:, i])
            for i in range(matrix.shape[1])
        }
    )


def measured(method: str, who: str, rows: int, ratio: float, times: int) -> dict[str, float]:
    """Return the best of several processes."""
    runs = []
    for _ in range(times):
        command = [sys.executable, __file__, "--one", method, who, str(rows), str(ratio)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout))
    return {name: min(run[name] for run in runs) for name in runs[0]}


def line(method: str, rows: int, ratio: float, times: int) -> str:
    bare = measured(method, "theirs", rows, ratio, times)
    ours = measured(method, "numpy", rows, ratio, times)
    table = measured(method, "polars", rows, ratio, times)
    return (
        f"{method:<26} {rows:>9,} {ratio:>5}  {bare['cpu']:>8.2f} {ours['cpu']:>8.2f} "
        f"{table['cpu']:>8.2f}  {ours['cpu'] / bare['cpu']:>7.2f} "
        f"{table['cpu'] / bare['cpu']:>7.2f}  {bare['memory']:>6.1f} {ours['memory']:>6.1f} "
        f"{table['memory']:>6.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=4, metavar=("METHOD", "WHO", "ROWS", "RATIO"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--search-rows", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.one:
        method, who, rows, ratio = arguments.one
        print(json.dumps(once(method, who, int(rows), float(ratio))))
        return
    print(
        "                                               CPU seconds               ratio"
        "           memory / data"
    )
    print(
        "method                          rows ratio      bare    numpy   polars    numpy  polars"
        "    bare  numpy polars"
    )
    for method in LARGE:
        print(line(method, arguments.rows, RATIO, arguments.times), flush=True)
    for ratio in (RATIO, 1.0):
        print(line("smotenc", arguments.rows // 10, ratio, arguments.times), flush=True)
    for method in SEARCHES:
        print(line(method, arguments.search_rows, RATIO, 1), flush=True)


if __name__ == "__main__":
    main()
