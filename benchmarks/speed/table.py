"""Write the figures of the last speed benchmarks into benchmarks/README.md.

python -m pytest benchmarks/speed --benchmark-json=build/speed.json
python benchmarks/speed/table.py build/speed.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pages import ROOT, machine, put_between, table

Row = dict[str, Any]


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "speed.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    groups: dict[str, list[Row]] = {}
    for one in found["benchmarks"]:
        groups.setdefault(one["group"], []).append(one)
    introduction = (
        f"Measured on {found['datetime'][:10]} with `make bench`: {machine()}; one thread for each "
        "library. Rows are those of transactions and events; seconds are CPU seconds of all "
        "processes unless they say else; MB are powers of ten."
    )
    parts = [introduction]
    for group, title, shown in SECTIONS:
        if group in groups:
            parts += [f"### {title}", shown(groups[group])]
    put_between(ROOT / "benchmarks" / "README.md", "speed", "\n\n".join(parts))
    print("wrote benchmarks/README.md")


def stages(found: list[Row]) -> str:
    rows = []
    for one in found:
        count, mean = one["extra_info"]["rows"], one["stats"]["mean"]
        rows.append(
            [name_of(one), f"{count:,}", f"{count / mean:,.0f}", f"{1e6 * mean / count:.3g}"]
        )
    return table(["stage", "rows in a round", "rows per second", "µs per row"], rows)


def end_to_end(found: list[Row]) -> str:
    heads = ["run", "rows", "seconds", "rows per second", "only written", "ratio"]
    heads += ["peak memory, MB", "bytes per row"]
    rows = []
    for one in found:
        cost = one["extra_info"]
        rows.append(
            [
                name_of(one),
                f"{cost['rows']:,}",
                f"{cost['cpu_s']:.1f}",
                f"{cost['rows'] / cost['cpu_s']:,.0f}",
                f"{cost['rows'] / cost['floor_s']:,.0f}",
                f"{cost['cpu_s'] / cost['floor_s']:.2f}",
                f"{cost['peak_bytes'] / 1e6:,.0f}",
                f"{cost['bytes'] / cost['rows']:.1f}",
            ]
        )
    return table(heads, rows)


def growth(found: list[Row]) -> str:
    heads = ["run", "rows", "frauds per 1,000 transactions", "seconds", "µs per row"]
    heads += ["wall seconds", "peak memory, MB"]
    rows = []
    for one in found:
        cost = one["extra_info"]
        rows.append(
            [
                name_of(one),
                f"{cost['rows']:,}",
                f"{1000 * cost['frauds'] / cost['transactions']:.2f}",
                f"{cost['cpu_s']:.1f}",
                f"{1e6 * cost['cpu_s'] / cost['rows']:.2f}",
                f"{cost['wall_s']:.1f}",
                f"{cost['peak_bytes'] / 1e6:,.0f}",
            ]
        )
    return table(heads, rows)


def dry_run(found: list[Row]) -> str:
    heads = ["run", "rows", "frauds", "disk", "CPU seconds", "peak memory"]
    rows = []
    for one in found:
        cost = one["extra_info"]
        pairs = (
            (cost["told_rows"], cost["rows"]),
            (cost["told_frauds"], cost["frauds"]),
            (cost["told_bytes"], cost["bytes"]),
            (cost["told_cpu_s"], cost["cpu_s"]),
            (cost["told_peak_bytes"], cost["peak_bytes"]),
        )
        rows.append([name_of(one), *(f"{told / real:.2f}" for told, real in pairs)])
    return "Foretold as a share of what came out:\n\n" + table(heads, rows)


SECTIONS = (
    ("stages", "Stages, each alone", stages),
    ("end to end", "End to end, beside only writing the same frames", end_to_end),
    ("growth", "Growth", growth),
    ("dry run", "The dry run", dry_run),
)


def name_of(one: Row) -> str:
    return f"`{one['name'].removeprefix('test_')}`"


if __name__ == "__main__":
    main()
