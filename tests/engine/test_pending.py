"""Rows that wait to be written stay as they are, whatever comes and goes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fraudsim.engine.pending import PendingRows
from fraudsim.rows import empty_rows

numbers = st.integers(0, 50)


def rows_at(moments):
    rows = empty_rows(len(moments))
    rows["time_us"] = sorted(moments)
    rows["customer"] = np.arange(len(moments))
    return rows


@given(st.lists(st.tuples(st.lists(numbers, min_size=1, max_size=5000 // 50), numbers)))
def test_what_is_added_is_there_until_it_is_dropped(days):
    pending, kept = PendingRows(), empty_rows(0)
    for moments, gone in days:
        day = rows_at(moments)
        pending.add(day)
        kept = np.concatenate([kept, day])
        pending.drop(min(gone, len(kept)))
        kept = kept[gone:]
        assert len(pending) == len(kept)
        assert (pending.rows == kept).all()


def test_many_rows_find_room():
    pending = PendingRows()
    for day in range(30):
        pending.add(rows_at([day] * 1000))
    assert pending.rows["time_us"].tolist() == [day for day in range(30) for _ in range(1000)]
    pending.drop(29_500)
    assert pending.rows["customer"].tolist() == list(range(500, 1000))


def test_days_that_overlap_are_noticed_until_they_are_put_in_order():
    pending = PendingRows()
    pending.add(rows_at([1, 2]))
    pending.add(rows_at([3, 5]))
    assert pending.follow
    pending.add(rows_at([5, 6]))
    assert not pending.follow
    ordered = pending.rows[::-1].copy()
    pending.put_in_order(ordered)
    assert pending.follow
    assert (pending.rows == ordered).all()
    pending.put_in_order(pending.rows)
    assert (pending.rows == ordered).all()
