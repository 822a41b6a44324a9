"""How the cost of a run grows with customers, days, workers and the share of fraud."""

import pytest
from calibrate import one_run

pytestmark = pytest.mark.benchmark(group="growth")
MORE_FRAUD = (  # cards: about one transaction in a hundred is fraudulent
    "attacks.0.per_10k_customers_30_days=240",
    "attacks.1.per_10k_customers_30_days=480",
    "attacks.2.per_10k_customers_30_days=120",
)


def of(benchmark, customers, days, *settings, workers=1):
    given = (f"population.customers={customers}", f"calendar.days={days}", *settings)
    cost = benchmark.pedantic(one_run, args=("cards", given, workers, "--warm"), rounds=1)
    benchmark.extra_info.update(cost)


@pytest.mark.parametrize("customers", [2_500, 10_000, 40_000])
def test_customers(benchmark, customers):
    of(benchmark, customers, 30)


@pytest.mark.parametrize("days", [30, 120, 480])
def test_days(benchmark, days):
    of(benchmark, 2_500, days)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers(benchmark, workers):
    of(benchmark, 20_000, 60, workers=workers)


@pytest.mark.parametrize("fraud", ["none", "some", "one in a hundred"])
def test_fraud(benchmark, fraud):
    settings = {"none": ("attacks=[]",), "some": (), "one in a hundred": MORE_FRAUD}
    of(benchmark, 5_000, 90, *settings[fraud])
