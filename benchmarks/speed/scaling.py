"""Write the tables of docs/scaling.md from the cost model: rates of a sample, scaled up.

python benchmarks/speed/scaling.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages import ROOT, put_between, table

from fraudsim.cost.dry_run import scaled_up
from fraudsim.cost.effort import coefficients
from fraudsim.cost.sample import sample_of, simulate_sample
from fraudsim.cost.shown import about, bytes_in_words, time_in_words
from fraudsim.scenario_files import load_scenario

if TYPE_CHECKING:
    from fraudsim.cost.dry_run import Estimate
    from fraudsim.cost.sample import Counted
    from fraudsim.scenario import Scenario

PRESET = "cards"
CUSTOMERS = (10_000, 100_000, 1_000_000, 10_000_000)
DAYS = (30, 180, 365)
BILLION = 1_000_000_000
MOST_CUSTOMERS = 100_000_000  # of a scenario


def main() -> None:
    samples = {days: sampled(days) for days in DAYS}
    measured = coefficients().measured
    introduction = (
        "From `python benchmarks/speed/scaling.py`, by the coefficients that were measured on "
        f"{measured.cores} cores with {measured.memory_gib} GiB of memory and Python "
        f"{measured.python}: the preset `{PRESET}` with its default block size. "
        "MB, GB and TB are powers of ten."
    )
    parts = [
        introduction,
        grid(samples),
        "### A hundred billion transactions",
        hundred_billion(*samples[365]),
    ]
    put_between(ROOT / "docs" / "scaling.md", "scaling", "\n\n".join(parts))
    print("wrote docs/scaling.md")


def scenario_of(customers: int, days: int) -> Scenario:
    return load_scenario(
        PRESET, overrides=[f"population.customers={customers}", f"calendar.days={days}"]
    )


def sampled(days: int) -> tuple[Scenario, Counted]:
    """Return a sample over so many days, larger than that of a dry run, and what it came to."""
    sample = sample_of(scenario_of(CUSTOMERS[-1], days), 300_000)
    return sample, simulate_sample(sample, 7)


def told(customers: int, days: int, workers: int, sample: Scenario, counted: Counted) -> Estimate:
    scenario = scenario_of(customers, days)
    return scaled_up(scenario, sample, counted, workers=workers, cores=workers)


def grid(samples: dict[int, tuple[Scenario, Counted]]) -> str:
    heads = ["customers, days", "transactions", "rows with events", "disk"]
    heads += ["time, 2 workers on 2 cores", "time, 16 on 16", "memory, 2 workers"]
    rows = []
    for customers in CUSTOMERS:
        for days in DAYS:
            two, many = (told(customers, days, count, *samples[days]) for count in (2, 16))
            rows.append(
                [
                    f"{customers:,}, {days}",
                    about(two.rows["transactions"]),
                    about(two.rows["transactions"] + two.rows["events"]),
                    bytes_in_words(two.bytes),
                    time_in_words(two.seconds),
                    time_in_words(many.seconds),
                    bytes_in_words(two.peak_memory_bytes),
                ]
            )
    return table(heads, rows)


BILLIONS = """\
Arithmetic from the measured rates; nobody has run it here.

- A customer of `{preset}` makes {per_customer:,.0f} transactions in {days} days: a billion takes
  {customers} customers, a hundred billion {all_customers}.
- A world of a billion takes {disk} on the disk and {cpu} of CPU; with 16 workers on 16 cores it is
  done in {time}, with {memory} of memory.
- A hundred of them, each a bank with a seed of its own, take {all_disk} and {hours:,.0f} core
  hours: {day_cores:,.1f} cores for a day, or {hours:,.0f} for an hour, with {core_memory} of memory
  per core.
- One world of {most_customers} customers, the most that a scenario may have, makes
  {one_transactions} transactions. With 1,000 workers on as many cores it takes {one_time}, and
  {one_memory} of memory over all machines: every worker knows every merchant, and the centre, which
  is one process, writes the standing tables of all customers.
"""


def hundred_billion(sample: Scenario, counted: Counted) -> str:
    """Return the arithmetic: a hundred worlds of a billion, and one as large as may be."""
    days = sample.calendar.days
    per_customer = counted.rows["transactions"] / sample.population.customers
    customers = round(BILLION / per_customer)
    world = told(customers, days, 16, sample, counted)
    one = told(MOST_CUSTOMERS, days, 1000, sample, counted)
    hours = 100 * world.cpu_seconds / 3600
    return BILLIONS.format(
        preset=PRESET,
        per_customer=per_customer,
        days=days,
        customers=about(customers),
        all_customers=about(100 * customers),
        disk=bytes_in_words(world.bytes),
        all_disk=bytes_in_words(100 * world.bytes),
        cpu=time_in_words(world.cpu_seconds),
        time=time_in_words(world.seconds),
        memory=bytes_in_words(world.peak_memory_bytes),
        core_memory=bytes_in_words(world.peak_memory_bytes / 16),
        hours=hours,
        day_cores=hours / 24,
        most_customers=about(MOST_CUSTOMERS),
        one_transactions=about(one.rows["transactions"]),
        one_time=time_in_words(one.seconds),
        one_memory=bytes_in_words(one.peak_memory_bytes),
    )


if __name__ == "__main__":
    main()
