"""Time and memory of a run: what each customer, day, row and fraud costs, measured once.

The coefficients stand in ``coefficients.yaml``; ``benchmarks/speed/calibrate.py`` measures them.
The one process of a small run, or the parent of several, is the *centre*: it holds the fraudsters
and the issuer and writes the standing tables. It shares the blocks with the other *workers*.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from fraudsim.engine.pending import most_rows
from fraudsim.strict_yaml import parse
from fraudsim.validation import validated

OURS = files("fraudsim.cost") / "coefficients.yaml"
MONTH_DAYS = 31


class Work(NamedTuple):
    """What there is to do."""

    customers: int
    merchants: int
    blocks: int
    days: int
    rows: int  # of transactions and events
    frauds: int  # fraudulent transactions
    workers: int  # processes that share the blocks, with the centre; 1 is the centre alone

    @property
    def largest_share(self) -> float:
        """Share of the customers in the fullest process."""
        return -(-self.blocks // self.workers) / self.blocks

    @property
    def centre_share(self) -> float:
        """Share of the customers in the centre, which is dealt its blocks last."""
        return self.blocks // self.workers / self.blocks

    @property
    def month_rows(self) -> float:
        """Rows of one month that wait to be written: all of them, or as many as may wait."""
        month = self.rows * min(MONTH_DAYS / self.days, 1.0)
        return min(month, most_rows(self.blocks) * self.blocks + self.rows / self.days)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _each(meaning: str) -> float:
    value: float = Field(ge=0, description=meaning)
    return value


class Seconds(_Section):
    """CPU seconds on the machine that was measured."""

    start: float = _each("a process starts: imports, kernels from their cache")
    day: float = _each("a day of the centre")
    merchant: float = _each("a merchant, in the centre")
    table_customer: float = _each("a customer in the standing tables")
    fraud: float = _each("a fraudulent transaction, with the campaign behind it")
    worker_day: float = _each("a day of a process that holds blocks")
    worker_merchant: float = _each("a merchant, in a process that holds blocks")
    block_day: float = _each("a day of a block, however many customers it has")
    customer: float = _each("a customer who is made and described")
    customer_day: float = _each("a day of a customer")
    row: float = _each("a row of transactions or events: planned, answered, written")


class Memory(_Section):
    """Bytes of memory at the peak of a process."""

    start: float = _each("a process with its libraries and kernels")
    merchant: float = _each("a merchant")
    table_customer: float = _each("a customer of the run in the standing tables, in the centre")
    fraud: float = _each("a fraudulent transaction, in the centre")
    customer: float = _each("a customer of a block held")
    row: float = _each("a row of the whole run, in the blocks held")
    table_row: float = _each("a row of the whole run, in the standing tables, in the centre")
    month_row: float = _each("a row of one month, in the blocks held")
    block_month_row: float = _each("a row of one month, in one block")


class Measured(_Section):
    """Where the coefficients are from."""

    cores: int = Field(description="cores of the machine")
    memory_gib: int = Field(description="its memory")
    python: str = Field(description="version of Python")
    reference_seconds: float = Field(gt=0, description="CPU seconds of the reference run there")
    runs: int = Field(description="runs that were measured")
    worst_seconds: float = Field(description="largest error of a run foretold from the others")
    worst_memory: float = Field(description="the same of its memory")


class Coefficients(_Section):
    """The file."""

    version: Literal[1]
    measured: Measured
    seconds: Seconds
    memory_bytes: Memory


class Taken(NamedTuple):
    """CPU seconds of all processes, and seconds from start to end on free cores."""

    cpu: float
    wall: float


@cache
def coefficients() -> Coefficients:
    """Read the coefficients that come along."""
    return validated(Coefficients, parse(OURS.read_text(encoding="utf-8"), OURS.name).value)


def centre_counts(work: Work) -> dict[str, float]:
    """Return how often the centre meets each cost in seconds, blocks that it holds left out."""
    return {
        "start": 1,
        "day": work.days,
        "merchant": work.merchants,
        "table_customer": work.customers,
        "fraud": work.frauds,
    }


def block_counts(work: Work) -> dict[str, float]:
    """Return how often the processes that hold blocks meet each cost, all of them together."""
    return {
        "start": work.workers - 1,
        "worker_day": work.workers * work.days,
        "worker_merchant": work.workers * work.merchants,
        "block_day": work.blocks * work.days,
        "customer": work.customers,
        "customer_day": work.customers * work.days,
        "row": work.rows,
    }


def centre_memory_counts(work: Work) -> dict[str, float]:
    """Return how often the centre meets each cost in memory."""
    return _held(work, work.centre_share) | {
        "table_customer": work.customers,
        "table_row": work.rows,
        "fraud": work.frauds,
    }


def worker_memory_counts(work: Work) -> dict[str, float]:
    """Return how often the fullest of the other processes meets each cost in memory."""
    return _held(work, work.largest_share)


def _held(work: Work, share: float) -> dict[str, float]:
    return {
        "start": 1,
        "merchant": work.merchants,
        "customer": work.customers * share,
        "row": work.rows * share,
        "month_row": work.month_rows * share,
        "block_month_row": work.month_rows / work.blocks,
    }


def seconds(work: Work, known: Coefficients, *, cores: int, fraud: float) -> Taken:
    """Return the seconds of a run; with workers, the fullest one is waited for.

    Patterns differ much in what a fraud takes: ``fraud`` are the seconds where it was measured.
    """
    centre = _total(centre_counts(work), known.seconds.model_copy(update={"fraud": fraud}))
    blocks = _total(block_counts(work), known.seconds)
    together = min(work.workers, cores)
    share = max(work.largest_share, 1 / together)
    return Taken(cpu=centre + blocks, wall=centre + blocks * share)


def peak_memory_bytes(work: Work, known: Coefficients) -> float:
    """Return the peak of the centre and of each other process, added up."""
    centre = _total(centre_memory_counts(work), known.memory_bytes)
    others = work.workers - 1
    return centre + others * _total(worker_memory_counts(work), known.memory_bytes)


def _total(counts: dict[str, float], costs: Seconds | Memory) -> float:
    return sum(count * float(getattr(costs, name)) for name, count in counts.items())
