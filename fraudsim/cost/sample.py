"""A small sample of a scenario: fewer customers, the whole calendar, a few of each attack."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING

from fraudsim.engine import simulate
from fraudsim.manifest import table_of
from fraudsim.scenario_files import load_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.attacks.kit.pattern import AttackPattern
    from fraudsim.dataset import Dataset
    from fraudsim.scenario import Scenario

SAMPLE_CUSTOMER_DAYS = 60_000
"""Customers times days that are simulated to know the others: a second or two. What customers pay
differs by some 1.3 times the mean (sd), so 330 of them tell the mean within 7 % (one sd)."""
LEAST_CUSTOMERS = 150
"""Fewer would tell little, however long the calendar is."""
CAMPAIGNS_PER_ENTRY = 6
"""Campaigns of each entry in the sample, where the run has as many: their sizes differ."""
REFERENCE_RUNS = 4
"""Half a second each, at most."""
CUSTOMERS_PER_CAMPAIGN = 8
"""Room for the victims of a campaign of every entry: fraud is not to change honest life."""


@dataclass(frozen=True)
class Counted:
    """What came out of a sample.

    Attributes:
        scenario: what was simulated.
        rows: rows by table.
        bytes: bytes by table.
        files: files by table.
        other_bytes: manifest and pages.
        frauds: fraudulent transactions by pattern.
        fraud_disputes: disputes of fraudulent transactions.
        cpu_seconds: what it took.
    """

    scenario: Scenario
    rows: Mapping[str, int]
    bytes: Mapping[str, int]
    files: Mapping[str, int]
    other_bytes: int
    frauds: Mapping[str, int]
    fraud_disputes: int
    cpu_seconds: float


def sample_of(scenario: Scenario, customer_days: int) -> Scenario:
    """Return the scenario with fewer customers, about ``customer_days`` in all.

    A scenario that is no larger is its own sample. The calendar stays whole: seasons, and the
    months in which balances settle, count as they will in the run. What depends on the number of
    customers (merchants, campaigns per 10,000) shrinks with it, but of every attack that the run
    is expected to have there is a campaign at least.
    """
    population, days = scenario.population, scenario.calendar.days
    least = max(LEAST_CUSTOMERS, CUSTOMERS_PER_CAMPAIGN * len(scenario.attacks))
    customers = min(population.customers, max(customer_days // days, least))
    if customers == population.customers:
        return scenario
    share = customers / population.customers
    small = {"customers": customers, "block_size": min(population.block_size, customers)}
    few = customers // CUSTOMERS_PER_CAMPAIGN // max(len(scenario.attacks), 1)
    attacks = []
    for entry in scenario.attacks:
        mean = entry.mean_campaigns(population.customers, days)
        campaigns = min(ceil(mean), max(round(mean * share), min(few, CAMPAIGNS_PER_ENTRY), 1))
        counted = {"campaigns": campaigns, "per_10k_customers_30_days": None}
        attacks.append(entry.model_copy(update=counted))
    smaller = population.model_copy(update=small)
    return scenario.model_copy(update={"population": smaller, "attacks": tuple(attacks)})


def simulate_sample(
    sample: Scenario,
    seed: int,
    attacks: Sequence[str | Path] = (),
    extra_patterns: Sequence[type[AttackPattern]] = (),
) -> Counted:
    """Simulate a sample in a temporary folder and count what comes out."""
    with TemporaryDirectory(prefix="fraudsim-dry-run-") as folder:
        begin = process_time()
        dataset = simulate(
            sample, seed, Path(folder) / "sample", attacks=attacks, extra_patterns=extra_patterns
        )
        taken = process_time() - begin
        return counted_in(dataset, sample, taken)


def reference_seconds() -> float:
    """Return the CPU seconds of a small run that is always the same, to compare machines by.

    The quickest of some: the first loads kernels, and what else a machine does only adds.
    """
    scenario = load_scenario("tiny").model_copy(update={"attacks": ()})
    return min(simulate_sample(scenario, 7).cpu_seconds for _ in range(REFERENCE_RUNS))


def counted_in(dataset: Dataset, scenario: Scenario, cpu_seconds: float) -> Counted:
    """Count the rows, bytes and frauds of a dataset."""
    size: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for path, entry in dataset.manifest.files.items():
        size[table_of(path)] += entry.bytes
        files[table_of(path)] += 1
    labels = dataset.table("labels").select("tx_id", "attack").collect()
    disputes = dataset.table("disputes").select("tx_id").collect()
    every_byte = sum(path.stat().st_size for path in dataset.path.rglob("*") if path.is_file())
    return Counted(
        scenario=scenario,
        rows=dataset.row_counts,
        bytes=size,
        files=files,
        other_bytes=every_byte - size.total(),
        frauds=Counter(labels["attack"].to_list()),
        fraud_disputes=len(disputes.join(labels, on="tx_id", how="semi")),
        cpu_seconds=cpu_seconds,
    )


def campaigns_by_pattern(scenario: Scenario) -> Mapping[str, float]:
    """Return the expected number of campaigns of each pattern, of all its entries together."""
    means: dict[str, float] = {}
    for entry in scenario.attacks:
        mean = entry.mean_campaigns(scenario.population.customers, scenario.calendar.days)
        means[entry.pattern] = means.get(entry.pattern, 0.0) + mean
    return means
