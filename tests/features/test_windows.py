"""Windows, groupings and codes against plain Python that goes by row of the table.

Counts and sums are integers and must be equal; means are quotients of integers below 2**53, which
are rounded once on both sides, so they must be equal too.
"""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudsim.features.base import NOBODY, Grouping, codes_of, pairs_of
from fraudsim.features.windows import Past

TABLE = st.lists(
    st.tuples(st.integers(-1, 2), st.integers(0, 30), st.integers(-5, 5)), max_size=40
).map(lambda rows: sorted(rows, key=lambda row: row[1]))


def seen_from(i, table, length, delay, closed):
    """The values in the window of row ``i``, by the definition of windows."""
    code, now, _ = table[i]
    end = now - delay
    found = []
    for j, (other, time, value) in enumerate(table):
        if other != code:
            continue
        if closed == "left":
            is_in = end - length <= time and (time < end if delay else j < i)
        else:
            is_in = end - length < time and (time <= end if delay else j <= i)
        if is_in:
            found.append(value)
    return found


@given(
    table=TABLE,
    length=st.integers(1, 20),
    delay=st.integers(0, 10),
    closed=st.sampled_from(["left", "right"]),
)
@settings(max_examples=200, deadline=None)
def test_windows_hold_what_their_definition_says(table, length, delay, closed):
    codes, time, value = (np.array([row[k] for row in table], dtype=np.int64) for k in range(3))
    past = Past.of(Grouping.of(codes), time)
    window = past.window(length, delay_us=delay, closed=closed)
    wanted = [seen_from(i, table, length, delay, closed) for i in range(len(table))]
    assert past.counts(window).tolist() == [len(seen) for seen in wanted]
    assert past.sums(window, value).tolist() == [sum(seen) for seen in wanted]
    assert past.sums(window, value > 0).tolist() == [sum(v > 0 for v in seen) for seen in wanted]
    for found, seen in zip(past.means(window, value).tolist(), wanted, strict=True):
        assert found == sum(seen) / len(seen) if seen else math.isnan(found)


@pytest.mark.parametrize(("length", "delay"), [(0, 0), (-1, 0), (1, -1)])
def test_a_window_that_does_not_look_back_is_refused(length, delay):
    past = Past.of(Grouping.of(np.zeros(3, np.int64)), np.arange(3))
    with pytest.raises(ValueError, match=f"not {length} and {delay}"):
        past.window(length, delay_us=delay)


PAIRS = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), max_size=40)


@given(pairs=PAIRS)
@settings(max_examples=60, deadline=None)
def test_pairs_are_grouped_like_one_entity(pairs):
    left, right = (np.array([pair[k] for pair in pairs], dtype=np.int64) for k in range(2))
    found = pairs_of(Grouping.of(left), Grouping.of(right))
    known = [None if NOBODY in pair else pair for pair in pairs]
    same_code = [[a == b for b in found.codes.tolist()] for a in found.codes.tolist()]
    assert same_code == [[a == b for b in known] for a in known]
    assert [code == NOBODY for code in found.codes.tolist()] == [one is None for one in known]
    assert found.order.tolist() == Grouping.of(found.codes).order.tolist()


WIDE = st.sampled_from([-(2**63), -(2**52), -1, 0, 1, 2**11, 2**52 - 1, 2**52, 2**63 - 1])


@given(codes=st.lists(st.integers(-1, 5) | WIDE))
@settings(max_examples=60, deadline=None)
def test_a_grouping_lists_rows_by_entity_then_in_their_order(codes):
    grouping = Grouping.of(np.array(codes, dtype=np.int64))
    assert grouping.order.tolist() == sorted(range(len(codes)), key=lambda row: codes[row])


@given(texts=st.lists(st.none() | st.text(max_size=2), max_size=12))
@settings(max_examples=40, deadline=None)
def test_texts_are_numbered_by_rank(texts):
    ranks = {text: rank for rank, text in enumerate(sorted({t for t in texts if t is not None}), 1)}
    found = codes_of(pl.Series(texts, dtype=pl.String))
    assert found.tolist() == [ranks.get(text, NOBODY) for text in texts]
