"""What the cost model foretells of a run, beside the run."""

import pytest
from calibrate import one_run

from fraudsim.cost import estimate
from fraudsim.scenario_files import load_scenario

RUNS = {
    "cards": ("population.customers=8000", "calendar.days=90"),
    "payments": ("population.customers=6000", "calendar.days=120", "population.block_size=1000"),
    "mixed": ("population.customers=4000", "calendar.days=200", "difficulty=hard"),
}


@pytest.mark.benchmark(group="dry run")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("scenario", RUNS)
def test_dry_run(benchmark, scenario, workers):
    settings = RUNS[scenario]
    wanted = load_scenario(scenario, overrides=settings)
    told = benchmark.pedantic(estimate, args=(wanted, 7), kwargs={"workers": workers}, rounds=1)
    cost = one_run(scenario, settings, workers)
    benchmark.extra_info.update(
        cost,
        told_rows=told.rows["transactions"] + told.rows["events"],
        told_frauds=told.fraud_rows,
        told_bytes=told.bytes,
        told_cpu_s=told.cpu_seconds,
        told_wall_s=told.seconds,
        told_peak_bytes=told.peak_memory_bytes,
    )
