import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def module_of(name):
    spec = importlib.util.spec_from_file_location(f"fraudsim_agents_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def plain_days():
    return module_of("plain_days")


@pytest.fixture(scope="session")
def small_block():
    return module_of("small_block")


@pytest.fixture(scope="session")
def settled_by_definition():
    return module_of("settled_by_definition")
