import importlib.util
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).with_name("toy.py")


@pytest.fixture(scope="session")
def toy():
    """The module beside this file; tests are not a package, so it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("fraudsim_toy_dataset", TOY)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dataset(toy, tmp_path):
    return toy.write_toy(tmp_path / "world")
