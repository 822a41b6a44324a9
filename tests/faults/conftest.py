import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).parents[1] / "dataset" / "toy.py"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def toy():
    """The small dataset of tests/dataset; tests are not a package: it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("fraudsim_toy_dataset", TOY)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def start():
    """Start Python on some lines in which ``toy`` and ``out`` are known; ended with the test."""
    children = []

    def start(out, lines):
        script = (
            "import runpy, sys\nfrom pathlib import Path\nfrom types import SimpleNamespace\n"
            "toy = SimpleNamespace(**runpy.run_path(sys.argv[1]))\nout = Path(sys.argv[2])\n"
            + lines
        )
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(TOY), str(out)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()
