"""What only the methods that need torch promise."""

import os
import sys
from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest

from fraudsim.errors import UsageError
from fraudsim.rebalancers.ctgan import Ctgan
from fraudsim.rebalancers.tabular_diffusion import TabularDiffusion
from fraudsim.registry import REBALANCERS, get

NEURAL = ("autoregressive", "ctgan", "tabular_diffusion", "tvae")


@pytest.mark.parametrize("name", NEURAL)
def test_without_torch_it_says_what_to_install(name, table, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "fraudsim.rebalancers.kit.neural.repeatable", raising=False)
    with pytest.raises(UsageError, match=rf"^{name} needs PyTorch.*fraudsim\[neural\]"):
        get(REBALANCERS, name)(ratio=0.4).rebalance(*table)


@pytest.mark.skipif(not os.environ.get("CI"), reason="only CI is meant to have PyTorch")
def test_ci_has_pytorch():
    """Else the tests below would be skipped there, too."""
    assert find_spec("torch") is not None


def test_a_parameter_that_is_too_small_is_refused(table):
    with pytest.raises(UsageError, match="ctgan: steps must be 1 or more, not 0"):
        Ctgan(ratio=0.4, steps=0).rebalance(*table)
    with pytest.raises(UsageError, match="tabular_diffusion: levels must be 2 or more, not 1"):
        TabularDiffusion(ratio=0.4, levels=1).rebalance(*table)


def test_torchs_generator_and_threads_are_left_as_they_were(table):
    torch = pytest.importorskip("torch", reason="needs fraudsim[neural]")
    torch.manual_seed(9)
    expected, threads = torch.rand(1), torch.get_num_threads()
    torch.manual_seed(9)
    Ctgan(ratio=0.4, steps=1, batch=20).rebalance(*table)
    assert torch.equal(torch.rand(1), expected)
    assert torch.get_num_threads() == threads


def two_kinds(rows=1200, frauds=300):
    """Frauds are large payments online or small ones in shops; genuine ones are neither."""
    rng = np.random.default_rng(1)
    y = np.arange(rows) < frauds
    online = rng.random(rows) < 0.5
    centre = np.where(y, np.where(online, 4.0, 0.0), 2.0)
    return pl.DataFrame(
        {
            "log_amount": centre + 0.3 * rng.normal(size=rows),
            "channel": pl.Series(np.where(online, "ecom", "pos")),
        }
    ), y


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("autoregressive", {"steps": 60}),
        ("ctgan", {"steps": 800, "batch": 60}),
        ("tabular_diffusion", {"steps": 200, "levels": 20, "batch": 64}),
        ("tvae", {"steps": 600, "batch": 60}),
    ],
)
def test_it_learns_the_frauds_and_what_goes_together_in_them(name, given):
    """Online frauds are larger than those in shops; genuine rows, learnt beside, are between."""
    pytest.importorskip("torch", reason=f"{name} needs fraudsim[neural]")
    result = get(REBALANCERS, name)(ratio=1.0, genuine_rows=300, **given).rebalance(*two_kinds())
    made = result.features.filter(result.origin == "generated")
    means = dict(made.group_by("channel").agg(pl.col("log_amount").mean()).iter_rows())
    assert means["ecom"] > means["pos"] + 1.0
    assert ((made["log_amount"] - 2.0).abs() > 1.0).mean() > 0.6
    assert 0.25 < (made["channel"] == "ecom").mean() < 0.75
