"""Judging by rare attacks takes the frauds of others out of the test and changes nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fraudsim.comparison import compare_rebalancers
from fraudsim.comparison.rare import note_on, of_rare_attacks
from fraudsim.errors import UsageError
from fraudsim.examples import open_examples
from fraudsim.splits import default_split


def test_rare_attacks_can_be_judged_alone(busy_world):
    examples = open_examples(busy_world)
    split = default_split(examples).apply(examples)
    judged, rare = of_rare_attacks(examples, split, most=5)
    assert rare
    assert max(rare.values()) <= 5
    kept = examples.attack.gather(judged.test)
    assert set(kept.drop_nulls()) == set(rare)
    assert kept.null_count() == examples.attack.gather(split.test).null_count()
    assert (judged.train == split.train).all()
    assert all(name in note_on(rare, 5) for name in rare)


def test_a_test_without_rare_attacks_is_refused(busy_world):
    examples = open_examples(busy_world)
    split = default_split(examples).apply(examples)
    split = replace(split, test=split.test[kept_of(examples, split)])
    with pytest.raises(UsageError, match=r"at most 0 known .* raise --rare"):
        of_rare_attacks(examples, split, 0)


def test_a_number_below_zero_is_refused(busy_world):
    with pytest.raises(UsageError, match="rare must be 0 or more known frauds, not -1"):
        compare_rebalancers(busy_world, rare=-1)


def kept_of(examples, split):
    """The test rows that are genuine, or of an attack that is known."""
    known = examples.attack.gather(split.train[split.known_fraud])
    of_test = examples.attack.gather(split.test)
    return (of_test.is_null() | of_test.is_in(known.implode())).to_numpy()
