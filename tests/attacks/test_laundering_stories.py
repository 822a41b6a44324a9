"""Each laundering pattern does what its docstring tells: seen in rehearsals with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.laundering import STAGES, LaunderingPattern
from fraudsim.attacks.kit.rehearsal import (
    answer_all,
    answer_none,
    answer_some,
    answer_with,
    rehearse,
)
from fraudsim.attacks.laundering.bipartite import Bipartite
from fraudsim.attacks.laundering.fan_in import FanIn
from fraudsim.attacks.laundering.fan_out import FanOut
from fraudsim.attacks.laundering.gather_scatter import GatherScatter
from fraudsim.attacks.laundering.random_walk import RandomWalk
from fraudsim.attacks.laundering.scatter_gather import ScatterGather
from fraudsim.attacks.laundering.simple_cycle import SimpleCycle
from fraudsim.attacks.laundering.stack import Stack
from fraudsim.attacks.laundering.structuring import Structuring

SEEDS = range(25)
MOTIFS = (
    *(FanOut, FanIn, GatherScatter, ScatterGather),
    *(SimpleCycle, RandomWalk, Bipartite, Stack),
)
DAY_US = 86_400e6


def of_stage(rows, stage):
    return rows[(rows["stage"] == STAGES.index(stage)) & (rows["kind"] < row_codes.FIRST_EVENT)]


def payers(rows):
    return set(rows["customer"].tolist())


def payees_of(rows):
    """How many payees each payer has."""
    pairs = np.unique(rows[["customer", "payee"]])
    return dict(zip(*np.unique(pairs["customer"], return_counts=True), strict=True))


def staged(pattern, seed, bank=answer_all):
    rows = rehearse(pattern, bank, seed).payments
    return tuple(of_stage(rows, stage) for stage in STAGES)


@pytest.mark.parametrize("cls", [*MOTIFS, Structuring])
def test_payees_are_added_before_they_are_paid(cls):
    for seed in range(10):
        rows = rehearse(cls(), answer_some(seed), seed).rows
        added = set()
        for row in rows[np.argsort(rows["time_us"], kind="stable")]:
            pair = (int(row["customer"]), int(row["payee"]))
            if row["kind"] == row_codes.PAYEE_ADDED:
                assert pair not in added, "added twice"
                added.add(pair)
            if row["kind"] == row_codes.TRANSFER:
                assert pair in added


@pytest.mark.parametrize("cls", MOTIFS)
def test_a_refused_transfer_ends_its_branch(cls):
    for seed in range(10):
        came, moved, left = staged(cls(), seed, answer_none)
        assert len(came), "money comes all the same"
        assert len(moved)
        assert payers(moved) == payers(came), "who is paid nothing pays nothing"
        assert not len(left)
        assert len(np.unique(moved["payee"])) == len(moved), "nothing is tried again"


@pytest.mark.parametrize("cls", MOTIFS)
def test_a_closed_account_pays_nothing_more(cls):
    for seed in range(10):
        moved = staged(cls(), seed, answer_with("62"))[1]
        assert len(moved) == len(payers(moved))


def test_fan_out_has_one_payer_and_fan_in_one_collector():
    for seed in SEEDS:
        came, moved, left = staged(FanOut(), seed)
        assert len(payers(moved)) == 1
        assert payers(came) == payers(moved)
        assert len(payers(left)) == len(np.unique(moved["payee"])) >= 2
        came, moved, left = staged(FanIn(), seed)
        assert payers(came) == payers(moved)
        assert set(payees_of(moved).values()) == {1}
        assert len(payers(left) - payers(moved)) == len(payers(left)) == 1


def test_the_middle_waits_for_the_last_payer():
    for seed in SEEDS:
        came, moved, _ = staged(GatherScatter(), seed)
        first_hop = np.isin(moved["customer"], list(payers(came)))
        assert len(payers(moved[~first_hop])) == 1
        assert moved["time_us"][~first_hop].min() > moved["time_us"][first_hop].max()


def test_scatter_gather_goes_through_many_and_never_directly():
    for seed in SEEDS:
        came, moved, left = staged(ScatterGather(), seed)
        fan = payees_of(moved)
        (first,) = payers(came)
        assert fan.pop(first) == len(fan) >= 2
        assert set(fan.values()) == {1}
        assert len(payers(left)) == 1
        assert not payers(left) & payers(moved)


def test_a_cycle_leaves_from_where_it_began_and_a_walk_does_not():
    for seed in SEEDS:
        came, moved, left = staged(SimpleCycle(), seed)
        assert payers(left) == payers(came)
        assert set(payees_of(moved).values()) == {1}
        came, moved, left = staged(RandomWalk(), seed)
        assert not payers(left) & payers(came)
    walks = [payees_of(staged(RandomWalk(hops=8), seed)[1]) for seed in SEEDS]
    assert any(max(walk.values()) > 1 for walk in walks), "some accounts are passed twice"


def test_everyone_of_a_layer_pays_everyone_of_the_next():
    for seed in SEEDS:
        came, moved, left = staged(Bipartite(), seed)
        assert payers(came) == payers(moved)
        assert set(payees_of(moved).values()) == {len(payers(left))}
        came, moved, left = staged(Stack(layers=4), seed)
        assert len(payees_of(moved)) >= 6
        assert not payers(left) & payers(moved)
        assert payers(came) < payers(moved)


@pytest.mark.parametrize("cls", [FanOut, FanIn, GatherScatter, ScatterGather, Bipartite, Stack])
def test_what_leaves_is_a_little_less_than_what_came(cls):
    pattern = cls(least_kept=0.04, most_kept=0.05, cash_share=0, median_minor=5_000_000)
    hops = {FanOut: 2, FanIn: 2, Bipartite: 2}.get(cls, 3)
    for seed in range(10):
        came, _, left = staged(pattern, seed)
        passed = left["amount_minor"].sum() / came["amount_minor"].sum()
        assert 0.95**hops - 0.02 < passed < 0.96**hops  # each sum is rounded down as it is typed


def test_structuring_pays_in_below_the_threshold_in_notes_on_many_days():
    pattern = Structuring()
    came = np.concatenate([staged(pattern, seed)[0] for seed in SEEDS])
    amount = came["amount_minor"]
    assert amount.max() < pattern.threshold_minor
    assert (amount % 1_000 == 0).all()
    near = (amount > 0.8 * pattern.threshold_minor).mean()
    assert 0.6 < near < 0.95  # most crowd below it; some lie far off, so that no line parts them
    for seed in SEEDS:
        came, moved, left = staged(pattern, seed)
        assert payers(came) == payers(moved)
        assert set(payees_of(moved).values()) == {1}
        assert not payers(left) & payers(came)
    days = [np.ptp(staged(pattern, seed)[0]["time_us"]) / DAY_US for seed in SEEDS]
    assert np.median(days) > 4


def test_structuring_ends_when_the_accounts_are_closed():
    for seed in range(10):
        came, moved, _ = staged(Structuring(median_minor=20_000_000), seed, answer_with("62"))
        assert len(moved) == len(payers(moved))
        assert payers(moved) == payers(came)


def test_impossible_shares_are_refused():
    with pytest.raises(ValidationError, match=r"least_kept \(0\.5\) is above most_kept \(0\.1\)"):
        FanOut(least_kept=0.5)


def test_all_of_them_tell_their_numbers_alike():
    shared = set(LaunderingPattern.model_fields)
    for cls in (*MOTIFS, Structuring):
        assert shared <= set(cls.model_fields)
