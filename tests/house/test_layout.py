"""The layout that everything relies on: three folders, two links, one identity per module."""

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"fraudsim": "fraudsim", "fraudsim.agents": "agents", "fraudsim.attacks": "attacks"}


@pytest.mark.parametrize(("package", "folder"), FOLDERS.items())
def test_a_package_is_loaded_from_its_folder(package, folder):
    file = Path(importlib.import_module(package).__file__)
    assert file.resolve() == ROOT / folder / "__init__.py"


@pytest.mark.parametrize(("package", "folder"), FOLDERS.items())
def test_the_build_maps_the_package_to_its_folder(package, folder):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["setuptools"]["package-dir"][package] == folder


@pytest.mark.parametrize("name", ["agents", "attacks"])
def test_the_links_are_relative(name):
    """They serve type checkers, editors and ``python -m fraudsim`` from a bare checkout."""
    link = ROOT / "fraudsim" / name
    if link.is_symlink():
        assert link.readlink() == Path("..") / name
    else:  # a clone without link support: git wrote the target into a file
        assert link.read_text(encoding="utf-8") == f"../{name}"


def test_every_module_has_one_identity():
    """No file is loaded twice, under two names."""
    for package in FOLDERS:
        importlib.import_module(package)
    importlib.import_module("fraudsim.attacks.kit.pattern")
    names = {}
    for name, module in sys.modules.copy().items():
        file = getattr(module, "__file__", None)
        if file and Path(file).resolve().is_relative_to(ROOT) and not name.startswith("tests"):
            names.setdefault(Path(file).resolve(), set()).add(name)
    ours = {
        file: loaded
        for file, loaded in names.items()
        if file.relative_to(ROOT).parts[0] in FOLDERS.values()
    }
    assert {file: loaded for file, loaded in ours.items() if len(loaded) > 1} == {}
    assert all(name.startswith("fraudsim") for loaded in ours.values() for name in loaded)


def test_nothing_but_the_agreed_stands_at_the_top(project_files):
    agreed = {
        *("fraudsim", "agents", "attacks", "tests", "benchmarks", "docs", ".ci"),
        *("pyproject.toml", "constraints.txt", "Makefile", ".pre-commit-config.yaml"),
        *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "NOTICE"),
        *(".gitignore", ".gitattributes"),
    }
    assert {path.parts[0] for path in project_files} - agreed == set()
