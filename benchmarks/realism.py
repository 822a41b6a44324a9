"""The audit of the default worlds: simulates each preset with each seed and writes the figures.

    python benchmarks/realism.py --out docs/realism.md

It takes some minutes per world. The page is written anew after each: a stop loses one world only.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from fraudsim.engine import simulate
from fraudsim.quality.audit import audit
from fraudsim.quality.figures import figures
from fraudsim.scenario_files import load_scenario

if TYPE_CHECKING:
    from fraudsim.quality.audit import Audit

INTRODUCTION = """# The default worlds beside real figures

Written by `python benchmarks/realism.py {arguments}`; what it says
is what came out, whether it passes or not. A value outside its band is bold, one that does not
apply to a world or could not be measured is empty. [The audit](audit.md) explains the measures;
[how fraud is decided](how-fraud-is-decided.md) has the mechanisms behind them.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", nargs="+", default=["cards", "payments", "mixed"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 8, 9])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], help="groups of checks; all by default")
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
    for seed in arguments.seeds:
        for preset in arguments.presets:
            with tempfile.TemporaryDirectory() as folder:
                begin = time.perf_counter()
                dataset = simulate(
                    load_scenario(preset), seed, Path(folder) / "world", workers=arguments.workers
                )
                simulated = time.perf_counter()
                result = audit(dataset, only=arguments.only)
                audited = time.perf_counter()
                rows = dataset.row_counts["transactions"]
            audits.append(result)
            lines.append(summary(preset, seed, rows, result))
            print(
                f"{preset} {seed}: {rows:,} transactions, simulated in {simulated - begin:.0f} s, "
                f"audited in {audited - simulated:.0f} s"
            )
            text = INTRODUCTION.format(arguments=" ".join(given)) + "\n".join(lines) + "\n\n"
            arguments.out.write_text(text + figures(audits), encoding="utf-8")


def summary(preset: str, seed: int, rows: int, result: Audit) -> str:
    count = Counter(finding.verdict for finding in result.findings)
    failed = ", ".join(f"`{f.id}`" for f in result.findings if f.verdict == "fail") or "none"
    numbers = " | ".join(str(count[verdict]) for verdict in ("pass", "warn", "fail", "not_made"))
    return f"| {preset}, seed {seed} | {rows:,} | {numbers} | {failed} |"


if __name__ == "__main__":
    main()
