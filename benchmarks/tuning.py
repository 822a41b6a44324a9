"""What settings of boosting do with a few hundred frauds: where ``lightgbm_tuned`` is from.

    OMP_NUM_THREADS=1 python benchmarks/tuning.py

Each setting is fitted every twenty days in worlds of ``standard-v1`` whose seeds no track has, and
judged as the track judges. Some ten minutes; the worlds are kept in ``--worlds``. Prints a table.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from fraudsim import metrics
from fraudsim.detectors.kit.resolve import resolve
from fraudsim.detectors.lightgbm import LightGBM, LightGBMClassifier
from fraudsim.examples import open_examples
from fraudsim.harness.judge import scored_rows
from fraudsim.harness.play import Contender, play
from fraudsim.tracks.plan import planned, specs_of
from fraudsim.tracks.track import load_track
from fraudsim.tracks.trial import World
from fraudsim.tracks.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fraudsim.detectors.base import Detector, FeatureInfo

OTHERS = ("forest", "logistic", "xgboost", "lightgbm_default")
SETTINGS: Mapping[str, Mapping[str, float]] = {
    "`lightgbm`": {},
    "seven leaves": {"num_leaves": 7},
    "a tenth of the columns per split": {"feature_fraction_bynode": 0.1},
    "L2 penalty 1": {"reg_lambda": 1.0},
    "random thresholds": {"extra_trees": True},
    "random thresholds, seven leaves": {"extra_trees": True, "num_leaves": 7},
    "random thresholds, L2 penalty 1: `lightgbm_tuned`": {"extra_trees": True, "reg_lambda": 1.0},
    "the same with L2 penalty .3": {"extra_trees": True, "reg_lambda": 0.3},
    "the same with half the trees, twice the rate": {
        "extra_trees": True,
        "reg_lambda": 1.0,
        "learning_rate": 0.04,
        "n_estimators": 200,
    },
}


class Set(LightGBM):
    """``lightgbm`` with other settings."""

    def __init__(self, settings: Mapping[str, float]) -> None:
        self.settings = settings

    def build(self, *, seed: int, info: FeatureInfo) -> LightGBMClassifier:  # noqa: ARG002
        return LightGBMClassifier(random_state=seed, **self.settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[101, 102, 103])
    parser.add_argument("--worlds", type=Path, default=Path("build/tuning"))
    arguments = parser.parse_args()
    arguments.worlds.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[dict[str, float]]] = {}
    for seed in arguments.seeds:
        for name, values in judged(arguments.worlds, seed):
            found.setdefault(name, []).append(values)
    print("| | average precision, world by world | mean | recall at 1 % false positives | area |")
    print("| --- | --- | --: | --: | --: |")
    for name, values in found.items():
        each = [one["average_precision"] for one in values]
        others = [mean(one[of] for one in values) for of in ("recall", "roc_auc")]
        cells = [", ".join(map(shown, each)), *map(shown, [mean(each), *others])]
        print(f"| {name} | {' | '.join(cells)} |")


def judged(worlds: Path, seed: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield what each setting is worth in a world."""
    track = load_track("standard-v1")
    [group] = planned([track], specs_of([]), worlds=1)
    examples = open_examples(world_of(worlds, group.world, seed))
    course = World(examples).course(replace(group.trials[0], world_seed=seed))
    who: dict[str, Detector] = {f"`{name}`": resolve(name) for name in OTHERS}
    who |= {name: Set(settings) for name, settings in SETTINGS.items()}
    for name, detector in who.items():
        played = play(
            course.examples, course.rounds, Contender(detector), seed=1, true_odds=course.true_odds
        )
        rows = scored_rows(examples, played.rows, played.probability)
        order = metrics.Order.of(rows.score)
        recall = metrics.recall_at(rows, order, 0.01)
        yield name, metrics.ranking_metrics(rows, order) | {"recall": recall}


def shown(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


if __name__ == "__main__":
    main()
