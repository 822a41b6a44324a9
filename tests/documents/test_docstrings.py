"""The examples in docstrings run, under the names that users import."""

import doctest
import importlib
import pkgutil

import pytest

import fraudsim


def modules():
    found = pkgutil.walk_packages(fraudsim.__path__, "fraudsim.")
    return sorted(info.name for info in found if not info.name.endswith("__main__"))


@pytest.mark.parametrize("name", modules())
def test_the_examples_run(name):
    if ".kit.neural." in name:
        pytest.importorskip("torch", reason=f"{name} needs fraudsim[neural]")
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
