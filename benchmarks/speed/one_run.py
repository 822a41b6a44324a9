"""Run a scenario once in this process and say what it cost, as a multiple of only writing it.

    python benchmarks/speed/one_run.py cards --set calendar.days=30 --floor

CPU seconds are of this process and its workers, so other load on the machine matters less. They
begin with the process, so imports and the loading of compiled kernels count; with ``--warm`` they
begin after a small world was simulated. The floor is the time of only writing the same frames as
Parquet with the same settings, in the same process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl

from fraudsim.engine import simulate
from fraudsim.engine.population import block_count
from fraudsim.manifest import table_of
from fraudsim.scenario_files import load_scenario
from fraudsim.schema import TABLES, polars_schema
from fraudsim.sinks.parquet import parquet_bytes

if TYPE_CHECKING:
    from fraudsim.dataset import Dataset

WARM_UP = ("population.customers=1000", "population.block_size=1000", "calendar.days=21")


@dataclass(frozen=True)
class Cost:
    """What a run cost.

    ``workers_s`` is of all workers together, ``worker_bytes`` of the largest; both are 0 without.
    """

    scenario: str
    customers: int
    merchants: int
    blocks: int
    days: int
    workers: int  # processes that hold the blocks, with the centre
    transactions: int
    rows: int  # of transactions and events
    frauds: int
    bytes: int
    centre_s: float
    workers_s: float
    wall_s: float
    centre_bytes: int
    worker_bytes: int
    floor_s: float | None

    @property
    def cpu_s(self) -> float:
        return self.centre_s + self.workers_s

    @property
    def peak_bytes(self) -> int:
        return self.centre_bytes + (self.workers - 1) * self.worker_bytes


def main() -> None:
    arguments = arguments_of(argparse.ArgumentParser(description=__doc__.splitlines()[0]))
    with tempfile.TemporaryDirectory() as folder:
        cost = cost_of(arguments, Path(folder))
    sums = {"cpu_s": cost.cpu_s, "peak_bytes": cost.peak_bytes}
    print(json.dumps(asdict(cost) | sums) if arguments.json else "\n".join(lines_of(cost)))


def arguments_of(parser: argparse.ArgumentParser) -> argparse.Namespace:
    parser.add_argument("scenario", nargs="?", default="cards")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--floor", action="store_true", help="also time only writing the same")
    parser.add_argument("--warm", action="store_true", help="leave the start of the process out")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def cost_of(arguments: argparse.Namespace, folder: Path) -> Cost:
    scenario = load_scenario(arguments.scenario, overrides=arguments.overrides)
    started = 0.0
    if arguments.warm:
        simulate(load_scenario("tiny", overrides=WARM_UP), 1, folder / "warm")
        started = time.process_time()
    out, begin = folder / "run", time.perf_counter()
    with WorkersWatched() as watched:
        dataset = simulate(scenario, arguments.seed, out, workers=arguments.workers)
    wall_s, centre_s = time.perf_counter() - begin, time.process_time() - started
    of_workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    centre_bytes = peak_bytes("self")
    rows = dataset.row_counts
    blocks = block_count(scenario)
    return Cost(
        scenario=scenario.name,
        customers=scenario.population.customers,
        merchants=rows["merchants"],
        blocks=blocks,
        days=scenario.calendar.days,
        workers=min(arguments.workers, blocks),
        transactions=rows["transactions"],
        rows=rows["transactions"] + rows["events"],
        frauds=rows["labels"],
        bytes=sum(path.stat().st_size for path in out.rglob("*") if path.is_file()),
        centre_s=centre_s,
        workers_s=of_workers.ru_utime + of_workers.ru_stime,
        wall_s=wall_s,
        centre_bytes=centre_bytes,
        worker_bytes=watched.most_bytes,
        floor_s=floor_s(dataset, folder) if arguments.floor else None,
    )


class WorkersWatched(threading.Thread):
    """Looks at the memory of the workers several times a second, as long as they live.

    ``RUSAGE_CHILDREN`` would not do: its maximum knows the process that started them, too.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most_bytes = 0
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        while not self._over.wait(0.1):
            for process in children.read_text().split():
                self.most_bytes = max(self.most_bytes, peak_bytes(process))


def peak_bytes(process: str) -> int:
    """Return the most memory that a process has held; 0 when it is gone. It needs Linux's /proc."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def floor_s(dataset: Dataset, folder: Path) -> float:
    """Return the CPU seconds of only writing the parts of transactions and events."""
    taken = 0.0
    for path in dataset.manifest.files:
        table = TABLES[table_of(path)]
        if table.partitioned:
            frame = pl.read_parquet(dataset.path / path, hive_partitioning=False).rechunk()
            frame = frame.cast(polars_schema(table))
            begin = time.process_time()
            (folder / "floor.parquet").write_bytes(parquet_bytes(frame).getbuffer())
            taken += time.process_time() - begin
    return taken


def lines_of(cost: Cost) -> list[str]:
    lines = [
        f"transactions      {cost.transactions:>14,}",
        f"rows with events  {cost.rows:>14,}",
        f"CPU seconds       {cost.cpu_s:>14,.1f}",
        f"rows per second   {cost.rows / cost.cpu_s:>14,.0f}",
        f"wall seconds      {cost.wall_s:>14,.1f}",
        f"peak memory, MiB  {cost.peak_bytes / 2**20:>14,.0f}",
        f"disk, MiB         {cost.bytes / 2**20:>14,.0f}",
    ]
    if cost.floor_s is not None:
        lines += [
            f"only written      {cost.rows / cost.floor_s:>14,.0f} rows per second",
            f"ratio             {cost.cpu_s / cost.floor_s:>14.2f}",
        ]
    return lines


if __name__ == "__main__":
    main()
