import importlib.util
import sys
from pathlib import Path

import pytest

from fraudsim.leaderboard import leaderboard


@pytest.fixture(scope="session")
def made_up():
    """The module beside this file; tests are not a package, so it is loaded by its path."""
    path = Path(__file__).with_name("made_up.py")
    spec = importlib.util.spec_from_file_location("fraudsim_made_up_results", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def everything(made_up):
    """Results of every track, with one detector that failed: JSON values, not to be changed."""
    return made_up.results(failed={"my_package:Model": "standard-v1: ValueError: x < 3 & y"})


@pytest.fixture(scope="session")
def full(made_up, everything, tmp_path_factory):
    """The leaderboard of it all."""
    folder = tmp_path_factory.mktemp("full")
    return leaderboard(made_up.written(folder / "results.json", everything), folder / "page.html")


@pytest.fixture(scope="session")
def hostile(made_up, tmp_path_factory):
    """A leaderboard in which every name that comes from data tries to become HTML."""
    folder, evil = tmp_path_factory.mktemp("hostile"), made_up.HOSTILE
    value = made_up.results(
        detectors=(*made_up.DETECTORS, evil),
        attacks=(*made_up.ATTACKS, evil),
        failed={evil: evil},
    )
    for line in value["lines"]:
        line["uneven"][evil] = {evil: 0.01}
    for track in value["tracks"]:
        track["question"] = evil
    value |= {"warnings": [evil], "fraudsim": evil}
    renamed = made_up.renamed_arm(value, "reported", evil)
    path = made_up.written(folder / "results.json", renamed)
    return leaderboard(path, folder / "page.html")
