"""Frauds of further campaigns in the same world look at no given fraud, so they give none away."""

import numpy as np
import pytest

from fraudsim.balance_quality import MadeRows, judge
from fraudsim.engine import simulate
from fraudsim.examples import open_examples
from fraudsim.more_frauds import more_frauds
from fraudsim.scenario_files import load_scenario


@pytest.mark.slow
def test_frauds_of_further_campaigns_pass_the_privacy_page(tmp_path):
    changes = ["population.customers=3000", "calendar.days=90"]
    world = simulate(load_scenario("cards", overrides=changes), seed=7, out=tmp_path / "world")
    examples = open_examples(world)
    fraud = np.flatnonzero(examples.fraud)
    wanted = dict(examples.attack.gather(fraud).value_counts().iter_rows())
    after_all_us = int(examples.time_us[-1]) + 1
    made = more_frauds(world, wanted, before_us=after_all_us, seed=5).features
    halves = np.random.default_rng(1).permutation(fraud)
    train, held_out = (examples.features[np.sort(halves[at::2])] for at in (0, 1))
    judgement = judge(MadeRows(train, held_out, made, remake=lambda _: made), "simulate")
    assert judgement.keeps_privacy, judgement.verdict
