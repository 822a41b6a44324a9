"""The compiled kernels of a day give what the same source gives as plain Python, to the last bit.

This is what the compiler may not change: the order of additions, the rounding, the draws. What the
day means is asked in ``test_settlement.py`` and in ``tests/properties``.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fraudsim.rows import (
    CARD_BLOCKED,
    DEPOSIT,
    LOGIN,
    NOTICE,
    PURCHASE,
    REPAYMENT,
    TRANSFER,
    WITHDRAWAL,
)

SEEDS = (1, 2, 3)
SCRIPT = Path(__file__).parent / "plain_days.py"


@pytest.fixture(scope="module")
def compiled(plain_days):
    return {seed: plain_days.lived(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory):
    out = tmp_path_factory.mktemp("plain") / "days.npz"
    subprocess.run(
        [sys.executable, str(SCRIPT), str(out), *map(str, SEEDS)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        check=True,
        timeout=300,
    )
    with np.load(out, allow_pickle=False) as found:
        return dict(found)


def assert_same(found, wanted):
    """Hold that all fields are equal; the bytes between aligned fields mean nothing."""
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    differing = [
        name for name in wanted.dtype.names if found[name].tobytes() != wanted[name].tobytes()
    ]
    assert differing == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("what", ["rows", "messages", "sent", "states", "people"])
def test_a_day_is_the_same_compiled_and_interpreted(compiled, interpreted, seed, what):
    assert_same(compiled[seed][what], interpreted[f"{seed}-{what}"])


def test_the_days_compared_have_all_kinds_of_life(compiled, interpreted):
    assert interpreted["kernels"] > 90
    rows = np.concatenate([compiled[seed]["rows"] for seed in SEEDS])
    kinds = set(rows["kind"].tolist())
    assert kinds >= {PURCHASE, WITHDRAWAL, TRANSFER, DEPOSIT, REPAYMENT, LOGIN, CARD_BLOCKED}
    assert len(set(rows["response"].tolist())) > 3
    assert (rows["case"] > 0).sum() > 100
    messages = np.concatenate([compiled[seed]["messages"] for seed in SEEDS])
    assert NOTICE in messages["kind"]


def test_other_days_are_told_apart(compiled):
    with pytest.raises(AssertionError):
        assert_same(compiled[SEEDS[0]]["people"], compiled[SEEDS[1]]["people"])
