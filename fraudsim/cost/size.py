"""From what a sample came to, to the rows and bytes of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudsim.cost.sample import campaigns_by_pattern
from fraudsim.engine.population import block_count
from fraudsim.schema import TABLES
from fraudsim.world.categories import category_columns
from fraudsim.world.merchants import expected_counts
from fraudsim.world.places import build_places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.cost.sample import Counted
    from fraudsim.scenario import Scenario

FILE_BYTES_PER_COLUMN = 250
"""Headers, statistics and footer that a Parquet file has per column, whatever its rows (measured:
files of one row)."""
MANIFEST_BYTES_PER_FILE = 200
"""What the manifest says of a file: path, hash, bytes and rows."""

OF_FRAUDSTERS = ("labels", "campaigns", "campaign_events")


@dataclass(frozen=True)
class Size:
    """Rows by table, and the bytes of the whole dataset."""

    rows: Mapping[str, int]
    bytes: int


def size_of_run(scenario: Scenario, sample: Scenario, counted: Counted) -> Size:
    """Return rows and bytes of ``scenario``, by what was counted in its sample."""
    if sample == scenario:
        return Size(counted.rows, sum(counted.bytes.values()) + counted.other_bytes)
    rows = _rows(scenario, sample, counted)
    more_blocks = block_count(scenario) / block_count(sample)
    files = {
        name: count * more_blocks if TABLES[name].partitioned else count
        for name, count in counted.files.items()
    }
    more_files = sum(files.values()) - sum(counted.files.values())
    tables = sum(_bytes(name, rows[name], files[name], counted) for name in files)
    return Size(rows, round(tables + counted.other_bytes + MANIFEST_BYTES_PER_FILE * more_files))


def _rows(scenario: Scenario, sample: Scenario, counted: Counted) -> dict[str, int]:
    """Scale honest life by customers and fraud by campaigns of each pattern."""
    share = scenario.population.customers / sample.population.customers
    run = campaigns_by_pattern(scenario)
    tried = campaigns_by_pattern(sample)
    frauds = sum(
        count * run[name] / tried[name] for name, count in counted.frauds.items() if tried[name]
    )
    campaigns = sum(run.values())
    sampled = counted.rows
    by_fraud = frauds / max(sampled["labels"], 1)
    rows = {name: count * share for name, count in sampled.items()}
    # a small world has more merchants for each customer: at least one of every kind
    merchants, terminals = expected_counts(scenario, build_places(scenario), category_columns())
    rows |= {
        "merchants": merchants,
        "terminals": terminals,
        "labels": frauds,
        "campaigns": campaigns,
        "campaign_events": sampled["campaign_events"] * by_fraud,
        "disputes": (sampled["disputes"] - counted.fraud_disputes) * share
        + counted.fraud_disputes * by_fraud,
        "transactions": (sampled["transactions"] - sampled["labels"]) * share + frauds,
        "events": (sampled["events"] - sampled["campaign_events"]) * share
        + sampled["campaign_events"] * by_fraud,
    }
    return {name: round(rows[name]) for name in sampled}


def _bytes(name: str, rows: int, files: float, counted: Counted) -> float:
    """Return the bytes of a table: so much per file, the rest by rows."""
    per_file = FILE_BYTES_PER_COLUMN * len(TABLES[name].columns)
    of_rows = max(counted.bytes[name] - per_file * counted.files[name], 0)
    return per_file * files + rows * of_rows / max(counted.rows[name], 1)
