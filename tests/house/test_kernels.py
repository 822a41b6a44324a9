"""Compiled kernels are cached and exact, and draw from nothing but the stream handed in."""

import ast
from pathlib import Path

import pytest

from fraudsim.kernel import kernel

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("fraudsim", "agents", "attacks")
RANDOM_MODULES = ("random", "secrets", "numpy.random")
OURS = "fraudsim.kernel.kernel"
"""The decorator of kernels that allocate nothing; its own file is the one that calls numba."""


def full_names(tree):
    """Name in the file -> what it stands for, of everything that the file imports."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def full_name(node, names):
    """``numpy.random.normal`` of ``np.random.normal``; empty for what is no chain of names."""
    if isinstance(node, ast.Attribute):
        before = full_name(node.value, names)
        return before and f"{before}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def kernels_of(tree):
    """The functions that numba compiles, each with its decorator."""
    names = full_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if full_name(called, names).startswith(("numba.", OURS)):
                    yield node, decorator


def faults_of_kernels(text):
    """(line, what is wrong) of every kernel that breaks a rule."""
    tree = ast.parse(text)
    names = full_names(tree)
    decorators, found = set(), set()
    for function, decorator in kernels_of(tree):
        decorators |= set(ast.walk(decorator))
        if ast.unparse(decorator) not in ("njit(cache=True)", "kernel"):
            found.add((function.lineno, f"{function.name}: compiled by @{ast.unparse(decorator)}"))
        for node in ast.walk(function):
            used = full_name(node, names)
            if any(used == one or used.startswith(f"{one}.") for one in RANDOM_MODULES):
                found.add((node.lineno, f"{function.name}: draws from {used}"))
    for node in ast.walk(tree):
        used = full_name(node, names)
        if used.startswith("numba.") and node not in decorators and used != "numba.__version__":
            found.add((node.lineno, f"uses {used} beside a decorator"))
    return sorted(found)


def test_our_decorator_caches_and_never_trades_exactness_for_speed():
    options = kernel(lambda: 0).targetoptions
    assert not options.get("fastmath", False)
    assert not options.get("parallel", False)
    text = (ROOT / "fraudsim/kernel.py").read_text(encoding="utf-8")
    assert '"cache": True' in text


def python_files(project_files):
    return [path for path in project_files if path.suffix == ".py" and path.parts[0] in FOLDERS]


def test_every_kernel_keeps_the_rules(project_files):
    found, kernels = [], 0
    for path in python_files(project_files):
        text = (ROOT / path).read_text(encoding="utf-8")
        kernels += sum(1 for _ in kernels_of(ast.parse(text)))
        if path != Path("fraudsim/kernel.py"):
            found += [f"{path}:{line}: {what}" for line, what in faults_of_kernels(text)]
    assert found == []
    assert kernels > 100  # it does see them


HEAD = """
import random
import numba
import numpy as np
from numba import njit, prange
from numpy.random import normal
from fraudsim.draws import uniform
"""
BODY = "def kernel(base, n):\n    x = np.zeros(n)\n    return {}\n"


@pytest.mark.parametrize(
    "decorator",
    [
        "njit",
        "njit()",
        "njit(cache=False)",
        "njit(cache=True, fastmath=True)",
        "njit(cache=True, fastmath={'contract'})",
        "njit(cache=True, parallel=True)",
        "njit('f8(u8, i8)', cache=True)",
        "numba.njit(fastmath=True)",
        "numba.jit(nopython=True)",
        "numba.vectorize(['f8(u8, i8)'])",
    ],
)
def test_a_kernel_compiled_otherwise_is_caught(decorator):
    text = f"{HEAD}\n@{decorator}\n{BODY.format('x')}"
    assert any("compiled by" in what for _, what in faults_of_kernels(text))


@pytest.mark.parametrize(
    "value",
    ["np.random.random()", "normal(0.0, 1.0)", "random.random()", "np.random.default_rng(7)"],
)
def test_a_kernel_with_randomness_of_its_own_is_caught(value):
    text = f"{HEAD}\n@njit(cache=True)\n{BODY.format(value)}"
    assert any("draws from" in what for _, what in faults_of_kernels(text))


def test_a_function_compiled_in_passing_is_caught():
    assert faults_of_kernels(f"{HEAD}\nfast = numba.njit(slow, fastmath=True)\n")
    assert faults_of_kernels(f"{HEAD}\nfast = njit(cache=True)(slow)\n")


def test_a_kernel_that_keeps_the_rules_is_left_alone():
    plain = f"\n@njit(cache=True)\n{BODY.format('uniform(base, n) + x[0]')}"
    ours = f"\nfrom fraudsim.kernel import kernel\n@kernel\n{BODY.format('uniform(base, n)')}"
    version = "\nprint(numba.__version__)\n"
    assert faults_of_kernels(HEAD + plain + ours + version) == []
