"""Whole runs, each in a process of its own, beside only writing the same frames."""

import pytest
from calibrate import one_run

SETTINGS = ("population.customers=5000", "calendar.days=60")


@pytest.mark.benchmark(group="end to end")
@pytest.mark.parametrize("scenario", ["cards", "payments", "mixed", "catalogue"])
def test_end_to_end(benchmark, scenario):
    settings = SETTINGS
    if scenario == "catalogue":  # its campaigns begin until day 150
        settings = ("population.customers=2000", "calendar.days=160")
    cost = benchmark.pedantic(one_run, args=(scenario, settings, 1, "--warm", "--floor"), rounds=1)
    benchmark.extra_info.update(cost)
