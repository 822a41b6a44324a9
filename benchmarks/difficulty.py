"""Whether easy, realistic and hard worlds are that: what boosting finds of the fraud in each.

    python benchmarks/difficulty.py --out docs/difficulty.md

Simulates each preset with each difficulty and seed, and makes the checks of the audit that fit
boosting; two to four minutes per world. With ``--results FOLDER`` each world's figures are kept
there, and what lies there is not made again: give a new folder after any change of the code.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from fraudsim.engine import simulate
from fraudsim.quality.audit import audit
from fraudsim.scenario_files import load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DIFFICULTIES = ("easy", "realistic", "hard")
CHECKS = ("difficulty.prevalence", "difficulty.boosting")
FIGURES = {
    "boosting_roc_auc": "ROC AUC",
    "boosting_average_precision": "average precision",
    "boosting_recall_at_1pct_fpr": "recall at 1 % false positives",
    "prevalence": "frauds in 10,000",
}
"""What is shown of each stream of payments: the beginning of the audit's name, and ours."""

INTRODUCTION = """# Easy, realistic and hard worlds

Written by `python benchmarks/difficulty.py {arguments}`:
what boosting with the feature pack finds of the fraud in each stream of payments, in the last 30 %
of the time, as the audit measures it. Each cell has a figure per seed ({seeds}), then their mean.
[How fraud is decided](how-fraud-is-decided.md) says what `difficulty` changes.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--presets", nargs="+", default=["cards", "payments", "mixed"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 8])
    parser.add_argument("--jobs", type=int, default=1, help="worlds at a time")
    parser.add_argument("--results", type=Path, help="folder that keeps the figures")
    parser.add_argument("--out", type=Path, default=Path("docs/difficulty.md"))
    arguments = parser.parse_args()
    given = f"--presets {' '.join(arguments.presets)} --seeds {' '.join(map(str, arguments.seeds))}"
    keys = list(product(arguments.presets, DIFFICULTIES, arguments.seeds))
    worlds: list[World] = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for world in pool.map(
            partial(measured, results=arguments.results), *zip(*keys, strict=True)
        ):
            worlds.append(world)
            print(f"{world.preset} {world.difficulty} {world.seed}: {world.figures}", flush=True)
    seeds = ", ".join(map(str, arguments.seeds))
    text = INTRODUCTION.format(arguments=given, seeds=seeds) + "\n".join(page(worlds)) + "\n"
    arguments.out.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class World:
    """What boosting found in one world: values by name of the audit, without its group."""

    preset: str
    difficulty: str
    seed: int
    figures: dict[str, float]


def measured(preset: str, difficulty: str, seed: int, *, results: Path | None) -> World:
    """Simulate and audit one world, or take what an earlier run kept of it."""
    kept = results and results / f"{preset}-{difficulty}-{seed}.json"
    if kept and kept.exists():
        return World(**json.loads(kept.read_text(encoding="utf-8")))
    scenario = load_scenario(preset, overrides=[f"difficulty={difficulty}"])
    with tempfile.TemporaryDirectory() as folder:
        found = audit(simulate(scenario, seed, Path(folder) / "world"), only=CHECKS)
    values = {
        finding.id.partition(".")[2]: finding.value
        for finding in found.findings
        if finding.value is not None
    }
    world = World(preset, difficulty, seed, values)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(world)), encoding="utf-8")
    return world


def page(worlds: Sequence[World]) -> Iterator[str]:
    """The table, a row for each preset, stream and difficulty, and a sentence for each stream."""
    yield f"| world | payments | `difficulty` | {' | '.join(FIGURES.values())} |"
    yield "| --- | --- | --- |" + " --- |" * len(FIGURES)
    verdicts = []
    for preset, stream in streams(worlds):
        means = []
        for difficulty in DIFFICULTIES:
            these = [w for w in worlds if (w.preset, w.difficulty) == (preset, difficulty)]
            cells = [[w.figures[f"{name}_{stream}"] for w in these] for name in FIGURES]
            means.append([mean(cell) for cell in cells])
            shown = " | ".join(map(_cell, cells))
            yield f"| `{preset}` | {stream} | `{difficulty}` | {shown} |"
        verdicts.append(_verdict(preset, stream, means))
    yield ""
    yield from verdicts


def streams(worlds: Sequence[World]) -> list[tuple[str, str]]:
    """Preset and stream, of each stream that was judged in every world of the preset."""
    first = "boosting_roc_auc_"
    names = {
        (world.preset, name.removeprefix(first))
        for world in worlds
        for name in world.figures
        if name.startswith(first)
    }
    order = list(dict.fromkeys(world.preset for world in worlds))
    return sorted(names, key=lambda name: (order.index(name[0]), name[1]))


def _cell(values: Sequence[float]) -> str:
    one_by_one = ", ".join(f"{value:.3g}" for value in values)
    return one_by_one if len(values) == 1 else f"{one_by_one}; {mean(values):.3g}"


def _verdict(preset: str, stream: str, means: Sequence[Sequence[float]]) -> str:
    """Which figures fall from step to step, and which do not."""
    names = list(FIGURES.values())[:-1]
    falls = [
        name
        for place, name in enumerate(names)
        if all(later[place] < earlier[place] for earlier, later in pairwise(means))
    ]
    rest = [name for name in names if name not in falls]
    text = f"- `{preset}`, {stream}: "
    text += (
        f"in the mean, {_listed(falls)} fall{'s' * (len(falls) == 1)} from step to step"
        if falls
        else ""
    )
    return (
        text
        + ("; " if falls and rest else "")
        + (f"{_listed(rest)} do{'es' * (len(rest) == 1)} not" if rest else "")
        + "."
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


if __name__ == "__main__":
    main()
