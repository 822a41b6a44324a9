"""The audit of the default worlds: simulates each preset with each seed and writes the figures.

    python benchmarks/realism.py --out docs/realism.md

It takes some minutes per world. The page is written anew after each. With ``--results FOLDER`` each
audit is kept there, and a world whose audit lies there already is not made again: give a new folder
after any change of the code.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from fraudsim.engine import simulate
from fraudsim.quality.audit import Audit, audit
from fraudsim.quality.check import Band, Finding
from fraudsim.quality.figures import figures
from fraudsim.scenario_files import load_scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

INTRODUCTION = """# The default worlds beside real figures

Written by `python benchmarks/realism.py {arguments}`; what it says
is what came out, whether it passes or not. A value that fails is bold; one that lies outside its
band while its 95 % interval reaches into it is a warning. What does not apply to a world, or could
not be measured, is empty. [The audit](audit.md) explains the measures;
[how fraud is decided](how-fraud-is-decided.md) has the mechanisms behind them.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", nargs="+", default=["cards", "payments", "mixed"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 8, 9])
    parser.add_argument("--jobs", type=int, default=1, help="worlds at a time")
    parser.add_argument("--workers", type=int, default=2, help="processes that simulate each")
    parser.add_argument("--only", nargs="*", default=[], help="groups of checks; all by default")
    parser.add_argument("--results", type=Path, help="folder that keeps the audits")
    parser.add_argument("--out", type=Path, default=Path("docs/realism.md"))
    arguments = parser.parse_args()
    given = [
        f"--presets {' '.join(arguments.presets)}",
        f"--seeds {' '.join(map(str, arguments.seeds))}",
    ]
    given += [f"--only {' '.join(arguments.only)}"] if arguments.only else []
    audits: list[Audit] = []
    lines = [
        "| world | transactions | passed | warned | failed | not made | failed checks |",
        "| --- | --: | --: | --: | --: | --: | --- |",
    ]
    worlds = list(product(arguments.seeds, arguments.presets))
    with ProcessPoolExecutor(arguments.jobs) as pool:
        one = partial(
            made, workers=arguments.workers, only=arguments.only, results=arguments.results
        )
        for (seed, preset), world in zip(
            worlds, pool.map(one, *zip(*worlds, strict=True)), strict=True
        ):
            audits.append(world.result)
            lines.append(summary(preset, seed, world.rows, world.result))
            print(
                f"{preset} {seed}: {world.rows:,} transactions, simulated in "
                f"{world.simulate_s:.0f} s, audited in {world.audit_s:.0f} s",
                flush=True,
            )
            text = INTRODUCTION.format(arguments=" ".join(given)) + "\n".join(lines) + "\n\n"
            arguments.out.write_text(text + figures(audits), encoding="utf-8")


@dataclass(frozen=True)
class World:
    rows: int
    result: Audit
    simulate_s: float
    audit_s: float


def made(
    seed: int, preset: str, *, workers: int, only: Sequence[str], results: Path | None
) -> World:
    """Simulate and audit one world, or take what an earlier run kept of it."""
    kept = results and results / f"{preset}-{seed}.json"
    if kept and kept.exists():
        return _read(kept)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        dataset = simulate(load_scenario(preset), seed, Path(folder) / "world", workers=workers)
        simulated = time.perf_counter()
        result = audit(dataset, only=only)
        audited = time.perf_counter()
        rows = dataset.row_counts["transactions"]
    world = World(rows, result, simulated - begin, audited - simulated)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(world)), encoding="utf-8")
    return world


def _read(path: Path) -> World:
    kept = json.loads(path.read_text(encoding="utf-8"))
    found = kept["result"]
    findings = [
        Finding(**one | {"band": one["band"] and Band(**one["band"])}) for one in found["findings"]
    ]
    return World(**kept | {"result": Audit(**found | {"findings": tuple(findings)})})


def summary(preset: str, seed: int, rows: int, result: Audit) -> str:
    count = Counter(finding.verdict for finding in result.findings)
    failed = ", ".join(f"`{f.id}`" for f in result.findings if f.verdict == "fail") or "none"
    numbers = " | ".join(str(count[verdict]) for verdict in ("pass", "warn", "fail", "not_made"))
    return f"| {preset}, seed {seed} | {rows:,} | {numbers} | {failed} |"


if __name__ == "__main__":
    main()
