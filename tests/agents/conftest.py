import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def module_of(name):
    spec = importlib.util.spec_from_file_location(f"fraudsim_agents_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def plain_days():
    return module_of("plain_days")
