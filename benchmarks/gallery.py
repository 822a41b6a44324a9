"""How hard each attack pattern is to find, having seen it and not; and the gallery of patterns.

    python benchmarks/gallery.py measure
    python benchmarks/gallery.py write

``measure`` simulates ``catalogue``, the world with all patterns, fits ``lightgbm`` once with all
and once without each sixth of them, and looks for the one threshold that finds most of each; it
takes a quarter of an hour, of which a world that is there already (``--world``) saves a minute.
``write`` writes docs/gallery.md from the registry and from docs/gallery/results.json, if it exists.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs

from fraudsim import metrics
from fraudsim.attack_tools.gallery import FORMAT, read_results, write_gallery
from fraudsim.dataset import open_dataset
from fraudsim.detectors.base import FeatureInfo
from fraudsim.engine import simulate
from fraudsim.errors import FraudsimError
from fraudsim.examples import open_examples
from fraudsim.registry import ATTACKS, DETECTORS, discover, get
from fraudsim.scenario_files import load_scenario
from fraudsim.splits import TimeSplit
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fraudsim.examples import Examples
    from fraudsim.splits import Split

DOCS = Path(__file__).resolve().parents[1] / "docs"
RESULTS = DOCS / "gallery" / "results.json"
MOST_GENUINE = 200_000
"""Genuine rows learnt from; each fit is repeated for every pattern."""
FOLDS = 6
"""Groups of patterns that are left out together: a fit for each pattern would take hours."""
FLAGGED = 0.001
"""Share of the genuine payments that a threshold may flag."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    measuring = commands.add_parser("measure", help="simulate, fit, and write the results")
    measuring.add_argument("--scenario", default="catalogue", help="preset or file")
    measuring.add_argument("--seed", type=int, default=7)
    measuring.add_argument("--workers", type=int, default=2)
    measuring.add_argument("--world", type=Path, help="dataset of that scenario and seed")
    measuring.add_argument("--patterns", nargs="*", default=[], help="only these; all by default")
    measuring.add_argument("-o", "--out", type=Path, default=RESULTS)
    measuring.set_defaults(run=measure)
    writing = commands.add_parser("write", help="write the page and its pictures")
    writing.add_argument("--results", type=Path, default=RESULTS)
    writing.add_argument("--docs", type=Path, default=DOCS)
    writing.set_defaults(run=write)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except FraudsimError as error:
        raise SystemExit(f"gallery: {error}") from None


def write(arguments: argparse.Namespace) -> None:
    results = read_results(arguments.results) if arguments.results.exists() else None
    written = write_gallery(arguments.docs, ours(), results)
    print(f"wrote {written[0]} and {len(written) - 1} pictures")


def ours() -> dict[str, Any]:
    """The patterns that come with fraudsim, whatever is installed beside it."""
    found = discover(ATTACKS).items()
    return {name: cls for name, cls in found if cls.__module__.startswith("fraudsim.")}


def measure(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = arguments.world and open_dataset(arguments.world)
        if world is None:
            scenario = load_scenario(arguments.scenario)
            world = simulate(
                scenario, arguments.seed, Path(folder) / "world", workers=arguments.workers
            )
        examples = open_examples(world)
    manifest = world.manifest
    entries = manifest.scenario["attacks"]
    names = arguments.patterns or sorted({entry["pattern"] for entry in entries} & set(ours()))
    course = course_of(examples, arguments.seed)
    seen = course.score(without=())
    thresholds = course.thresholds()
    patterns = {}
    for fold in range(min(FOLDS, len(names))):
        left_out = names[fold::FOLDS]
        unseen = course.score(without=left_out)
        for name in left_out:
            patterns[name] = found = course.judged(name, seen, unseen, thresholds)
            print(f"{name}: {json.dumps(found)}", flush=True)
    results = {
        "format": FORMAT,
        "world": {
            "scenario": manifest.scenario_name,
            "customers": manifest.scenario["population"]["customers"],
            "days": manifest.scenario["calendar"]["days"],
            "seed": manifest.seed,
            "budget": course.budget,
            "flagged_by_threshold": FLAGGED,
            "folds": FOLDS,
        },
        "patterns": dict(sorted(patterns.items())),
    }
    arguments.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {arguments.out}")


class Threshold(NamedTuple):
    """Bounds of a feature beyond which no more than ``FLAGGED`` of the genuine payments lie."""

    values: NDArray[np.float64]  # of the test, NaN where the feature has none
    low: float
    high: float


@dataclass(frozen=True)
class Course:
    """The examples split by time, and what every fit has in common."""

    examples: Examples
    split: Split
    attack: NDArray[np.object_]
    budget: int
    seed: int

    def score(self, without: Sequence[str]) -> NDArray[np.float64]:
        """Fit on the past, without the frauds of some patterns, and score the future."""
        train, fraud = self.split.train, self.split.known_fraud
        kept = np.flatnonzero(~np.isin(self.attack[train].astype(str), list(without)))
        genuine = kept[~fraud[kept]]
        used = genuine
        if genuine.size > MOST_GENUINE:
            stream = Streams(self.seed).get("gallery")
            used = np.sort(stream.choice(genuine, MOST_GENUINE, replace=False))
        rows = np.sort(np.concatenate([used, kept[fraud[kept]]]))
        weight = np.where(fraud[rows], 1.0, genuine.size / max(used.size, 1))
        info = FeatureInfo(amount=self.examples.amount_column, look_back=self.examples.look_back)
        classifier = get(DETECTORS, "lightgbm")().build(seed=self.seed, info=info)
        classifier.fit(self.examples.features[train[rows]], fraud[rows], sample_weight=weight)
        return classifier.predict_proba(self.examples.features[self.split.test])[:, 1]

    def thresholds(self) -> dict[str, Threshold]:
        """Return each numeric feature of the test with its bounds; a flag is a number, too."""
        test = self.examples.features[self.split.test]
        genuine = ~self.examples.fraud[self.split.test]
        bounds = {}
        for column in test.select(cs.numeric() | cs.boolean()):
            values = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
            known = np.sort(values[genuine & ~np.isnan(values)])
            spare = int(FLAGGED * genuine.sum())
            if len(known) > spare:
                bounds[column.name] = Threshold(values, known[spare], known[-1 - spare])
        return bounds

    def judged(
        self,
        name: str,
        seen: NDArray[np.float64],
        unseen: NDArray[np.float64],
        thresholds: Mapping[str, Threshold],
    ) -> dict[str, Any]:
        """Judge one pattern alone among the genuine rows, having seen it and not."""
        mine = self.attack[self.split.test] == name
        known = (self.attack[self.split.train] == name) & self.split.known_fraud
        found = {"test_frauds": int(mine.sum()), "known_frauds": int(known.sum())}
        if not mine.any():
            return {**found, "seen": {}, "unseen": {}, "threshold": {}}
        return {
            **found,
            "seen": self.worth(seen, mine),
            "unseen": self.worth(unseen, mine),
            "threshold": best_threshold(thresholds, mine),
        }

    def worth(self, score: NDArray[np.float64], mine: NDArray[np.bool_]) -> dict[str, Any]:
        """Return what scores are worth where the frauds of one pattern are all there are."""
        asked = mine | ~self.examples.fraud[self.split.test]
        test = self.split.test[asked]
        rows = metrics.scored(
            score[asked],
            fraud=self.examples.fraud[test],
            time_us=self.examples.time_us[test],
            account=self.examples.account[test],
            at_risk=None,
        )
        ranking = metrics.ranking_metrics(rows, metrics.Order.of(rows.score))
        within = metrics.budget_metrics(rows, self.budget, metrics.Costs())
        return {
            "average_precision": metrics.rounded(ranking["average_precision"]),
            "recall_in_budget": metrics.rounded(within["recall_in_budget"]),
        }


def best_threshold(thresholds: Mapping[str, Threshold], mine: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the feature and side that finds most of the frauds, and the share it finds."""
    shares = {
        f"{name} {side}": float(np.mean(beyond(bound, side)[mine]))
        for name, bound in thresholds.items()
        for side in ("high", "low")
    }
    best = max(shares, key=lambda name: (shares[name], name))
    return {"feature": best, "share": metrics.rounded(shares[best])}


def beyond(bound: Threshold, side: str) -> NDArray[np.bool_]:
    return bound.values > bound.high if side == "high" else bound.values < bound.low


def course_of(examples: Examples, seed: int) -> Course:
    split = TimeSplit().apply(examples)
    assert examples.attack is not None
    test = split.test
    rows = metrics.scored(
        np.zeros(test.size),
        fraud=examples.fraud[test],
        time_us=examples.time_us[test],
        account=examples.account[test],
        at_risk=None,
    )
    return Course(examples, split, examples.attack.to_numpy(), metrics.daily_budget(rows), seed)


if __name__ == "__main__":
    main()
