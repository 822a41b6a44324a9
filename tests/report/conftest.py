import dataclasses
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from fraudsim.report import report

TOWN = Path(__file__).with_name("town.py")


@pytest.fixture(scope="session")
def town():
    """The module beside this file; tests are not a package, so it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("fraudsim_report_town", TOWN)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def dataset(town, tmp_path_factory):
    return town.write_town(tmp_path_factory.mktemp("town") / "town")


@pytest.fixture(scope="session")
def benchmark(town, tmp_path_factory):
    return town.write_benchmark(tmp_path_factory.mktemp("benchmark") / "benchmark.json")


@pytest.fixture(scope="session")
def full(dataset, benchmark, tmp_path_factory):
    """A report with everything in it: its result, and the file."""
    out = tmp_path_factory.mktemp("report") / "report.html"
    return report(dataset, out=out, benchmark=benchmark)


@pytest.fixture(scope="session")
def hostile_page(town, tmp_path_factory):
    """A report in which every name that comes from data tries to become HTML."""
    folder = tmp_path_factory.mktemp("hostile")
    data = town.write_town(
        folder / "town",
        payments=500,
        attacks={town.HOSTILE: ((town.HOSTILE, "spend"), "pos")},
        city=town.HOSTILE,
    )
    manifest = data.manifest.model_copy(update={"scenario_name": town.HOSTILE})
    benchmark = town.write_benchmark(folder / "benchmark.json", (town.HOSTILE,))
    benchmark.write_text(benchmark.read_text().replace('"rules"', json.dumps(town.HOSTILE)))
    named = dataclasses.replace(data, manifest=manifest)
    return report(named, out=folder / "report.html", benchmark=benchmark).path
