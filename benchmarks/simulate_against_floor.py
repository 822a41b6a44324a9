"""How long a simulation takes, as a multiple of only writing what it wrote."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from fraudsim.engine import simulate
from fraudsim.scenario_files import load_scenario
from fraudsim.sinks.parquet import write_part


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?", default="cards")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="a.b=c")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    scenario = load_scenario(arguments.scenario, overrides=arguments.overrides)
    with tempfile.TemporaryDirectory() as folder:
        simulate(load_scenario("tiny"), 1, Path(folder) / "warm")  # compiles the kernels
        begin = time.process_time()
        dataset = simulate(scenario, arguments.seed, Path(folder) / "run")
        simulated_s = time.process_time() - begin
        months = {}
        for name in ("transactions", "events"):
            frame = dataset.table(name).collect()
            month = frame["event_time"].dt.strftime("%Y-%m").alias("month")
            for (value,), part in frame.group_by(month, maintain_order=True):
                key = {"transactions": "tx_id", "events": "event_id"}[name]
                months[name, str(value)] = part.sort("event_time", key)
        floor = Path(folder) / "floor"
        floor.mkdir()
        begin = time.process_time()
        rows = sum(
            write_part(floor, name, part, month=month).rows
            for (name, month), part in months.items()
        )
        written_s = time.process_time() - begin
    print(f"rows              {rows:>12,}")
    print(f"simulated         {rows / simulated_s:>12,.0f} rows per CPU second")
    print(f"only written      {rows / written_s:>12,.0f} rows per CPU second")
    print(f"ratio             {simulated_s / written_s:>12.1f}")


if __name__ == "__main__":
    main()
