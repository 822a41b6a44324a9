"""Tables to audit: one sound, and imitations of some that are known to be too easy."""

import importlib.util
import sys
from pathlib import Path

import pytest

from fraudsim.quality.audit import audit

TOYS = Path(__file__).with_name("toys.py")


@pytest.fixture(scope="session")
def toys():
    """The module beside this file; tests are not a package, so it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("fraudsim_quality_toys", TOYS)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def clean_map(toys, tmp_path_factory):
    """The map of ``toys.clean``."""
    path = tmp_path_factory.mktemp("maps") / "clean.yaml"
    path.write_text(toys.CLEAN_MAP)
    return path


@pytest.fixture(scope="session")
def audits(toys, clean_map, tmp_path_factory):
    """Name of a toy -> its audit, shortcuts and invariants, made on first use."""
    folder = tmp_path_factory.mktemp("toys")
    made = {}

    def of(name):
        if name not in made:
            path = folder / f"{name}.parquet"
            getattr(toys, name)().write_parquet(path)
            column_map = clean_map if name == "clean" else name
            made[name] = audit(path, map=column_map, only=("shortcuts", "invariants"))
        return made[name]

    return of
