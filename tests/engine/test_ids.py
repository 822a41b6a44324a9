"""Public ids: unique, exact in a double, and without the order of what they stand for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fraudsim.engine.ids import PublicIds, permute, rounds_of, undoing, unpermuted
from fraudsim.streams import ID_BITS, Streams

keys = st.integers(0, 2**64 - 1)


@given(keys, st.lists(st.integers(0, 2**ID_BITS - 1), min_size=2, max_size=50, unique=True))
def test_different_numbers_get_different_ids(key, numbers):
    ids = permute(numbers, key)
    assert len(set(ids.tolist())) == len(numbers)
    assert ids.min() >= 0
    assert ids.max() < 2**ID_BITS


@given(keys, st.lists(st.integers(0, 2**ID_BITS - 1), max_size=50))
def test_numbers_are_found_again_from_their_ids(key, numbers):
    ids, back = permute(numbers, key), undoing(rounds_of(key))
    assert [unpermuted(one, back) for one in ids] == numbers


def test_the_ids_of_a_run_lead_back_to_its_things():
    ids, things = PublicIds(Streams(3)), np.arange(1000)
    assert (ids.numbers("device", ids.of("device", things)) == things).all()


def test_ids_are_exact_in_a_double():
    ids = permute(np.arange(100_000), 7)
    assert (ids.astype(np.float64).astype(np.int64) == ids).all()


def test_neighbours_get_ids_far_apart():
    ids = permute(np.arange(100_000), 7).astype(np.float64)
    assert abs(np.corrcoef(np.arange(100_000), ids)[0, 1]) < 0.01
    assert abs(np.corrcoef(ids[:-1], ids[1:])[0, 1]) < 0.01


def test_each_kind_of_thing_has_ids_of_its_own():
    ids = PublicIds(Streams(3))
    assert not np.isin(ids.of("customer", np.arange(1000)), ids.of("card", np.arange(1000))).any()
    assert not np.isin(ids.serial("tx", [5], [9]), ids.serial("event", [5], [9])).any()


def test_current_and_credit_account_differ():
    ids = PublicIds(Streams(3))
    debit, credit, current = ids.account([4, 4, 4], [0, 1, 2])
    assert debit == current
    assert credit != debit
